/* User and group of a new user namespace: the caller's own become 0 in it. */
#ifndef LABCTL_SANDBOX_IDMAP_H
#define LABCTL_SANDBOX_IDMAP_H

#include <stddef.h>
#include <sys/types.h>

#include "labctl/error.h"

/* The one line of a uid_map or gid_map file that makes `outside` 0 inside. Returns `buf`. */
char *idmap_line(unsigned long outside, char *buf, size_t size);

#define IDMAP_LINE_MAX 64

/* Write the maps of process `pid`, from the parent user namespace. An ordinary user may
 * map a group only when the process can no longer drop groups: setgroups is denied. */
int idmap_write(pid_t pid, uid_t uid, gid_t gid, struct lab_error *err);

#endif
