/* The record of an experiment: JSON with every default filled in. */
#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "experiment/experiment.h"
#include "experiment/faults_json.h"
#include "labctl/cleanup.h"

static void add_rate(cJSON *object, const char *key, uint64_t bits_per_second)
{
    char text[UNITS_TEXT_MAX];
    if (bits_per_second)
        cJSON_AddStringToObject(object, key, units_exact_rate(bits_per_second, text, sizeof(text)));
}

static void add_size(cJSON *object, const char *key, uint64_t bytes)
{
    char text[UNITS_TEXT_MAX];
    cJSON_AddStringToObject(object, key, units_exact_size(bytes, text, sizeof(text)));
}

static void add_time(cJSON *object, const char *key, uint64_t nanoseconds)
{
    char text[UNITS_TEXT_MAX];
    cJSON_AddStringToObject(object, key, units_exact_time(nanoseconds, text, sizeof(text)));
}

/* An unshaped direction has no key: there is no rate that says "without limit". */
static cJSON *make_link(const struct link_spec *link)
{
    cJSON *object = cJSON_CreateObject();
    add_rate(object, "up", link->up_bps);
    add_rate(object, "down", link->down_bps);
    if (link->queue_bytes)
        add_size(object, "queue", link->queue_bytes);
    else
        cJSON_AddStringToObject(object, "queue", "auto");
    if (link->delay_ns)
        add_time(object, "delay", link->delay_ns);
    if (link->loss > 0)
        cJSON_AddNumberToObject(object, "loss", link->loss);
    return object;
}

/* Every host's link is written out unless it is the common one: a rate of "link" cannot
 * be undone for one host, so the common link stands alone when all hosts have it. */
static void add_links(cJSON *topology, const struct experiment *experiment)
{
    bool common = true;
    for (size_t i = 0; i < experiment->host_count; i++)
        common = common && memcmp(&experiment->hosts[i].link, &experiment->link,
                                  sizeof(experiment->link)) == 0;
    if (common) {
        cJSON_AddItemToObject(topology, "link", make_link(&experiment->link));
        return;
    }
    cJSON *links = cJSON_AddObjectToObject(topology, "links");
    for (size_t i = 0; i < experiment->host_count; i++)
        cJSON_AddItemToObject(links, experiment->hosts[i].name,
                              make_link(&experiment->hosts[i].link));
}

static cJSON *make_topology(const struct experiment *experiment)
{
    cJSON *topology = cJSON_CreateObject();
    cJSON_AddStringToObject(topology, "kind", "star");
    cJSON_AddStringToObject(topology, "router", experiment->router);
    cJSON *hosts = cJSON_AddArrayToObject(topology, "hosts");
    for (size_t i = 0; i < experiment->host_count; i++)
        cJSON_AddItemToArray(hosts, cJSON_CreateString(experiment->hosts[i].name));
    add_links(topology, experiment);
    return topology;
}

static cJSON *make_file(const struct experiment *experiment)
{
    cJSON *file = cJSON_CreateObject();
    if (experiment->file.path) {
        cleanup_free char *path = experiment_file_path(experiment);
        cleanup_free char *absolute = realpath(path, NULL);
        cJSON_AddStringToObject(file, "path", absolute ? absolute : path);
    } else {
        add_size(file, "size", experiment->file.size);
        cJSON_AddNumberToObject(file, "seed", (double)experiment->file.seed);
    }
    return file;
}

static void add_clients(cJSON *workload, const struct experiment *experiment)
{
    cJSON *clients = cJSON_AddArrayToObject(workload, "clients");
    cJSON *options = cJSON_CreateObject();
    for (size_t i = 0; i < experiment->client_count; i++) {
        const struct client_spec *client = &experiment->clients[i];
        const char *name = experiment->hosts[client->host].name;
        cJSON_AddItemToArray(clients, cJSON_CreateString(name));
        if (client->framing != FRAMING_LENGTH) {
            cJSON *entry = cJSON_AddObjectToObject(options, name);
            cJSON_AddStringToObject(entry, "framing", framing_name(client->framing));
        }
    }
    cJSON_AddItemToObject(workload, "client_options", options);
}

static void add_words(cJSON *workload, const char *key, char *const *words)
{
    cJSON *list = cJSON_AddArrayToObject(workload, key);
    for (; words && *words; words++)
        cJSON_AddItemToArray(list, cJSON_CreateString(*words));
}

