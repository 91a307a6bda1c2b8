#include "experiment/faults_json.h"

#include "base/units.h"

static void add_time(cJSON *object, const char *key, uint64_t nanoseconds)
{
    char text[UNITS_TEXT_MAX];
    cJSON_AddStringToObject(object, key, units_exact_time(nanoseconds, text, sizeof(text)));
}

static void add_rate(cJSON *object, const char *key, uint64_t bits_per_second)
{
    char text[UNITS_TEXT_MAX];
    if (bits_per_second)
        cJSON_AddStringToObject(object, key, units_exact_rate(bits_per_second, text, sizeof(text)));
}

static cJSON *make_fault(const struct experiment *experiment, const struct fault_spec *fault)
{
    static const struct {
        const char *key, *length;
    } keys[] = {
        [FAULT_KILL] = { "kill", NULL },
        [FAULT_PAUSE] = { "pause", "for" },
        [FAULT_LINK_DOWN] = { "link", "down_for" },
        [FAULT_LINK_RATE] = { "link", NULL },
        [FAULT_CORRUPT] = { "corrupt", NULL },
    };
    char moment[FAULT_MOMENT_MAX];
    cJSON *object = cJSON_CreateObject();
    cJSON_AddStringToObject(object, "at", fault_format_moment(fault, moment, sizeof(moment)));
    cJSON_AddStringToObject(object, keys[fault->kind].key, fault_node(experiment, fault));
    if (keys[fault->kind].length)
        add_time(object, keys[fault->kind].length, fault->for_ns);
    add_rate(object, "up", fault->up_bps);
    add_rate(object, "down", fault->down_bps);
    return object;
}

void faults_add_json(cJSON *root, const struct experiment *experiment)
{
    cJSON *faults = cJSON_AddArrayToObject(root, "faults");
    for (size_t i = 0; i < experiment->fault_count; i++)
        cJSON_AddItemToArray(faults, make_fault(experiment, &experiment->faults[i]));
    cJSON *join = cJSON_AddObjectToObject(root, "join");
    cJSON *expect = cJSON_AddObjectToObject(root, "expect");
    for (size_t i = 0; i < experiment->client_count; i++) {
        const struct client_spec *client = &experiment->clients[i];
        const char *name = experiment->hosts[client->host].name;
        if (client->join_ns)
            add_time(join, name, client->join_ns);
        if (client->expect != EXPECT_OK)
            cJSON_AddStringToObject(expect, name, expect_name(client->expect));
    }
    if (experiment->server_expect != EXPECT_OK)
        cJSON_AddStringToObject(expect, experiment_server_name(experiment),
                                expect_name(experiment->server_expect));
}
