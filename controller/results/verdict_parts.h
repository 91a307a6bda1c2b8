/* What conditions.c and verdict.c share. */
#ifndef LABCTL_VERDICT_PARTS_H
#define LABCTL_VERDICT_PARTS_H

#include <stddef.h>

#include "results/verdict.h"

/* Fill result->conditions. */
void conditions_compute(struct trial_result *result, const struct verdict_case *c);

/* Bytes that a direction of a host's link carried between its two samples, which are *seconds
 * apart; NAN when there are none. */
double conditions_carried(const struct samples *samples, size_t host, int direction,
                          double *seconds);

#endif
