/* Run directories made by hand: what a run would have left behind, with any host failing
 * in any way. Included by the tests of results/ and report/. */
#ifndef RUN_FIXTURE_H
#define RUN_FIXTURE_H

#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "labctl/event_writer.h"

/* What becomes of a client. */
enum fate {
    FATE_FINE,
    FATE_SHORT_READ,    /* stops early, says it finished, ends with status 0 */
    FATE_TOLD_ERROR,    /* ends with status 1 after an error event */
    FATE_SILENT_EXIT,   /* ends with status 1 and says nothing */
    FATE_SIGNAL,        /* killed by signal 11 */
    FATE_CORRUPT,       /* all bytes, wrong digest */
    FATE_SHORT_FILE,    /* says it has all bytes, its file is shorter */
    FATE_NO_FILE,       /* says it has all bytes, there is no file */
    FATE_UNVERIFIED,    /* finished, never verified */
    FATE_STOPPED,       /* ended by SIGTERM half way, with an "interrupted" error */
    FATE_STOPPED_MUTE,  /* ended by SIGTERM half way, without a word */
    FATE_KILLED,        /* its log just ends, in the middle of a line; no exit status */
    FATE_NEVER_STARTED, /* no log at all */
};

/* A run; zeroes give six clients and a server on the router, one trial, all fine. */
struct fixture {
    const char *name, *title;
    const char *model;  /* "cs" unless given */
    const char *server; /* "r1" unless given; "s1" adds that host */
    const char *rate;   /* of all links both ways; unshaped unless given */
    const char *start;  /* "together" unless given */
    unsigned clients;   /* 6 unless given */
    uint64_t size;      /* of the file; 155700 unless given */
    uint64_t block_size;
    unsigned trials, warmup;

    /* Client i (from 0) of trial k begins at i x begin_step_s and finishes at
     * finish_s + i x finish_step_s + k x trial_step_s. */
    double finish_s, begin_step_s, finish_step_s, trial_step_s;
    double late_step_s; /* client i begins that much later than it was told, times i; 1 us */
    unsigned points;    /* progress events a client; 50 unless given */

    enum fate fates[32];    /* by client, in every trial */
    const char *end_status; /* of labctl's end event; "" for none; by the fates when NULL */
    const char *end_code, *end_message;
    bool server_fails;
    bool no_accept; /* the server's log has no accept event */
};

#define FIXTURE_ORIGIN 5000000000000u /* ns: the server's first accept of every trial */
#define FIXTURE_SHA256 "c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00c0ffee00"
#define FIXTURE_OTHER  "0badf00d0badf00d0badf00d0badf00d0badf00d0badf00d0badf00d0badf00d"

/* Stop the test program: the fixture could not be made. */
static inline void fixture_check(bool good, const char *what)
{
    if (good)
        return;
    perror(what);
    abort();
}

static inline void fixture_write(const char *path, const char *text)
{
    struct lab_error err;
    fixture_check(fs_write_file(path, text, strlen(text), &err) == 0, path);
}

static inline void fixture_mkdir(const char *path)
{
    struct lab_error err;
    fixture_check(fs_make_dirs(path, &err) == 0, path);
}

static inline struct fixture fixture_complete(const struct fixture *given)
{
    struct fixture f = *given;
    f.name = f.name ? f.name : "cs6";
    f.title = f.title ? f.title : f.name;
    f.model = f.model ? f.model : "cs";
    f.server = f.server ? f.server : "r1";
    f.start = f.start ? f.start : "together";
    f.clients = f.clients ? f.clients : 6;
    f.size = f.size ? f.size : 155700;
    f.block_size = f.block_size ? f.block_size : 65536;
    f.trials = f.trials ? f.trials : 1;
    f.finish_s = f.finish_s > 0 ? f.finish_s : 1;
    f.late_step_s = f.late_step_s > 0 ? f.late_step_s : 1e-6;
    f.points = f.points ? f.points : 50;
    return f;
}

