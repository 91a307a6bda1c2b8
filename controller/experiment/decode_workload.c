#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/decode.h"
#include "labctl/cleanup.h"

static const char *const model_names[] = {
    [MODEL_CS] = "cs",
    [MODEL_P2P] = "p2p",
    [MODEL_EXEC] = "exec",
};
static const char *const framing_names[] = {
    [FRAMING_LENGTH] = "length",
    [FRAMING_NAIVE] = "naive",
};
static const char *const start_names[] = {
    [START_TOGETHER] = "together",
    [START_SEQUENTIAL] = "sequential",
    [START_STAGGER] = "stagger",
};

const char *model_name(enum model_kind model)
{
    return model_names[model];
}

const char *framing_name(enum framing_kind kind)
{
    return framing_names[kind];
}

const char *start_name(enum start_kind start)
{
    return start_names[start];
}

static void decode_model(const struct json_at *at, void *out)
{
    int choice = decode_choice(at, model_names, ARRAY_LENGTH(model_names));
    if (choice >= 0)
        *(enum model_kind *)out = (enum model_kind)choice;
}

static void decode_framing(const struct json_at *at, void *out)
{
    int choice = decode_choice(at, framing_names, ARRAY_LENGTH(framing_names));
    if (choice >= 0)
        *(enum framing_kind *)out = (enum framing_kind)choice;
}

static void decode_port(const struct json_at *at, void *out)
{
    uint64_t port;
    if (json_get_integer(at, 1, 65535, &port))
        *(uint16_t *)out = (uint16_t)port;
}

/* "together", "sequential", or {"stagger": TIME}. */
static void decode_start(const struct json_at *at, void *out)
{
    struct experiment *experiment = out;
    static const struct json_field fields[] = {
        { "stagger", decode_time, offsetof(struct experiment, stagger_ns), true },
    };
    if (cJSON_IsObject(at->node)) {
        experiment->start = START_STAGGER;
        json_decode_object(at, fields, ARRAY_LENGTH(fields), experiment);
        return;
    }
    int choice = decode_choice(at, start_names, START_STAGGER);
    if (choice >= 0)
        experiment->start = (enum start_kind)choice;
}

/* {"path": ...}, or {"size": ..., "seed": ...}. */
static void decode_file(const struct json_at *at, void *out)
{
    static const struct json_field fields[] = {
        { "path", decode_text, offsetof(struct file_spec, path), false },
        { "size", decode_file_size, offsetof(struct file_spec, size), false },
        { "seed", decode_seed, offsetof(struct file_spec, seed), false },
    };
    struct file_spec *file = out;
    json_decode_object(at, fields, ARRAY_LENGTH(fields), file);
    if (!cJSON_IsObject(at->node))
        return;
    bool has_path = json_member(at, "path").node, has_size = json_member(at, "size").node;
    if (has_path == has_size)
        json_problem(at, "expected either \"path\" or \"size\"");
    else if (has_path && json_member(at, "seed").node)
        json_problem(at, "\"seed\" is for a generated file, not for one with a \"path\"");
    else if (has_path && file->path && !file->path[0])
        json_problem(at, "\"path\" is empty");
}

/* --- who serves, who fetches ----------------------------------------------- */

static long get_host(const struct json_at *at, const struct experiment *experiment)
{
    const char *name;
    char found[JSON_DESCRIBE_MAX];
    if (!json_get_string(at, &name))
        return -1;
    long host = experiment_find_host(experiment, name);
    if (host < 0)
        json_problem(at, "expected the name of a host of the topology, found %s",
                     json_describe(at->node, found));
    return host;
}

static void decode_server(const struct json_at *at, struct experiment *experiment)
{
    if (cJSON_IsString(at->node) && strcmp(at->node->valuestring, experiment->router) == 0)
        return;
    long host = get_host(at, experiment);
    if (host < 0)
        return;
    experiment->server_is_router = false;
    experiment->server_host = (size_t)host;
}

static void add_client(struct experiment *experiment, size_t host, enum framing_kind framing)
{
    experiment->clients[experiment->client_count++] =
        (struct client_spec){ .host = host, .framing = framing };
}

