#include "supervise/trial.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "labctl/event_writer.h"
#include "supervise/gates.h"
#include "supervise/message.h"
#include "supervise/processes.h"
#include "supervise/received.h"
#include "supervise/watch.h"

/* How long a server may take to end by itself after its last client; and after a client that
 * failed, when it will hardly end, but may be about to tell that it was the cause. */
#define SERVER_GRACE_NS        2000000000u
#define SERVER_GRACE_FAILED_NS 500000000u
/* How long a program may take to end after SIGTERM, before it gets SIGKILL. */
#define TERM_GRACE_NS 2000000000u

struct trial {
    const struct supervision *run;
    char *dir; /* owned, as all below */
    struct program *programs;
    size_t count;
    struct watch watch;
    struct process_list before; /* what lived before the trial */
    struct faults faults;
    struct event_writer *log;
    int log_fd;
};

/* --- set up and take down ------------------------------------------------- */

static int make_dirs(const struct trial *trial, struct lab_error *err)
{
    cleanup_free char *logs = fs_path("%s/%s", trial->dir, PLAN_LOG_DIR);
    cleanup_free char *gates = fs_path("%s/%s", trial->dir, PLAN_GATE_DIR);
    if (fs_make_dirs(logs, err) < 0 || fs_make_dirs(gates, err) < 0)
        return -1;
    for (size_t i = 1; i < trial->count; i++) {
        const char *node = trial->programs[i].command->node;
        cleanup_free char *recv = fs_path("%s/%s/%s", trial->dir, PLAN_RECV_DIR, node);
        if (fs_make_dirs(recv, err) < 0 || gate_make(trial->dir, node, err) < 0)
            return -1;
    }
    return 0;
}

static int open_log(struct trial *trial, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/%s/labctl.jsonl", trial->dir, PLAN_LOG_DIR);
    trial->log = malloc(sizeof(*trial->log));
    if (!trial->log)
        return lab_error_memory(err);
    trial->log_fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (trial->log_fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "%s", path);
    event_writer_init(trial->log, trial->log_fd);
    trial->watch.log = trial->log;
    return 0;
}

static int log_trial(const struct trial *trial, unsigned number, bool warmup, struct lab_error *err)
{
    event_begin(trial->log, EVENT_TRIAL, 0);
    event_integer(trial->log, "trial", number);
    event_bool(trial->log, "warmup", warmup);
    event_integer(trial->log, "file_bytes", (int64_t)trial->run->file_bytes);
    event_string(trial->log, "file_sha256", trial->run->sha256);
    event_end(trial->log);
    return event_flush(trial->log, err);
}

static int prepare(struct trial *trial, unsigned number, bool warmup, struct lab_error *err)
{
    const struct supervision *run = trial->run;
    const struct plan *plan = run->plan;
    trial->dir = plan_trial_dir(run->run_dir, number, warmup);
    trial->programs = calloc(plan->command_count, sizeof(*trial->programs));
    if (!trial->programs)
        return lab_error_memory(err);
    trial->count = plan->command_count;
    for (size_t i = 0; i < trial->count; i++)
        program_init(&trial->programs[i], &plan->commands[i], trial->dir);
    if (watch_init(&trial->watch, trial->dir, trial->programs, trial->count, err) < 0 ||
        faults_init(&trial->faults, plan, &run->launcher, trial->programs, run->file_bytes, err) <
            0)
        return -1;
    trial->watch.channel = run->channel;
    trial->watch.sampler = run->sampler;
    trial->watch.limits = plan->experiment->model == MODEL_EXEC ? &plan->experiment->limits : NULL;
    trial->watch.deadline_ns = event_now() + plan->experiment->timeout_ns;
    if (processes_note(&trial->before, err) < 0 || make_dirs(trial, err) < 0 ||
        open_log(trial, err) < 0)
        return -1;
    trial->faults.log = trial->log;
    trial->watch.faults = &trial->faults;
    return log_trial(trial, number, warmup, err);
}

static void release(struct trial *trial)
{
    cleanup_free char *gates = fs_path("%s/%s", trial->dir, PLAN_GATE_DIR);
    struct lab_error ignored = LAB_ERROR_INIT; /* an empty folder at worst */
    fs_remove_tree(gates, &ignored);
    for (size_t i = 0; i < trial->count; i++)
        program_release(&trial->programs[i]);
    free(trial->programs);
    processes_release(&trial->before);
    watch_release(&trial->watch);
    faults_release(&trial->faults);
    cleanup_close_(&trial->log_fd);
    free(trial->log);
    free(trial->dir);
}

static void tell_phase(const struct trial *trial, enum run_phase phase)
{
    const struct message message = { .kind = MESSAGE_PHASE, .phase = phase };
    message_send(trial->run->channel, &message, false);
}

/* --- start ---------------------------------------------------------------- */

