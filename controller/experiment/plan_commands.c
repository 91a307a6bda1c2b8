#include "experiment/plan_commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fs.h"
#include "experiment/arguments.h"
#include "experiment/plan_exec.h"

/* The programs of a model, and the options that are theirs. */
struct model_programs {
    const char *server, *client;
    void (*server_options)(struct arguments *arguments, const struct experiment *experiment);
    void (*client_options)(struct arguments *arguments, const struct experiment *experiment,
                           size_t i);
};

static void serve_file(struct arguments *arguments, const struct experiment *experiment)
{
    arguments_add_option(arguments, "port", fs_path("%u", experiment->port));
    arguments_add_option(arguments, "file", fs_path(PLAN_FILE_PATH));
    arguments_add_option(arguments, "clients", fs_path("%zu", experiment->client_count));
}

static void serve_blocks(struct arguments *arguments, const struct experiment *experiment)
{
    serve_file(arguments, experiment);
    if (experiment->block_size)
        arguments_add_option(arguments, "block-size", fs_path("%" PRIu64, experiment->block_size));
}

static void fetch_file(struct arguments *arguments, const struct experiment *experiment, size_t i)
{
    const char *name = experiment->hosts[experiment->clients[i].host].name;
    arguments_add_option(arguments, "server",
                         arguments_format_address(plan_server_address(experiment, i)));
    arguments_add_option(arguments, "port", fs_path("%u", experiment->port));
    arguments_add_option(arguments, "output",
                         fs_path("%s/%s/%s", PLAN_RECV_DIR, name, PLAN_RECV_NAME));
    arguments_add_option(arguments, "gate", fs_path("%s/%s", PLAN_GATE_DIR, name));
    /* A naive client keeps less than the whole file, and should not hold room for it. */
    if (experiment->clients[i].framing != FRAMING_NAIVE)
        arguments_add_option(arguments, "reserve", fs_path(PLAN_FILE_PATH));
}

static void fetch_stream(struct arguments *arguments, const struct experiment *experiment, size_t i)
{
    const char *framing = framing_name(experiment->clients[i].framing);
    fetch_file(arguments, experiment, i);
    arguments_add_option(arguments, "framing", fs_path("%s", framing));
}

static void fetch_blocks(struct arguments *arguments, const struct experiment *experiment, size_t i)
{
    struct in_addr own = plan_host_address(experiment->clients[i].host);
    arguments_add_option(arguments, "address", arguments_format_address(own));
    fetch_file(arguments, experiment, i);
}

static const struct model_programs models[] = {
    [MODEL_CS] = { "cs_server", "cs_client", serve_file, fetch_stream },
    [MODEL_P2P] = { "p2p_server", "p2p_peer", serve_blocks, fetch_blocks },
    [MODEL_EXEC] = { "exec_server", "exec_client", plan_exec_server, plan_exec_client },
};

static struct arguments begin(struct plan_command *command, const char *node, const char *program)
{
    struct arguments arguments = { 0 };
    snprintf(command->node, sizeof(command->node), "%s", node);
    command->program = program;
    arguments_add(&arguments, fs_path("%s", program));
    arguments_add_option(&arguments, "node", fs_path("%s", node));
    return arguments;
}

/* Programs of the user's have telemetry of their own, or none. */
static void add_telemetry(struct arguments *arguments, const struct experiment *experiment)
{
    if (experiment->telemetry_ns > 0 && experiment->model != MODEL_EXEC)
        arguments_add_option(arguments, "telemetry", fs_path("%" PRIu64, experiment->telemetry_ns));
}

/* Mininet types a command into a shell on a terminal, which takes lines of a limited
 * length; what labctl adds to these words fits into the rest. */
#define WORDS_MAX 3000

static size_t quoted_length(const char *word)
{
    size_t length = 3;
    for (; *word; word++)
        length += *word == '\'' ? 4 : 1;
    return length;
}

static int check_lengths(const struct plan *plan, struct lab_error *err)
{
    for (size_t i = 0; i < plan->command_count; i++) {
        size_t length = 0;
        for (char **word = plan->commands[i].argv; *word; word++)
            length += quoted_length(*word);
        if (length > WORDS_MAX)
            return lab_error_set(err, LAB_ERR_INVALID,
                                 "%s: /workload: the command of %s has %zu bytes in all, and at "
                                 "most %d can be handed to it; put it into a script",
                                 plan->experiment->source, plan->commands[i].node, length,
                                 WORDS_MAX);
    }
    return 0;
}

int plan_commands(struct plan *plan, struct lab_error *err)
{
    const struct experiment *experiment = plan->experiment;
    const struct model_programs *model = &models[experiment->model];
    plan->commands = calloc(experiment->client_count + 1, sizeof(*plan->commands));
    if (!plan->commands)
        return lab_error_memory(err);

    struct plan_command *server = &plan->commands[plan->command_count++];
    struct arguments arguments = begin(server, experiment_server_name(experiment), model->server);
    add_telemetry(&arguments, experiment);
    model->server_options(&arguments, experiment);
    server->is_server = true;
    server->expect = experiment->server_expect;
    server->argv = arguments.words;
    for (size_t i = 0; i < experiment->client_count; i++) {
        struct plan_command *client = &plan->commands[plan->command_count++];
        arguments =
            begin(client, experiment->hosts[experiment->clients[i].host].name, model->client);
        add_telemetry(&arguments, experiment);
        model->client_options(&arguments, experiment, i);
        client->client = i;
        client->expect = experiment->clients[i].expect;
        client->argv = arguments.words;
    }
    return check_lengths(plan, err);
}
