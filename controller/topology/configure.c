#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "topology/internal.h"
#include "topology/network.h"
#include "topology/readback.h"
#include "topology/settings.h"
#include "topology/tool.h"

static const char *const ip_batch[] = { "ip", "-batch", "-", NULL };
static const char *const tc_batch[] = { "tc", "-batch", "-", NULL };

/* --- settings that are files ---------------------------------------------- */

static int write_setting(const char *path, const char *value, struct lab_error *err)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, value, strlen(value)) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot write %s to %s", value,
                               path);
    return 0;
}

#define FORWARDING   "/proc/sys/net/ipv4/ip_forward"
#define IPV6_DISABLE "/proc/sys/net/ipv6/conf/all/disable_ipv6"
#define IPV6_DEFAULT "/proc/sys/net/ipv6/conf/default/disable_ipv6"

/* IPv6 is not used; left on, it would send packets of its own through the shaped links. */
static int disable_ipv6(struct lab_error *err)
{
    if (access(IPV6_DISABLE, F_OK) < 0)
        return 0;
    return write_setting(IPV6_DISABLE, "1", err) < 0 ? -1 : write_setting(IPV6_DEFAULT, "1", err);
}

static int write_settings(pid_t pid, bool router, struct lab_error *err)
{
    int way_back = tool_enter(pid, err);
    if (way_back < 0)
        return -1;
    int failed = disable_ipv6(err);
    if (!failed && router)
        failed = write_setting(FORWARDING, "1", err);
    struct lab_error leaving = LAB_ERROR_INIT;
    if (tool_leave(way_back, failed ? &leaving : err) < 0)
        return -1;
    return failed;
}

/* --- batches -------------------------------------------------------------- */

static struct tool_job make_job(const char *node, pid_t pid, const char *const *argv)
{
    return (struct tool_job){ .node = node, .node_pid = pid, .argv = argv };
}

/* Jobs for all nodes: the router first, then the hosts in order. NULL with err set when
 * out of memory; free with tool_free_jobs(). */
static struct tool_job *node_jobs(const struct network *network, const char *const *argv,
                                  struct lab_error *err)
{
    const struct experiment *experiment = network->plan->experiment;
    struct tool_job *jobs = calloc(experiment->host_count + 1, sizeof(*jobs));
    if (!jobs) {
        lab_error_memory(err);
        return NULL;
    }
    jobs[0] = make_job(experiment->router, network->router_pid, argv);
    for (size_t i = 0; i < experiment->host_count; i++)
        jobs[i + 1] = make_job(experiment->hosts[i].name, network->host_pids[i], argv);
    return jobs;
}

static void write_links(FILE *batch, const struct network *network)
{
    for (size_t i = 0; i < network->plan->experiment->host_count; i++)
        settings_make_link(batch, &network->plan->links[i], network->host_pids[i]);
}

static int make_links(const struct network *network, struct lab_error *err)
{
    struct tool_job *job = calloc(1, sizeof(*job));
    if (!job)
        return lab_error_memory(err);
    *job = make_job(network->plan->experiment->router, network->router_pid, ip_batch);
    size_t length;
    FILE *batch = open_memstream(&job->input, &length);
    int failed = batch ? 0 : lab_error_memory(err);
    if (batch) {
        write_links(batch, network);
        fclose(batch);
        failed = tool_run(job, 1, err);
    }
    tool_free_jobs(job, 1);
    return failed;
}

/* What one node gets: `i` is 0 for the router, else host i - 1. */
typedef void write_batch(FILE *batch, const struct plan *plan, size_t i);

static void write_addresses(FILE *batch, const struct plan *plan, size_t i)
{
    const char *congestion = plan->experiment->congestion_control;
    uint64_t limit = settings_segment_limit(plan);
    fputs("link set dev lo up\n", batch);
    if (i > 0) {
        const struct plan_link *link = &plan->links[i - 1];
        settings_limit_segments(batch, &link->host, limit);
        settings_address(batch, &link->host, &link->router, congestion);
        settings_default_route(batch, link, congestion);
        return;
    }
    for (size_t k = 0; k < plan->experiment->host_count; k++) {
        settings_limit_segments(batch, &plan->links[k].router, limit);
        settings_address(batch, &plan->links[k].router, &plan->links[k].host, congestion);
    }
}

static void write_shaping(FILE *batch, const struct plan *plan, size_t i)
{
    if (i > 0) {
        settings_shape(batch, &plan->links[i - 1].host, &plan->links[i - 1]);
        return;
    }
    for (size_t k = 0; k < plan->experiment->host_count; k++)
        settings_shape(batch, &plan->links[k].router, &plan->links[k]);
}

