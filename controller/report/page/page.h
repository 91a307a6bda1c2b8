/* index.html: one file that holds the data of a report and what draws it, and asks nothing of
 * any network. */
#ifndef LABCTL_PAGE_H
#define LABCTL_PAGE_H

#include <stdio.h>

#include "labctl/error.h"
#include "report/answer.h"

/* Write the page at `path`, in one step. `data` holds the data of the report from its start;
 * `headline` is what stands in the page for readers without scripts.
 * Returns 0, or -1 with err set. */
int page_write(const char *path, const struct answer *headline, FILE *data, struct lab_error *err);

/* The parts of the page, put into the program when it is built (cmake/embed.cmake). */
extern const char page_html[], page_css[], page_js[];

#endif
