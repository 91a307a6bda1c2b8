/* What labctl.jsonl tells of a fault, of the end of one, or of a client that joins late. */
#ifndef LABCTL_HAPPENING_H
#define LABCTL_HAPPENING_H

#include <stddef.h>
#include <stdint.h>

#include "base/units.h"
#include "experiment/experiment.h"
#include "labctl/error.h"
#include "labctl/event_writer.h"

/* Something that happened, or did not. */
struct happening {
    enum fault_event event;
    const char *node;
    uint64_t t_ns;      /* when it happened; 0: now */
    size_t number;      /* of the fault, from 1; 0: none of "faults" */
    const char *reason; /* why it did not; NULL: it did */
    char planned[FAULT_MOMENT_MAX + UNITS_TEXT_MAX];
    uint64_t up_bps, down_bps; /* of new rates; 0: left as it was */
};

/* Reasons. */
#define PROGRAM_OVER  "its program had ended"
#define TRANSFER_OVER "the transfer had ended"
#define STILL_HELD    "another fault still holds it"

/* What begins with a fault of the experiment, as it is planned: it has not happened yet. */
struct happening happening_of(const struct experiment *experiment, size_t index);

/* It is the end of `fault` instead, which is planned for a time after its begin. */
void happening_plan_end(struct happening *what, const struct fault_spec *fault);

/* Write it to the log. */
int happening_tell(struct event_writer *log, const struct happening *what, struct lab_error *err);

#endif
