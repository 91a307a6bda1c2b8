/* What a group of runs shows, in words: one sentence computed from its figures. */
#ifndef LABCTL_REPORT_ANSWER_H
#define LABCTL_REPORT_ANSWER_H

#include "report/groups.h"

/* Plain text, owned; characters of names in it are as found in the files. */
struct answer {
    char *title;  /* what was compared */
    char *answer; /* one sentence */
    char *note;   /* what limits it (runs that failed ...), or "" */
};

/* Returns 0, or -1 with err set when out of memory. Release with answer_clear(). */
int answer_compose(struct answer *answer, const struct run_group *group, struct lab_error *err);
void answer_clear(struct answer *answer);

/* What to call a run among those of its group: its model when no other has it, the values of
 * its cell, or its name. Caller frees. */
char *answer_run_label(const struct run_group *group, const struct report_run *run);

#endif
