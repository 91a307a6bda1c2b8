/* Parts of the answer that stand in files of their own. Used by answer*.c alone. */
#ifndef LABCTL_ANSWER_PARTS_H
#define LABCTL_ANSWER_PARTS_H

#include <stdbool.h>
#include <stdio.h>

#include "report/groups.h"

/* Whether any of the run's trials counts. */
bool answer_has_makespan(const struct report_run *run);

/* The last part of a JSON pointer: "/topology/link/up" is "up" to people. */
const char *answer_pointer_name(const char *pointer);

/* Whether the run is called by its experiment's name in its group, a comparison. */
bool answer_is_called_by_name(const struct run_group *group, const struct report_run *run);

/* The first reason that gave a trial this verdict, or NULL. */
const char *answer_first_reason(const struct trial_result *trial, enum verdict verdict);

/* What limits an answer that `with_makespan` runs of the group gave: runs that came to nothing,
 * trials that failed, are invalid or suspect. Nothing, when there is nothing to say. */
void answer_put_note(FILE *out, const struct run_group *group, size_t with_makespan);

#endif
