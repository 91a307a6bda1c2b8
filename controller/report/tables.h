/* The tidy tables of a report: one observation a row, units in the names of columns. */
#ifndef LABCTL_REPORT_TABLES_H
#define LABCTL_REPORT_TABLES_H

#include "labctl/error.h"
#include "report/csv.h"
#include "report/run_set.h"

/* How a row of most tables begins: the run and the trial that it is of. */
#define TABLE_ROW_BEGIN "run,experiment,model,trial,"
void table_begin_row(struct csv *csv, const struct report_run *run,
                     const struct trial_result *trial);

/* Write FOLDER/runs.csv (a row a trial), FOLDER/hosts.csv (a row a host a trial) and
 * FOLDER/faults.csv (a row a fault, or the end of one, or a late client, a trial). */
int tables_write(const struct run_set *set, const char *folder, struct lab_error *err);

/* Reads the logs of runs as streams, run by run: writes FOLDER/transfers.csv (a row a block,
 * or a connection, that reached a client), and gathers on the way what the logs of each
 * run's shown trial tell (report_run.detail). */
struct transfers {
    struct csv csv;
    bool wanted; /* whether the table is */
};

/* Begin; without a folder no table is written, and only shown trials are read. Returns 0, or
 * -1 with err set; after 0, transfers_close() or transfers_abandon(). */
int transfers_open(struct transfers *transfers, const char *folder, struct lab_error *err);

/* One run: rows of all its trials, and its detail, which run_detail_clear() releases. */
int transfers_read(struct transfers *transfers, struct report_run *run, struct lab_error *err);

int transfers_close(struct transfers *transfers, struct lab_error *err);
void transfers_abandon(struct transfers *transfers);

#endif