static inline void fixture_write_experiment(const char *dir, const struct fixture *f)
{
    cleanup_free char *hosts = fs_path("%u", f->clients);
    if (strcmp(f->server, "r1") != 0) {
        cleanup_free char *names = fs_path("%s", "");
        for (unsigned i = 0; i < f->clients; i++) {
            char *longer = fs_path("%s\"h%u\",", names, i + 1);
            free(names);
            names = longer;
        }
        free(hosts);
        hosts = fs_path("[%s\"%s\"]", names, f->server);
    }
    cleanup_free char *link =
        f->rate ? fs_path(",\"link\":{\"up\":\"%s\",\"down\":\"%s\"}", f->rate, f->rate)
                : fs_path("%s", "");
    cleanup_free char *json = fs_path(
        "{\"name\":\"%s\",\"title\":\"%s\",\"topology\":{\"kind\":\"star\",\"router\":\"r1\","
        "\"hosts\":%s%s},\"workload\":{\"model\":\"%s\",\"server\":\"%s\",\"file\":{\"size\":"
        "%" PRIu64 ",\"seed\":7},\"block_size\":%" PRIu64
        ",\"start\":\"%s\"},\"trials\":%u,\"warmup\":%u}\n",
        f->name, f->title, hosts, link, f->model, f->server, f->size, f->block_size, f->start,
        f->trials, f->warmup);
    cleanup_free char *path = fs_path("%s/experiment.json", dir);
    fixture_write(path, json);
}

/* --- logs ----------------------------------------------------------------- */

struct fixture_log {
    struct event_writer writer;
    char *stem;
};

static inline void fixture_log_open(struct fixture_log *log, const char *logs, const char *stem)
{
    cleanup_free char *path = fs_path("%s/%s.jsonl", logs, stem);
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    fixture_check(fd >= 0, path);
    event_writer_init(&log->writer, fd);
    log->stem = fs_path("%s/%s", logs, stem);
}

/* Close a log and leave its .exit file; no file for a negative status. */
static inline void fixture_log_close(struct fixture_log *log, int status)
{
    struct lab_error err;
    if (status >= 0 && status < 128) { /* else a signal ended it */
        event_begin(&log->writer, EVENT_EXIT, FIXTURE_ORIGIN + 100000000000u);
        event_integer(&log->writer, "status", status);
        event_end(&log->writer);
    }
    fixture_check(event_flush(&log->writer, &err) == 0, "event_flush");
    close(log->writer.fd);
    cleanup_free char *path = fs_path("%s.exit", log->stem);
    cleanup_free char *text = fs_path("%d\n", status);
    if (status >= 0)
        fixture_write(path, text);
    free(log->stem);
}

static inline uint64_t fixture_time(double seconds)
{
    return FIXTURE_ORIGIN + (uint64_t)(seconds * 1e9 + 0.5);
}

static inline void fixture_event(struct event_writer *w, const char *event, double seconds)
{
    event_begin(w, event, fixture_time(seconds));
}

static inline void fixture_start(struct event_writer *w, const char *node, const char *program)
{
    event_begin(w, EVENT_START, FIXTURE_ORIGIN - 50000000u);
    event_string(w, "node", node);
    event_string(w, "program", program);
    event_integer(w, "pid", 100);
    event_end(w);
    event_begin(w, EVENT_READY, FIXTURE_ORIGIN - 40000000u);
    event_end(w);
}

static inline double fixture_begin_s(const struct fixture *f, unsigned i)
{
    return i * f->begin_step_s;
}

static inline double fixture_finish_s(const struct fixture *f, unsigned i, unsigned trial)
{
    return f->finish_s + i * f->finish_step_s + trial * f->trial_step_s;
}

static inline bool fixture_is_p2p(const struct fixture *f)
{
    return strcmp(f->model, "p2p") == 0;
}

