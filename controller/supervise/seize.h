/* The processes of a program: signalled one by one, since the shell that waits for the program
 * has to live on and write down what became of it.
 *
 * They are the descendants of that shell, `root`; and, as a descendant may have left its family
 * (daemons do), all that are in the network namespace that the node has for itself, but for the
 * shells that `root` descends from. The latter only where the caller is the first process of a
 * sandbox. Only one that left its family and made a network namespace of its own is not found.
 */
#ifndef LABCTL_SEIZE_H
#define LABCTL_SEIZE_H

#include <stddef.h>
#include <sys/types.h>

#include "labctl/error.h"

/* Stop (SIGSTOP) every process of the program, those started meanwhile included, and then
 * send `signal` to each unless it is SIGSTOP. Nothing that was there escapes: what is stopped
 * starts no process. *reached is how many there were. Returns 0, or -1 with err set when
 * the process table cannot be read. */
int seize_all(pid_t root, int signal, size_t *reached, struct lab_error *err);

/* Send `signal` to every process of the program, as they are. */
int seize_signal(pid_t root, int signal, size_t *reached, struct lab_error *err);

#endif
