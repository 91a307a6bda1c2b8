/* Files and folders. */
#ifndef LABCTL_FS_H
#define LABCTL_FS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/sha256.h"
#include "labctl/error.h"

/* A file's whole content, NUL-terminated; *length may be NULL. Refuses more than `max`
 * bytes. Caller frees; NULL with err set on failure. */
char *fs_read_file(const char *path, size_t max, size_t *length, struct lab_error *err);

/* Replace a file's content in one step: written beside it, then renamed. */
int fs_write_file(const char *path, const char *data, size_t length, struct lab_error *err);

/* mkdir -p. */
int fs_make_dirs(const char *path, struct lab_error *err);

/* rm -rf, never following a link. A path that is not there is no error. */
int fs_remove_tree(const char *path, struct lab_error *err);

/* printf into a fresh path. Caller frees; never NULL (ends the program when memory is
 * gone, as every caller would). */
char *fs_path(const char *format, ...) __attribute__((format(printf, 1, 2)));
char *fs_vpath(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

/* SHA-256 of a file, read as a stream, in lower-case hex; *bytes is its length. */
int fs_sha256(const char *path, char hex[SHA256_HEX_SIZE], uint64_t *bytes, struct lab_error *err);

#endif
