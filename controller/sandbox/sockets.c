#include "sandbox/sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "labctl/cleanup.h"

#define COVER "/dev/null"

FILE *sockets_list(void)
{
    return fopen("/proc/net/unix", "re");
}

/* "NUMBER: COUNT PROTOCOL FLAGS TYPE STATE INODE PATH", where PATH may hold spaces, may be missing,
 * and begins with @ when it is not one of the file system. */
static char *path_of(char *line)
{
    int end = 0;
    sscanf(line, "%*s %*s %*s %*s %*s %*s %*s%n", &end);
    char *path = line + end;
    path[strcspn(path, "\n")] = '\0';
    return end && path[0] == ' ' && path[1] == '/' ? path + 1 : NULL;
}

/* What is covered is what was found to be a socket, whatever the name stands for by then: anybody
 * may have made it. */
static int cover(const char *path, struct lab_error *err)
{
    struct stat st;
    cleanup_close int socket = open(path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
    if (socket < 0 || fstat(socket, &st) < 0 || !S_ISSOCK(st.st_mode))
        return 0;
    cleanup_close int tree =
        (int)syscall(SYS_open_tree, AT_FDCWD, COVER, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    struct mount_attr attributes = { .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV };
    if (tree >= 0 &&
        syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof(attributes)) == 0 &&
        syscall(SYS_move_mount, tree, "", socket, "",
                MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH) == 0)
        return 0;
    if (errno == ENOENT) /* it is gone */
        return 0;
    return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot hide the socket %s", path);
}

int sockets_cover(FILE *list, bool (*spare)(const char *path, const void *context),
                  const void *context, struct lab_error *err)
{
    cleanup_free char *line = NULL;
    size_t size = 0;
    while (getline(&line, &size, list) > 0) {
        const char *path = path_of(line);
        if (path && !spare(path, context) && cover(path, err) < 0)
            return -1;
    }
    return 0;
}