/* "NAME=VALUE" words, as an object. */
static void add_pairs(cJSON *workload, const char *key, char *const *pairs)
{
    cJSON *object = cJSON_AddObjectToObject(workload, key);
    for (; pairs && *pairs; pairs++) {
        const char *value = strchr(*pairs, '=') + 1;
        cleanup_free char *name = strndup(*pairs, (size_t)(value - 1 - *pairs));
        cJSON_AddStringToObject(object, name, value);
    }
}

static void add_ready(cJSON *workload, const struct exec_spec *exec)
{
    if (exec->ready == READY_AT_ONCE)
        return;
    cJSON *ready = cJSON_AddObjectToObject(workload, "ready");
    if (exec->ready == READY_TCP)
        cJSON_AddNumberToObject(ready, "tcp", exec->ready_port);
    else if (exec->ready == READY_LOG)
        cJSON_AddStringToObject(ready, "log", exec->ready_text);
    else
        add_time(ready, "delay", exec->ready_delay_ns);
}

static void add_exec(cJSON *workload, const struct exec_spec *exec)
{
    add_words(workload, "server_command", exec->server_command);
    add_words(workload, "client_command", exec->client_command);
    add_pairs(workload, "env", exec->env);
    add_pairs(workload, "needs", exec->needs);
    add_ready(workload, exec);
    cJSON_AddNumberToObject(workload, "expect_exit", exec->expect_exit);
    cJSON_AddBoolToObject(workload, "output", !exec->no_output);
}

static cJSON *make_workload(const struct experiment *experiment)
{
    cJSON *workload = cJSON_CreateObject();
    cJSON_AddStringToObject(workload, "model", model_name(experiment->model));
    cJSON_AddStringToObject(workload, "server", experiment_server_name(experiment));
    add_clients(workload, experiment);
    cJSON_AddItemToObject(workload, "file", make_file(experiment));
    if (experiment->block_size)
        add_size(workload, "block_size", experiment->block_size);
    else
        cJSON_AddStringToObject(workload, "block_size", "auto");
    if (experiment->start == START_STAGGER)
        add_time(cJSON_AddObjectToObject(workload, "start"), "stagger", experiment->stagger_ns);
    else
        cJSON_AddStringToObject(workload, "start", start_name(experiment->start));
    cJSON_AddNumberToObject(workload, "port", experiment->port);
    if (experiment->model == MODEL_EXEC)
        add_exec(workload, &experiment->exec);
    return workload;
}

static void add_limits(cJSON *root, const struct experiment *experiment)
{
    cJSON *limits = cJSON_AddObjectToObject(root, "limits");
    add_size(limits, "memory", experiment->limits.memory);
    cJSON_AddNumberToObject(limits, "processes", experiment->limits.processes);
    if (experiment->limits.file)
        add_size(limits, "file", experiment->limits.file);
    else
        cJSON_AddStringToObject(limits, "file", "auto");
    add_words(root, "writable", experiment->writable);
}

char *experiment_to_json(const struct experiment *experiment)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "name", experiment->name);
    cJSON_AddStringToObject(root, "title", experiment->title);
    cJSON_AddItemToObject(root, "topology", make_topology(experiment));
    cJSON_AddItemToObject(root, "workload", make_workload(experiment));
    faults_add_json(root, experiment);
    cJSON_AddNumberToObject(root, "trials", experiment->trials);
    cJSON_AddNumberToObject(root, "warmup", experiment->warmup);
    if (experiment->until.ci > 0) {
        cJSON *until = cJSON_AddObjectToObject(root, "until");
        cJSON_AddNumberToObject(until, "ci", experiment->until.ci);
        cJSON_AddNumberToObject(until, "max_trials", experiment->until.max_trials);
    }
    cJSON_AddNumberToObject(root, "seed", (double)experiment->seed);
    add_time(root, "timeout", experiment->timeout_ns);
    add_limits(root, experiment);
    cJSON_AddBoolToObject(root, "keep_files", experiment->keep_files);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(root, "tcp"), "congestion_control",
                            experiment->congestion_control);
    add_time(cJSON_AddObjectToObject(root, "telemetry"), "interval", experiment->telemetry_ns);
    char *text = cJSON_Print(root);
    cJSON_Delete(root);
    return text;
}
