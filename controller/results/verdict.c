#include "results/verdict.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/units.h"
#include "labctl/cleanup.h"
#include "results/results.h"
#include "results/trial_log.h"
#include "results/verdict_parts.h"

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_UNKNOWN] = "unknown",
        [VERDICT_VALID] = "valid",
        [VERDICT_SUSPECT] = "suspect",
        [VERDICT_INVALID] = "invalid",
    };
    return names[verdict];
}

/* What each check is given: the measures so far, and what they were made from. */
struct scene {
    const struct trial_result *result;
    const struct verdict_case *c;
    const struct plan *plan;
    const struct trial_conditions *conditions;
    bool shaped; /* some link binds, so that the links and not the processors set the pace */
};

/* A message for a person when the check has found something, else NULL. */
typedef char *check(const struct scene *scene);

static double percent(double share)
{
    return 100 * share;
}

/* --- the trial itself ------------------------------------------------------- */

static char *check_status(const struct scene *s)
{
    return s->result->status == RESULT_OK
               ? NULL
               : fs_path("the trial is not ok (%s)", result_status_name(s->result->status));
}

static char *check_skew(const struct scene *s)
{
    double skew = s->result->start_skew_s, makespan = s->result->makespan_s;
    if (!(skew > VERDICT_SKEW_LEAST_S && skew > VERDICT_SKEW * makespan))
        return NULL;
    return fs_path("clients that were told the same delay began %.1f ms apart, %.0f %% of the "
                   "makespan",
                   1e3 * skew, percent(skew / makespan));
}

/* --- processors ----------------------------------------------------------- */

static char *check_busy(const struct scene *s)
{
    double busy = s->conditions->cpu_busy;
    if (!s->shaped || !(busy > VERDICT_CPU_BUSY))
        return NULL;
    return fs_path("the processors were %.0f %% busy: they may have set the pace, and not the "
                   "links",
                   percent(busy));
}

/* In a window too short for the ticks of /proc/stat: what stood in line as it began. */
static char *check_runnable(const struct scene *s)
{
    const struct cpu_sample *first = &s->c->samples->cpu.first;
    uint64_t least = first->cpus > 2 ? first->cpus : 2;
    if (s->c->samples->cpu.count == 0 || first->cpus == 0 || first->runnable < least ||
        s->conditions->window_s >= VERDICT_TICKS_LEAST_S)
        return NULL;
    return fs_path("%u other tasks were running on %u processors as the timed window began",
                   (unsigned)first->runnable, (unsigned)first->cpus);
}

static char *check_others(const struct scene *s)
{
    double others = s->conditions->cpu_others;
    if (s->shaped || !(others > VERDICT_CPU_OTHERS))
        return NULL;
    return fs_path("no link is shaped, so the processors set the pace, and %.0f %% of their time "
                   "went to programs that are no part of the run",
                   percent(others));
}

static char *check_pressure(const struct scene *s)
{
    double pressure = s->conditions->cpu_pressure;
    if (!s->shaped || !(s->conditions->window_s >= VERDICT_LEAST_S) ||
        !(pressure > VERDICT_CPU_PRESSURE))
        return NULL;
    return fs_path("some program was waiting for a processor for %.0f %% of the time",
                   percent(pressure));
}

static char *check_wait(const struct scene *s)
{
    double wait = s->conditions->wait_max;
    if (!s->shaped || !(s->conditions->window_s >= VERDICT_LEAST_S) || !(wait > VERDICT_CPU_WAIT))
        return NULL;
    return fs_path("one node program was ready to run, but waited for a processor, for %.0f %% of "
                   "the time",
                   percent(wait));
}

static char *check_steal(const struct scene *s)
{
    double steal = s->conditions->cpu_steal;
    if (!(steal > VERDICT_CPU_STEAL))
        return NULL;
    return fs_path("the machine that this virtual one runs on took %.0f %% of its processors' time",
                   percent(steal));
}

