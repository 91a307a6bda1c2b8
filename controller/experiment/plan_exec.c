#include "experiment/plan_exec.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "experiment/exec.h"
#include "labctl/cleanup.h"

/* No client: the node is the server. */
#define IS_SERVER SIZE_MAX

static struct in_addr host_address(const struct experiment *experiment, size_t client)
{
    if (client == IS_SERVER)
        return plan_server_address(experiment, 0);
    return plan_host_address(experiment->clients[client].host);
}

/* Addresses of the other clients, comma-separated. */
static char *list_peers(const struct experiment *experiment, size_t client)
{
    char *list;
    size_t size;
    FILE *out = open_memstream(&list, &size);
    if (!out)
        abort();
    const char *separator = "";
    for (size_t i = 0; i < experiment->client_count; i++) {
        if (i == client)
            continue;
        cleanup_free char *address = arguments_format_address(host_address(experiment, i));
        fprintf(out, "%s%s", separator, address);
        separator = ",";
    }
    fclose(out);
    return list;
}

static const char *node_name(const struct experiment *experiment, size_t client)
{
    return client == IS_SERVER ? experiment_server_name(experiment)
                               : experiment->hosts[experiment->clients[client].host].name;
}

/* What a placeholder stands for at a node. Caller frees. The paths are missing here: they
 * are filled in by the node program (nodes/lib/command.c), which knows where it runs. */
static char *value_of(const char *name, const struct experiment *experiment, size_t client)
{
    if (strcmp(name, "server_ip") == 0)
        return arguments_format_address(
            plan_server_address(experiment, client == IS_SERVER ? 0 : client));
    if (strcmp(name, "port") == 0)
        return fs_path("%u", experiment->port);
    if (strcmp(name, "host") == 0)
        return fs_path("%s", node_name(experiment, client));
    if (strcmp(name, "host_ip") == 0)
        return arguments_format_address(host_address(experiment, client));
    if (strcmp(name, "peers") == 0)
        return list_peers(experiment, client);
    return fs_path("%zu", client == IS_SERVER ? 0 : client + 1); /* index */
}

static bool any_uses(char *const *words, const char *name)
{
    for (; words && *words; words++)
        if (template_uses(*words, name))
            return true;
    return false;
}

/* "--set name=value" for each placeholder that is used, so that the line stays short. */
static void add_values(struct arguments *arguments, const struct experiment *experiment,
                       size_t client, char *const *command)
{
    static const char *const names[] = { "server_ip", "port", "host", "host_ip", "peers", "index" };
    for (size_t i = 0; i < ARRAY_LENGTH(names); i++) {
        if (!any_uses(command, names[i]) && !any_uses(experiment->exec.env, names[i]))
            continue;
        cleanup_free char *value = value_of(names[i], experiment, client);
        arguments_add_option(arguments, "set", fs_path("%s=%s", names[i], value));
    }
}

static void add_command(struct arguments *arguments, const struct experiment *experiment,
                        size_t client, char *const *command)
{
    arguments_add_option(arguments, "file", fs_path(PLAN_FILE_PATH));
    arguments_add_option(arguments, "work",
                         fs_path("%s/%s", PLAN_WORK_DIR, node_name(experiment, client)));
    arguments_add_option(arguments, "max-memory", fs_path("%" PRIu64, experiment->limits.memory));
    arguments_add_option(arguments, "max-file", fs_path("%" PRIu64, experiment->limits.file));
    add_values(arguments, experiment, client, command);
    for (char **variable = experiment->exec.env; variable && *variable; variable++)
        arguments_add_option(arguments, "env", fs_path("%s", *variable));
    arguments_add(arguments, fs_path("--"));
    for (; *command; command++)
        arguments_add(arguments, fs_path("%s", *command));
}

static char *format_ready(const struct exec_spec *exec)
{
    switch (exec->ready) {
    case READY_TCP:
        return fs_path("tcp:%u", exec->ready_port);
    case READY_LOG:
        return fs_path("log:%s", exec->ready_text);
    case READY_DELAY:
        return fs_path("delay:%" PRIu64, exec->ready_delay_ns);
    case READY_AT_ONCE:
        break;
    }
    return fs_path("at-once");
}

void plan_exec_server(struct arguments *arguments, const struct experiment *experiment)
{
    arguments_add_option(arguments, "ready", format_ready(&experiment->exec));
    add_command(arguments, experiment, IS_SERVER, experiment->exec.server_command);
}

void plan_exec_client(struct arguments *arguments, const struct experiment *experiment, size_t i)
{
    const char *name = node_name(experiment, i);
    arguments_add_option(arguments, "gate", fs_path("%s/%s", PLAN_GATE_DIR, name));
    arguments_add_option(arguments, "expect-exit", fs_path("%u", experiment->exec.expect_exit));
    if (!experiment->exec.no_output)
        arguments_add_option(arguments, "output",
                             fs_path("%s/%s/%s", PLAN_RECV_DIR, name, PLAN_RECV_NAME));
    add_command(arguments, experiment, i, experiment->exec.client_command);
}
