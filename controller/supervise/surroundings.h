/* What a run may see, write and use up, as its experiment says. */
#ifndef LABCTL_SURROUNDINGS_H
#define LABCTL_SURROUNDINGS_H

#include "labctl/error.h"
#include "supervise/supervise.h"

/* For the first process of the sandbox, before the network is built: the file system becomes
 * read-only but for the trials of the run directory and what "writable" names, and the number of
 * processes is limited (sandbox/view.h, sandbox/privileges.h). */
int surroundings_enter(const struct supervise_input *input, struct lab_error *err);

#endif
