/* The faults of a trial in the end-of-run table. Used by results_print.c alone. */
#ifndef LABCTL_PRINT_FAULTS_H
#define LABCTL_PRINT_FAULTS_H

#include <stdio.h>

#include "results/results.h"

/* A line a fault, when it happened and when it was to; nothing when there was none. */
void print_faults(const struct trial_result *trial, FILE *out);

#endif
