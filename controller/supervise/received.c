#include "supervise/received.h"

#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"

/* What is to be known of a received file. */
struct received {
    const char *node;
    bool there;                   /* there is a file */
    uint64_t bytes;               /* its length */
    char sha256[SHA256_HEX_SIZE]; /* "": not hashed */
};

static int examine(struct received *received, const char *path, bool hash, struct lab_error *err)
{
    struct stat st;
    received->there = stat(path, &st) == 0;
    if (!received->there)
        return 0;
    received->bytes = (uint64_t)st.st_size;
    return hash ? fs_sha256(path, received->sha256, &received->bytes, err) : 0;
}

static void log_verify(const struct received *received, struct event_writer *log)
{
    event_begin(log, EVENT_VERIFY, 0);
    event_string(log, "node", received->node);
    event_integer(log, "bytes", (int64_t)received->bytes);
    if (received->sha256[0])
        event_string(log, "sha256", received->sha256);
    event_end(log);
}

static int judge(const struct received *received, const struct supervision *run,
                 struct lab_error *err)
{
    if (!received->there)
        return lab_error_set(err, LAB_ERR_TRUNCATED,
                             "%s: expected a file of %" PRIu64 " bytes, found none", received->node,
                             run->file_bytes);
    if (received->bytes < run->file_bytes)
        return lab_error_set(err, LAB_ERR_TRUNCATED,
                             "%s: the received file is truncated: expected %" PRIu64
                             " bytes, found %" PRIu64,
                             received->node, run->file_bytes, received->bytes);
    if (strcmp(received->sha256, run->sha256) != 0)
        return lab_error_set(err, LAB_ERR_CORRUPT,
                             "%s: the received file is not the one that was sent: expected "
                             "SHA-256 %s, found %s",
                             received->node, run->sha256, received->sha256);
    return 0;
}

void received_verify(const struct supervision *run, const char *trial_dir,
                     const struct program *programs, bool all, struct event_writer *log,
                     struct lab_error *err)
{
    for (size_t i = 1; i < run->plan->command_count; i++) {
        struct received received = { .node = programs[i].command->node };
        struct lab_error problem = LAB_ERROR_INIT;
        cleanup_free char *path =
            fs_path("%s/%s/%s/%s", trial_dir, PLAN_RECV_DIR, received.node, PLAN_RECV_NAME);
        bool hash = all || programs[i].finished;
        int failed = examine(&received, path, hash, &problem);
        log_verify(&received, log);
        if (!failed && hash)
            failed = judge(&received, run, &problem);
        if (failed && err->code == LAB_ERR_NONE)
            *err = problem;
    }
}

void received_discard(const struct supervision *run, const char *trial_dir, bool warmup)
{
    cleanup_free char *path = fs_path("%s/%s", trial_dir, PLAN_RECV_DIR);
    struct lab_error ignored = LAB_ERROR_INIT; /* what cannot be removed stays */
    if (warmup || !run->plan->experiment->keep_files)
        fs_remove_tree(path, &ignored);
}
