/* "faults", "join" and "expect": what breaks, who comes late, and what is expected of it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "experiment/decode.h"
#include "labctl/cleanup.h"

#define SERVER_WORD "server"

/* --- who ------------------------------------------------------------------ */

/* What is the server, by its own name or by SERVER_WORD, unless a host is called that. */
static bool names_server(const struct experiment *experiment, const char *name)
{
    return strcmp(name, experiment_server_name(experiment)) == 0 ||
           (strcmp(name, SERVER_WORD) == 0 && experiment_find_host(experiment, name) < 0);
}

static bool get_node(const struct json_at *at, const struct experiment *experiment,
                     const char *name, size_t *host)
{
    if (names_server(experiment, name)) {
        *host = experiment->server_is_router ? FAULT_AT_ROUTER : experiment->server_host;
        return true;
    }
    long found = experiment_find_host(experiment, name);
    if (found < 0)
        json_problem(at,
                     "expected the name of a host of the topology, or \"" SERVER_WORD "\", "
                     "found \"%s\"",
                     name);
    *host = (size_t)found;
    return found >= 0;
}

/* --- when ----------------------------------------------------------------- */

/* A time, or a share with its sign. */
static void decode_moment(const struct json_at *at, void *out)
{
    struct fault_spec *fault = out;
    const char *text = cJSON_IsString(at->node) ? at->node->valuestring : "";
    double share;
    if (!strchr(text, '%')) {
        decode_time(at, &fault->at_ns);
        return;
    }
    fault->by_share = true;
    if (units_parse_fraction(text, &share))
        fault->at_ppm = (uint64_t)llround(share * 1e6);
    else
        json_problem(at, "expected a time, or a share from 0%% to 100%%, found \"%s\"", text);
}

static void decode_length(const struct json_at *at, void *out)
{
    decode_time(at, out);
    if (*(uint64_t *)out == 0)
        json_problem(at, "expected a time above 0");
}

/* --- one fault ------------------------------------------------------------ */

static const struct json_field fault_fields[] = {
    { "at", decode_moment, 0, true },
    { "kill", decode_ignore, 0, false },
    { "link", decode_ignore, 0, false },
    { "pause", decode_ignore, 0, false },
    { "corrupt", decode_ignore, 0, false },
    { "for", decode_length, offsetof(struct fault_spec, for_ns), false },
    { "down_for", decode_length, offsetof(struct fault_spec, for_ns), false },
    { "up", decode_rate, offsetof(struct fault_spec, up_bps), false },
    { "down", decode_rate, offsetof(struct fault_spec, down_bps), false },
};

/* The keys that say what a fault does, and those that may go with each. */
static const struct {
    const char *key;
    enum fault_kind kind;
    const char *with[4]; /* NULL-terminated */
} actions[] = {
    { "kill", FAULT_KILL, { NULL } },
    { "link", FAULT_LINK_RATE, { "down_for", "up", "down", NULL } },
    { "pause", FAULT_PAUSE, { "for", NULL } },
    { "corrupt", FAULT_CORRUPT, { NULL } },
};

static const char *const details[] = { "for", "down_for", "up", "down" };

static bool has(const struct json_at *at, const char *key)
{
    return json_member(at, key).node != NULL;
}

/* Index into actions of the one that is there, or -1. */
static int find_action(const struct json_at *at)
{
    int found = -1, count = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(actions); i++)
        if (has(at, actions[i].key)) {
            found = (int)i;
            count++;
        }
    if (count != 1)
        json_problem(at, "expected one of \"kill\", \"link\", \"pause\" and \"corrupt\", found %s",
                     count ? "several" : "none");
    return count == 1 ? found : -1;
}

static void check_details(const struct json_at *at, int action)
{
    for (size_t i = 0; i < ARRAY_LENGTH(details); i++) {
        bool allowed = false;
        for (const char *const *with = actions[action].with; *with; with++)
            allowed = allowed || strcmp(*with, details[i]) == 0;
        struct json_at member = json_member(at, details[i]);
        if (member.node && !allowed)
            json_problem(&member, "\"%s\" does not go with \"%s\"", details[i],
                         actions[action].key);
    }
}

/* A link either goes down for a time, or gets other rates. */
static void settle_link(const struct json_at *at, const struct experiment *experiment,
                        struct fault_spec *fault)
{
    bool down = has(at, "down_for"), rates = has(at, "up") || has(at, "down");
    if (down == rates)
        json_problem(at, "expected either \"down_for\", or \"up\" or \"down\" or both");
    if (down)
        fault->kind = FAULT_LINK_DOWN;
    if (fault->host == FAULT_AT_ROUTER)
        json_problem(at, "the server is router %s, which has no link of its own; name a host",
                     experiment->router);
}

