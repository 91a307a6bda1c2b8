#include "commands/run.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/fs.h"
#include "commands/programs.h"
#include "commands/progress.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "labctl/event_writer.h"
#include "rundir/manifest.h"
#include "rundir/rundir.h"
#include "rundir/shared_file.h"
#include "sandbox/sandbox.h"
#include "supervise/message.h"
#include "supervise/supervise.h"

/* How long the inside may take to stop when asked, and how much longer than its deadline a
 * trial may take before the outside ends it: it kills and hashes nothing in that time. */
#define STOP_NS       5000000000ull
#define TRIAL_MORE_NS 30000000000ull

/* A network is built in a second; a thousand hosts on a slow machine take minutes. */
#define BUILD_NS          60000000000ull
#define BUILD_PER_HOST_NS 1000000000ull

/* --- signals ---------------------------------------------------------------- */

static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
    stop_signal = number;
}

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void catch_signals(void)
{
    struct sigaction action = { .sa_handler = note_signal }, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LENGTH(stop_signals); i++) {
        sigaction(stop_signals[i], &action, &before);
        if (stop_signals[i] == SIGHUP && before.sa_handler == SIG_IGN) /* nohup */
            sigaction(stop_signals[i], &before, NULL);
    }
}

/* Block them outside of ppoll(), so that none comes between a look and the wait. Only after
 * the sandbox was started: a blocked signal would be inherited. */
static void block_signals(sigset_t *before)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ARRAY_LENGTH(stop_signals); i++)
        sigaddset(&blocked, stop_signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, before);
}

/* --- watching the sandbox ----------------------------------------------------- */

struct session {
    const struct plan *plan;
    const char *run_dir;
    struct sandbox sandbox;
    struct progress *progress;
    enum run_phase phase;
    uint64_t deadline_ns; /* when the outside loses patience; 0: never */
    bool asked_to_stop;
    bool any_trial;          /* one has begun */
    bool in_trial;           /* and not ended */
    char *trial_dir;         /* of that one; owned */
    bool ended;              /* MESSAGE_END has come */
    struct lab_error *cause; /* why the run ended early, if it did */
};

static uint64_t phase_deadline(const struct session *session)
{
    const struct experiment *experiment = session->plan->experiment;
    uint64_t now = event_now();
    switch (session->phase) {
    case PHASE_NETWORK:
        return now + BUILD_NS + experiment->host_count * BUILD_PER_HOST_NS;
    case PHASE_START:
    case PHASE_TRANSFER:
        return now + experiment->timeout_ns + TRIAL_MORE_NS;
    case PHASE_FILE:
    case PHASE_VERIFY:
        break; /* hashing takes as long as the files are large */
    }
    return 0;
}

static void take_message(struct session *session, const struct message *message)
{
    if (message->kind == MESSAGE_PHASE) {
        session->phase = message->phase;
        if (!session->asked_to_stop)
            session->deadline_ns = phase_deadline(session);
    } else if (message->kind == MESSAGE_TRIAL) {
        session->any_trial = session->in_trial = true;
        free(session->trial_dir);
        session->trial_dir =
            plan_trial_dir(session->run_dir, message->trial.number, message->trial.warmup);
    } else if (message->kind == MESSAGE_TRIAL_END) {
        session->in_trial = false;
    } else if (message->kind == MESSAGE_END) {
        session->ended = true;
        *session->cause = message->error;
    }
    progress_update(session->progress, message);
}

/* The user wants to stop: the inside is asked to, while it can hear. Returns false when it
 * has to be ended from outside. */
static bool ask_to_stop(struct session *session)
{
    lab_error_set(session->cause, LAB_ERR_INTERRUPTED, "interrupted");
    if (session->asked_to_stop || session->phase <= PHASE_FILE)
        return session->asked_to_stop;
    session->asked_to_stop = true;
    session->deadline_ns = event_now() + STOP_NS;
    message_interrupt(session->sandbox.channel);
    return true;
}

/* Wait for the channel, a signal or the deadline. Returns whether the channel has something. */
static bool wait_for_channel(struct session *session, const sigset_t *signals)
{
    struct pollfd channel = { .fd = session->sandbox.channel, .events = POLLIN };
    uint64_t now = event_now(), wait_ns = 1000000000;
    if (session->deadline_ns)
        wait_ns = session->deadline_ns > now ? session->deadline_ns - now : 0;
    struct timespec timeout = { .tv_sec = (time_t)(wait_ns / 1000000000),
                                .tv_nsec = (long)(wait_ns % 1000000000) };
    return ppoll(&channel, 1, &timeout, signals) > 0;
}

/* Follow the run to its end. Returns whether the sandbox ends by itself; if not, the cause
 * says why it must be ended. */
static bool follow_run(struct session *session, const sigset_t *signals)
{
    struct message message;
    for (;;) {
        if (stop_signal && !session->ended && !ask_to_stop(session))
            return false;
        stop_signal = 0;
        if (wait_for_channel(session, signals)) {
            int got = message_receive(session->sandbox.channel, &message, session->cause);
            if (got <= 0)
                return got == 0;
            take_message(session, &message);
        } else if (session->deadline_ns && event_now() >= session->deadline_ns) {
            if (!session->asked_to_stop)
                lab_error_set(session->cause, LAB_ERR_TIMEOUT,
                              "the run did not answer any more, and was ended");
            return false;
        }
    }
}

/* Run the plan in a sandbox; `cause` is left at LAB_ERR_NONE when all went well. Returns
 * whether a trial was begun. */