/* Write the batches of all nodes. Those that have none are taken out: *count is lowered. */
static int write_batches(struct tool_job *jobs, size_t *count, const struct plan *plan,
                         write_batch *write, struct lab_error *err)
{
    size_t used = 0;
    for (size_t i = 0; i < *count; i++) {
        struct tool_job job = jobs[i];
        size_t length = 0;
        FILE *batch = open_memstream(&job.input, &length);
        if (!batch) {
            *count = used;
            return lab_error_memory(err);
        }
        write(batch, plan, i);
        fclose(batch);
        if (length > 0)
            jobs[used++] = job;
        else
            free(job.input);
    }
    *count = used;
    return 0;
}

static int run_batches(const struct network *network, const char *const *argv, write_batch *write,
                       struct lab_error *err)
{
    size_t count = network->plan->experiment->host_count + 1;
    struct tool_job *jobs = node_jobs(network, argv, err);
    if (!jobs)
        return -1;
    int failed = write_batches(jobs, &count, network->plan, write, err);
    if (!failed)
        failed = tool_run(jobs, count, err);
    tool_free_jobs(jobs, count);
    return failed;
}

int network_configure(const struct network *network, struct lab_error *err)
{
    size_t hosts = network->plan->experiment->host_count;
    if (write_settings(network->router_pid, true, err) < 0)
        return -1;
    for (size_t i = 0; i < hosts; i++)
        if (write_settings(network->host_pids[i], false, err) < 0)
            return -1;
    if (network->plan->needs_netem && network_probe_netem(err) < 0)
        return -1;
    if (network_probe_congestion(network->plan->experiment->congestion_control, err) < 0)
        return -1;
    if (make_links(network, err) < 0 || run_batches(network, ip_batch, write_addresses, err) < 0)
        return -1;
    return run_batches(network, tc_batch, write_shaping, err);
}

/* --- reading back --------------------------------------------------------- */

static int verify_forwarding(const struct network *network, struct lab_error *err)
{
    int way_back = tool_enter(network->router_pid, err);
    if (way_back < 0)
        return -1;
    char value = '?';
    cleanup_close int fd = open(FORWARDING, O_RDONLY | O_CLOEXEC);
    bool readable = fd >= 0 && read(fd, &value, 1) == 1;
    if (tool_leave(way_back, err) < 0)
        return -1;
    if (!readable || value != '1')
        return lab_error_set(err, LAB_ERR_UNSUPPORTED, "router %s: expected %s to be 1, found %c",
                             network->plan->experiment->router, FORWARDING, value);
    return 0;
}

static int verify_nodes(const struct plan *plan, const struct tool_job *addresses,
                        const struct tool_job *qdiscs, struct lab_error *err)
{
    size_t hosts = plan->experiment->host_count;
    cleanup_free struct readback_port *router = calloc(hosts, sizeof(*router));
    if (!router)
        return lab_error_memory(err);
    const char *congestion = plan->experiment->congestion_control;
    for (size_t i = 0; i < hosts; i++) {
        const struct plan_link *link = &plan->links[i];
        struct readback_port host = { &link->host, link };
        router[i] = (struct readback_port){ &link->router, link };
        if (readback_compare(addresses[i + 1].output, qdiscs[i + 1].output, &host, 1, congestion,
                             err) < 0)
            return -1;
    }
    return readback_compare(addresses[0].output, qdiscs[0].output, router, hosts, congestion, err);
}

int network_verify(const struct network *network, struct lab_error *err)
{
    static const char *const show_addresses[] = { "ip", "-json", "-batch", "-", NULL };
    static const char *const show_qdiscs[] = { "tc", "-json", "-raw", "qdisc", NULL };
    size_t nodes = network->plan->experiment->host_count + 1;
    if (verify_forwarding(network, err) < 0)
        return -1;
    struct tool_job *addresses = node_jobs(network, show_addresses, err);
    for (size_t i = 0; addresses && i < nodes; i++)
        addresses[i].input = strdup(READBACK_ADDRESSES);
    struct tool_job *qdiscs = addresses ? node_jobs(network, show_qdiscs, err) : NULL;
    int failed = !qdiscs || tool_run(addresses, nodes, err) < 0 ||
                 tool_run(qdiscs, nodes, err) < 0 ||
                 verify_nodes(network->plan, addresses, qdiscs, err) < 0;
    tool_free_jobs(addresses, nodes);
    tool_free_jobs(qdiscs, nodes);
    return failed ? -1 : 0;
}