static void check_program(const struct json_at *at, const struct experiment *experiment,
                          const struct fault_spec *fault)
{
    long program = fault_program(experiment, fault);
    if (program < 0)
        json_problem(at, "\"%s\" is neither the server nor a client: no program runs there",
                     fault_node(experiment, fault));
    else if (fault->kind == FAULT_CORRUPT && (experiment->model != MODEL_P2P || program == 0))
        json_problem(at, "\"corrupt\" is for the clients of the model \"p2p\" alone");
}

static void settle_action(const struct json_at *at, const struct experiment *experiment, int action,
                          struct fault_spec *fault)
{
    struct json_at target = json_member(at, actions[action].key);
    const char *name;
    fault->kind = actions[action].kind;
    if (!json_get_string(&target, &name) || !get_node(&target, experiment, name, &fault->host))
        return;
    if (fault->kind == FAULT_LINK_RATE)
        settle_link(at, experiment, fault);
    else
        check_program(&target, experiment, fault);
    if (fault->kind == FAULT_PAUSE && !has(at, "for"))
        json_problem(at, "\"for\" is missing: how long the pause is");
}

static void decode_fault(const struct json_at *at, struct experiment *experiment)
{
    struct fault_spec fault = { 0 };
    size_t problems = at->doc->problem_count;
    json_decode_object(at, fault_fields, ARRAY_LENGTH(fault_fields), &fault);
    if (!cJSON_IsObject(at->node))
        return;
    int action = find_action(at);
    if (action >= 0) {
        check_details(at, action);
        settle_action(at, experiment, action, &fault);
    }
    if (at->doc->problem_count == problems)
        experiment->faults[experiment->fault_count++] = fault;
}

static void decode_list(const struct json_at *at, struct experiment *experiment)
{
    char found[JSON_DESCRIBE_MAX];
    size_t count = (size_t)cJSON_GetArraySize(at->node);
    if (!cJSON_IsArray(at->node)) {
        json_problem(at, "expected a list of faults, found %s", json_describe(at->node, found));
        return;
    }
    if (count > FAULTS_MAX) {
        json_problem(at, "expected at most %d faults, found %zu", FAULTS_MAX, count);
        return;
    }
    experiment->faults = calloc(count + 1, sizeof(*experiment->faults));
    for (struct json_at item = json_first(at); experiment->faults && item.node;
         item = json_next(&item))
        decode_fault(&item, experiment);
}

/* --- by the name of a node ------------------------------------------------ */

/* The client called `name`, or NULL. */
static struct client_spec *find_client(struct experiment *experiment, const char *name)
{
    long host = experiment_find_host(experiment, name);
    for (size_t i = 0; host >= 0 && i < experiment->client_count; i++)
        if (experiment->clients[i].host == (size_t)host)
            return &experiment->clients[i];
    return NULL;
}

static void decode_join(const struct json_at *at, struct experiment *experiment)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    for (struct json_at item = json_first(at); item.node; item = json_next(&item)) {
        struct client_spec *client = find_client(experiment, item.node->string);
        if (!client)
            json_problem(&item, "there is no client of this name");
        else if (experiment->start == START_SEQUENTIAL)
            json_problem(&item, "with \"start\": \"sequential\" a client begins when the one "
                                "before is done, and not at a time");
        else
            decode_time(&item, &client->join_ns);
    }
}

/* What may kill it: something that can never come true is a mistake. */
static bool has_kill(const struct experiment *experiment, long program)
{
    for (size_t i = 0; i < experiment->fault_count; i++)
        if (experiment->faults[i].kind == FAULT_KILL &&
            fault_program(experiment, &experiment->faults[i]) == program)
            return true;
    return false;
}

static void decode_one_expect(const struct json_at *at, struct experiment *experiment)
{
    static const char *const names[] = { "ok", "failed", "killed" };
    bool server = names_server(experiment, at->node->string);
    struct client_spec *client = server ? NULL : find_client(experiment, at->node->string);
    if (!client && !server) {
        json_problem(at, "there is no client of this name, nor is it \"" SERVER_WORD "\"");
        return;
    }
    int choice = decode_choice(at, names, ARRAY_LENGTH(names));
    if (choice < 0)
        return;
    *(client ? &client->expect : &experiment->server_expect) = (enum expect_kind)choice;
    long program = client ? client - experiment->clients + 1 : 0;
    if (choice == EXPECT_KILLED && !has_kill(experiment, program))
        json_problem(at, "there is no fault that kills it");
}

static void decode_expect(const struct json_at *at, struct experiment *experiment)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    for (struct json_at item = json_first(at); item.node; item = json_next(&item))
        decode_one_expect(&item, experiment);
}

void decode_faults(const struct json_at *root, struct experiment *experiment)
{
    static const struct {
        const char *key;
        void (*decode)(const struct json_at *at, struct experiment *experiment);
    } parts[] = { { "faults", decode_list }, { "join", decode_join }, { "expect", decode_expect } };
    for (size_t i = 0; i < ARRAY_LENGTH(parts); i++) {
        struct json_at at = json_member(root, parts[i].key);
        if (at.node && experiment->host_count > 0)
            parts[i].decode(&at, experiment);
    }
}
