#include "lib/visit.h"

#include "labctl/event.h"

static void log_accept(const struct visit *visit, struct node *node, const struct channel *channel)
{
    struct event_writer *events = &node->events;
    event_begin(events, EVENT_ACCEPT, visit->accepted_ns);
    event_integer(events, "connection", visit->number);
    event_string(events, "peer", channel->name);
    event_end(events);
    node_say("Accept new connection from %s", channel->name);
}

void visit_begin(struct visit *visit, struct node *node, const struct channel *channel)
{
    struct lab_error err = LAB_ERROR_INIT;
    visit->untold = visit->number > VISITS_TOLD_MAX;
    if (!visit->untold)
        log_accept(visit, node, channel);
    if (visit->number != VISITS_TOLD_MAX + 1)
        return;
    lab_error_set(&err, LAB_ERR_NODE,
                  "more than %d connections have come: of others, only those that ask for "
                  "something are logged",
                  VISITS_TOLD_MAX);
    node_report_error(node, &err);
}

void visit_asked(struct visit *visit, struct node *node, const struct channel *channel)
{
    if (visit->untold)
        log_accept(visit, node, channel);
    visit->untold = false;
}

void visit_end(const struct visit *visit, struct node *node, const struct channel *channel,
               const char *reason)
{
    if (visit->untold)
        return;
    struct event_writer *events = &node->events;
    event_begin(events, EVENT_CLOSE, 0);
    event_integer(events, "connection", visit->number);
    event_string(events, "peer", channel->name);
    event_integer(events, "bytes_sent", (int64_t)channel->bytes_sent);
    event_integer(events, "bytes_received", (int64_t)channel->bytes_received);
    event_string(events, "reason", reason);
    event_end(events);
    node_say("Connection from %s closed after %.6f seconds", channel->name,
             visit_seconds(event_now() - visit->accepted_ns));
}
