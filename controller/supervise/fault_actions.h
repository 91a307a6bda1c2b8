/* Bringing a fault about, and undoing it: signals to a program's processes, changes of a link.
 * When it is due is for faults.c to say. */
#ifndef LABCTL_FAULT_ACTIONS_H
#define LABCTL_FAULT_ACTIONS_H

#include <stdbool.h>

#include "labctl/error.h"
#include "supervise/faults.h"
#include "supervise/happening.h"

/* Do it. What came of it is noted in `what`: the instant, or the reason why it did not happen.
 * Returns 0, or -1 with err set when the system did not let it. */
int fault_act(struct faults *faults, const struct fault_spec *fault, struct happening *what,
              struct lab_error *err);

/* Whether it is of a kind that ends, and is not for good. */
bool fault_can_end(const struct fault_spec *fault);

/* Undo it, if no other fault holds the same thing still. */
int fault_undo(struct faults *faults, const struct fault_spec *fault, struct happening *what,
               struct lab_error *err);

#endif