static inline void fixture_progress(struct event_writer *w, double seconds, uint64_t bytes)
{
    fixture_event(w, EVENT_PROGRESS, seconds);
    event_integer(w, "bytes", (int64_t)bytes);
    event_end(w);
}

/* A block that ends `at` bytes into the file, from the server or another peer in turn. */
static inline void fixture_block(struct event_writer *w, const struct fixture *f, unsigned i,
                                 uint64_t block, double began, double end)
{
    uint64_t at = block * f->block_size;
    uint64_t length = f->size - at < f->block_size ? f->size - at : f->block_size;
    char from[32];
    if (block % f->clients == i || f->clients == 1)
        snprintf(from, sizeof(from), "192.168.%u.254", 10 * (i + 1));
    else
        snprintf(from, sizeof(from), "192.168.%u.1", 10 * (unsigned)(block % f->clients + 1));
    fixture_event(w, EVENT_BLOCK, end);
    event_integer(w, "block", (int64_t)block);
    event_integer(w, "bytes", (int64_t)length);
    event_string(w, "from", from);
    event_integer(w, "began", (int64_t)fixture_time(began));
    event_end(w);
}

/* Up to `part` of the file arrives between the client's begin and finish, in order of time. */
static inline void fixture_transfer(struct event_writer *w, const struct fixture *f, unsigned i,
                                    unsigned trial, double part)
{
    double begin = fixture_begin_s(f, i), took = fixture_finish_s(f, i, trial) - begin;
    double size = (double)f->size;
    uint64_t until = (uint64_t)(size * part), step = f->size / f->points + 1, bytes = step;
    uint64_t blocks = f->block_size ? (until + f->block_size - 1) / f->block_size : 0;
    for (uint64_t block = 0; fixture_is_p2p(f) && block < blocks; block++) {
        uint64_t end =
            (block + 1) * f->block_size < f->size ? (block + 1) * f->block_size : f->size;
        double end_s = begin + took * (double)end / size;
        for (; bytes < until && bytes <= end; bytes += step)
            fixture_progress(w, begin + took * (double)bytes / size, bytes);
        fixture_block(w, f, i, block, end_s - took / (double)(blocks + 1), end_s);
    }
    for (; bytes < until; bytes += step)
        fixture_progress(w, begin + took * (double)bytes / size, bytes);
}

static inline void fixture_finish(struct event_writer *w, const struct fixture *f, unsigned i,
                                  unsigned trial, uint64_t bytes)
{
    fixture_event(w, EVENT_FINISH, fixture_finish_s(f, i, trial));
    event_integer(w, "bytes", (int64_t)bytes);
    event_end(w);
}

static inline void fixture_error(struct event_writer *w, const char *code, const char *message)
{
    fixture_event(w, EVENT_ERROR, 0.5);
    event_string(w, "code", code);
    event_string(w, "message", message);
    event_end(w);
}

/* How far each fate brings a client, and the exit status it leaves (-1: none). */
static const struct {
    double part;
    bool finishes;
    int status;
} fixture_ends[] = {
    [FATE_FINE] = { 1, true, 0 },
    [FATE_SHORT_READ] = { 0.578, true, 0 },
    [FATE_TOLD_ERROR] = { 0.5, false, 1 },
    [FATE_SILENT_EXIT] = { 0.5, false, 1 },
    [FATE_SIGNAL] = { 0.5, false, 139 },
    [FATE_CORRUPT] = { 1, true, 0 },
    [FATE_SHORT_FILE] = { 1, true, 0 },
    [FATE_NO_FILE] = { 1, true, 0 },
    [FATE_UNVERIFIED] = { 1, true, 0 },
    [FATE_STOPPED] = { 0.5, false, 1 },
    [FATE_STOPPED_MUTE] = { 0.5, false, 143 },
    [FATE_KILLED] = { 0.5, false, -1 },
    [FATE_NEVER_STARTED] = { 0, false, -1 },
};

