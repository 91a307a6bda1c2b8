#include "supervise/watch.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/event.h"
#include "labctl/event_writer.h"
#include "supervise/log_limit.h"
#include "supervise/processes.h"

/* The outside draws for a person: ten times a second is enough. */
#define TELL_INTERVAL_NS 100000000u

/* How often it is looked what commands of the user's use up, at most; and how many times
 * longer than a look took, if that is more. */
#define USAGE_INTERVAL_NS 200000000u
#define USAGE_SHARE       100u

int watch_init(struct watch *watch, const char *trial_dir, struct program *programs, size_t count,
               struct lab_error *err)
{
    memset(watch, 0, sizeof(*watch));
    watch->trial_dir = trial_dir;
    watch->programs = programs;
    watch->count = count;
    watch->channel = -1;
    watch->polls = calloc(count + 1, sizeof(*watch->polls));
    watch->gates = calloc(count, sizeof(*watch->gates));
    watch->told = calloc(count, sizeof(*watch->told));
    return watch->polls && watch->gates && watch->told ? 0 : lab_error_memory(err);
}

void watch_release(struct watch *watch)
{
    free(watch->polls);
    free(watch->gates);
    free(watch->told);
}

/* --- telling the outside -------------------------------------------------- */

static enum host_state state_of(const struct program *program, bool gate)
{
    if (program->ended)
        return program_failed(program) ? HOST_FAILED : HOST_ENDED;
    if (program->finished)
        return HOST_FINISHED;
    if (gate)
        return HOST_RUNNING;
    return program->ready ? HOST_WAITING : HOST_STARTING;
}

void watch_tell(struct watch *watch)
{
    struct message message = { .kind = MESSAGE_HOSTS };
    for (size_t i = 0; i + 1 < watch->count; i++) {
        const struct program *program = &watch->programs[i + 1];
        struct host_progress now = { program->bytes, program->bytes_ns, (uint32_t)i,
                                     state_of(program, watch->gates[i]) };
        if (memcmp(&now, &watch->told[i], sizeof(now)) == 0)
            continue;
        watch->told[i] = now;
        message.hosts.at[message.hosts.count++] = now;
        if (message.hosts.count == MESSAGE_HOSTS_MAX) {
            message_send(watch->channel, &message, true);
            message.hosts.count = 0;
        }
    }
    if (message.hosts.count > 0)
        message_send(watch->channel, &message, true);
}

/* --- one look ------------------------------------------------------------- */

static int log_end(struct watch *watch, const struct program *program, struct lab_error *err)
{
    event_begin(watch->log, EVENT_NODE_EXIT, 0);
    event_string(watch->log, "node", program->command->node);
    event_string(watch->log, "program", program->command->program);
    if (program->signal)
        event_integer(watch->log, "signal", program->signal);
    else if (program->status != PROGRAM_NO_STATUS)
        event_integer(watch->log, "status", program->status);
    event_end(watch->log);
    return event_flush(watch->log, err);
}

/* A server of ours ends with an error when a client left before it had the file. That is not
 * its failure where a fault killed the client, or the experiment expects it to fail. */
static bool is_excused(const struct watch *watch, const struct program *program)
{
    if (program_failed_as_expected(program))
        return true;
    if (!program->command->is_server || program->signal != 0)
        return false;
    for (size_t i = 1; i < watch->count; i++) {
        const struct program *client = &watch->programs[i];
        bool good = client->ended && !program_failed(client);
        if (client->killed || (client->command->expect != EXPECT_OK && !good))
            return true;
    }
    return false;
}

/* A client that failed leaves the others at it; without the server all is over. */
static int judge(struct watch *watch, const struct program *program, struct lab_error *err)
{
    if (!program_failed(program) || is_excused(watch, program))
        return 0;
    if (watch->failure.code == LAB_ERR_NONE)
        program_describe_failure(program, watch->trial_dir, &watch->failure);
    return program->command->is_server ? program_describe_failure(program, watch->trial_dir, err)
                                       : 0;
}

static int look_at(struct watch *watch, struct program *program, bool over, struct lab_error *err)
{
    if (!over)
        return program_follow(program, err) < 0 ? -1 : 0;
    if (program_reap(program, watch->trial_dir, err) < 0)
        return -1;
    return log_end(watch, program, err);
}

