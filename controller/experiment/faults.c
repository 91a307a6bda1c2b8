#include "experiment/faults.h"

#include <stdio.h>

#include "base/units.h"
#include "experiment/experiment.h"

const char *expect_name(enum expect_kind expect)
{
    static const char *const names[] = {
        [EXPECT_OK] = "ok",
        [EXPECT_FAILED] = "failed",
        [EXPECT_KILLED] = "killed",
    };
    return names[expect];
}

const char *fault_event_name(enum fault_event event)
{
    static const char *const names[] = {
        [FAULT_EVENT_KILL] = "kill",       [FAULT_EVENT_PAUSE] = "pause",
        [FAULT_EVENT_RESUME] = "resume",   [FAULT_EVENT_LINK_DOWN] = "link_down",
        [FAULT_EVENT_LINK_UP] = "link_up", [FAULT_EVENT_LINK_RATE] = "link_rate",
        [FAULT_EVENT_CORRUPT] = "corrupt", [FAULT_EVENT_JOIN] = "join",
    };
    return names[event];
}

enum fault_event fault_begins_as(enum fault_kind kind)
{
    static const enum fault_event events[] = {
        [FAULT_KILL] = FAULT_EVENT_KILL,           [FAULT_PAUSE] = FAULT_EVENT_PAUSE,
        [FAULT_LINK_DOWN] = FAULT_EVENT_LINK_DOWN, [FAULT_LINK_RATE] = FAULT_EVENT_LINK_RATE,
        [FAULT_CORRUPT] = FAULT_EVENT_CORRUPT,
    };
    return events[kind];
}

const char *fault_node(const struct experiment *experiment, const struct fault_spec *fault)
{
    return fault->host == FAULT_AT_ROUTER ? experiment->router
                                          : experiment->hosts[fault->host].name;
}

long fault_program(const struct experiment *experiment, const struct fault_spec *fault)
{
    if (experiment->server_is_router ? fault->host == FAULT_AT_ROUTER
                                     : fault->host == experiment->server_host)
        return 0;
    for (size_t i = 0; i < experiment->client_count; i++)
        if (experiment->clients[i].host == fault->host)
            return (long)i + 1;
    return -1;
}

char *fault_format_moment(const struct fault_spec *fault, char *buf, size_t size)
{
    if (fault->by_share)
        snprintf(buf, size, "%.7g%%", (double)fault->at_ppm / 1e4);
    else
        units_exact_time(fault->at_ns, buf, size);
    return buf;
}

static void describe_rates(const struct fault_spec *fault, const char *node, char *buf, size_t size)
{
    char up[UNITS_TEXT_MAX] = "", down[UNITS_TEXT_MAX] = "";
    if (fault->up_bps)
        units_format_rate(fault->up_bps, up, sizeof(up));
    if (fault->down_bps)
        units_format_rate(fault->down_bps, down, sizeof(down));
    snprintf(buf, size, "link %s%s%s%s%s", node, *up ? " up " : "", up, *down ? " down " : "",
             down);
}

char *fault_describe(const struct experiment *experiment, const struct fault_spec *fault, char *buf,
                     size_t size)
{
    const char *node = fault_node(experiment, fault);
    char length[UNITS_TEXT_MAX];
    units_exact_time(fault->for_ns, length, sizeof(length));
    switch (fault->kind) {
    case FAULT_LINK_RATE:
        describe_rates(fault, node, buf, size);
        break;
    case FAULT_PAUSE:
        snprintf(buf, size, "pause %s for %s", node, length);
        break;
    case FAULT_LINK_DOWN:
        snprintf(buf, size, "link %s down for %s", node, length);
        break;
    case FAULT_KILL:
    case FAULT_CORRUPT:
        snprintf(buf, size, "%s %s", fault_event_name(fault_begins_as(fault->kind)), node);
        break;
    }
    return buf;
}

bool faults_expect_failure(const struct experiment *experiment)
{
    bool any = experiment->server_expect != EXPECT_OK;
    for (size_t i = 0; i < experiment->client_count; i++)
        any = any || experiment->clients[i].expect != EXPECT_OK;
    return any;
}
