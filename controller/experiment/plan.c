#include "experiment/plan.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "experiment/exec.h"
#include "experiment/plan_commands.h"

/* The lab numbered its subnets 192.168.10.0, 192.168.20.0, ...: 25 of them fit. */
#define LAB_SUBNETS 25

struct in_addr plan_subnet_address(size_t i, unsigned last)
{
    uint32_t address =
        i <= LAB_SUBNETS ? 0xc0a80000u | (uint32_t)(10 * i) << 8 : 0x0a000000u | (uint32_t)i << 8;
    return (struct in_addr){ htonl(address | last) };
}

#define HOST_LAST_BYTE   1
#define ROUTER_LAST_BYTE 254

struct in_addr plan_host_address(size_t host)
{
    return plan_subnet_address(host + 1, HOST_LAST_BYTE);
}

struct in_addr plan_router_address(size_t host)
{
    return plan_subnet_address(host + 1, ROUTER_LAST_BYTE);
}

uint64_t plan_auto_queue(uint64_t bps)
{
    uint64_t bytes = bps / 8 / 20; /* 50 ms */
    return bytes > 65536 ? bytes : 65536;
}

uint64_t plan_burst(uint64_t bps, uint64_t queue_bytes)
{
    const uint64_t two_frames = 2 * 1514;
    uint64_t bytes = bps / 8 / 1000; /* 1 ms */
    if (bytes > queue_bytes)
        bytes = queue_bytes;
    return bytes > two_frames ? bytes : two_frames;
}

struct in_addr plan_server_address(const struct experiment *experiment, size_t client)
{
    if (experiment->server_is_router)
        return plan_router_address(experiment->clients[client].host);
    return plan_host_address(experiment->server_host);
}

/* --- links ---------------------------------------------------------------- */

static void shape_port(struct plan_port *port, uint64_t bps, uint64_t queue_bytes)
{
    if (bps == 0)
        return;
    port->rate_bps = bps;
    port->queue_bytes = queue_bytes ? queue_bytes : plan_auto_queue(bps);
    port->burst_bytes = plan_burst(bps, port->queue_bytes);
}

void plan_change_rates(const struct experiment *experiment, size_t host, uint64_t up_bps,
                       uint64_t down_bps, struct plan_link *link)
{
    uint64_t queue_bytes = experiment->hosts[host].link.queue_bytes;
    shape_port(&link->host, up_bps, queue_bytes);
    shape_port(&link->router, down_bps, queue_bytes);
}

static void plan_one_link(const struct experiment *experiment, size_t i, struct plan_link *link)
{
    const struct host_spec *host = &experiment->hosts[i];
    snprintf(link->host.interface, sizeof(link->host.interface), "%s-eth0", host->name);
    snprintf(link->router.interface, sizeof(link->router.interface), "%s-eth%u", experiment->router,
             (unsigned)i % HOSTS_MAX);
    link->host.address = plan_host_address(i);
    link->router.address = plan_router_address(i);
    plan_change_rates(experiment, i, host->link.up_bps, host->link.down_bps, link);
    link->delay_ns = host->link.delay_ns;
    link->loss = host->link.loss;
}

static int plan_links(struct plan *plan, struct lab_error *err)
{
    const struct experiment *experiment = plan->experiment;
    plan->links = calloc(experiment->host_count, sizeof(*plan->links));
    if (!plan->links)
        return lab_error_memory(err);
    for (size_t i = 0; i < experiment->host_count; i++) {
        plan_one_link(experiment, i, &plan->links[i]);
        plan->needs_netem |= plan->links[i].delay_ns > 0 || plan->links[i].loss > 0;
    }
    return 0;
}

char *plan_trial_dir(const char *run_dir, unsigned number, bool warmup)
{
    return fs_path(warmup ? "%s/" PLAN_TRIALS_DIR "/w%02u" : "%s/" PLAN_TRIALS_DIR "/%03u", run_dir,
                   number);
}

/* --- the whole ------------------------------------------------------------ */

struct plan *plan_build(const struct experiment *experiment, struct lab_error *err)
{
    struct plan *plan = calloc(1, sizeof(*plan));
    if (!plan) {
        lab_error_memory(err);
        return NULL;
    }
    plan->experiment = experiment;
    if (plan_links(plan, err) < 0 || plan_commands(plan, err) < 0) {
        plan_free(plan);
        return NULL;
    }
    return plan;
}

void plan_free(struct plan *plan)
{
    if (!plan)
        return;
    for (size_t i = 0; i < plan->command_count; i++)
        exec_free_words(plan->commands[i].argv);
    free(plan->commands);
    free(plan->links);
    free(plan);
}
