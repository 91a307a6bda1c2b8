/* The conditions of a trial, from its samples. */
#include <math.h>
#include <string.h>

#include "results/results.h"
#include "results/samples.h"
#include "results/trial_log.h"
#include "results/verdict_parts.h"

/* Counters never go down, unless they were begun anew: then the difference is not known. */
static double growth(uint64_t first, uint64_t last)
{
    return last >= first ? (double)(last - first) : NAN;
}

/* --- processors ----------------------------------------------------------- */

static uint64_t spent(uint64_t first, uint64_t last, uint64_t told)
{
    uint64_t total = told > last ? told : last;
    return total > first ? total - first : 0;
}

/* Time on processors of all programs of the run, in ns; the longest wait of one in *wait. One
 * that ended in the window is in no last sample, but told the sum itself. */
static double own_time(const struct verdict_case *c, double *wait)
{
    double sum = 0;
    *wait = NAN;
    for (size_t i = 0; i <= c->node_count; i++) { /* labctl itself is the last */
        const struct node_facts *facts = i < c->node_count ? &c->nodes[i] : NULL;
        const struct program_samples *samples = &c->samples->programs[i];
        if (samples->at.count == 0)
            continue;
        const struct program_sample *first = &samples->at.first, *last = &samples->at.last;
        const struct program_sample told = facts ? facts->used : (struct program_sample){ 0 };
        sum += (double)spent(first->cpu_ns, last->cpu_ns, told.cpu_ns);
        if (facts) /* fmax passes over NAN */
            *wait = fmax(*wait, (double)spent(first->wait_ns, last->wait_ns, told.wait_ns));
    }
    return sum;
}

static void compute_cpu(struct trial_conditions *conditions, const struct verdict_case *c)
{
    const struct cpu_sample *first = &c->samples->cpu.first, *last = &c->samples->cpu.last;
    if (c->samples->cpu.count < 2)
        return;
    double window_ns = growth(first->t_ns, last->t_ns), wait_ns;
    double total = growth(first->total_ns, last->total_ns);
    double tasks =
        growth(first->busy_ns, last->busy_ns) - growth(first->interrupt_ns, last->interrupt_ns);
    double own = own_time(c, &wait_ns);
    conditions->window_s = window_ns / 1e9;
    if (conditions->window_s >= VERDICT_TICKS_LEAST_S && total > 0) {
        conditions->cpu_busy = growth(first->busy_ns, last->busy_ns) / total;
        conditions->cpu_others = fmax(0, tasks - own) / total;
        conditions->cpu_steal = growth(first->steal_ns, last->steal_ns) / total;
    }
    if (c->samples->has_pressure)
        conditions->cpu_pressure = growth(first->pressure_us, last->pressure_us) * 1000 / window_ns;
    conditions->wait_max = wait_ns / window_ns;
}

/* --- links ---------------------------------------------------------------- */

double conditions_carried(const struct samples *samples, size_t host, int direction,
                          double *seconds)
{
    const struct link_sample *first = &samples->links[host].at[direction].first;
    const struct link_sample *last = &samples->links[host].at[direction].last;
    *seconds = growth(first->t_ns, last->t_ns) / 1e9;
    if (samples->links[host].at[direction].count < 2)
        return NAN;
    return growth(first->bytes, last->bytes);
}

/* A queue that has been offered few packets says little by dropping one. */
static void compute_drops(struct trial_conditions *conditions, const struct samples *samples)
{
    for (size_t host = 0; host < samples->plan->experiment->host_count; host++)
        for (int i = 0; i < SAMPLES_DIRECTIONS; i++) {
            const struct link_sample *first = &samples->links[host].at[i].first;
            const struct link_sample *last = &samples->links[host].at[i].last;
            double drops = growth(first->drops, last->drops);
            double sent = growth(first->packets, last->packets);
            if (samples->links[host].at[i].count < 2 || isnan(drops) || isnan(sent))
                continue;
            conditions->drops += (uint64_t)drops;
            if (drops + sent > 0)
                conditions->drop_share = fmax(conditions->drop_share, drops / (drops + sent));
        }
}

/* Bytes carried and rates, in bytes a second, of the links that set the bound. */
struct load {
    double bytes, rate;
};

static void add_load(struct load *load, const struct samples *samples, size_t host, int direction)
{
    const struct link_spec *link = &samples->plan->experiment->hosts[host].link;
    double seconds;
    load->bytes += conditions_carried(samples, host, direction, &seconds);
    load->rate += (double)(direction == SAMPLES_UP ? link->up_bps : link->down_bps) / 8;
}

/* The client with the slowest downlink, which sets the bound when a downlink does. */
static size_t slowest_client(const struct experiment *experiment)
{
    size_t slowest = experiment->clients[0].host;
    for (size_t i = 1; i < experiment->client_count; i++) {
        size_t host = experiment->clients[i].host;
        uint64_t rate = experiment->hosts[host].link.down_bps;
        uint64_t least = experiment->hosts[slowest].link.down_bps;
        if (rate > 0 && (least == 0 || rate < least))
            slowest = host;
    }
    return slowest;
}

/* One client after the other: each is paced by the slower of the two links on its way, so it is
 * the times that these were in use that add up. Rate 1 makes the bytes seconds. */
static struct load sequential_load(const struct samples *samples)
{
    const struct experiment *experiment = samples->plan->experiment;
    struct load load = { 0, 1 };
    for (size_t i = 0; i < experiment->client_count; i++) {
        struct load down = { 0, 0 }, up = { 0, 0 };
        add_load(&down, samples, experiment->clients[i].host, SAMPLES_DOWN);
        if (!experiment->server_is_router)
            add_load(&up, samples, experiment->server_host, SAMPLES_UP);
        double rate = down.rate > 0 && up.rate > 0 ? fmin(down.rate, up.rate) : down.rate + up.rate;
        if (rate > 0)
            load.bytes += down.bytes / rate;
    }
    return load;
}

static struct load binding_load(const struct samples *samples, enum binding_kind binding)
{
    const struct experiment *experiment = samples->plan->experiment;
    struct load load = { 0, 0 };
    if (binding != BINDING_NONE && experiment->start == START_SEQUENTIAL)
        return sequential_load(samples);
    if (binding == BINDING_DOWNLINK)
        add_load(&load, samples, slowest_client(experiment), SAMPLES_DOWN);
    if (binding == BINDING_SERVER_UPLINK || binding == BINDING_AGGREGATE)
        add_load(&load, samples, experiment->server_host, SAMPLES_UP);
    for (size_t i = 0; binding == BINDING_AGGREGATE && i < experiment->client_count; i++)
        add_load(&load, samples, experiment->clients[i].host, SAMPLES_UP);
    return load;
}

static void compute_links(struct trial_conditions *conditions, const struct trial_result *result,
                          const struct samples *samples)
{
    compute_drops(conditions, samples);
    struct load load = binding_load(samples, result->bound.binding);
    if (load.rate > 0 && result->makespan_s > 0) /* false for NAN */
        conditions->link_use = load.bytes / (load.rate * result->makespan_s);
}

void conditions_compute(struct trial_result *result, const struct verdict_case *c)
{
    struct trial_conditions *conditions = &result->conditions;
    *conditions = (struct trial_conditions){ NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, 0 };
    compute_cpu(conditions, c);
    compute_links(conditions, result, c->samples);
}
