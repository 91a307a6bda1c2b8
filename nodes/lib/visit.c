#include "lib/visit.h"

#include "labctl/event.h"

void visit_log_accept(const struct visit *visit, struct node *node, const struct channel *channel)
{
    struct event_writer *events = &node->events;
    event_begin(events, EVENT_ACCEPT, visit->accepted_ns);
    event_integer(events, "connection", visit->number);
    event_string(events, "peer", channel->name);
    event_end(events);
    node_say("Accept new connection from %s", channel->name);
}

void visit_log_close(const struct visit *visit, struct node *node, const struct channel *channel,
                     const char *reason)
{
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