static inline void fixture_write_client(const char *logs, const struct fixture *f, unsigned i,
                                        unsigned trial)
{
    enum fate fate = i < 32 ? f->fates[i] : FATE_FINE;
    if (fate == FATE_NEVER_STARTED)
        return;
    const char *program = fixture_is_p2p(f) ? "p2p_peer" : "cs_client";
    cleanup_free char *node = fs_path("h%u", i + 1);
    cleanup_free char *stem = fs_path("%s.%s", node, program);
    struct fixture_log log;
    fixture_log_open(&log, logs, stem);
    struct event_writer *w = &log.writer;
    fixture_start(w, node, program);
    /* Told to begin 200 us before the accept. */
    event_begin(w, EVENT_BEGIN, fixture_time(fixture_begin_s(f, i) + i * f->late_step_s) - 200000u);
    event_integer(w, "planned", (int64_t)(fixture_time(fixture_begin_s(f, i)) - 200000u));
    event_end(w);
    fixture_event(w, EVENT_CONNECT, fixture_begin_s(f, i));
    event_integer(w, "connection", 1);
    event_string(w, "peer",
                 strcmp(f->server, "r1") == 0 ? "192.168.10.254:7000" : "192.168.70.1:7000");
    event_end(w);
    fixture_event(w, EVENT_LENGTH, fixture_begin_s(f, i));
    event_integer(w, "bytes", (int64_t)f->size);
    event_end(w);
    fixture_transfer(w, f, i, trial, fixture_ends[fate].part);
    if (fixture_ends[fate].finishes)
        fixture_finish(w, f, i, trial, (uint64_t)((double)f->size * fixture_ends[fate].part));
    if (fate == FATE_TOLD_ERROR)
        fixture_error(w, "io", "cannot write recv/file.bin: No space left on device");
    if (fate == FATE_STOPPED)
        fixture_error(w, "interrupted", "stopped by a signal");
    if (fate == FATE_KILLED)
        w->used += (size_t)sprintf(w->buffer + w->used, "{\"t\":%u,\"event\":\"prog", 7u);
    fixture_log_close(&log, fixture_ends[fate].status);
}

static inline void fixture_write_server(const char *logs, const struct fixture *f, unsigned trial)
{
    const char *program = fixture_is_p2p(f) ? "p2p_server" : "cs_server";
    cleanup_free char *stem = fs_path("%s.%s", f->server, program);
    struct fixture_log log;
    fixture_log_open(&log, logs, stem);
    struct event_writer *w = &log.writer;
    fixture_start(w, f->server, program);
    for (unsigned i = 0; i < f->clients && !f->no_accept; i++) {
        char peer[32];
        snprintf(peer, sizeof(peer), "192.168.%u.1:40000", 10 * (i + 1));
        fixture_event(w, EVENT_ACCEPT, fixture_begin_s(f, i));
        event_integer(w, "connection", i + 1);
        event_string(w, "peer", peer);
        event_end(w);
        fixture_event(w, EVENT_CLOSE, fixture_finish_s(f, i, trial));
        event_integer(w, "connection", i + 1);
        event_string(w, "peer", peer);
        event_integer(w, "bytes_sent", (int64_t)f->size);
        event_end(w);
    }
    if (f->server_fails)
        fixture_error(w, "io", "cannot read ../../file.bin: Input/output error");
    fixture_log_close(&log, f->server_fails ? 1 : 0);
}

static inline void fixture_verify(struct event_writer *w, const struct fixture *f, unsigned i)
{
    enum fate fate = i < 32 ? f->fates[i] : FATE_FINE;
    if (fate == FATE_UNVERIFIED || fate == FATE_KILLED || fate == FATE_NEVER_STARTED)
        return;
    bool part = fate == FATE_SHORT_FILE || fixture_ends[fate].part < 1;
    bool good = fate == FATE_FINE;
    char node[16];
    snprintf(node, sizeof(node), "h%u", i + 1);
    fixture_event(w, EVENT_VERIFY, 100);
    event_string(w, "node", node);
    if (fate != FATE_NO_FILE) {
        event_integer(w, "bytes", (int64_t)(part ? f->size / 2 : f->size));
        event_string(w, "sha256", good ? FIXTURE_SHA256 : FIXTURE_OTHER);
    }
    event_end(w);
}

