/* The shell line that starts a node program in the background. Pure. */
#ifndef LABCTL_STARTLINE_H
#define LABCTL_STARTLINE_H

#include <stddef.h>
#include <sys/types.h>

#include "experiment/plan.h"

/* `text` as one word of a POSIX shell, whatever is in it. Caller frees; never NULL. */
char *startline_quote(const char *text);

/* The line for `command`, to be given to the shell of its node. The program runs as a job,
 * with a process group of its own, in `trial_dir`: output to LOGS/NODE.PROGRAM.jsonl, words
 * to .log, nothing on standard input. Its exit status is written to .exit, in one piece,
 * when it has ended. The shell prints STARTLINE_MARK and the number of the group.
 * `nodes_dir` is where the programs are. Caller frees; never NULL. */
char *startline_make(const struct plan_command *command, const char *trial_dir,
                     const char *nodes_dir);

#define STARTLINE_MARK "labctl-job:"

/* The number of the process group in what the shell printed, or -1. */
pid_t startline_job(const char *output);

/* LOGS/NODE.PROGRAM.SUFFIX, relative to the trial's directory. Caller frees; never NULL. */
char *startline_log(const struct plan_command *command, const char *suffix);

#endif
