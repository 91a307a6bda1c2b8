/* Finding programs: the node programs that belong to labctl, and others on the PATH. */
#ifndef LABCTL_PROGRAMS_H
#define LABCTL_PROGRAMS_H

#include "labctl/error.h"

/* Folder of the node programs: nodes/ beside labctl in a build tree, ../libexec/labctl/
 * where it is installed. Caller frees; NULL with LAB_ERR_UNSUPPORTED when one is missing. */
char *programs_find(struct lab_error *err);

/* Path of a program on the PATH, or where the sandbox looks besides. Caller frees; NULL when it is
 * not there. */
char *programs_search(const char *name);

/* Whether all that `needs` names ("program=package", ended by NULL; NULL is none) is there:
 * programs on the PATH, or files by their absolute path. Returns 0, or -1 with LAB_ERR_UNSUPPORTED
 * naming each that is not. */
int programs_check(char *const *needs, struct lab_error *err);

#endif
