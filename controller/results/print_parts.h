/* What results_print.c and verdict_print.c share. */
#ifndef LABCTL_PRINT_PARTS_H
#define LABCTL_PRINT_PARTS_H

#include <stdio.h>

#include "results/results.h"

/* What became of a trial, in a word or two: "ok", "failed", "ok, suspect". */
const char *print_outcome(const struct trial_result *trial);

/* The verdicts on the trials that are ok, with their reasons; nothing where there are none. */
void print_verdicts(const struct results *results, FILE *out);

#endif
