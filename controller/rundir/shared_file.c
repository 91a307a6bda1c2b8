#include "rundir/shared_file.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/splitmix.h"
#include "labctl/cleanup.h"

void shared_file_generate(uint64_t seed, uint64_t offset, unsigned char *out, size_t length)
{
    uint64_t state = seed + SPLITMIX_GAMMA * (offset / 8);
    for (size_t done = 0; done < length; done += 8) {
        uint64_t number = htole64(splitmix_next(&state));
        memcpy(out + done, &number, length - done < 8 ? length - done : 8);
    }
}

static int write_all(int fd, const unsigned char *data, size_t length)
{
    for (size_t done = 0; done < length;) {
        ssize_t n = write(fd, data + done, length - done);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0)
            done += (size_t)n;
    }
    return 0;
}

/* Write the bytes and digest them in passing, which saves reading them again. */
static int write_generated(int fd, const struct file_spec *spec, struct sha256 *digest,
                           const volatile sig_atomic_t *stop)
{
    enum { CHUNK = 1 << 20 };
    cleanup_free unsigned char *chunk = malloc(CHUNK);
    if (!chunk)
        return -1;
    for (uint64_t offset = 0; offset < spec->size && !*stop;) {
        size_t length = spec->size - offset < CHUNK ? (size_t)(spec->size - offset) : CHUNK;
        shared_file_generate(spec->seed, offset, chunk, length);
        sha256_update(digest, chunk, length);
        if (write_all(fd, chunk, length) < 0)
            return -1;
        offset += length;
    }
    return 0;
}

int shared_file_make(const char *path, const struct file_spec *spec,
                     const volatile sig_atomic_t *stop, struct shared_file *file,
                     struct lab_error *err)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", path);
    struct sha256 *digest = sha256_begin();
    if (!digest)
        return lab_error_memory(err);
    int failed = write_generated(fd, spec, digest, stop);
    int reason = errno;
    sha256_finish(digest, file->sha256);
    file->bytes = spec->size;
    if (failed)
        return lab_error_errno(err, LAB_ERR_IO, reason, "cannot write %s", path);
    if (*stop)
        return lab_error_set(err, LAB_ERR_INTERRUPTED, "interrupted before the first trial");
    return 0;
}

static int link_given(const struct experiment *experiment, const char *target,
                      struct lab_error *err)
{
    cleanup_free char *path = experiment_file_path(experiment);
    cleanup_free char *absolute = realpath(path, NULL);
    if (!absolute || symlink(absolute, target) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot link %s to %s", target, path);
    return 0;
}

int shared_file_prepare(const struct experiment *experiment, const char *run_dir,
                        const volatile sig_atomic_t *stop, struct shared_file *file,
                        struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/" SHARED_FILE_NAME, run_dir);
    *file = (struct shared_file){ 0 };
    unlink(path);
    return experiment->file.path ? link_given(experiment, path, err)
                                 : shared_file_make(path, &experiment->file, stop, file, err);
}

void shared_file_release(const struct experiment *experiment, const char *run_dir)
{
    cleanup_free char *path = fs_path("%s/" SHARED_FILE_NAME, run_dir);
    if (!experiment->file.path)
        unlink(path);
}
