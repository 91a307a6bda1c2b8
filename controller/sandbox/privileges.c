#include "sandbox/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "labctl/cleanup.h"

/* Why each is kept until a node's program starts. */
static const unsigned kept[] = {
    CAP_NET_ADMIN,        /* links, addresses, queues, sysctls of the network */
    CAP_NET_RAW,          /* ping and captures at the prompt of labctl shell */
    CAP_NET_BIND_SERVICE, /* the same at that prompt */
    CAP_SYS_ADMIN,        /* namespaces of the hosts, their /sys, entering them */
    CAP_SYS_CHROOT,       /* entering a mount namespace asks for it */
    CAP_SYS_PTRACE,       /* looking at what processes of other hosts do */
    CAP_KILL,             /* ending them */
    CAP_SETPCAP,          /* giving up the rest */
    CAP_DAC_OVERRIDE,     /* root reads and writes in folders of other users */
};

#define CAPABILITY_WORDS 2

static bool is_kept(unsigned capability, bool mapped)
{
    if (mapped && capability == CAP_DAC_OVERRIDE)
        return false;
    for (size_t i = 0; i < ARRAY_LENGTH(kept); i++)
        if (kept[i] == capability)
            return true;
    return false;
}

/* An old kernel knows fewer, and says so with EINVAL. */
static int drop_bounding(bool mapped, struct lab_error *err)
{
    for (unsigned capability = 0; capability < CAPABILITY_WORDS * 32; capability++) {
        if (is_kept(capability, mapped) || prctl(PR_CAPBSET_DROP, capability) == 0)
            continue;
        if (errno == EINVAL)
            return 0;
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot give up capability %u",
                               capability);
    }
    return 0;
}

int privileges_limit(bool mapped, struct lab_error *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[CAPABILITY_WORDS];
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot forbid new privileges");
    if (drop_bounding(mapped, err) < 0)
        return -1;
    if (syscall(SYS_capget, &header, data) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot read the capabilities");
    for (unsigned capability = 0; capability < CAPABILITY_WORDS * 32; capability++) {
        if (is_kept(capability, mapped))
            continue;
        data[capability / 32].permitted &= ~(1u << (capability % 32));
    }
    for (size_t i = 0; i < CAPABILITY_WORDS; i++) {
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    if (syscall(SYS_capset, &header, data) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot give up capabilities");
    return 0;
}

/* --- processes ------------------------------------------------------------- */

#define PID_MAX "/proc/sys/kernel/pid_max"

/* Numbers below this are given out once and never again, so they do not count. */
#define PIDS_RESERVED 300

static bool is_kernel(unsigned major, unsigned minor)
{
    struct utsname name;
    unsigned found_major, found_minor;
    if (uname(&name) < 0 || sscanf(name.release, "%u.%u", &found_major, &found_minor) != 2)
        return false;
    return found_major > major || (found_major == major && found_minor >= minor);
}

/* Written only where it belongs to this namespace: elsewhere it is the whole machine's. */
static void limit_pids(uint64_t count)
{
    char text[32];
    unsigned long long now;
    if (!is_kernel(6, 14))
        return;
    cleanup_close int fd = open(PID_MAX, O_RDWR | O_CLOEXEC);
    ssize_t length = fd >= 0 ? read(fd, text, sizeof(text) - 1) : -1;
    if (length <= 0)
        return;
    text[length] = '\0';
    if (sscanf(text, "%llu", &now) != 1 || now <= count + PIDS_RESERVED)
        return;
    length = snprintf(text, sizeof(text), "%llu", (unsigned long long)count + PIDS_RESERVED);
    if (pwrite(fd, text, (size_t)length, 0) < 0)
        return; /* the other walls stand */
}

void privileges_limit_processes(uint64_t count)
{
    struct rlimit limit;
    limit_pids(count);
    if (!is_kernel(5, 14) || getrlimit(RLIMIT_NPROC, &limit) < 0 || limit.rlim_cur <= count)
        return;
    limit.rlim_cur = limit.rlim_max = count;
    setrlimit(RLIMIT_NPROC, &limit);
}
