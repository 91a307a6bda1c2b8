#include "supervise/happening.h"

#include <stdio.h>
#include <string.h>

#include "labctl/event.h"

int happening_tell(struct event_writer *log, const struct happening *what, struct lab_error *err)
{
    event_begin(log, EVENT_FAULT, what->t_ns);
    event_string(log, "kind", fault_event_name(what->event));
    event_string(log, "node", what->node);
    event_integer(log, "fault", (int64_t)what->number);
    event_string(log, "planned", what->planned);
    if (what->up_bps)
        event_integer(log, "up_bps", (int64_t)what->up_bps);
    if (what->down_bps)
        event_integer(log, "down_bps", (int64_t)what->down_bps);
    event_bool(log, "reached", !what->reason);
    if (what->reason)
        event_string(log, "reason", what->reason);
    event_end(log);
    return event_flush(log, err);
}

struct happening happening_of(const struct experiment *experiment, size_t index)
{
    const struct fault_spec *fault = &experiment->faults[index];
    struct happening what = {
        .event = fault_begins_as(fault->kind),
        .node = fault_node(experiment, fault),
        .number = index + 1,
        .up_bps = fault->up_bps,
        .down_bps = fault->down_bps,
    };
    fault_format_moment(fault, what.planned, sizeof(what.planned));
    return what;
}

void happening_plan_end(struct happening *what, const struct fault_spec *fault)
{
    char length[UNITS_TEXT_MAX];
    size_t used = strlen(what->planned);
    if (!fault->by_share)
        units_exact_time(fault->at_ns + fault->for_ns, what->planned, sizeof(what->planned));
    else
        snprintf(what->planned + used, sizeof(what->planned) - used, " + %s",
                 units_exact_time(fault->for_ns, length, sizeof(length)));
}
