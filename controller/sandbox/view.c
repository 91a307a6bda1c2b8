#include "sandbox/view.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "sandbox/explain.h"
#include "sandbox/sockets.h"

/* <sys/mount.h> of older C libraries lacks the newer calls, and clashes with
 * <linux/mount.h>: so all of them are made by number. */

static int refused(const char *what, const char *where, struct lab_error *err)
{
    struct sandbox_facts facts;
    int errnum = errno;
    cleanup_free char *text = fs_path("%s %s", what, where);
    explain_read_facts(&facts);
    return explain_setup(text, errnum, &facts, err);
}

static int set_flags(int fd, const char *path, unsigned how, uint64_t set, uint64_t clear)
{
    struct mount_attr attributes = { .attr_set = set, .attr_clr = clear };
    return (int)syscall(SYS_mount_setattr, fd, path, how, &attributes, sizeof(attributes));
}

static int mount_new(const char *kind, const char *target, unsigned long flags, const char *data)
{
    return (int)syscall(SYS_mount, kind, target, kind, flags, data);
}

/* --- the paths that are named --------------------------------------------------- */

/* Where the view is replaced by an empty one. */
static const char *const hidden[] = { "/tmp", "/run", "/dev" };

static bool is_below(const char *path, const char *folder)
{
    size_t length = strlen(folder);
    return strncmp(path, folder, length) == 0 && path[length] == '/';
}

static bool is_hidden(const char *path)
{
    for (size_t i = 0; i < ARRAY_LENGTH(hidden); i++)
        if (is_below(path, hidden[i]))
            return true;
    return false;
}

void view_add(struct view *view, const char *path, bool writable)
{
    cleanup_free char *real = path[0] == '/' ? realpath(path, NULL) : NULL;
    if (!real || view->count == VIEW_PATHS_MAX || (!writable && !is_hidden(real)))
        return;
    for (size_t i = 0; i < view->count; i++)
        if (strcmp(view->paths[i].path, real) == 0) {
            view->paths[i].writable |= writable;
            return;
        }
    view->paths[view->count++] = (struct view_path){ steal_ptr(real), writable };
}

void view_release(struct view *view)
{
    for (size_t i = 0; i < view->count; i++)
        free(view->paths[i].path);
    view->count = 0;
}

/* A folder comes before what is in it. */
static int compare_paths(const void *a, const void *b)
{
    return strcmp(((const struct view_path *)a)->path, ((const struct view_path *)b)->path);
}

/* No program may gain anything by being run, nor reach a device but those in /dev. A program
 * with file capabilities, as ping is, can be run without them only this way. */
#define HARMLESS  (MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV)
#define READ_ONLY (HARMLESS | MOUNT_ATTR_RDONLY)

/* A copy of the mounts at `path`, to be put back where it was. Returns a descriptor. */
static int take_tree(const char *path, uint64_t set, uint64_t clear)
{
    int fd = (int)syscall(SYS_open_tree, AT_FDCWD, path,
                          OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE);
    if (fd >= 0 && set_flags(fd, "", AT_EMPTY_PATH | AT_RECURSIVE, set, clear) < 0) {
        close(fd);
        return -1;
    }
    return fd;
}

/* Something to mount on. Below a hidden folder it has to be made; elsewhere it is there. */
static int make_target(const char *path, int tree)
{
    struct stat st;
    struct lab_error ignored;
    if (access(path, F_OK) == 0)
        return 0;
    if (fstat(tree, &st) < 0)
        return -1;
    if (S_ISDIR(st.st_mode))
        return fs_make_dirs(path, &ignored);
    cleanup_free char *folder = fs_path("%s", path);
    *strrchr(folder, '/') = '\0';
    if (fs_make_dirs(folder, &ignored) < 0)
        return -1;
    cleanup_close int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    return fd < 0 ? -1 : 0;
}

static int put_tree(int tree, const char *path)
{
    if (make_target(path, tree) < 0)
        return -1;
    return (int)syscall(SYS_move_mount, tree, "", AT_FDCWD, path, MOVE_MOUNT_F_EMPTY_PATH);
}

/* --- folders of its own ----------------------------------------------------------- */

static int mount_temporary(const char *path, const char *mode, uint64_t bytes,
                           struct lab_error *err)
{
    char data[80];
    snprintf(data, sizeof(data), "mode=%s,size=%llu", mode, (unsigned long long)bytes);
    if (mount_new("tmpfs", path, MS_NOSUID | MS_NODEV, data) < 0)
        return refused("mounting a private", path, err);
    return 0;
}

/* Devices that every program may expect, and no other: root's programs could write to disks. */
static const char *const devices[] = { "/dev/full", "/dev/null",    "/dev/random",
                                       "/dev/tty",  "/dev/urandom", "/dev/zero" };

