#include "lib/confine.h"

#include <errno.h>
#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define CAPABILITY_WORDS 2

/* What is kept of the capabilities that are held. Whoever may end a process of another user's
 * ends none here: all have one user. */
static const uint32_t kept[] = {
    [CONFINE_PROGRAM] = 1u << CAP_DAC_OVERRIDE,
    [CONFINE_KEEPER] = 1u << CAP_DAC_OVERRIDE | 1u << CAP_KILL,
};

/* The bounding set decides what a program of uid 0 gets when it is started. Where we may not
 * lower it, we have nothing that could be had through it. */
static void drop_bounding(void)
{
    for (unsigned long capability = 0; capability < CAPABILITY_WORDS * 32; capability++)
        if (capability != CAP_DAC_OVERRIDE && prctl(PR_CAPBSET_DROP, capability) < 0)
            return;
}

int confine_privileges(enum confine_role role, struct lab_error *err)
{
    struct __user_cap_header_struct header = { .version = _LINUX_CAPABILITY_VERSION_3 };
    struct __user_cap_data_struct data[CAPABILITY_WORDS];
    drop_bounding();
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || syscall(SYS_capget, &header, data) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot read the capabilities");
    for (size_t i = 0; i < CAPABILITY_WORDS; i++) {
        data[i].permitted &= i == 0 ? kept[role] : 0;
        data[i].effective = data[i].permitted;
        data[i].inheritable = 0;
    }
    if (syscall(SYS_capset, &header, data) < 0)
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot give up capabilities");
    return 0;
}

static void lower_limit(int resource, uint64_t value)
{
    struct rlimit limit;
    if (value == 0 || getrlimit((__rlimit_resource_t)resource, &limit) < 0 ||
        limit.rlim_max <= value)
        return;
    limit.rlim_cur = limit.rlim_max = value;
    setrlimit((__rlimit_resource_t)resource, &limit);
}

/* RLIMIT_DATA counts private writable memory; RLIMIT_AS would count what is only reserved,
 * which run-time systems of many languages do by the terabyte. */
void confine_resources(uint64_t memory, uint64_t file)
{
    lower_limit(RLIMIT_DATA, memory);
    lower_limit(RLIMIT_FSIZE, file);
}
