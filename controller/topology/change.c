/* Changing a link while programs use it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/event_writer.h"
#include "topology/internal.h"
#include "topology/network.h"
#include "topology/readback.h"
#include "topology/settings.h"
#include "topology/tool.h"

struct change {
    const struct network *network;
    size_t host;
    const struct plan_link *from, *to;
};

/* The two ends of the link. */
enum end { HOST_END, ROUTER_END, ENDS };

static struct tool_job make_job(const struct change *change, enum end end, const char *const *argv)
{
    const struct network *network = change->network;
    const struct experiment *experiment = network->plan->experiment;
    return (struct tool_job){
        .node = end == HOST_END ? experiment->hosts[change->host].name : experiment->router,
        .node_pid = end == HOST_END ? network->host_pids[change->host] : network->router_pid,
        .argv = argv,
    };
}

static const struct plan_port *port_at(const struct plan_link *link, enum end end)
{
    return end == HOST_END ? &link->host : &link->router;
}

/* --- doing it ------------------------------------------------------------- */

static void write_down(FILE *batch, const struct change *change, enum end end)
{
    if (end == ROUTER_END)
        fprintf(batch, "link set dev %s down\n", change->to->router.interface);
}

static void write_up(FILE *batch, const struct change *change, enum end end)
{
    if (end == ROUTER_END)
        settings_bring_up(batch, &change->to->router, &change->to->host,
                          change->network->plan->experiment->congestion_control);
}

static void write_rate(FILE *batch, const struct change *change, enum end end)
{
    const struct plan_port *from = port_at(change->from, end), *to = port_at(change->to, end);
    if (from->rate_bps != to->rate_bps)
        settings_reshape(batch, from, to, change->to);
}

typedef void write_change(FILE *batch, const struct change *change, enum end end);

/* Run a batch at each end that has something to do. */
static int run_batches(const struct change *change, const char *const *argv, write_change *write,
                       struct lab_error *err)
{
    struct tool_job *jobs = calloc(ENDS, sizeof(*jobs));
    size_t count = 0;
    int failed = jobs ? 0 : lab_error_memory(err);
    for (enum end end = HOST_END; !failed && end < ENDS; end++) {
        struct tool_job job = make_job(change, end, argv);
        size_t length = 0;
        FILE *batch = open_memstream(&job.input, &length);
        if (!batch) {
            failed = lab_error_memory(err);
            break;
        }
        write(batch, change, end);
        fclose(batch);
        if (length > 0)
            jobs[count++] = job;
        else
            free(job.input);
    }
    if (!failed)
        failed = tool_run(jobs, count, err);
    tool_free_jobs(jobs, count);
    return failed;
}

/* --- reading back --------------------------------------------------------- */

enum said { ADDRESSES, QDISCS = ADDRESSES + ENDS, SAID = QDISCS + ENDS };

static int compare_ends(const struct change *change, enum network_change kind,
                        const struct tool_job *said, struct lab_error *err)
{
    const char *congestion = change->network->plan->experiment->congestion_control;
    if (kind == NETWORK_LINK_DOWN)
        return readback_compare_down(said[ADDRESSES + ROUTER_END].output, &change->to->router, err);
    for (enum end end = HOST_END; end < ENDS; end++) {
        const struct readback_port port = { port_at(change->to, end), change->to };
        const char *addresses = said[ADDRESSES + end].output, *qdiscs = said[QDISCS + end].output;
        int failed = kind == NETWORK_LINK_UP
                         ? readback_compare(addresses, qdiscs, &port, 1, congestion, err)
                         : readback_compare_shaping(qdiscs, &port, 1, err);
        if (failed)
            return -1;
    }
    return 0;
}

static int verify(const struct change *change, enum network_change kind, struct lab_error *err)
{
    static const char *const show_addresses[] = { "ip", "-json", "-batch", "-", NULL };
    static const char *const show_qdiscs[] = { "tc", "-json", "-raw", "qdisc", NULL };
    struct tool_job *said = calloc(SAID, sizeof(*said));
    if (!said)
        return lab_error_memory(err);
    for (enum end end = HOST_END; end < ENDS; end++) {
        said[ADDRESSES + end] = make_job(change, end, show_addresses);
        said[ADDRESSES + end].input = strdup(READBACK_ADDRESSES);
        said[QDISCS + end] = make_job(change, end, show_qdiscs);
    }
    int failed = tool_run(said, SAID, err) < 0 ? -1 : compare_ends(change, kind, said, err);
    tool_free_jobs(said, SAID);
    return failed;
}

int network_change_link(const struct network *network, size_t host, enum network_change kind,
                        const struct plan_link *from, const struct plan_link *to,
                        uint64_t *changed_ns, struct lab_error *err)
{
    static const char *const ip_batch[] = { "ip", "-batch", "-", NULL };
    static const char *const tc_batch[] = { "tc", "-batch", "-", NULL };
    static const struct {
        const char *const *argv;
        write_change *write;
    } kinds[] = {
        [NETWORK_LINK_DOWN] = { ip_batch, write_down },
        [NETWORK_LINK_UP] = { ip_batch, write_up },
        [NETWORK_LINK_RATE] = { tc_batch, write_rate },
    };
    const struct change change = { network, host, from, to };
    if (run_batches(&change, kinds[kind].argv, kinds[kind].write, err) < 0)
        return -1;
    *changed_ns = event_now();
    return verify(&change, kind, err);
}
