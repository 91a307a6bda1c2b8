/* A table for a paper. */
#ifndef LABCTL_REPORT_LATEX_H
#define LABCTL_REPORT_LATEX_H

#include "report/groups.h"

/* Write the figures of every run in the groups as a LaTeX table at `path`; it needs the
 * package booktabs. Returns 0, or -1 with err set. */
int latex_write(const struct run_groups *groups, const char *path, struct lab_error *err);

/* `text` with the characters that LaTeX takes for commands written as themselves. */
void latex_put_text(FILE *out, const char *text);

#endif
