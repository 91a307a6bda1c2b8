#include "report/run_logs.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

/* --- whose address is it? ------------------------------------------------- */

static int compare_addresses(const void *a, const void *b)
{
    const struct run_logs_address *x = a, *y = b;
    return (x->address > y->address) - (x->address < y->address);
}

static void add_address(struct run_logs *logs, struct in_addr address, size_t node)
{
    logs->addresses[logs->address_count++] = (struct run_logs_address){ address.s_addr, node };
}

/* Each client reaches a server on the router at an address of its own. */
static int list_addresses(struct run_logs *logs, struct lab_error *err)
{
    const struct experiment *experiment = logs->plan->experiment;
    logs->addresses = calloc(2 * experiment->client_count + 1, sizeof(*logs->addresses));
    if (!logs->addresses)
        return lab_error_memory(err);
    for (size_t i = 0; i < experiment->client_count; i++) {
        add_address(logs, plan_server_address(experiment, i), 0);
        add_address(logs, plan_host_address(experiment->clients[i].host), i + 1);
    }
    qsort(logs->addresses, logs->address_count, sizeof(*logs->addresses), compare_addresses);
    return 0;
}

size_t run_logs_find(const struct run_logs *logs, const char *text)
{
    char ip[INET_ADDRSTRLEN];
    struct in_addr address;
    size_t length = strcspn(text, ":");
    if (length >= sizeof(ip))
        return SIZE_MAX;
    memcpy(ip, text, length);
    ip[length] = '\0';
    if (inet_pton(AF_INET, ip, &address) != 1)
        return SIZE_MAX;
    struct run_logs_address key = { .address = address.s_addr };
    const struct run_logs_address *found =
        bsearch(&key, logs->addresses, logs->address_count, sizeof(key), compare_addresses);
    return found ? found->node : SIZE_MAX;
}

const char *run_logs_name(const struct run_logs *logs, const char *text)
{
    size_t node = run_logs_find(logs, text);
    return node == SIZE_MAX ? text : logs->plan->commands[node].node;
}

/* --- logs ----------------------------------------------------------------- */

int run_logs_open(struct run_logs *logs, const struct report_run *run, struct lab_error *err)
{
    *logs = (struct run_logs){ .run = run };
    logs->plan = plan_build(run->experiment, err);
    if (!logs->plan)
        return -1;
    logs->log = malloc(sizeof(*logs->log));
    if (!logs->log)
        return lab_error_memory(err);
    return list_addresses(logs, err);
}

void run_logs_close(struct run_logs *logs)
{
    plan_free(logs->plan);
    free(logs->addresses);
    free(logs->log);
    *logs = (struct run_logs){ 0 };
}

static bool open_log(struct run_logs *logs, const struct trial_result *trial, const char *name)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    cleanup_free char *path =
        fs_path("%s/trials/%03u/%s/%s.jsonl", logs->run->path, trial->trial, PLAN_LOG_DIR, name);
    return trial->origin_ns && event_log_open(logs->log, path, &ignored) == 0;
}

bool run_logs_open_node(struct run_logs *logs, const struct trial_result *trial, size_t node)
{
    const struct plan_command *command = &logs->plan->commands[node];
    cleanup_free char *name = fs_path("%s.%s", command->node, command->program);
    return open_log(logs, trial, name);
}

bool run_logs_open_control(struct run_logs *logs, const struct trial_result *trial)
{
    return open_log(logs, trial, "labctl");
}