static inline void fixture_write_control(const char *logs, const struct fixture *f, unsigned number,
                                         bool warmup)
{
    struct fixture_log log;
    fixture_log_open(&log, logs, "labctl");
    struct event_writer *w = &log.writer;
    bool all_fine = true;
    event_begin(w, EVENT_TRIAL, FIXTURE_ORIGIN - 60000000u);
    event_integer(w, "trial", number);
    event_bool(w, "warmup", warmup);
    event_integer(w, "file_bytes", (int64_t)f->size);
    event_string(w, "file_sha256", FIXTURE_SHA256);
    event_end(w);
    for (unsigned i = 0; i < f->clients; i++) {
        all_fine = all_fine && (i >= 32 || f->fates[i] == FATE_FINE);
        fixture_verify(w, f, i);
    }
    const char *status = f->end_status ? f->end_status : all_fine ? "ok" : "failed";
    if (status[0]) {
        fixture_event(w, EVENT_END, 101);
        event_string(w, "status", status);
        if (f->end_code)
            event_string(w, "code", f->end_code);
        if (f->end_message)
            event_string(w, "message", f->end_message);
        event_end(w);
    }
    fixture_log_close(&log, -1);
}

static inline void fixture_write_trial(const char *dir, const struct fixture *f, unsigned number,
                                       bool warmup)
{
    cleanup_free char *logs =
        fs_path(warmup ? "%s/trials/w%02u/logs" : "%s/trials/%03u/logs", dir, number);
    fixture_mkdir(logs);
    fixture_write_control(logs, f, number, warmup);
    fixture_write_server(logs, f, number - 1);
    for (unsigned i = 0; i < f->clients; i++)
        fixture_write_client(logs, f, i, number - 1);
}

/* Make the whole run directory `dir`. */
static inline void fixture_make(const char *dir, const struct fixture *given)
{
    struct fixture f = fixture_complete(given);
    fixture_mkdir(dir);
    fixture_write_experiment(dir, &f);
    cleanup_free char *manifest = fs_path("%s/manifest.json", dir);
    fixture_write(manifest, "{}\n");
    for (unsigned k = 1; k <= f.warmup; k++)
        fixture_write_trial(dir, &f, k, true);
    for (unsigned k = 1; k <= f.trials; k++)
        fixture_write_trial(dir, &f, k, false);
}

/* A fresh folder; caller frees the path and removes the folder with fixture_remove(). */
static inline char *fixture_folder(void)
{
    const char *base = getenv("TMPDIR");
    char *path = fs_path("%s/labctl-test-XXXXXX", base ? base : "/tmp");
    fixture_check(mkdtemp(path) != NULL, path);
    return path;
}

static inline void fixture_remove(const char *path)
{
    struct lab_error err;
    fs_remove_tree(path, &err);
}

/* --- the folder of a test ------------------------------------------------- */

/* Fresh for every test that is set up and torn down by these two. */
static char *fixture_root;

static inline int fixture_set_up(void **state)
{
    (void)state;
    fixture_root = fixture_folder();
    return 0;
}

static inline int fixture_tear_down(void **state)
{
    (void)state;
    fixture_remove(fixture_root);
    free(fixture_root);
    return 0;
}

/* A path in it; caller frees. */
static inline char *fixture_below(const char *name)
{
    return fs_path("%s/%s", fixture_root, name);
}

/* Make the whole run directory NAME in it. */
static inline void fixture_make_below(const char *name, const struct fixture *fixture)
{
    cleanup_free char *path = fixture_below(name);
    fixture_make(path, fixture);
}

#endif
