#include "supervise/received.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"

/* What is to be known of a received file. */
struct received {
    const char *node;
    char *path;                   /* owned */
    bool hash;                    /* it is to be hashed */
    bool excused;                 /* its program failed, and was expected to */
    bool there;                   /* there is a file */
    uint64_t bytes;               /* its length */
    char sha256[SHA256_HEX_SIZE]; /* "": not hashed */
    struct lab_error error;       /* it could not be read */
};

static void examine(struct received *received)
{
    struct stat st;
    received->there = stat(received->path, &st) == 0;
    if (!received->there)
        return;
    received->bytes = (uint64_t)st.st_size;
    if (received->hash)
        fs_sha256(received->path, received->sha256, &received->bytes, &received->error);
}

/* --- all files, on all processors ----------------------------------------- */

#define WORKERS_MAX 16

struct work {
    struct received *files;
    size_t count;
    atomic_size_t next;
};

static void *examine_some(void *arg)
{
    struct work *work = arg;
    for (size_t i; (i = atomic_fetch_add(&work->next, 1)) < work->count;)
        examine(&work->files[i]);
    return NULL;
}

/* The node programs have ended, so the processors are free. A thread that cannot be made
 * leaves more to the others; this one works too. */
static void examine_all(struct received *files, size_t count)
{
    struct work work = { .files = files, .count = count };
    pthread_t threads[WORKERS_MAX];
    size_t started = 0;
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    while ((long)started + 1 < processors && started < WORKERS_MAX && started + 1 < count &&
           pthread_create(&threads[started], NULL, examine_some, &work) == 0)
        started++;
    examine_some(&work);
    while (started > 0)
        pthread_join(threads[--started], NULL);
}

/* --- what they are -------------------------------------------------------- */

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
    if (received->error.code != LAB_ERR_NONE) {
        *err = received->error;
        return -1;
    }
    if (!received->hash || received->excused)
        return 0;
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
    size_t clients = run->plan->command_count - 1;
    bool leaves_file = !run->plan->experiment->exec.no_output;
    cleanup_free struct received *files = calloc(clients, sizeof(*files));
    if (!files) {
        lab_error_memory(err);
        return;
    }
    for (size_t i = 0; i < clients; i++) {
        files[i].node = programs[i + 1].command->node;
        files[i].path =
            fs_path("%s/%s/%s/%s", trial_dir, PLAN_RECV_DIR, files[i].node, PLAN_RECV_NAME);
        files[i].excused = program_failed_as_expected(&programs[i + 1]);
        files[i].hash = leaves_file && (programs[i + 1].finished || (all && !files[i].excused));
    }
    examine_all(files, clients);
    for (size_t i = 0; i < clients; i++) {
        struct lab_error problem = LAB_ERROR_INIT;
        log_verify(&files[i], log);
        if (judge(&files[i], run, &problem) < 0 && err->code == LAB_ERR_NONE)
            *err = problem;
        free(files[i].path);
    }
}

void received_discard(const struct supervision *run, const char *trial_dir, bool warmup)
{
    cleanup_free char *path = fs_path("%s/%s", trial_dir, PLAN_RECV_DIR);
    struct lab_error ignored = LAB_ERROR_INIT; /* what cannot be removed stays */
    if (warmup || !run->plan->experiment->keep_files)
        fs_remove_tree(path, &ignored);
}
