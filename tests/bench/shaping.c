/* How true shaped links are. For each rate two hosts on a router are built with labctl's
 * own sandbox and topology: s1, whose link is free, sends to h1, whose link is shaped. One
 * long TCP flow is timed alone; then probes measure how long it makes others wait.
 *
 *     bench_shaping [RATE...]      rates as in an experiment file; "1Mbit" ... "5Gbit"
 *
 * Exits with status 1 when a figure misses its target. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "experiment/bounds.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"
#include "sandbox/sandbox.h"
#include "shaping_traffic.h"
#include "topology/network.h"

#define GOODPUT_ERROR_MAX 0.01 /* of the rate that framing leaves */
#define DELAY_RATIO_MAX   1.3  /* of what the queue allows */

/* Of one rate; in memory shared with the sandbox. */
struct figures {
    uint64_t rate_bps;
    uint64_t queue_bytes;
    double seconds; /* of each of the two measurements, after settling */
    struct flow flow;
    struct probes idle, loaded;
    double goodput_bps;
};

static const char experiment_format[] =
    "{ \"name\": \"shaping\", \"topology\": { \"hosts\": [\"h1\", \"s1\"], "
    "\"links\": { \"h1\": { \"up\": %llu, \"down\": %llu } } }, "
    "\"workload\": { \"model\": \"cs\", \"server\": \"s1\", "
    "\"file\": { \"size\": 1, \"seed\": 1 } } }";

/* --- inside the sandbox --------------------------------------------------- */

static int node_pid(struct network *network, const char *node, pid_t *pid, struct lab_error *err)
{
    cleanup_free char *output = NULL;
    if (network_command(network, node, "echo $$", &output, err) < 0)
        return -1;
    *pid = (pid_t)atol(output);
    return 0;
}

static void join(const pid_t *pids, size_t count)
{
    int status;
    for (size_t i = 0; i < count; i++)
        if (waitpid(pids[i], &status, 0) < 0 || status != 0)
            exit(1);
}

static void run_probes(pid_t source, pid_t sink, struct probes *probes)
{
    pid_t pids[] = { traffic_start(sink, probes_sink, probes),
                     traffic_start(source, probes_source, probes) };
    join(pids, 2);
}

static void measure(struct figures *figures, pid_t source, pid_t sink)
{
    struct flow *flow = &figures->flow;
    double queue_s = (double)figures->queue_bytes * 8 / (double)figures->rate_bps;
    flow->settle_s = 1 + 4 * queue_s;
    flow->end_s = flow->settle_s + figures->seconds;
    pid_t alone[] = { traffic_start(sink, flow_sink, flow),
                      traffic_start(source, flow_source, flow) };
    join(alone, 2);
    figures->goodput_bps = (double)flow->bytes * 8 / flow->seconds;

    /* A probe is 50 bytes on the wire: all of them take less than half a percent. */
    double interval = 50 * 8 / (0.005 * (double)figures->rate_bps);
    figures->idle.interval_s = figures->loaded.interval_s = interval > 0.005 ? interval : 0.005;
    figures->idle.end_s = 20 * figures->idle.interval_s;
    figures->loaded.end_s = figures->seconds;
    run_probes(source, sink, &figures->idle);
    flow->end_s += figures->seconds;
    pid_t loaded[] = { traffic_start(sink, flow_sink, flow),
                       traffic_start(source, flow_source, flow) };
    usleep((useconds_t)(flow->settle_s * 1e6));
    run_probes(source, sink, &figures->loaded);
    join(loaded, 2);
}

struct request {
    const struct plan *plan;
    struct figures *figures;
};

static int inside(int channel, void *arg)
{
    (void)channel;
    const struct request *request = arg;
    struct lab_error err = LAB_ERROR_INIT;
    struct network *network = network_build(request->plan, 0, &err);
    pid_t source, sink;
    if (!network || node_pid(network, "s1", &source, &err) < 0 ||
        node_pid(network, "h1", &sink, &err) < 0) {
        fprintf(stderr, "%s\n", err.message);
        return lab_error_exit_status(err.code);
    }
    measure(request->figures, source, sink);
    return 0;
}

/* --- outside -------------------------------------------------------------- */

