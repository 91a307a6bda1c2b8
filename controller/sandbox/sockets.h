/* Unix sockets with a name in the file system: a network namespace does not part them from the
 * programs of a run, and a read-only mount does not keep anybody from connecting. */
#ifndef LABCTL_SANDBOX_SOCKETS_H
#define LABCTL_SANDBOX_SOCKETS_H

#include <stdbool.h>
#include <stdio.h>

#include "labctl/error.h"

/* The sockets there are where this process is, to be covered where it is no more. NULL where
 * there is no such list; caller closes. */
FILE *sockets_list(void);

/* Cover each socket of the list that can be found with a device that nobody can open, for this
 * process's mount namespace: connecting is refused. Those that `spare` is true of stay. A socket
 * that goes away meanwhile is none to cover. Returns 0, or -1 with err set. */
int sockets_cover(FILE *list, bool (*spare)(const char *path, const void *context),
                  const void *context, struct lab_error *err);

#endif
