/* What the tables of a run and of a sweep share. */
#ifndef LABCTL_PRINT_PARTS_H
#define LABCTL_PRINT_PARTS_H

#include <stdio.h>

#include "results/results.h"

/* What became of a trial or a cell, in at most 11 characters: "failed"; when it is ok also what
 * its figures are worth, unless they are valid: "ok, suspect". */
const char *print_outcome(const char *status, enum verdict verdict);

/* "verdicts    4 valid, 1 suspect, 0 invalid": how many trials have each. */
void print_verdict_counts(const size_t counts[VERDICT_INVALID + 1], FILE *out);

/* The verdicts on the trials, and the reasons of those that are ok. */
void print_verdicts(const struct results *results, FILE *out);

#endif
