#include "sandbox/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>

#include "labctl/cleanup.h"

char *idmap_line(unsigned long outside, char *buf, size_t size)
{
    snprintf(buf, size, "0 %lu 1\n", outside);
    return buf;
}

/* A map is set by one write(2), whole or not at all. */
static int write_proc(pid_t pid, const char *file, const char *text, struct lab_error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, text, strlen(text)) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno,
                               "cannot map this user into a new user namespace: %s", path);
    return 0;
}

int idmap_write(pid_t pid, uid_t uid, gid_t gid, struct lab_error *err)
{
    char line[IDMAP_LINE_MAX];
    if (write_proc(pid, "setgroups", "deny\n", err) < 0 ||
        write_proc(pid, "uid_map", idmap_line(uid, line, sizeof(line)), err) < 0)
        return -1;
    return write_proc(pid, "gid_map", idmap_line(gid, line, sizeof(line)), err);
}
