/* `labctl report`: tables and plots of every run below some directories. */
#ifndef LABCTL_REPORT_H
#define LABCTL_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "labctl/error.h"

/* What a report came to. */
struct report_outcome {
    size_t runs, trials;
    size_t passed_over; /* directories of runs that could not be read */
    size_t plots;
};

/* Read every run below `roots` and write OUTPUT_DIR/runs.csv, hosts.csv, transfers.csv and
 * plots/. Unfinished and damaged runs are named on `notes` and passed over.
 *
 * Returns 0, or -1 with err set: LAB_ERR_USAGE when there is no run, LAB_ERR_UNSUPPORTED
 * when there is no gnuplot (the tables are written all the same), LAB_ERR_IO else.
 * `outcome` is filled in either case. */
int report_write(const char *const *roots, size_t count, const char *output_dir, FILE *notes,
                 struct report_outcome *outcome, struct lab_error *err);

#endif
