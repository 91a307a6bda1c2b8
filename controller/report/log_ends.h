/* Logs of a run that were whole when its results were made, and are not any more. */
#ifndef LABCTL_LOG_ENDS_H
#define LABCTL_LOG_ENDS_H

#include "report/run_set.h"

/* Look at the last line of every log of the trials that are ok: a program that did its work says
 * "exit" there, labctl "end". Returns what is wrong with the first log that is cut off or cannot be
 * read, and how many others there are: what the report shows of them is less than there was. The
 * caller frees; NULL when nothing is wrong. */
char *log_ends_check(const struct report_run *run);

#endif
