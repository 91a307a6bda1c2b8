/* The file that is distributed: RUN/file.bin, generated from a seed or a link to the one
 * that the experiment names. */
#ifndef LABCTL_SHARED_FILE_H
#define LABCTL_SHARED_FILE_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "experiment/experiment.h"
#include "labctl/error.h"

#define SHARED_FILE_NAME "file.bin"

struct shared_file {
    char sha256[SHA256_HEX_SIZE]; /* in hex; "" when it is not known yet */
    uint64_t bytes;
};

/* Make run_dir/file.bin, in place of what an earlier run may have left. The digest of a
 * generated file is known from its making; one that is given is not read here. Gives up with
 * LAB_ERR_INTERRUPTED when *stop is set meanwhile. */
int shared_file_prepare(const struct experiment *experiment, const char *run_dir,
                        const volatile sig_atomic_t *stop, struct shared_file *file,
                        struct lab_error *err);

/* Generate a file at `path`; likewise. */
int shared_file_make(const char *path, const struct file_spec *spec,
                     const volatile sig_atomic_t *stop, struct shared_file *file,
                     struct lab_error *err);

/* Remove it again when it can be made again from its seed. */
void shared_file_release(const struct experiment *experiment, const char *run_dir);

/* Fill `out` with the bytes of the generated file from `offset` on, a multiple of 8: the
 * SplitMix64 sequence of the seed (Steele, Lea and Flood, 2014), each number as eight
 * bytes, the lowest first. The same on any machine. */
void shared_file_generate(uint64_t seed, uint64_t offset, unsigned char *out, size_t length);

#endif