#define DEVICES_BYTES (1u << 20)

static int fill_devices(uint64_t temporary_bytes, const int *trees, struct lab_error *err)
{
    static const char *const links[][2] = { { "pts/ptmx", "/dev/ptmx" },
                                            { "/proc/self/fd", "/dev/fd" },
                                            { "/proc/self/fd/0", "/dev/stdin" },
                                            { "/proc/self/fd/1", "/dev/stdout" },
                                            { "/proc/self/fd/2", "/dev/stderr" } };
    if (mount_temporary("/dev", "755", DEVICES_BYTES, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LENGTH(devices); i++)
        if (trees[i] >= 0 && put_tree(trees[i], devices[i]) < 0)
            return refused("keeping", devices[i], err);
    for (size_t i = 0; i < ARRAY_LENGTH(links); i++)
        if (symlink(links[i][0], links[i][1]) < 0)
            return refused("making", links[i][1], err);
    if (mkdir("/dev/shm", 0755) < 0 || mkdir("/dev/pts", 0755) < 0)
        return refused("making folders in", "/dev", err);
    if (mount_new("devpts", "/dev/pts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=620") < 0)
        return refused("mounting a private", "/dev/pts", err);
    return mount_temporary("/dev/shm", "1777", temporary_bytes, err);
}

static int make_devices(uint64_t temporary_bytes, struct lab_error *err)
{
    int trees[ARRAY_LENGTH(devices)];
    for (size_t i = 0; i < ARRAY_LENGTH(devices); i++)
        trees[i] =
            take_tree(devices[i], 0, MOUNT_ATTR_NODEV); /* one that this machine lacks stays away */
    int result = fill_devices(temporary_bytes, trees, err);
    for (size_t i = 0; i < ARRAY_LENGTH(devices); i++)
        cleanup_close_(&trees[i]);
    return result;
}

/* --- all of it -------------------------------------------------------------------- */

static int replace_folders(const struct view *view, struct lab_error *err)
{
    struct stat st;
    if (set_flags(AT_FDCWD, "/", AT_RECURSIVE, READ_ONLY, 0) < 0)
        return refused("making the file system", "read-only", err);
    if (set_flags(AT_FDCWD, "/proc", 0, 0, MOUNT_ATTR_RDONLY) < 0)
        return refused("keeping /proc", "writable", err);
    if (make_devices(view->temporary_bytes, err) < 0)
        return -1;
    if (stat("/tmp", &st) == 0 && mount_temporary("/tmp", "1777", view->temporary_bytes, err) < 0)
        return -1;
    if (stat("/run", &st) == 0 && mount_temporary("/run", "755", DEVICES_BYTES, err) < 0)
        return -1;
    return 0;
}

/* Put the named paths back, then close what was open to make places for them. */
static int restore_paths(const struct view *view, const int *trees, struct lab_error *err)
{
    for (size_t i = 0; i < view->count; i++)
        if (put_tree(trees[i], view->paths[i].path) < 0)
            return refused("keeping", view->paths[i].path, err);
    if (set_flags(AT_FDCWD, "/dev", 0, MOUNT_ATTR_RDONLY, 0) < 0)
        return refused("making /dev", "read-only", err);
    if (access("/run", F_OK) == 0 && set_flags(AT_FDCWD, "/run", 0, MOUNT_ATTR_RDONLY, 0) < 0)
        return refused("making /run", "read-only", err);
    return 0;
}

/* What is named to be written is meant to be used. */
static bool is_writable(const char *path, const void *context)
{
    const struct view *view = context;
    cleanup_free char *real = realpath(path, NULL);
    for (size_t i = 0; real && i < view->count; i++) {
        const struct view_path *named = &view->paths[i];
        if (named->writable && (strcmp(real, named->path) == 0 || is_below(real, named->path)))
            return true;
    }
    return false;
}

int view_apply(const struct view *view, struct lab_error *err)
{
    struct view sorted = *view;
    int trees[VIEW_PATHS_MAX], result = -1;
    size_t taken = 0;
    qsort(sorted.paths, sorted.count, sizeof(sorted.paths[0]), compare_paths);
    for (; taken < sorted.count; taken++) {
        trees[taken] = take_tree(sorted.paths[taken].path,
                                 sorted.paths[taken].writable ? HARMLESS : READ_ONLY, 0);
        if (trees[taken] < 0) {
            refused("keeping", sorted.paths[taken].path, err);
            break;
        }
    }
    if (taken == sorted.count && replace_folders(&sorted, err) == 0 &&
        restore_paths(&sorted, trees, err) == 0 &&
        (!view->sockets || sockets_cover(view->sockets, is_writable, view, err) == 0))
        result = chdir("/") < 0 ? refused("entering", "/", err) : 0;
    while (taken > 0)
        close(trees[--taken]);
    return result;
}