static char *check_bound(const struct scene *s)
{
    double busy = s->conditions->cpu_busy;
    if (s->shaped || !(busy > VERDICT_CPU_BOUND))
        return NULL;
    return fs_path("no link is shaped: the processors, %.0f %% busy, set the pace, so the times "
                   "hold for this machine alone",
                   percent(busy));
}

/* --- links ---------------------------------------------------------------- */

/* Bytes as a share of what the shaper of a port lets pass in so many seconds: its rate for that
 * long, and its burst. 1: just that. NAN where nothing is known. */
static double share_of_port(const struct plan_port *port, double bytes, double seconds)
{
    if (port->rate_bps == 0)
        return NAN;
    return bytes / ((double)port->rate_bps / 8 * seconds + (double)port->burst_bytes);
}

/* By how much a direction carried more than its shaper lets pass for as long as it was watched. */
static double overload(const struct scene *s, size_t host, int direction)
{
    const struct plan_link *link = &s->plan->links[host];
    double seconds;
    double bytes = conditions_carried(s->c->samples, host, direction, &seconds);
    return share_of_port(direction == SAMPLES_UP ? &link->host : &link->router, bytes, seconds);
}

/* Links are watched until the last client is done, which hides much about those that were done
 * early: by how much a client received more, headers not counted, than its downlink lets pass
 * for as long as it took. A command of the user's may have its file from elsewhere. */
static double overdelivery(const struct scene *s, size_t client)
{
    const struct experiment *experiment = s->plan->experiment;
    const struct host_result *host = &s->result->hosts[client];
    const struct plan_link *link = &s->plan->links[experiment->clients[client].host];
    if (experiment->model == MODEL_EXEC || host->finish_s <= host->start_s)
        return NAN;
    return share_of_port(&link->router, (double)host->bytes, host->finish_s - host->start_s);
}

/* The most that any link carried of what it can, and which. */
struct excess {
    double share;
    size_t host;
    int direction;
};

static void take_excess(struct excess *worst, double share, size_t host, int direction)
{
    if (share > worst->share) /* false for NAN */
        *worst = (struct excess){ share, host, direction };
}

static char *check_over(const struct scene *s)
{
    static const char *const names[] = { [SAMPLES_UP] = "up", [SAMPLES_DOWN] = "down" };
    const struct experiment *experiment = s->plan->experiment;
    struct excess worst = { VERDICT_LINK_OVER, 0, SAMPLES_UP };
    for (size_t host = 0; host < experiment->host_count; host++)
        for (int i = 0; i < SAMPLES_DIRECTIONS; i++)
            take_excess(&worst, overload(s, host, i), host, i);
    for (size_t i = 0; i < s->result->host_count; i++)
        take_excess(&worst, overdelivery(s, i), experiment->clients[i].host, SAMPLES_DOWN);
    if (worst.share <= VERDICT_LINK_OVER || s->c->samples->faulted)
        return NULL;
    return fs_path(
        "the link of %s carried %.0f %% of what its rate allows %s: it was not shaped as "
        "the experiment says",
        experiment->hosts[worst.host].name, percent(worst.share), names[worst.direction]);
}

/* Whether what binds should have been in use all the time. A user's own program may leave it
 * idle, which is a finding about the program; so may clients that begin apart, long delays,
 * and faults. */
static bool should_be_used(const struct scene *s)
{
    const struct experiment *experiment = s->plan->experiment;
    bool steady = experiment->start == START_TOGETHER ||
                  (experiment->start == START_SEQUENTIAL && experiment->model == MODEL_CS);
    return steady && experiment->model != MODEL_EXEC && !s->plan->needs_netem &&
           !s->c->samples->faulted && s->result->bound.framed_s >= VERDICT_LINK_LEAST_S;
}

static char *check_under(const struct scene *s)
{
    double use = s->conditions->link_use;
    if (!should_be_used(s) || !(use < VERDICT_LINK_UNDER))
        return NULL;
    return fs_path("what should set the pace (%s) carried only %.0f %% of its rate: something else "
                   "held the transfer up",
                   binding_name(s->result->bound.binding), percent(use));
}

