#include "sandbox/setup.h"

#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <sched.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "sandbox/explain.h"
#include "sandbox/privileges.h"
#include "sandbox/view.h"

#define SANDBOX_HOST_NAME "labctl"

static int refused(const char *what, struct lab_error *err)
{
    struct sandbox_facts facts;
    explain_read_facts(&facts);
    return explain_setup(what, errno, &facts, err);
}

static int setup_mounts(struct lab_error *err)
{
    /* Nothing mounted in here may show outside, nor hold anything that is unmounted there. */
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
        return refused("making the mounts private", err);
    if (mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL) < 0)
        return refused("mounting /proc", err);
    return 0;
}

static int setup_loopback(struct lab_error *err)
{
    cleanup_close int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct ifreq request = { .ifr_name = "lo", .ifr_flags = IFF_UP };
    if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &request) < 0)
        return refused("bringing the loopback interface up", err);
    return 0;
}

static int leave_terminal(struct lab_error *err)
{
    cleanup_close int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "/dev/null");
    if (setsid() < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "cannot leave the session");
    return 0;
}

int setup_namespaces(enum sandbox_flags flags, bool mapped, struct lab_error *err)
{
    /* A node that crashes must not leave a file wherever core files go. */
    const struct rlimit no_core = { 0, 0 };
    setrlimit(RLIMIT_CORE, &no_core);
    if (setup_mounts(err) < 0 || setup_loopback(err) < 0)
        return -1;
    if (sethostname(SANDBOX_HOST_NAME, strlen(SANDBOX_HOST_NAME)) < 0)
        return refused("setting the host name", err);
    if (privileges_limit(mapped, err) < 0)
        return -1;
    return flags & SANDBOX_KEEP_TERMINAL ? 0 : leave_terminal(err);
}

#define PROBE_BYTES (1u << 20)

int setup_probe_host(struct lab_error *err)
{
    struct view view = { .temporary_bytes = PROBE_BYTES };
    if (view_apply(&view, err) < 0)
        return -1;
    if (unshare(CLONE_NEWNET | CLONE_NEWNS) < 0)
        return refused("making the namespaces of a host", err);
    if (mount("sysfs", "/sys", "sysfs", 0, NULL) < 0)
        return refused("mounting /sys for a host", err);
    return 0;
}
