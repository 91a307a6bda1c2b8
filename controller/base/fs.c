#include "base/fs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labctl/cleanup.h"

static ssize_t read_retry(int fd, void *buf, size_t size)
{
    ssize_t n;
    do
        n = read(fd, buf, size);
    while (n < 0 && errno == EINTR);
    return n;
}

static int write_all(int fd, const char *data, size_t length)
{
    while (length > 0) {
        ssize_t n = write(fd, data, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        length -= (size_t)n;
    }
    return 0;
}

char *fs_read_file(const char *path, size_t max, size_t *length, struct lab_error *err)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0) {
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        lab_error_set(err, LAB_ERR_IO, "cannot read %s: not a regular file", path);
        return NULL;
    }
    if ((uint64_t)st.st_size > max) {
        lab_error_set(err, LAB_ERR_IO, "cannot read %s: %lld bytes, at most %zu are read", path,
                      (long long)st.st_size, max);
        return NULL;
    }
    size_t size = (size_t)st.st_size, used = 0;
    cleanup_free char *data = malloc(size + 1);
    if (!data) {
        lab_error_memory(err);
        return NULL;
    }
    while (used < size) {
        ssize_t n = read_retry(fd, data + used, size - used);
        if (n < 0) {
            lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
            return NULL;
        }
        if (n == 0)
            break;
        used += (size_t)n;
    }
    data[used] = '\0';
    if (length)
        *length = used;
    return steal_ptr(data);
}

int fs_write_file(const char *path, const char *data, size_t length, struct lab_error *err)
{
    cleanup_free char *aside = fs_path("%s.new", path);
    cleanup_close int fd = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", aside);
    if (write_all(fd, data, length) < 0 || rename(aside, path) < 0) {
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot write %s", path);
        unlink(aside);
        return -1;
    }
    return 0;
}

int fs_make_dirs(const char *path, struct lab_error *err)
{
    cleanup_free char *copy = fs_path("%s", path);
    for (char *slash = copy + 1;; slash++) {
        slash = strchrnul(slash, '/');
        bool last = *slash == '\0';
        *slash = '\0';
        if (mkdir(copy, 0777) < 0 && errno != EEXIST)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create directory %s", copy);
        if (last)
            break;
        *slash = '/';
    }
    struct stat st;
    if (stat(path, &st) == 0 && !S_ISDIR(st.st_mode))
        return lab_error_errno(err, LAB_ERR_IO, ENOTDIR, "cannot create directory %s", path);
    return 0;
}

/* Remove `name` in the directory `at`; depth first, links themselves and not what they
 * point to. Returns 0 or -1 with errno. */
static int remove_at(int at, const char *name)
{
    if (unlinkat(at, name, 0) == 0 || errno == ENOENT)
        return 0;
    if (errno != EISDIR && errno != EPERM)
        return -1;
    int fd = openat(at, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0)
        return -1;
    cleanup_closedir DIR *dir = fdopendir(fd);
    if (!dir) {
        close(fd);
        return -1;
    }
    struct dirent *entry;
    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        if (remove_at(dirfd(dir), entry->d_name) < 0)
            return -1;
    }
    return unlinkat(at, name, AT_REMOVEDIR);
}

int fs_remove_tree(const char *path, struct lab_error *err)
{
    if (remove_at(AT_FDCWD, path) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot remove %s", path);
    return 0;
}

char *fs_vpath(const char *format, va_list args)
{
    char *path;
    if (vasprintf(&path, format, args) < 0)
        abort();
    return path;
}

char *fs_path(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *path = fs_vpath(format, args);
    va_end(args);
    return path;
}

static int digest_stream(int fd, struct sha256 *digest, const char *path, uint64_t *bytes,
                         struct lab_error *err)
{
    enum { CHUNK = 1 << 18 };
    cleanup_free unsigned char *chunk = malloc(CHUNK);
    if (!chunk)
        return lab_error_memory(err);
    *bytes = 0;
    for (;;) {
        ssize_t n = read_retry(fd, chunk, CHUNK);
        if (n < 0)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
        if (n == 0)
            return 0;
        sha256_update(digest, chunk, (size_t)n);
        *bytes += (uint64_t)n;
    }
}

int fs_sha256(const char *path, char hex[SHA256_HEX_SIZE], uint64_t *bytes, struct lab_error *err)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
    if (!S_ISREG(st.st_mode))
        return lab_error_set(err, LAB_ERR_IO, "cannot read %s: not a regular file", path);
    struct sha256 *digest = sha256_begin();
    if (!digest)
        return lab_error_memory(err);
    int result = digest_stream(fd, digest, path, bytes, err);
    sha256_finish(digest, result == 0 ? hex : NULL);
    return result;
}
