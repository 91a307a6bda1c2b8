/* Results can be computed from any logs, and what is computed can be written and read. The
 * input is labctl's log, the server's, the client's and the client's exit status, with a
 * byte 0xff between them. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "round_trip.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char experiment[] =
    "{\"name\":\"fuzz\",\"topology\":{\"kind\":\"star\",\"hosts\":1,\"link\":{\"up\":\"1Mbit\","
    "\"down\":\"1Mbit\"}},\"workload\":{\"model\":\"p2p\",\"file\":{\"size\":1000}}}";

static const char *const files[] = {
    "trials/001/logs/labctl.jsonl",
    "trials/001/logs/r1.p2p_server.jsonl",
    "trials/001/logs/h1.p2p_peer.jsonl",
    "trials/001/logs/h1.p2p_peer.exit",
};

static char folder[] = "/tmp/labctl-fuzz-XXXXXX";

static void remove_folder(void)
{
    struct lab_error err;
    fs_remove_tree(folder, &err);
}

static void put(const char *name, const void *data, size_t size)
{
    cleanup_free char *path = fs_path("%s/%s", folder, name);
    unlink(path); /* much faster than cutting it: some file systems flush a file that was cut */
    FILE *file = fopen(path, "w");
    if (!file || fwrite(data, 1, size, file) != size || fclose(file) != 0)
        abort();
}

static void make_folder(void)
{
    struct lab_error err;
    if (!mkdtemp(folder))
        abort();
    atexit(remove_folder);
    cleanup_free char *logs = fs_path("%s/trials/001/logs", folder);
    if (fs_make_dirs(logs, &err) < 0)
        abort();
    put("experiment.json", experiment, sizeof(experiment) - 1);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static bool made;
    if (!made)
        make_folder();
    made = true;
    for (size_t i = 0; i < ARRAY_LENGTH(files); i++) {
        const uint8_t *end = size ? memchr(data, 0xff, size) : NULL;
        size_t length = end ? (size_t)(end - data) : size;
        put(files[i], data, length);
        data += length + (end != NULL);
        size -= length + (end != NULL);
    }
    struct lab_error err = LAB_ERROR_INIT;
    struct results *results = results_compute(folder, &err);
    if (!results || results->trial_count != 1)
        abort();
    round_trip(results, folder);
    return 0;
}
