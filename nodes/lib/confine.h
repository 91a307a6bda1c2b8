/* What a node program gives up before it does anything else, and what the command of a
 * user's may use up. */
#ifndef NODES_CONFINE_H
#define NODES_CONFINE_H

#include <stdint.h>

#include "labctl/error.h"

/* Who is confined. A keeper stands between a command and what the command must not touch: it
 * holds one capability more, to no use but that the kernel lets nobody look into a process who
 * holds less than it. */
enum confine_role { CONFINE_PROGRAM, CONFINE_KEEPER };

/* Give up every capability, for this process and all it starts, and any way to get one back.
 * One is kept where it is held: passing over file permissions, without which root's runs
 * could not write into folders of other users; a sandbox in a user namespace does not hold
 * it. Ports below 1024 and ping need none (topology/walls.h). */
int confine_privileges(enum confine_role role, struct lab_error *err);

/* Limits of this process and of each that it starts: bytes of private memory, bytes of any
 * one file; 0 is no limit. Never fails: a lower limit that is there already stays. */
void confine_resources(uint64_t memory, uint64_t file);

#endif