/* Wait until programs [first, end) are ready; one that ends instead has failed. */
static int await_ready(struct trial *trial, size_t first, size_t end, struct lab_error *err)
{
    for (size_t i = first; i < end; i++) {
        struct program *program = &trial->programs[i];
        while (!program->ready && !program->ended)
            if (watch_once(&trial->watch, WATCH_TICK_READY, err) < 0)
                return -1;
        if (!program->ready) {
            program_describe_failure(program, trial->dir, err);
            return lab_error_wrap(err, "before it was ready");
        }
    }
    return 0;
}

static int start(struct trial *trial, size_t first, size_t end, struct lab_error *err)
{
    const struct supervision *run = trial->run;
    for (size_t i = first; i < end; i++) {
        if (program_start(&trial->programs[i], trial->dir, run->nodes_dir, &run->launcher, err) < 0)
            return -1;
        if (watch_once(&trial->watch, 0, err) < 0)
            return -1;
    }
    return await_ready(trial, first, end, err);
}

/* --- the timed window ----------------------------------------------------- */

/* Let a client begin at `instant`. One that is gone by now is told of by the watch. */
static int open_gate(struct trial *trial, size_t client, uint64_t instant, struct lab_error *err)
{
    const struct program *program = &trial->programs[client + 1];
    const char *node = program->command->node;
    if (trial->run->plan->experiment->clients[client].join_ns)
        faults_join(&trial->faults, client, instant);
    if (gate_open(trial->dir, node, instant, err) < 0)
        return program_alive(program) && !program->killed ? -1 : 0;
    trial->watch.gates[client] = true;
    event_begin(trial->log, EVENT_GATE, 0);
    event_string(trial->log, "node", node);
    event_integer(trial->log, "planned", (int64_t)instant);
    event_end(trial->log);
    return 0;
}

/* Far enough ahead that the last gate is open before the first client begins. */
#define LEAD_BASE_NS       5000000u
#define LEAD_PER_CLIENT_NS 100000u

static int open_all_gates(struct trial *trial, uint64_t stagger_ns, struct lab_error *err)
{
    const struct client_spec *specs = trial->run->plan->experiment->clients;
    size_t clients = trial->count - 1;
    uint64_t first = event_now() + LEAD_BASE_NS + clients * LEAD_PER_CLIENT_NS;
    faults_begin(&trial->faults, first);
    for (size_t i = 0; i < clients; i++)
        if (open_gate(trial, i, first + i * stagger_ns + specs[i].join_ns, err) < 0)
            return -1;
    return event_flush(trial->log, err);
}

static int await_ends(struct trial *trial, struct lab_error *err)
{
    for (size_t i = 1; i < trial->count; i++)
        while (!trial->programs[i].ended)
            if (watch_once(&trial->watch, WATCH_TICK_TRANSFER, err) < 0)
                return -1;
    return 0;
}

/* A client is done when it has the file; a peer stays on to serve the others. */
static int open_gates_in_turn(struct trial *trial, struct lab_error *err)
{
    faults_begin(&trial->faults, event_now());
    for (size_t i = 0; i + 1 < trial->count; i++) {
        const struct program *client = &trial->programs[i + 1];
        if (open_gate(trial, i, event_now(), err) < 0)
            return -1;
        while (!client->finished && !client->ended)
            if (watch_once(&trial->watch, WATCH_TICK_TRANSFER, err) < 0)
                return -1;
    }
    return 0;
}

static int transfer(struct trial *trial, struct lab_error *err)
{
    const struct experiment *experiment = trial->run->plan->experiment;
    tell_phase(trial, PHASE_TRANSFER);
    trial->watch.deadline_ns = event_now() + experiment->timeout_ns;
    uint64_t stagger_ns = experiment->start == START_STAGGER ? experiment->stagger_ns : 0;
    sampler_begin(trial->run->sampler, trial->programs, trial->count, trial->log);
    int failed = experiment->start == START_SEQUENTIAL ? open_gates_in_turn(trial, err)
                                                       : open_all_gates(trial, stagger_ns, err);
    if (!failed)
        failed = await_ends(trial, err);
    sampler_end(trial->run->sampler, trial->programs, trial->count, trial->log);
    return failed;
}

/* --- the end -------------------------------------------------------------- */

static bool any_alive(const struct trial *trial)
{
    for (size_t i = 0; i < trial->count; i++)
        if (program_alive(&trial->programs[i]))
            return true;
    return false;
}

/* Watch until all have ended or `grace_ns` is over. A failure is kept in `err` when it is
 * the first. */
static void await_all(struct trial *trial, uint64_t grace_ns, struct lab_error *err)
{
    uint64_t until = event_now() + grace_ns;
    while (any_alive(trial) && event_now() < until) {
        struct lab_error later = LAB_ERROR_INIT;
        if (watch_once(&trial->watch, WATCH_TICK_TRANSFER, &later) < 0 && err->code == LAB_ERR_NONE)
            *err = later;
    }
}