static void read_clients(const struct json_at *at, struct experiment *experiment,
                         enum framing_kind framing)
{
    char found[JSON_DESCRIBE_MAX];
    if (!cJSON_IsArray(at->node)) {
        json_problem(at, "expected a list of host names, found %s", json_describe(at->node, found));
        return;
    }
    cleanup_free bool *seen = calloc(experiment->host_count + 1, sizeof(*seen));
    if (!seen)
        return;
    for (struct json_at item = json_first(at); item.node; item = json_next(&item)) {
        long host = get_host(&item, experiment);
        if (host < 0)
            continue;
        if (seen[host])
            json_problem(&item, "\"%s\" is named twice", item.node->valuestring);
        else if (!experiment->server_is_router && (size_t)host == experiment->server_host)
            json_problem(&item, "\"%s\" is the server", item.node->valuestring);
        else
            add_client(experiment, (size_t)host, framing);
        seen[host] = true;
    }
}

/* The clients that are named, or all hosts but the server. */
static void decode_clients(const struct json_at *workload, struct experiment *experiment,
                           enum framing_kind framing)
{
    experiment->clients = calloc(experiment->host_count + 1, sizeof(*experiment->clients));
    if (!experiment->clients)
        return;
    size_t problems = workload->doc->problem_count;
    struct json_at clients = json_member(workload, "clients");
    if (clients.node) {
        read_clients(&clients, experiment, framing);
    } else {
        for (size_t i = 0; i < experiment->host_count; i++)
            if (experiment->server_is_router || i != experiment->server_host)
                add_client(experiment, i, framing);
    }
    if (experiment->client_count == 0 && experiment->host_count > 0 &&
        workload->doc->problem_count == problems)
        json_problem(clients.node ? &clients : workload, "there is no client");
}

/* "client_options": what single clients do otherwise. */
static void decode_client_options(const struct json_at *at, struct experiment *experiment)
{
    static const struct json_field fields[] = {
        { "framing", decode_framing, offsetof(struct client_spec, framing), false },
    };
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    for (struct json_at item = json_first(at); item.node; item = json_next(&item)) {
        long host = experiment_find_host(experiment, item.node->string);
        struct client_spec *client = NULL;
        for (size_t i = 0; i < experiment->client_count; i++)
            if (host >= 0 && experiment->clients[i].host == (size_t)host)
                client = &experiment->clients[i];
        if (client)
            json_decode_object(&item, fields, ARRAY_LENGTH(fields), client);
        else
            json_problem(&item, "there is no client of this name");
    }
}

static void check_framing(const struct json_at *at, const struct experiment *experiment)
{
    for (size_t i = 0; i < experiment->client_count; i++) {
        if (experiment->model != MODEL_CS && experiment->clients[i].framing == FRAMING_NAIVE) {
            json_problem(at, "\"framing\" is for the model \"cs\" alone");
            return;
        }
    }
}

static const struct json_field workload_fields[] = {
    { "model", decode_model, offsetof(struct experiment, model), true },
    { "server", decode_ignore, 0, false },
    { "clients", decode_ignore, 0, false },
    { "client_options", decode_ignore, 0, false },
    { "file", decode_file, offsetof(struct experiment, file), true },
    { "block_size", decode_block_size, offsetof(struct experiment, block_size), false },
    { "framing", decode_ignore, 0, false },
    { "start", decode_start, 0, false },
    { "port", decode_port, offsetof(struct experiment, port), false },
    { "server_command", decode_command, offsetof(struct experiment, exec.server_command), false },
    { "client_command", decode_command, offsetof(struct experiment, exec.client_command), false },
    { "env", decode_env, offsetof(struct experiment, exec.env), false },
    { "needs", decode_needs, offsetof(struct experiment, exec.needs), false },
    { "ready", decode_ready, offsetof(struct experiment, exec), false },
    { "expect_exit", decode_exit, offsetof(struct experiment, exec.expect_exit), false },
    { "output", decode_output, offsetof(struct experiment, exec.no_output), false },
};

void decode_workload(const struct json_at *at, struct experiment *experiment)
{
    json_decode_object(at, workload_fields, ARRAY_LENGTH(workload_fields), experiment);
    enum framing_kind framing = FRAMING_LENGTH;
    struct json_at member = json_member(at, "framing");
    if (member.node)
        decode_framing(&member, &framing);
    member = json_member(at, "server");
    if (member.node)
        decode_server(&member, experiment);
    decode_clients(at, experiment, framing);
    member = json_member(at, "client_options");
    if (member.node)
        decode_client_options(&member, experiment);
    check_framing(at, experiment);
    check_exec(at, experiment);
}
