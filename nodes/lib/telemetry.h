/* Telemetry: how each TCP connection of a program fares, from the kernel's own account
 * (TCP_INFO), written as `tcp` events at an interval and when a connection ends.
 *
 * Channels report their coming and going to the telemetry of their loop. Off, as it is
 * unless --telemetry asks for it, there is none: no timer, no system call. */
#ifndef NODES_TELEMETRY_H
#define NODES_TELEMETRY_H

#include <stdint.h>

#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "lib/loop.h"

/* A connection that is looked at; part of what it belongs to. */
struct probe {
    struct probe *next, **link; /* link: what points here; NULL when not looked at */
    const char *peer;           /* borrowed: "IP:PORT" of the other side */
    uint32_t connection;        /* number, counted from 1 */
    int fd;                     /* borrowed */
    uint64_t told;              /* bytes both ways when it was written of last */
};

struct telemetry {
    struct watch timer;
    struct loop *loop;           /* borrowed */
    struct event_writer *events; /* borrowed */
    struct probe *probes;
};

/* Begin to look at the connections of `loop` every `interval_ns`, and write to `events`;
 * both must outlive it. An interval of 0 means never, and does nothing. */
int telemetry_start(struct telemetry *telemetry, struct loop *loop, struct event_writer *events,
                    uint64_t interval_ns, struct lab_error *err);
void telemetry_stop(struct telemetry *telemetry);

/* A connection is there: `fd` and `peer` must live until telemetry_end(). `telemetry` may
 * be NULL: off. */
void telemetry_begin(struct telemetry *telemetry, struct probe *probe, uint32_t connection, int fd,
                     const char *peer);

/* It ends; its descriptor is still open. Writes its last event. Does nothing for a probe
 * that is not looked at. */
void telemetry_end(struct telemetry *telemetry, struct probe *probe);

#endif