static void signal_all(struct trial *trial, int signal)
{
    for (size_t i = 0; i < trial->count; i++)
        program_signal(&trial->programs[i], signal);
}

/* End what is left. Programs have their time to complete their logs; how one ends that is
 * told to end is not held against it. */
static void stop_all(struct trial *trial)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    trial->watch.deadline_ns = 0;
    if (!any_alive(trial))
        return;
    signal_all(trial, SIGTERM);
    await_all(trial, TERM_GRACE_NS, &ignored);
    signal_all(trial, SIGKILL);
    await_all(trial, TERM_GRACE_NS, &ignored);
}

/* A full disk makes programs fail in ways that do not name it. */
static void name_full_disk(const struct trial *trial, struct lab_error *err)
{
    struct statvfs disk;
    if (statvfs(trial->dir, &disk) == 0 && disk.f_bavail == 0) {
        lab_error_wrap(err, "the disk that holds %s is full", trial->run->run_dir);
        err->code = LAB_ERR_IO;
    }
}

static int log_end(struct trial *trial, const struct lab_error *failure, struct lab_error *err)
{
    static const char *const status[] = {
        [LAB_ERR_NONE] = "ok",
        [LAB_ERR_TIMEOUT] = "timeout",
        [LAB_ERR_INTERRUPTED] = "interrupted",
        [LAB_ERR_INTERNAL] = NULL,
    };
    const char *name = status[failure->code] ? status[failure->code] : "failed";
    event_begin(trial->log, EVENT_END, 0);
    event_string(trial->log, "status", name);
    if (failure->code != LAB_ERR_NONE) {
        event_string(trial->log, "code", lab_error_name(failure->code));
        event_string(trial->log, "message", failure->message);
    }
    event_end(trial->log);
    return event_flush(trial->log, err);
}

/* How long the server may take to end by itself once the clients have. A command of the
 * user's does not know how many clients there are: it is stopped at once. */
static uint64_t server_grace(const struct trial *trial)
{
    if (trial->run->plan->experiment->model == MODEL_EXEC)
        return 0;
    return trial->watch.failure.code ? SERVER_GRACE_FAILED_NS : SERVER_GRACE_NS;
}

/* Nothing stays paused or cut off after the transfer. A failure is kept in `err` when it is the
 * first. */
static void end_faults(struct trial *trial, struct lab_error *err)
{
    struct lab_error later = LAB_ERROR_INIT;
    trial->watch.faults = NULL;
    if (faults_end(&trial->faults, &later) < 0 && err->code == LAB_ERR_NONE)
        *err = later;
}

/* Everything from the start of the server to the end of the last program. Returns -1 with
 * err set to what went wrong first. */
static int run_programs(struct trial *trial, struct lab_error *err)
{
    const struct lab_error *client_failure = &trial->watch.failure;
    struct lab_error later = LAB_ERROR_INIT;
    tell_phase(trial, PHASE_START);
    bool done = start(trial, 0, 1, err) == 0 && start(trial, 1, trial->count, err) == 0 &&
                transfer(trial, err) == 0;
    end_faults(trial, err);
    if (done)
        await_all(trial, server_grace(trial), err);
    if (err->code == LAB_ERR_NONE)
        *err = *client_failure;
    stop_all(trial);
    processes_end_others(&trial->before, err->code == LAB_ERR_NONE ? err : &later);
    watch_tell(&trial->watch);
    if (err->code == LAB_ERR_NONE)
        return 0;
    name_full_disk(trial, err);
    return -1;
}

/* What the experiment expects to fail, and did not. */
static void check_expectations(const struct trial *trial, struct lab_error *err)
{
    for (size_t i = 0; i < trial->count && err->code == LAB_ERR_NONE; i++)
        program_check_expected(&trial->programs[i], err);
}

/* Hash what was received, and complete the log. Keeps the error that is in err already. */
static void conclude(struct trial *trial, bool warmup, struct lab_error *err)
{
    struct lab_error later = LAB_ERROR_INIT;
    bool whole = err->code == LAB_ERR_NONE;
    tell_phase(trial, PHASE_VERIFY);
    received_verify(trial->run, trial->dir, trial->programs, whole, trial->log,
                    whole ? err : &later);
    received_discard(trial->run, trial->dir, warmup);
    check_expectations(trial, err);
    if (log_end(trial, err, &later) < 0 && err->code == LAB_ERR_NONE)
        *err = later;
}

int trial_run(const struct supervision *run, unsigned number, bool warmup, bool *fatal,
              struct lab_error *err)
{
    struct trial trial = { .run = run, .log_fd = -1 };
    *fatal = true;
    if (prepare(&trial, number, warmup, err) == 0) {
        *fatal = run_programs(&trial, err) < 0;
        conclude(&trial, warmup, err);
    }
    release(&trial);
    return err->code == LAB_ERR_NONE ? 0 : -1;
}
