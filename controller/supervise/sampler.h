/* Samples of a trial while it runs: what each link carried, and where the processors' time
 * went. They are what a verdict on the trial is made from (results/verdict.h), so they are
 * taken of every trial when its timed window begins and when it ends, outside of it; and in
 * it only when the experiment asks for telemetry. */
#ifndef LABCTL_SAMPLER_H
#define LABCTL_SAMPLER_H

#include <stddef.h>
#include <stdint.h>

#include "experiment/plan.h"
#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "supervise/program.h"

struct sampler;

/* Processes that live in the nodes' namespaces. */
struct sampler_nodes {
    pid_t router;
    pid_t (*host)(const void *context, size_t host); /* host: index into experiment->hosts */
    const void *context;
};

/* Open what is needed to sample the network of `plan` (borrowed; must outlive it): a socket
 * in the router's namespace, and one in that of each host whose uplink is shaped. Caller
 * frees with sampler_free(); NULL with err set on failure. */
struct sampler *sampler_open(const struct plan *plan, const struct sampler_nodes *nodes,
                             struct lab_error *err);
void sampler_free(struct sampler *sampler);

/* Write a sample to `log`: a `cpu` event, a `link` event for each direction of each link, and
 * a `program` event for each of the `count` programs that is alive and for labctl itself. What
 * cannot be read is left out. One when the timed window begins, one when it ends; and between
 * them sampler_tick() takes one whenever the experiment's telemetry is due. A sample that
 * takes long makes the next one wait, so that they never take more than 1/SAMPLER_SHARE of the
 * time. A NULL sampler takes none. */
void sampler_begin(struct sampler *sampler, const struct program *programs, size_t count,
                   struct event_writer *log);
void sampler_tick(struct sampler *sampler, const struct program *programs, size_t count,
                  struct event_writer *log);
void sampler_end(struct sampler *sampler, const struct program *programs, size_t count,
                 struct event_writer *log);

#define SAMPLER_SHARE 50

/* Milliseconds until sampler_tick() has something to do, at most `limit_ms`. */
int sampler_wait_ms(const struct sampler *sampler, int limit_ms);

#endif
