#include "lib/seclude.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <seccomp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <termios.h>
#include <unistd.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "lib/confine.h"

static int refused(const char *what, struct lab_error *err)
{
    return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot %s", what);
}

/* --- the file system ------------------------------------------------------------- */

/* A folder of the trial that stays in sight. */
struct kept_folder {
    char *path; /* absolute; owned */
    int fd;     /* what was there before it was covered; owned */
};

static int keep(struct kept_folder *folder, char *path, struct lab_error *err)
{
    folder->path = path;
    folder->fd = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    if (folder->fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot open %s", path);
    return 0;
}

static void release(struct kept_folder *folder)
{
    cleanup_close_(&folder->fd);
    free(folder->path);
}

static int put_back(const struct kept_folder *folder, struct lab_error *err)
{
    char source[64];
    snprintf(source, sizeof(source), "/proc/self/fd/%d", folder->fd);
    if (fs_make_dirs(folder->path, err) < 0)
        return -1;
    if (mount(source, folder->path, NULL, MS_BIND, NULL) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot keep %s", folder->path);
    return 0;
}

/* Hide all trials but `folders`, which are below them. */
static int cover_trials(const char *trials, const struct kept_folder *folders, size_t count,
                        struct lab_error *err)
{
    if (mount("tmpfs", trials, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m") < 0)
        return refused("hide the other trials", err);
    for (size_t i = 0; i < count; i++)
        if (put_back(&folders[i], err) < 0)
            return -1;
    if (mount(NULL, trials, NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOSUID | MS_NODEV, NULL) <
        0)
        return refused("make the folder of the trials read-only", err);
    return 0;
}

/* The folder that holds a file or a folder of this name. Caller frees. */
static char *folder_of(const char *path)
{
    char *folder = fs_path("%s", path);
    char *slash = strrchr(folder, '/');
    *(slash ? slash : folder) = '\0';
    return folder;
}

static int show_own_trial(const struct node_args *args, struct lab_error *err)
{
    cleanup_free char *trial = getcwd(NULL, 0);
    if (!trial)
        return refused("find the folder of the trial", err);
    if (fs_make_dirs(args->work, err) < 0)
        return -1;
    cleanup_free char *trials = folder_of(trial);
    cleanup_free char *work = folder_of(args->work);
    cleanup_free char *output = args->output ? folder_of(args->output) : NULL;
    struct kept_folder folders[2] = { { .fd = -1 }, { .fd = -1 } };
    size_t count = output ? 2 : 1;
    int result = -1;
    if (keep(&folders[0], fs_path("%s/%s", trial, work), err) == 0 &&
        (!output || keep(&folders[1], fs_path("%s/%s", trial, output), err) == 0))
        result = cover_trials(trials, folders, count, err);
    for (size_t i = 0; i < count; i++)
        release(&folders[i]);
    return result;
}

static int make_own_view(const struct node_args *args, struct lab_error *err)
{
    if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return refused("make a view of the file system for the command", err);
    if (mount("devpts", "/dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "ptmxmode=0666,mode=620") < 0)
        return refused("make terminals for the command", err);
    return show_own_trial(args, err);
}

/* --- the terminal ---------------------------------------------------------------- */

static int leave_terminal(struct lab_error *err)
{
    cleanup_close int terminal = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal >= 0 && ioctl(terminal, TIOCNOTTY) < 0)
        return refused("leave the terminal of the node", err);
    return 0;
}

/* --- system calls ---------------------------------------------------------------- */

/* For all that a kernel of this architecture runs programs of. */
static const uint32_t architectures[] = {
    SCMP_ARCH_NATIVE,
#if defined(__x86_64__)
    SCMP_ARCH_X86,
    SCMP_ARCH_X32,
#elif defined(__aarch64__)
    SCMP_ARCH_ARM,
#endif
};

static const uint32_t typing[] = { TIOCSTI, TIOCLINUX };

/* Returns 0 or a negative errno. Of these arguments the kernel looks at 32 bits. */
static int forbid(scmp_filter_ctx filter)
{
    int failed = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(architectures) && !failed; i++)
        if ((failed = seccomp_arch_add(filter, architectures[i])) == -EEXIST)
            failed = 0;
    for (size_t i = 0; i < ARRAY_LENGTH(typing) && !failed; i++)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(ioctl), 1,
                                  SCMP_A1(SCMP_CMP_MASKED_EQ, UINT32_MAX, typing[i]));
    if (!failed)
        failed = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                  SCMP_A0(SCMP_CMP_MASKED_EQ, UINT32_MAX, AF_VSOCK));
    return failed ? failed : seccomp_load(filter);
}

static int forbid_calls(struct lab_error *err)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
    if (!filter)
        return lab_error_memory(err);
    int failed = forbid(filter);
    seccomp_release(filter);
    if (failed)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, -failed,
                               "cannot forbid system calls to the command");
    return 0;
}

int seclude(const struct node_args *args, struct lab_error *err)
{
    if (leave_terminal(err) < 0 || make_own_view(args, err) < 0)
        return -1;
    if (confine_privileges(CONFINE_KEEPER, err) < 0)
        return -1;
    return forbid_calls(err);
}