static char *describe_drops(const struct scene *s, double least)
{
    const struct trial_conditions *conditions = s->conditions;
    if (conditions->drops < VERDICT_DROPS_LEAST || !(conditions->drop_share > least))
        return NULL;
    return fs_path(
        "a queue dropped %.1f %% of the packets offered to it (all queues: %llu packets)",
        percent(conditions->drop_share), (unsigned long long)conditions->drops);
}

/* A fault drops packets by itself; what it cost is told as a note. */
static char *check_drops(const struct scene *s)
{
    return s->c->samples->faulted ? NULL : describe_drops(s, VERDICT_DROPS);
}

static char *check_some_drops(const struct scene *s)
{
    bool told = s->conditions->drop_share > VERDICT_DROPS && !s->c->samples->faulted;
    return told ? NULL : describe_drops(s, VERDICT_DROPS_NOTE);
}

/* --- clocks and logs ------------------------------------------------------ */

static char *check_times(const struct scene *s, const struct log_times *times, const char *log)
{
    const struct log_times *whole = &s->c->control->times;
    double slack = VERDICT_CLOCK_BACK_S * 1e9;
    if ((double)times->back_ns > slack)
        return fs_path("in the log of %s the clock goes back by %.3f s", log,
                       (double)times->back_ns / 1e9);
    if (times->first_ns && whole->first_ns &&
        ((double)times->first_ns < (double)whole->first_ns - slack ||
         (double)times->last_ns > (double)whole->last_ns + slack))
        return fs_path("the log of %s is of another time than the trial", log);
    return NULL;
}

static char *check_clock(const struct scene *s)
{
    char *found = check_times(s, &s->c->control->times, "labctl");
    for (size_t i = 0; !found && i < s->c->node_count; i++)
        found = check_times(s, &s->c->nodes[i].times, s->plan->commands[i].node);
    return found;
}

static double between(uint64_t first, uint64_t last)
{
    return ((double)last - (double)first) / 1e9;
}

static char *check_sleep(const struct scene *s)
{
    const struct cpu_sample *first = &s->c->samples->cpu.first, *last = &s->c->samples->cpu.last;
    double slept = between(first->boot_ns, last->boot_ns) - between(first->t_ns, last->t_ns);
    if (first->boot_ns == 0 || last->boot_ns == 0 || !(slept > VERDICT_CLOCK_SLEPT_S))
        return NULL;
    return fs_path("the machine slept for %.0f s in the timed window", slept);
}

/* Processors that were stopped do not tick. */
static char *check_ticks(const struct scene *s)
{
    const struct cpu_sample *first = &s->c->samples->cpu.first, *last = &s->c->samples->cpu.last;
    double window = s->conditions->window_s;
    if (!(window >= VERDICT_CLOCK_LEAST_S) || last->cpus == 0 || last->cpus != first->cpus)
        return NULL;
    double ticked = between(first->total_ns, last->total_ns) / (double)last->cpus;
    if (!(fabs(ticked - window) > VERDICT_CLOCK_TICKS * window))
        return NULL;
    return fs_path("the processors counted %.2f s while %.2f s passed: the machine stood still",
                   ticked, window);
}

static uint64_t bad_lines(const struct log_damage *damage)
{
    return damage->malformed + damage->too_long;
}

/* "1 line of the log of h1", "4 lines of the logs of labctl and 2 others" */
static char *check_damage(const struct scene *s)
{
    uint64_t lines = bad_lines(&s->result->damage);
    const char *first = bad_lines(&s->c->control->damage) ? "labctl" : NULL;
    size_t others = 0;
    for (size_t i = 0; i < s->c->node_count; i++) {
        if (!bad_lines(&s->c->nodes[i].damage))
            continue;
        others += first != NULL;
        first = first ? first : s->plan->commands[i].node;
    }
    if (!first)
        return NULL;
    cleanup_free char *more =
        others ? fs_path("s of %s and %zu other%s", first, others, others == 1 ? "" : "s")
               : fs_path(" of %s", first);
    return fs_path("%llu line%s of the log%s cannot be read", (unsigned long long)lines,
                   lines == 1 ? "" : "s", more);
}

