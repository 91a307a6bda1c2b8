/* The data of a report as one JSON document (schema labctl.report/1), written as a stream:
 * what index.html holds, and report.json. docs/results-format.md describes it. */
#ifndef LABCTL_PAGE_DATA_H
#define LABCTL_PAGE_DATA_H

#include <stdio.h>

#include "report/groups.h"

#define REPORT_SCHEMA "labctl.report/1"

struct page_data;

/* Begin the document: all but the runs. `folder` is where the page will be, for links to the
 * runs. The set and the groups must outlive it, `out` is borrowed. NULL with err set when out
 * of memory. */
struct page_data *page_data_begin(FILE *out, const struct run_set *set,
                                  const struct run_groups *groups, const char *folder,
                                  struct lab_error *err);

/* The next run of the set, in its order, with its detail gathered. */
void page_data_add(struct page_data *data, const struct report_run *run);

/* Write the end. */
void page_data_end(struct page_data *data);

void page_data_free(struct page_data *data);

#endif
