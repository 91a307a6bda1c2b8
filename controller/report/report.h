/* `labctl report`: tables, plots and a page of every run below some directories. */
#ifndef LABCTL_REPORT_H
#define LABCTL_REPORT_H

#include <stddef.h>
#include <stdio.h>

#include "labctl/error.h"

/* What a report may be made of. */
enum report_part {
    REPORT_CSV = 1,   /* runs.csv, hosts.csv, faults.csv, transfers.csv */
    REPORT_PLOTS = 2, /* plots/, by gnuplot */
    REPORT_HTML = 4,  /* index.html */
    REPORT_JSON = 8,  /* report.json: the data of the page */
    REPORT_LATEX = 16 /* table.tex */
};

#define REPORT_DEFAULT (REPORT_CSV | REPORT_PLOTS | REPORT_HTML)

/* What a report came to. */
struct report_outcome {
    size_t runs, trials;
    size_t passed_over; /* directories that are left out: what is in them cannot be read */
    size_t plots;
};

/* Read every run below `roots` and write the `parts` (of enum report_part) of its report into
 * OUTPUT_DIR. What is unfinished, damaged or no run is named on `notes` and passed over.
 *
 * Returns 0, or -1 with err set: LAB_ERR_USAGE when there is no run, LAB_ERR_UNSUPPORTED
 * when plots are wanted and there is no gnuplot (the rest is written all the same),
 * LAB_ERR_IO else. `outcome` is filled in either case. */
int report_write(const char *const *roots, size_t count, const char *output_dir, unsigned parts,
                 FILE *notes, struct report_outcome *outcome, struct lab_error *err);

#endif
