#include "commands/session.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <time.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "labctl/event_writer.h"
#include "results/results.h"
#include "sandbox/sockets.h"

/* How long the inside may take to stop when asked, and how much longer than its deadline a
 * trial may take before the outside ends it: it kills and hashes nothing in that time. */
#define STOP_NS       5000000000ull
#define TRIAL_MORE_NS 30000000000ull

/* A network is built in a second; a thousand hosts on a slow machine take minutes. */
#define BUILD_NS          60000000000ull
#define BUILD_PER_HOST_NS 1000000000ull

static uint64_t phase_deadline(const struct session *session)
{
    const struct experiment *experiment = session->input.plan->experiment;
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

/* --- the end -------------------------------------------------------------- */

/* The inside died in the middle of a trial, so its log has no end, or it came to no log: say in
 * it why, since the results are made from the logs alone. */
static void end_trial_log(const struct session *session)
{
    static struct event_writer log;
    struct lab_error ignored = LAB_ERROR_INIT;
    bool timeout = session->cause.code == LAB_ERR_TIMEOUT;
    if (!session->in_trial || session->cause.code == LAB_ERR_INTERRUPTED)
        return;
    cleanup_free char *logs = fs_path("%s/" PLAN_LOG_DIR, session->trial_dir);
    cleanup_free char *path = fs_path("%s/labctl.jsonl", logs);
    fs_make_dirs(logs, &ignored);
    /* We are outside of the sandbox here, and follow nothing that was laid out inside of it. */
    const int flags = O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC;
    cleanup_close int fd = open(path, flags, 0666);
    event_writer_init(&log, fd);
    event_begin(&log, EVENT_END, 0);
    event_string(&log, "status", result_status_name(timeout ? RESULT_TIMEOUT : RESULT_FAILED));
    event_string(&log, "code", lab_error_name(session->cause.code));
    event_string(&log, "message", session->cause.message);
    event_bool(&log, "outside", true);
    event_end(&log);
    event_flush(&log, &ignored);
}

/* The sandbox has come to its end by itself, or has to be ended. */
static void finish(struct session *session, bool by_itself)
{
    struct lab_error death = LAB_ERROR_INIT;
    if (!by_itself)
        sandbox_kill(&session->sandbox);
    else if (sandbox_wait(&session->sandbox, &death) < 0 && !session->said_it_all)
        session->cause = death;
    else if (!session->said_it_all && session->cause.code == LAB_ERR_NONE)
        lab_error_set(&session->cause, LAB_ERR_INTERNAL, "the sandbox ended without a word");
    end_trial_log(session);
    free(steal_ptr(session->trial_dir));
    session->over = true;
}

/* --- while it runs -------------------------------------------------------- */

void session_start(struct session *session)
{
    cleanup_fclose FILE *sockets = sockets_list();
    session->input.sockets = sockets;
    session->phase = PHASE_NETWORK;
    if (sandbox_start(&session->sandbox, supervise_run, &session->input, 0, &session->cause) < 0)
        session->over = true;
    else
        session->deadline_ns = phase_deadline(session);
    session->input.sockets = NULL; /* the sandbox has it */
}

static void enter_phase(struct session *session, enum run_phase phase)
{
    session->phase = phase;
    if (!session->asked_to_stop)
        session->deadline_ns = phase_deadline(session);
}

static void take_message(struct session *session, const struct message *message)
{
    if (message->kind == MESSAGE_PHASE) {
        enter_phase(session, message->phase);
    } else if (message->kind == MESSAGE_TRIAL) {
        session->any_trial = session->in_trial = true;
        enter_phase(session, PHASE_START);
        free(session->trial_dir);
        session->trial_dir =
            plan_trial_dir(session->input.run_dir, message->trial.number, message->trial.warmup);
    } else if (message->kind == MESSAGE_TRIAL_END) {
        session->in_trial = false;
    } else if (message->kind == MESSAGE_END) {
        session->said_it_all = true;
        session->cause = message->error;
    }
    progress_update(session->progress, message);
}

static void hear(struct session *session)
{
    struct message message;
    int got = message_receive(session->sandbox.channel, &message, &session->cause);
    if (got > 0)
        take_message(session, &message);
    else
        finish(session, got == 0);
}

static void check_patience(struct session *session)
{
    if (session->deadline_ns == 0 || event_now() < session->deadline_ns)
        return;
    if (!session->asked_to_stop)
        lab_error_set(&session->cause, LAB_ERR_TIMEOUT,
                      "the run did not answer any more, and was ended");
    finish(session, false);
}

void session_stop(struct session *session)
{
    if (session->over || session->said_it_all || session->asked_to_stop)
        return;
    session->asked_to_stop = true;
    lab_error_set(&session->cause, LAB_ERR_INTERRUPTED, "interrupted");
    if (session->phase <= PHASE_FILE) { /* it does not listen yet */
        finish(session, false);
        return;
    }
    session->deadline_ns = event_now() + STOP_NS;
    message_interrupt(session->sandbox.channel);
}

/* The time to the earliest deadline, at most `longest_ns`. */
static struct timespec next_deadline(struct session *const *sessions, size_t count,
                                     uint64_t longest_ns)
{
    uint64_t now = event_now(), wait_ns = longest_ns;
    for (size_t i = 0; i < count; i++) {
        uint64_t deadline = sessions[i]->over ? 0 : sessions[i]->deadline_ns;
        if (deadline && (deadline <= now || deadline - now < wait_ns))
            wait_ns = deadline > now ? deadline - now : 0;
    }
    return (struct timespec){ .tv_sec = (time_t)(wait_ns / 1000000000),
                              .tv_nsec = (long)(wait_ns % 1000000000) };
}

void session_wait(struct session *const *sessions, size_t count, uint64_t longest_ns,
                  const sigset_t *signals)
{
    cleanup_free struct pollfd *channels = calloc(count + 1, sizeof(*channels));
    if (!channels)
        abort();
    for (size_t i = 0; i < count; i++) /* a negative one is passed over by poll() */
        channels[i] = (struct pollfd){ .fd = sessions[i]->over ? -1 : sessions[i]->sandbox.channel,
                                       .events = POLLIN };
    struct timespec timeout = next_deadline(sessions, count, longest_ns);
    bool any = ppoll(channels, count, &timeout, signals) > 0;
    for (size_t i = 0; i < count; i++) {
        if (sessions[i]->over)
            continue;
        if (any && channels[i].revents)
            hear(sessions[i]);
        else
            check_patience(sessions[i]);
    }
}

bool session_is_hopeless(const struct lab_error *cause)
{
    return cause->code != LAB_ERR_NONE && cause->code != LAB_ERR_TRUNCATED &&
           cause->code != LAB_ERR_CORRUPT;
}
