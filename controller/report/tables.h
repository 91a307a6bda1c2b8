/* The tidy tables of a report: one observation a row, units in the names of columns. */
#ifndef LABCTL_REPORT_TABLES_H
#define LABCTL_REPORT_TABLES_H

#include "labctl/error.h"
#include "report/run_set.h"

/* Write FOLDER/runs.csv (a row a trial) and FOLDER/hosts.csv (a row a host a trial). */
int tables_write(const struct run_set *set, const char *folder, struct lab_error *err);

/* Write FOLDER/transfers.csv (a row a block, or a connection, that reached a client), for
 * which the clients' logs are read as streams. On the way the curves of each run's shown
 * trial are gathered (report_run.series). */
int transfers_write(struct run_set *set, const char *folder, struct lab_error *err);

#endif
