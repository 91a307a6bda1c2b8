#include "supervise/fault_actions.h"

#include <signal.h>

#include "labctl/event_writer.h"
#include "supervise/seize.h"

struct action {
    struct faults *faults;
    const struct fault_spec *fault;
    struct happening *what;
};

static long program_index(const struct action *action)
{
    return fault_program(action->faults->plan->experiment, action->fault);
}

typedef int signal_sender(pid_t job, int signal, size_t *reached, struct lab_error *err);

/* Send the fault's program a signal; *reached is how many processes there were. One that is not
 * there any more has none. */
static int send_signal(const struct action *action, signal_sender *send, int signal,
                       size_t *reached, struct lab_error *err)
{
    const struct program *program = &action->faults->programs[program_index(action)];
    *reached = 0;
    if (program_alive(program) && send(program->job, signal, reached, err) < 0)
        return -1;
    action->what->t_ns = event_now();
    action->what->reason = *reached ? NULL : PROGRAM_OVER;
    return 0;
}

static int do_kill(const struct action *action, struct lab_error *err)
{
    size_t reached;
    if (send_signal(action, seize_all, SIGKILL, &reached, err) < 0)
        return -1;
    if (reached > 0)
        action->faults->programs[program_index(action)].killed = true;
    return 0;
}

static int do_pause(const struct action *action, struct lab_error *err)
{
    size_t reached;
    if (send_signal(action, seize_all, SIGSTOP, &reached, err) < 0)
        return -1;
    action->faults->pauses[program_index(action)] += reached > 0;
    return 0;
}

/* A program that two faults have paused goes on after the second one. */
static int undo_pause(const struct action *action, struct lab_error *err)
{
    size_t reached;
    if (--action->faults->pauses[program_index(action)] == 0)
        return send_signal(action, seize_signal, SIGCONT, &reached, err);
    action->what->t_ns = event_now();
    action->what->reason = STILL_HELD;
    return 0;
}

static int do_corrupt(const struct action *action, struct lab_error *err)
{
    size_t reached;
    return send_signal(action, seize_signal, SIGUSR1, &reached, err);
}

static int change_link(const struct action *action, enum network_change change,
                       const struct plan_link *to, struct lab_error *err)
{
    const struct launcher *launcher = action->faults->launcher;
    struct plan_link *now = &action->faults->links[action->fault->host];
    if (launcher->change_link(launcher->context, action->fault->host, change, now, to,
                              &action->what->t_ns, err) < 0)
        return lab_error_wrap(err, "the link of %s", action->what->node);
    *now = *to;
    return 0;
}

static int do_link_down(const struct action *action, struct lab_error *err)
{
    size_t host = action->fault->host;
    const struct plan_link now = action->faults->links[host];
    bool first = action->faults->downs[host]++ == 0;
    return first ? change_link(action, NETWORK_LINK_DOWN, &now, err) : 0;
}

static int undo_link_down(const struct action *action, struct lab_error *err)
{
    size_t host = action->fault->host;
    const struct plan_link now = action->faults->links[host];
    if (--action->faults->downs[host] == 0)
        return change_link(action, NETWORK_LINK_UP, &now, err);
    action->what->reason = STILL_HELD;
    return 0;
}

static int do_link_rate(const struct action *action, struct lab_error *err)
{
    const struct fault_spec *fault = action->fault;
    struct plan_link to = action->faults->links[fault->host];
    plan_change_rates(action->faults->plan->experiment, fault->host, fault->up_bps, fault->down_bps,
                      &to);
    return change_link(action, NETWORK_LINK_RATE, &to, err);
}

static const struct {
    int (*act)(const struct action *action, struct lab_error *err);
    int (*undo)(const struct action *action, struct lab_error *err); /* NULL: it is for good */
    enum fault_event ends_as;
} kinds[] = {
    [FAULT_KILL] = { do_kill, NULL, FAULT_EVENT_KILL },
    [FAULT_PAUSE] = { do_pause, undo_pause, FAULT_EVENT_RESUME },
    [FAULT_LINK_DOWN] = { do_link_down, undo_link_down, FAULT_EVENT_LINK_UP },
    [FAULT_LINK_RATE] = { do_link_rate, NULL, FAULT_EVENT_LINK_RATE },
    [FAULT_CORRUPT] = { do_corrupt, NULL, FAULT_EVENT_CORRUPT },
};

int fault_act(struct faults *faults, const struct fault_spec *fault, struct happening *what,
              struct lab_error *err)
{
    return kinds[fault->kind].act(&(struct action){ faults, fault, what }, err);
}

bool fault_can_end(const struct fault_spec *fault)
{
    return kinds[fault->kind].undo != NULL;
}

int fault_undo(struct faults *faults, const struct fault_spec *fault, struct happening *what,
               struct lab_error *err)
{
    what->event = kinds[fault->kind].ends_as;
    return kinds[fault->kind].undo(&(struct action){ faults, fault, what }, err);
}
