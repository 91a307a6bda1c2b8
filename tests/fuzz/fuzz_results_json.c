/* The reader of results.json takes any bytes: it refuses them with a message, or makes
 * results that can be printed, and written and read to the same. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "results/results.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void print(const struct results *results)
{
    char *text;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    results_print(results, out);
    fclose(out);
    free(text);
}

static struct results *parse(const char *text, size_t length, struct lab_error *err)
{
    return results_parse("results.json", text, length, "run", err);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct results *results = parse((const char *)data, size, &err);
    if (!results) {
        if (err.code == LAB_ERR_NONE || !err.message[0])
            abort();
        return 0;
    }
    print(results);
    cleanup_free char *once = results_to_json(results);
    results_free(results);
    results = parse(once, strlen(once), &err);
    if (!results)
        abort();
    cleanup_free char *twice = results_to_json(results);
    results_free(results);
    if (strcmp(once, twice) != 0)
        abort();
    return 0;
}
