#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/decode.h"
#include "labctl/cleanup.h"

static bool is_node_name(const char *name)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789");
    return name[length] == '\0' && length >= 1 && length <= NODE_NAME_MAX && islower(name[0]);
}

static bool get_node_name(const struct json_at *at, char out[NODE_NAME_MAX + 1])
{
    const char *name;
    char found[JSON_DESCRIBE_MAX];
    if (!json_get_string(at, &name))
        return false;
    if (!is_node_name(name)) {
        json_problem(at,
                     "expected a name of 1 to %d characters of a-z and 0-9 that starts with a "
                     "letter, found %s",
                     NODE_NAME_MAX, json_describe(at->node, found));
        return false;
    }
    memcpy(out, name, strlen(name) + 1);
    return true;
}

static void decode_router(const struct json_at *at, void *out)
{
    get_node_name(at, out);
}

static void decode_kind(const struct json_at *at, void *out)
{
    static const char *const kinds[] = { "star" };
    (void)out;
    decode_choice(at, kinds, ARRAY_LENGTH(kinds));
}

/* --- hosts ---------------------------------------------------------------- */

static bool allocate_hosts(struct experiment *experiment, size_t count)
{
    experiment->hosts = calloc(count, sizeof(*experiment->hosts));
    experiment->host_count = experiment->hosts ? count : 0;
    return experiment->hosts != NULL;
}

static void make_hosts(struct experiment *experiment, unsigned count)
{
    if (!allocate_hosts(experiment, count))
        return;
    for (unsigned i = 0; i < count; i++)
        snprintf(experiment->hosts[i].name, sizeof(experiment->hosts[i].name), "h%u",
                 (i + 1) % 100000000u);
}

static int compare_hosts(const void *a, const void *b)
{
    return strcmp(((const struct host_spec *)a)->name, ((const struct host_spec *)b)->name);
}

/* No name may belong to two hosts, or to a host and the router. */
static void check_unique_names(const struct json_at *at, const struct experiment *experiment)
{
    size_t count = experiment->host_count;
    cleanup_free struct host_spec *sorted = calloc(count + 1, sizeof(*sorted));
    if (!sorted || count == 0)
        return;
    memcpy(sorted, experiment->hosts, count * sizeof(*sorted));
    qsort(sorted, count, sizeof(*sorted), compare_hosts);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && sorted[i].name[0] && compare_hosts(&sorted[i], &sorted[i - 1]) == 0)
            json_problem(at, "two hosts are called \"%s\"", sorted[i].name);
        if (strcmp(sorted[i].name, experiment->router) == 0)
            json_problem(at, "\"%s\" is the router's name too", sorted[i].name);
    }
}

static void read_host_names(const struct json_at *at, struct experiment *experiment)
{
    size_t count = (size_t)cJSON_GetArraySize(at->node);
    if (count < 1 || count > HOSTS_MAX) {
        json_problem(at, "expected 1 to %d hosts, found %zu", HOSTS_MAX, count);
        return;
    }
    if (!allocate_hosts(experiment, count))
        return;
    for (struct json_at item = json_first(at); item.node; item = json_next(&item))
        get_node_name(&item, experiment->hosts[item.index].name);
}

static void decode_hosts(const struct json_at *at, struct experiment *experiment)
{
    uint64_t count;
    char found[JSON_DESCRIBE_MAX];
    if (cJSON_IsArray(at->node)) {
        read_host_names(at, experiment);
    } else if (cJSON_IsNumber(at->node)) {
        if (json_get_integer(at, 1, HOSTS_MAX, &count))
            make_hosts(experiment, (unsigned)count);
    } else {
        json_problem(at, "expected a list of names, or a number of hosts, found %s",
                     json_describe(at->node, found));
    }
    check_unique_names(at, experiment);
}

/* The router has an interface for every host: r1-eth0, r1-eth1, ... */
static void check_router_name(const struct json_at *topology, const struct experiment *experiment)
{
    int length = snprintf(NULL, 0, "%s-eth%zu", experiment->router, experiment->host_count - 1);
    if (experiment->host_count == 0 || length <= INTERFACE_NAME_MAX)
        return;
    struct json_at router = json_member(topology, "router");
    json_problem(&router,
                 "\"%s\" is too long a name for a router of %zu hosts: its interfaces would have "
                 "names of %d characters, and the kernel takes %d",
                 experiment->router, experiment->host_count, length, INTERFACE_NAME_MAX);
}

long experiment_find_host(const struct experiment *experiment, const char *name)
{
    for (size_t i = 0; i < experiment->host_count; i++)
        if (strcmp(experiment->hosts[i].name, name) == 0)
            return (long)i;
    return -1;
}

/* --- links ---------------------------------------------------------------- */

static const struct json_field link_fields[] = {
    { "up", decode_rate, offsetof(struct link_spec, up_bps), false },
    { "down", decode_rate, offsetof(struct link_spec, down_bps), false },
    { "queue", decode_queue, offsetof(struct link_spec, queue_bytes), false },
    { "delay", decode_time, offsetof(struct link_spec, delay_ns), false },
    { "loss", decode_fraction, offsetof(struct link_spec, loss), false },
};

static void decode_link(const struct json_at *at, void *out)
{
    json_decode_object(at, link_fields, ARRAY_LENGTH(link_fields), out);
}

/* "links": what single hosts have instead of "link"; keys not named stay as there. */
static void decode_links(const struct json_at *at, struct experiment *experiment)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    for (struct json_at item = json_first(at); item.node; item = json_next(&item)) {
        long host = experiment_find_host(experiment, item.node->string);
        if (host < 0)
            json_problem(&item, "there is no host of this name");
        else
            decode_link(&item, &experiment->hosts[host].link);
    }
}

static const struct json_field topology_fields[] = {
    { "kind", decode_kind, 0, false },
    { "router", decode_router, offsetof(struct experiment, router), false },
    { "hosts", decode_ignore, 0, true },
    { "link", decode_link, offsetof(struct experiment, link), false },
    { "links", decode_ignore, 0, false },
};

void decode_topology(const struct json_at *at, struct experiment *experiment)
{
    json_decode_object(at, topology_fields, ARRAY_LENGTH(topology_fields), experiment);
    struct json_at hosts = json_member(at, "hosts");
    if (hosts.node)
        decode_hosts(&hosts, experiment);
    for (size_t i = 0; i < experiment->host_count; i++)
        experiment->hosts[i].link = experiment->link;
    check_router_name(at, experiment);
    struct json_at links = json_member(at, "links");
    if (links.node)
        decode_links(&links, experiment);
}
