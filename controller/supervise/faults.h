/* The faults of an experiment, while a trial runs: each is done when it is due, undone when its
 * time is over, and told of in labctl.jsonl with the instant at which it happened. */
#ifndef LABCTL_SUPERVISE_FAULTS_H
#define LABCTL_SUPERVISE_FAULTS_H

#include <stdint.h>

#include "experiment/plan.h"
#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "supervise/program.h"

/* How far one fault is; faults.c alone looks into it. */
struct fault_state;

struct faults {
    const struct plan *plan;         /* borrowed, as the next three */
    const struct launcher *launcher; /* how links are changed */
    struct program *programs;        /* by plan command */
    struct event_writer *log;        /* labctl.jsonl */
    uint64_t file_bytes;
    uint64_t start_ns;          /* the first client's planned instant; 0: not yet */
    struct fault_state *states; /* by experiment->faults; owned, as all below */
    uint64_t *joins;            /* by client: when a late one begins; 0: told, or not late */
    struct plan_link *links;    /* by host: as shaped now */
    unsigned *downs;            /* by host: faults that keep its link down */
    unsigned *pauses;           /* by plan command: faults that keep it paused */
};

/* Prepare for a trial of `plan`. Returns 0, or -1 with err set; release in either case. */
int faults_init(struct faults *faults, const struct plan *plan, const struct launcher *launcher,
                struct program *programs, uint64_t file_bytes, struct lab_error *err);
void faults_release(struct faults *faults);

/* The first client begins at `start_ns` (CLOCK_MONOTONIC): from now on faults can be due. */
void faults_begin(struct faults *faults, uint64_t start_ns);

/* A late client was told to begin at `instant`. */
void faults_join(struct faults *faults, size_t client, uint64_t instant);

/* How long to wait, in ms, to be in time for what is due next: at most `timeout_ms`. */
int faults_wait(const struct faults *faults, int timeout_ms);

/* Do what is due. Returns -1 with err set when a fault could not be brought about. */
int faults_turn(struct faults *faults, struct lab_error *err);

/* The transfer is over: wake what is paused, put links back to what the plan says, and tell of
 * the faults that were not reached. */
int faults_end(struct faults *faults, struct lab_error *err);

#endif
