/* What the processes of a sandbox see of the file system: all of it, to be read; nothing to
 * be written but what is named. */
#ifndef LABCTL_SANDBOX_VIEW_H
#define LABCTL_SANDBOX_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "labctl/error.h"

#define VIEW_PATHS_MAX 256

struct view_path {
    char *path; /* absolute, without links; owned */
    bool writable;
};

struct view {
    struct view_path paths[VIEW_PATHS_MAX];
    size_t count;
    uint64_t temporary_bytes; /* how much /tmp holds, and likewise /dev/shm */
    FILE *sockets;            /* sockets_list() of the outside, or NULL; borrowed */
};

/* Note that `path` stays writable; or, where it is not, that it stays visible even below /tmp
 * and /run. One that is not there is passed over, and so is a 257th: a program then does not
 * find it, and says so. */
void view_add(struct view *view, const char *path, bool writable);
void view_release(struct view *view);

/* Make it so, for this process and all it will start:
 * - every mount is read-only, but for /proc, the terminals, and the writable paths; no
 *   program gets privileges by being run, and no device works but those of /dev;
 * - /tmp and /dev/shm are private, empty and limited; /run is empty, since the sockets of the
 *   machine's services are there, which a read-only mount does not close;
 * - /dev has the devices that every program may expect, and no other;
 * - the sockets of `sockets` are covered, but for those in writable paths (sandbox/sockets.h).
 * The flags that mounts have already are kept. The working directory becomes the root.
 * Needs a mount namespace with private mounts, and Linux 5.12. */
int view_apply(const struct view *view, struct lab_error *err);

#endif