static bool run_in_sandbox(struct session *session, const char *nodes_dir)
{
    struct supervise_input input = {
        .plan = session->plan,
        .run_dir = session->run_dir,
        .nodes_dir = nodes_dir,
    };
    sigset_t before;
    struct lab_error death = LAB_ERROR_INIT;
    if (sandbox_start(&session->sandbox, supervise_run, &input, 0, session->cause) < 0)
        return false;
    block_signals(&before);
    session->phase = PHASE_NETWORK;
    session->deadline_ns = phase_deadline(session);
    if (!follow_run(session, &before))
        sandbox_kill(&session->sandbox);
    else if (sandbox_wait(&session->sandbox, &death) < 0 && !session->ended)
        *session->cause = death;
    else if (!session->ended && session->cause->code == LAB_ERR_NONE)
        lab_error_set(session->cause, LAB_ERR_INTERNAL, "the sandbox ended without a word");
    sigprocmask(SIG_SETMASK, &before, NULL);
    return session->any_trial;
}

/* The inside died in the middle of a trial, so its log has no end: say in it why, since the
 * results are made from the logs alone. */
static void end_trial_log(const struct session *session)
{
    static struct event_writer log;
    struct lab_error ignored = LAB_ERROR_INIT;
    bool timeout = session->cause->code == LAB_ERR_TIMEOUT;
    if (!session->in_trial || session->cause->code == LAB_ERR_INTERRUPTED)
        return;
    cleanup_free char *path = fs_path("%s/" PLAN_LOG_DIR "/labctl.jsonl", session->trial_dir);
    cleanup_close int fd = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    event_writer_init(&log, fd);
    event_begin(&log, EVENT_END, 0);
    event_string(&log, "status", result_status_name(timeout ? RESULT_TIMEOUT : RESULT_FAILED));
    event_string(&log, "code", lab_error_name(session->cause->code));
    event_string(&log, "message", session->cause->message);
    event_end(&log);
    event_flush(&log, &ignored);
}

/* --- the run directory --------------------------------------------------------- */

static int write_record(const struct experiment *experiment, const char *run_dir,
                        struct lab_error *err)
{
    cleanup_free char *text = experiment_to_json(experiment);
    cleanup_free char *path = fs_path("%s/experiment.json", run_dir);
    if (!text)
        return lab_error_memory(err);
    if (fs_write_file(path, text, strlen(text), err) < 0)
        return -1;
    /* The results are made from the record: better know now than after the last trial. */
    struct experiment *again = experiment_read(path, err);
    experiment_free(again);
    return again ? 0 : lab_error_wrap(err, "the record of the experiment cannot be read back");
}

/* Compute the results of what there is, and complete the run directory. */
static struct results *complete(struct rundir *rundir, struct manifest *manifest,
                                const struct lab_error *cause, struct lab_error *err)
{
    struct results *results = results_compute(rundir->path, err);
    if (!results)
        return NULL;
    if (cause->code != LAB_ERR_NONE)
        results_set_cause(results, cause);
    free(results->run_dir);
    results->run_dir = fs_path("%s", rundir->final_path);
    manifest->status = result_status_name(results->status);
    clock_gettime(CLOCK_REALTIME, &manifest->finished);
    shared_file_release(manifest->experiment, rundir->path);
    if (results_write(results, rundir->path, err) < 0 ||
        manifest_write(manifest, rundir->path, err) < 0 || rundir_finish(rundir, err) < 0) {
        if (cause->code != LAB_ERR_NONE)
            lab_error_wrap(err, "%s; and the results could not be kept", cause->message);
        else
            lab_error_wrap(err, "the results could not be kept");
        results_free(results);
        return NULL;
    }
    return results;
}

/* A refused run leaves no run directory. */
static struct results *refuse(const struct rundir *rundir, const struct lab_error *cause,
                              struct lab_error *err)
{
    struct lab_error ignored;
    fs_remove_tree(rundir->path, &ignored);
    *err = *cause;
    return NULL;
}

static struct results *run_in_directory(const struct run_request *request, struct plan *plan,
                                        const char *nodes_dir, struct rundir *rundir,
                                        struct lab_error *err)
{
    struct manifest manifest = { .experiment = request->experiment };
    struct lab_error cause = LAB_ERROR_INIT;
    struct session session = {
        .plan = plan, .run_dir = rundir->path, .sandbox = SANDBOX_INIT, .cause = &cause
    };
    uint64_t bytes;
    catch_signals();
    clock_gettime(CLOCK_REALTIME, &manifest.started);
    if (experiment_check_file(request->experiment, &bytes, err) < 0 ||
        write_record(request->experiment, rundir->path, err) < 0 ||
        manifest_write(&manifest, rundir->path, err) < 0 ||
        shared_file_prepare(request->experiment, rundir->path, &stop_signal, err) < 0) {
        cause = *err;
        return refuse(rundir, &cause, err);
    }
    session.progress = progress_begin(request->experiment, bytes, request->quiet);
    bool begun = run_in_sandbox(&session, nodes_dir);
    progress_end(session.progress);
    end_trial_log(&session);
    free(session.trial_dir);
    if (!begun && cause.code != LAB_ERR_INTERRUPTED)
        return refuse(rundir, &cause, err);
    return complete(rundir, &manifest, &cause, err);
}

struct results *run_experiment(const struct run_request *request, struct lab_error *err)
{
    struct rundir rundir = { 0 };
    struct results *results = NULL;
    cleanup_free char *nodes_dir = programs_find(err);
    struct plan *plan = NULL;
    if (nodes_dir && programs_check(request->experiment->exec.needs, err) == 0)
        plan = plan_build(request->experiment, err);
    if (plan && rundir_create(&rundir, request->output, request->experiment->name, err) == 0)
        results = run_in_directory(request, plan, nodes_dir, &rundir, err);
    if (!results)
        lab_error_wrap(err, "%s", request->experiment->name);
    rundir_release(&rundir);
    plan_free(plan);
    return results;
}
