/* What a run directory holds already, and what is left to do in it. */
#ifndef LABCTL_INVENTORY_H
#define LABCTL_INVENTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "experiment/plan.h"
#include "labctl/error.h"

/* Whether a trial was run to its end, well or not: the controller's log of it has an `end`
 * event, and not that of an interruption or one that was written from outside the sandbox. */
bool inventory_has(const char *run_dir, struct trial_id trial);

struct trial_list {
    struct trial_id *at; /* owned; warm-ups first, each kind in order */
    size_t count;
};

/* Which of `warmup` warm-ups and `counted` counted trials the run directory does not hold
 * whole. What half-done ones left is removed, so that nothing of them mixes with what comes.
 * Returns 0, or -1 with err set. The caller frees list->at in either case. */
int inventory_missing(const char *run_dir, unsigned warmup, unsigned counted,
                      struct trial_list *list, struct lab_error *err);

#endif