static int look_at_all(struct watch *watch, struct lab_error *err)
{
    for (size_t i = 0; i < watch->count; i++) {
        struct program *program = &watch->programs[i];
        bool over = program->pidfd < 0 || watch->polls[i].revents != 0;
        if (program_alive(program) && look_at(watch, program, over, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < watch->count; i++) {
        struct program *program = &watch->programs[i];
        bool fresh = program->ended && !program->judged;
        program->judged = program->ended;
        if (fresh && judge(watch, program, err) < 0)
            return -1;
    }
    return 0;
}

/* A negative descriptor is passed over by poll(). */
static void prepare_polls(struct watch *watch)
{
    for (size_t i = 0; i < watch->count; i++) {
        const struct program *program = &watch->programs[i];
        watch->polls[i] =
            (struct pollfd){ program_alive(program) ? program->pidfd : -1, POLLIN, 0 };
    }
    watch->polls[watch->count] =
        (struct pollfd){ watch->deadline_ns ? watch->channel : -1, POLLIN, 0 };
}

/* Names who kept the trial waiting: a client rather than the server, which waits itself. */
static int time_is_up(const struct watch *watch, struct lab_error *err)
{
    const struct program *late = NULL;
    size_t others = 0;
    for (size_t i = watch->count; i-- > 0;) {
        const struct program *program = &watch->programs[i];
        if (program->ended)
            continue;
        if (late && program->command->is_server)
            continue;
        others += late != NULL;
        late = program;
    }
    if (!late)
        return 0;
    char more[64] = "";
    if (others > 0)
        snprintf(more, sizeof(more), "; nor have %zu more clients", others);
    if (late->command->is_server)
        return lab_error_set(err, LAB_ERR_TIMEOUT,
                             "the time for a trial is up: %s: %s has not ended",
                             late->command->node, late->command->program);
    return lab_error_set(err, LAB_ERR_TIMEOUT,
                         "the time for a trial is up: %s: %s has not ended, and holds %" PRIu64
                         " bytes of the file%s",
                         late->command->node, late->command->program, late->bytes, more);
}

/* Looking takes a time that grows with the number of processes: it may take one percent. */
static int check_usage(struct watch *watch, struct lab_error *err)
{
    uint64_t now = event_now();
    if (!watch->limits || now < watch->next_check_ns)
        return 0;
    int result = processes_check(watch->programs, watch->count, watch->limits, err);
    uint64_t later = event_now();
    uint64_t wait = (later - now) * USAGE_SHARE;
    watch->next_check_ns = later + (wait > USAGE_INTERVAL_NS ? wait : USAGE_INTERVAL_NS);
    return result;
}

static int check_limits(struct watch *watch, struct lab_error *err)
{
    if (check_usage(watch, err) < 0)
        return -1;
    if (watch->deadline_ns == 0)
        return 0;
    if (watch->polls[watch->count].revents && message_interrupted(watch->channel))
        return lab_error_set(err, LAB_ERR_INTERRUPTED, "interrupted by the user");
    return event_now() < watch->deadline_ns ? 0 : time_is_up(watch, err);
}

int watch_once(struct watch *watch, int timeout_ms, struct lab_error *err)
{
    prepare_polls(watch);
    timeout_ms = sampler_wait_ms(watch->sampler, timeout_ms);
    if (watch->faults)
        timeout_ms = faults_wait(watch->faults, timeout_ms);
    if (poll(watch->polls, watch->count + 1, timeout_ms) < 0 && errno != EINTR)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot watch the node programs");
    if (look_at_all(watch, err) < 0 || (watch->faults && faults_turn(watch->faults, err) < 0))
        return -1;
    sampler_tick(watch->sampler, watch->programs, watch->count, watch->log);
    uint64_t now = event_now();
    if (now >= watch->next_told_ns) {
        watch_tell(watch);
        log_limit_check(watch->programs, watch->count, watch->trial_dir);
        watch->next_told_ns = now + TELL_INTERVAL_NS;
    }
    return check_limits(watch, err);
}
