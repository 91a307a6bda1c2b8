#include "topology/readback.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "topology/settings.h"

static void cleanup_json_(cJSON **json)
{
    cJSON_Delete(*json);
}

#define cleanup_json __attribute__((cleanup(cleanup_json_)))

static int differs(const struct plan_port *port, struct lab_error *err, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

static int differs(const struct plan_port *port, struct lab_error *err, const char *format, ...)
{
    char text[512];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    return lab_error_set(err, LAB_ERR_UNSUPPORTED, "interface %s is not as planned: %s",
                         port->interface, text);
}

static const cJSON *member(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static bool is_text(const cJSON *item, const char *text)
{
    return cJSON_IsString(item) && strcmp(item->valuestring, text) == 0;
}

/* --- addresses ------------------------------------------------------------ */

static const cJSON *find_interface(const cJSON *interfaces, const char *name)
{
    const cJSON *interface;
    cJSON_ArrayForEach(interface,
                       interfaces) if (is_text(member(interface, "ifname"), name)) return interface;
    return NULL;
}

static bool has_flag(const cJSON *interface, const char *name)
{
    const cJSON *flag;
    cJSON_ArrayForEach(flag, member(interface, "flags")) if (is_text(flag, name)) return true;
    return false;
}

/* The IPv4 address, "none" or "several"; the prefix length is in *prefix. */
static const char *ipv4_address(const cJSON *interface, int *prefix)
{
    const char *found = "none";
    const cJSON *info;
    *prefix = 0;
    cJSON_ArrayForEach(info, member(interface, "addr_info"))
    {
        const cJSON *local = member(info, "local"), *length = member(info, "prefixlen");
        if (!is_text(member(info, "family"), "inet") || !cJSON_IsString(local))
            continue;
        if (*prefix > 0)
            return "several";
        found = local->valuestring;
        *prefix = cJSON_IsNumber(length) ? length->valueint : -1;
    }
    return found;
}

static int compare_address(const cJSON *interfaces, const struct plan_port *port,
                           struct lab_error *err)
{
    const cJSON *interface = find_interface(interfaces, port->interface);
    char expected[INET_ADDRSTRLEN];
    int prefix;
    if (!interface)
        return differs(port, err, "expected it to be there, found none of that name");
    if (!has_flag(interface, "UP") || !has_flag(interface, "LOWER_UP"))
        return differs(port, err, "expected it to be up, found it down");
    inet_ntop(AF_INET, &port->address, expected, sizeof(expected));
    const char *found = ipv4_address(interface, &prefix);
    if (strcmp(found, expected) != 0 || prefix != PLAN_PREFIX_LENGTH)
        return differs(port, err, "expected address %s/%d, found %s/%d", expected,
                       PLAN_PREFIX_LENGTH, found, prefix);
    return 0;
}

/* --- queueing disciplines ------------------------------------------------- */

/* The discipline of interface `name` at its root, or the one below another. */
static const cJSON *find_qdisc(const cJSON *qdiscs, const char *name, bool root)
{
    const cJSON *qdisc;
    cJSON_ArrayForEach(qdisc, qdiscs) if (is_text(member(qdisc, "dev"), name) &&
                                          cJSON_IsTrue(member(qdisc, "root")) == root) return qdisc;
    return NULL;
}

static const char *kind_of(const cJSON *qdisc)
{
    const cJSON *kind = member(qdisc, "kind");
    return cJSON_IsString(kind) ? kind->valuestring : "none";
}

/* A number, which some versions of tc write as text with a unit behind ("3028b"). */
static double number(const cJSON *item)
{
    if (cJSON_IsNumber(item))
        return item->valuedouble;
    return cJSON_IsString(item) ? strtod(item->valuestring, NULL) : -1;
}

/* tc counts a bucket in whole microseconds at its rate, and so the bytes are rounded. */
static double burst_slack(const struct plan_port *port)
{
    return 16 + (double)port->rate_bps / 8e6;
}

static bool about(double found, double expected, double slack)
{
    return fabs(found - expected) <= slack;
}

static int compare_kind(const cJSON *qdisc, const char *expected, const struct plan_port *port,
                        struct lab_error *err)
{
    if (strcmp(kind_of(qdisc), expected) == 0)
        return 0;
    return differs(port, err, "expected queueing discipline %s, found %s", expected,
                   kind_of(qdisc));
}

static int compare_shaper(const cJSON *qdisc, const struct plan_port *port, struct lab_error *err)
{
    if (compare_kind(qdisc, "tbf", port, err) < 0)
        return -1;
    const cJSON *options = member(qdisc, "options");
    double rate = number(member(options, "rate")) * 8; /* tc writes bytes a second */
    double burst = number(member(options, "burst"));
    double limit = number(member(options, "limit"));
    if (!about(rate, (double)port->rate_bps, 8))
        return differs(port, err, "expected a rate of %" PRIu64 " bit/s, found %.0f",
                       port->rate_bps, rate);
    if (!about(burst, (double)port->burst_bytes, burst_slack(port)))
        return differs(port, err, "expected a burst of %" PRIu64 " bytes, found %.0f",
                       port->burst_bytes, burst);
    if (!about(limit, (double)port->queue_bytes, 0))
        return differs(port, err, "expected a queue of %" PRIu64 " bytes, found %.0f",
                       port->queue_bytes, limit);
    return 0;
}

static int compare_netem(const cJSON *qdisc, const struct readback_port *at, struct lab_error *err)
{
    if (compare_kind(qdisc, "netem", at->port, err) < 0)
        return -1;
    const cJSON *options = member(qdisc, "options");
    const cJSON *delay_item = member(member(options, "delay"), "delay");
    const cJSON *loss_item = member(member(options, "loss-random"), "loss");
    double delay = delay_item ? number(delay_item) : 0; /* seconds */
    double loss = loss_item ? number(loss_item) : 0;    /* fraction */
    double planned = (double)at->link->delay_ns / 1e9;
    if (!about(delay, planned, 2e-6))
        return differs(at->port, err, "expected a delay of %.6f s, found %.6f", planned, delay);
    if (!about(loss, at->link->loss, 1e-6))
        return differs(at->port, err, "expected a loss of %.6f, found %.6f", at->link->loss, loss);
    return 0;
}

static int compare_qdiscs(const cJSON *qdiscs, const struct readback_port *at,
                          struct lab_error *err)
{
    const struct plan_port *port = at->port;
    bool netem = at->link->delay_ns > 0 || at->link->loss > 0;
    const cJSON *root = find_qdisc(qdiscs, port->interface, true);
    if (netem && compare_netem(root, at, err) < 0)
        return -1;
    if (port->rate_bps > 0)
        return compare_shaper(netem ? find_qdisc(qdiscs, port->interface, false) : root, port, err);
    return netem ? 0 : compare_kind(root, "noqueue", port, err);
}

/* --- routes --------------------------------------------------------------- */

/* The congestion control that a route asks for, or "none". */
static const char *congestion_of(const cJSON *route)
{
    const cJSON *metric;
    cJSON_ArrayForEach(metric, member(route, "metrics"))
    {
        const cJSON *name = member(metric, "congestion");
        if (cJSON_IsString(name))
            return name->valuestring;
    }
    return "none";
}

static int compare_routes(const cJSON *routes, const struct plan_port *port, const char *congestion,
                          struct lab_error *err)
{
    const cJSON *route;
    unsigned count = 0;
    cJSON_ArrayForEach(route, routes)
    {
        if (!is_text(member(route, "dev"), port->interface))
            continue;
        count++;
        if (strcmp(congestion_of(route), congestion) != 0)
            return differs(port, err, "expected a route with the congestion control %s, found %s",
                           congestion, congestion_of(route));
    }
    return count ? 0 : differs(port, err, "expected a route, found none");
}

/* The array that a tool printed at *text, which is moved behind it. Caller frees; NULL with err
 * set when there is none. */
static cJSON *parse_array(const char **text, const char *tool, struct lab_error *err)
{
    const char *after = *text;
    cJSON *array = cJSON_ParseWithOpts(*text, &after, false);
    if (!cJSON_IsArray(array)) {
        lab_error_set(err, LAB_ERR_UNSUPPORTED, "expected a JSON array from %s, found: %.200s",
                      tool, *text);
        cJSON_Delete(array);
        return NULL;
    }
    *text = after;
    return array;
}

#define SAID_OF_ADDRESSES "ip -json address"
#define SAID_OF_ROUTES    "ip -json route"
#define SAID_OF_QDISCS    "tc -json qdisc"

int readback_compare(const char *addresses, const char *qdiscs, const struct readback_port *ports,
                     size_t count, const char *congestion, struct lab_error *err)
{
    cleanup_json cJSON *interfaces = parse_array(&addresses, SAID_OF_ADDRESSES, err);
    cleanup_json cJSON *routes = interfaces ? parse_array(&addresses, SAID_OF_ROUTES, err) : NULL;
    if (!routes)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (compare_address(interfaces, ports[i].port, err) < 0 ||
            compare_routes(routes, ports[i].port, congestion, err) < 0)
            return -1;
    return readback_compare_shaping(qdiscs, ports, count, err);
}

int readback_compare_shaping(const char *qdiscs, const struct readback_port *ports, size_t count,
                             struct lab_error *err)
{
    cleanup_json cJSON *disciplines = parse_array(&qdiscs, SAID_OF_QDISCS, err);
    for (size_t i = 0; disciplines && i < count; i++)
        if (compare_qdiscs(disciplines, &ports[i], err) < 0)
            return -1;
    return disciplines ? 0 : -1;
}

int readback_compare_down(const char *addresses, const struct plan_port *port,
                          struct lab_error *err)
{
    cleanup_json cJSON *interfaces = parse_array(&addresses, SAID_OF_ADDRESSES, err);
    if (!interfaces)
        return -1;
    const cJSON *interface = find_interface(interfaces, port->interface);
    if (!interface)
        return differs(port, err, "expected it to be there, found none of that name");
    if (has_flag(interface, "UP"))
        return differs(port, err, "expected it to be down, found it up");
    return 0;
}