static char *check_dropped(const struct scene *s)
{
    char size[UNITS_TEXT_MAX];
    uint64_t bytes = s->result->damage.dropped_bytes;
    return bytes ? fs_path("%s that commands said are not in their logs",
                           units_format_amount(bytes, size, sizeof(size)))
                 : NULL;
}

/* What is missing from the log of a client that did its work; NULL: nothing. */
static const char *missing_part(const struct scene *s, const struct node_facts *facts)
{
    const struct experiment *experiment = s->plan->experiment;
    if (!facts->began)
        return "its beginning";
    if (!facts->has_exit_event)
        return "its end";
    if (experiment->model != MODEL_EXEC && !facts->has_length)
        return "the length of the file";
    if (experiment->model == MODEL_P2P && facts->block_bytes < s->result->file_bytes)
        return "some of the blocks";
    return NULL;
}

static char *check_gap(const struct scene *s)
{
    for (size_t i = 0; i < s->c->node_count; i++) {
        const struct plan_command *command = &s->plan->commands[i];
        if (command->is_server || s->result->hosts[command->client].status != RESULT_OK)
            continue;
        const char *missing = missing_part(s, &s->c->nodes[i]);
        if (missing)
            return fs_path("%s is missing from the log of %s", missing, command->node);
    }
    return NULL;
}

/* --- all of it ------------------------------------------------------------ */

static const struct {
    const char *code;
    enum verdict verdict;
    check *run;
} checks[] = {
    { "not_ok", VERDICT_INVALID, check_status },
    { "clock", VERDICT_INVALID, check_clock },
    { "machine_slept", VERDICT_INVALID, check_sleep },
    { "link_over", VERDICT_INVALID, check_over },
    { "machine_stopped", VERDICT_SUSPECT, check_ticks },
    { "cpu_busy", VERDICT_SUSPECT, check_busy },
    { "cpu_runnable", VERDICT_SUSPECT, check_runnable },
    { "cpu_others", VERDICT_SUSPECT, check_others },
    { "cpu_pressure", VERDICT_SUSPECT, check_pressure },
    { "cpu_wait", VERDICT_SUSPECT, check_wait },
    { "cpu_steal", VERDICT_SUSPECT, check_steal },
    { "link_under", VERDICT_SUSPECT, check_under },
    { "queue_drops", VERDICT_SUSPECT, check_drops },
    { "start_skew", VERDICT_SUSPECT, check_skew },
    { "log_damage", VERDICT_SUSPECT, check_damage },
    { "log_gap", VERDICT_SUSPECT, check_gap },
    { "cpu_bound", VERDICT_VALID, check_bound },
    { "queue_drops", VERDICT_VALID, check_some_drops },
    { "log_dropped", VERDICT_VALID, check_dropped },
};

int verdict_judge(struct trial_result *result, const struct verdict_case *c)
{
    conditions_compute(result, c);
    const struct scene scene = { result, c, c->samples->plan, &result->conditions,
                                 result->bound.binding != BINDING_NONE };
    result->reasons = calloc(ARRAY_LENGTH(checks), sizeof(*result->reasons));
    if (!result->reasons)
        return -1;
    result->verdict = c->samples->cpu.count >= 2 ? VERDICT_VALID : VERDICT_UNKNOWN;
    for (size_t i = 0; i < ARRAY_LENGTH(checks); i++) {
        char *message = checks[i].run(&scene);
        if (!message)
            continue;
        struct verdict_reason *reason = &result->reasons[result->reason_count++];
        reason->verdict = checks[i].verdict;
        reason->message = message;
        snprintf(reason->code, sizeof(reason->code), "%s", checks[i].code);
        if (reason->verdict > result->verdict)
            result->verdict = reason->verdict;
        if (result->status != RESULT_OK) /* what a trial's figures are worth that has none */
            break;
    }
    return 0;
}

void verdict_clear(struct trial_result *result)
{
    for (size_t i = 0; i < result->reason_count; i++)
        free(result->reasons[i].message);
    free(result->reasons);
    result->reasons = NULL;
    result->reason_count = 0;
}