static int measure_rate(struct figures *figures, struct lab_error *err)
{
    char text[1024];
    unsigned long long rate = figures->rate_bps;
    snprintf(text, sizeof(text), experiment_format, rate, rate);
    struct experiment *experiment = experiment_parse("shaping", text, strlen(text), err);
    struct plan *plan = experiment ? plan_build(experiment, err) : NULL;
    struct sandbox sandbox = SANDBOX_INIT;
    int status = -1;
    if (plan) {
        struct request request = { plan, figures };
        figures->queue_bytes = plan->links[0].router.queue_bytes;
        figures->flow.address = plan->links[0].host.address;
        figures->idle.address = figures->loaded.address = plan->links[0].host.address;
        if (sandbox_start(&sandbox, inside, &request, 0, err) == 0)
            status = sandbox_wait(&sandbox, err);
    }
    plan_free(plan);
    experiment_free(experiment);
    if (status > 0)
        return lab_error_set(err, LAB_ERR_INTERNAL, "the measurement ended with status %d", status);
    return status;
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The quantile `q` of the delays, in seconds; sorts them. */
static double delay_quantile(struct probes *probes, double q)
{
    if (probes->count == 0)
        return 0;
    qsort(probes->delay_s, probes->count, sizeof(double), compare);
    return probes->delay_s[(size_t)(q * (probes->count - 1))];
}

/* Returns whether the rate met its targets. */
static bool print_row(struct figures *figures)
{
    char rate[UNITS_TEXT_MAX];
    double possible = (double)figures->rate_bps * BOUND_PAYLOAD_BYTES / BOUND_FRAME_BYTES;
    double ratio = figures->goodput_bps / possible;
    double allowed = (double)figures->queue_bytes * 8 / (double)figures->rate_bps;
    double base = delay_quantile(&figures->idle, 0.5);
    double median = delay_quantile(&figures->loaded, 0.5) - base;
    double longest = delay_quantile(&figures->loaded, 1) - base;
    bool met = ratio > 1 - GOODPUT_ERROR_MAX && ratio < 1 + GOODPUT_ERROR_MAX &&
               figures->loaded.count > 0 && longest <= DELAY_RATIO_MAX * allowed;
    printf("%-12s %12.4f %12.4f %8.4f %12.2f %12.2f %12.2f %8.3f  %s\n",
           units_format_rate(figures->rate_bps, rate, sizeof(rate)), figures->goodput_bps / 1e6,
           possible / 1e6, ratio, allowed * 1e3, median * 1e3, longest * 1e3, longest / allowed,
           met ? "yes" : "NO");
    fflush(stdout);
    return met;
}

int main(int argc, char **argv)
{
    static char *usual[] = { "1Mbit", "10Mbit", "100Mbit", "1Gbit", "5Gbit" };
    char **rates = argc > 1 ? argv + 1 : usual;
    size_t count = argc > 1 ? (size_t)argc - 1 : ARRAY_LENGTH(usual);
    struct figures *figures =
        mmap(NULL, sizeof(*figures), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    bool all_met = figures != MAP_FAILED;
    printf("%-12s %12s %12s %8s %12s %12s %12s %8s  %s\n", "rate", "goodput", "possible", "ratio",
           "queue", "wait median", "wait max", "ratio", "met");
    printf("%-12s %12s %12s %8s %12s %12s %12s\n", "", "Mbit/s", "Mbit/s", "", "ms", "ms", "ms");
    for (size_t i = 0; i < count && figures != MAP_FAILED; i++) {
        struct lab_error err = LAB_ERROR_INIT;
        memset(figures, 0, sizeof(*figures));
        if (!units_parse_rate(rates[i], &figures->rate_bps)) {
            fprintf(stderr, "bench_shaping: %s is no rate\n", rates[i]);
            return 2;
        }
        figures->seconds = figures->rate_bps < 50000000 ? 10 : 4;
        if (measure_rate(figures, &err) < 0) {
            fprintf(stderr, "bench_shaping: %s\n", err.message);
            return lab_error_exit_status(err.code);
        }
        all_met &= print_row(figures);
    }
    return all_met ? 0 : 1;
}
