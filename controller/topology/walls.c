#include "topology/walls.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "topology/tool.h"

/* --- its network ---------------------------------------------------------------- */

/* Settings that a kernel has belong to the network namespace; one that it lacks is no loss
 * but for who needs it, and is told by the program that fails. */
static void allow(const char *path, const char *value)
{
    cleanup_close int fd = open(path, O_WRONLY | O_CLOEXEC);
    if (fd >= 0 && write(fd, value, strlen(value)) < 0)
        return;
}

static int open_network(pid_t pid, struct lab_error *err)
{
    int way_back = tool_enter(pid, err);
    if (way_back < 0)
        return -1;
    allow("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
    allow("/proc/sys/net/ipv4/ping_group_range", "0 0");
    return tool_leave(way_back, err);
}

/* --- its mounts ------------------------------------------------------------------ */

static int make_read_only(const char *path, struct lab_error *err)
{
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY };
    if (syscall(SYS_mount_setattr, AT_FDCWD, path, AT_RECURSIVE, &attributes, sizeof(attributes)) <
        0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot make %s read-only", path);
    return 0;
}

static int close_mounts(pid_t pid, struct lab_error *err)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
    cleanup_close int there = open(path, O_RDONLY | O_CLOEXEC);
    cleanup_close int way_back = open("/proc/self/ns/mnt", O_RDONLY | O_CLOEXEC);
    cleanup_close int folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (there < 0 || way_back < 0 || folder < 0 || setns(there, CLONE_NEWNS) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno,
                               "cannot enter the mount namespace of process %d", (int)pid);
    int failed = make_read_only("/proc", err) < 0 || make_read_only("/sys", err) < 0;
    struct lab_error leaving = LAB_ERROR_INIT;
    if (setns(way_back, CLONE_NEWNS) < 0 || fchdir(folder) < 0)
        return lab_error_errno(failed ? &leaving : err, LAB_ERR_INTERNAL, errno,
                               "cannot return to the mount namespace of the sandbox");
    return failed ? -1 : 0;
}

/* When the machine's memory runs out, the kernel takes what was started on a node before all
 * else: children inherit this. They could not set it themselves, with /proc read-only. */
static void offer_memory(pid_t pid)
{
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/oom_score_adj", (int)pid);
    allow(path, "1000");
}

int walls_raise(pid_t pid, struct lab_error *err)
{
    offer_memory(pid);
    return open_network(pid, err) < 0 ? -1 : close_mounts(pid, err);
}
