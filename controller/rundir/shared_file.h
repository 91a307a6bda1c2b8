/* The file that is distributed: RUN/file.bin, generated from a seed or a link to the one
 * that the experiment names. */
#ifndef LABCTL_SHARED_FILE_H
#define LABCTL_SHARED_FILE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/experiment.h"
#include "labctl/error.h"

#define SHARED_FILE_NAME "file.bin"

/* Make run_dir/file.bin. Gives up with LAB_ERR_INTERRUPTED when *stop is set meanwhile. */
int shared_file_prepare(const struct experiment *experiment, const char *run_dir,
                        const volatile sig_atomic_t *stop, struct lab_error *err);

/* Remove it again when it can be made again from its seed. */
void shared_file_release(const struct experiment *experiment, const char *run_dir);

/* Fill `out` with the bytes of the generated file from `offset` on, a multiple of 8: the
 * SplitMix64 sequence of the seed (Steele, Lea and Flood, 2014), each number as eight
 * bytes, the lowest first. The same on any machine. */
void shared_file_generate(uint64_t seed, uint64_t offset, unsigned char *out, size_t length);

#endif
