#include "experiment/plan.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

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

uint64_t plan_auto_queue(uint64_t bps)
{
    uint64_t bytes = bps / 8 / 20; /* 50 ms */
    return bytes > 65536 ? bytes : 65536;
}

uint64_t plan_burst(uint64_t bps)
{
    const uint64_t two_frames = 2 * 1514;
    uint64_t bytes = bps / 8 / 1000; /* 1 ms */
    return bytes > two_frames ? bytes : two_frames;
}

struct in_addr plan_server_address(const struct experiment *experiment, size_t client)
{
    if (experiment->server_is_router)
        return plan_subnet_address(experiment->clients[client].host + 1, ROUTER_LAST_BYTE);
    return plan_subnet_address(experiment->server_host + 1, HOST_LAST_BYTE);
}

/* --- links ---------------------------------------------------------------- */

static void shape_port(struct plan_port *port, uint64_t bps, uint64_t queue_bytes)
{
    if (bps == 0)
        return;
    port->rate_bps = bps;
    port->burst_bytes = plan_burst(bps);
    port->queue_bytes = queue_bytes ? queue_bytes : plan_auto_queue(bps);
}

static void plan_one_link(const struct experiment *experiment, size_t i, struct plan_link *link)
{
    const struct host_spec *host = &experiment->hosts[i];
    snprintf(link->host.interface, sizeof(link->host.interface), "%s-eth0", host->name);
    snprintf(link->router.interface, sizeof(link->router.interface), "%s-eth%u", experiment->router,
             (unsigned)i % HOSTS_MAX);
    link->host.address = plan_subnet_address(i + 1, HOST_LAST_BYTE);
    link->router.address = plan_subnet_address(i + 1, ROUTER_LAST_BYTE);
    shape_port(&link->host, host->link.up_bps, host->link.queue_bytes);
    shape_port(&link->router, host->link.down_bps, host->link.queue_bytes);
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

/* --- commands ------------------------------------------------------------- */

#define ARGUMENTS_MAX 16

static void add_argument(struct plan_command *command, size_t *count, char *text)
{
    if (*count + 1 < ARGUMENTS_MAX)
        command->argv[(*count)++] = text;
    else
        abort(); /* a mistake in this file: no command is that long */
}

static void add_option(struct plan_command *command, size_t *count, const char *name, char *value)
{
    add_argument(command, count, fs_path("%s", name));
    add_argument(command, count, value);
}

static char *format_address(struct in_addr address)
{
    char text[INET_ADDRSTRLEN];
    return fs_path("%s", inet_ntop(AF_INET, &address, text, sizeof(text)));
}

static int start_command(struct plan_command *command, const char *node, const char *program,
                         size_t *count)
{
    command->argv = calloc(ARGUMENTS_MAX, sizeof(*command->argv));
    if (!command->argv)
        return -1;
    snprintf(command->node, sizeof(command->node), "%s", node);
    command->program = program;
    add_argument(command, count, fs_path("%s", program));
    add_option(command, count, "--node", fs_path("%s", node));
    return 0;
}

static int plan_server(struct plan_command *command, const struct experiment *experiment)
{
    bool p2p = experiment->model == MODEL_P2P;
    size_t n = 0;
    command->is_server = true;
    if (start_command(command, experiment_server_name(experiment), p2p ? "p2p_server" : "cs_server",
                      &n) < 0)
        return -1;
    add_option(command, &n, "--port", fs_path("%u", experiment->port));
    add_option(command, &n, "--file", fs_path(PLAN_FILE_PATH));
    add_option(command, &n, "--clients", fs_path("%zu", experiment->client_count));
    if (p2p)
        add_option(command, &n, "--block-size", fs_path("%" PRIu64, experiment->block_size));
    return 0;
}

static int plan_client(struct plan_command *command, const struct experiment *experiment, size_t i)
{
    const struct client_spec *client = &experiment->clients[i];
    const char *name = experiment->hosts[client->host].name;
    bool p2p = experiment->model == MODEL_P2P;
    size_t n = 0;
    command->client = i;
    if (start_command(command, name, p2p ? "p2p_peer" : "cs_client", &n) < 0)
        return -1;
    if (p2p)
        add_option(command, &n, "--address",
                   format_address(plan_subnet_address(client->host + 1, HOST_LAST_BYTE)));
    add_option(command, &n, "--server", format_address(plan_server_address(experiment, i)));
    add_option(command, &n, "--port", fs_path("%u", experiment->port));
    add_option(command, &n, "--output", fs_path("%s/%s/%s", PLAN_RECV_DIR, name, PLAN_RECV_NAME));
    add_option(command, &n, "--gate", fs_path("%s/%s", PLAN_GATE_DIR, name));
    if (!p2p)
        add_option(command, &n, "--framing", fs_path("%s", framing_name(client->framing)));
    return 0;
}

static int plan_commands(struct plan *plan, struct lab_error *err)
{
    size_t clients = plan->experiment->client_count;
    plan->commands = calloc(clients + 1, sizeof(*plan->commands));
    if (!plan->commands)
        return lab_error_memory(err);
    plan->command_count = clients + 1;
    if (plan_server(&plan->commands[0], plan->experiment) < 0)
        return lab_error_memory(err);
    for (size_t i = 0; i < clients; i++)
        if (plan_client(&plan->commands[i + 1], plan->experiment, i) < 0)
            return lab_error_memory(err);
    return 0;
}

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
    for (size_t i = 0; i < plan->command_count; i++) {
        for (char **argument = plan->commands[i].argv; argument && *argument; argument++)
            free(*argument);
        free(plan->commands[i].argv);
    }
    free(plan->commands);
    free(plan->links);
    free(plan);
}
