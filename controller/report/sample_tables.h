/* The tables of samples, of all runs of a report. */
#ifndef LABCTL_REPORT_SAMPLE_TABLES_H
#define LABCTL_REPORT_SAMPLE_TABLES_H

#include "labctl/error.h"
#include "report/run_set.h"

/* Write into FOLDER links.csv (a row for each link, direction and time between two samples),
 * connections.csv (a row a sample of a connection; with telemetry only) and traffic.csv (a
 * row for each pair of nodes of which one sent bytes of the file to the other). Returns 0, or
 * -1 with err set. */
int sample_tables_write(const struct run_set *set, const char *folder, struct lab_error *err);

#endif
