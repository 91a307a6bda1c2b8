#include "sandbox/explain.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "labctl/cleanup.h"

static long read_setting(const char *path)
{
    cleanup_fclose FILE *stream = fopen(path, "re");
    long value;
    return stream && fscanf(stream, "%ld", &value) == 1 ? value : -1;
}

void explain_read_facts(struct sandbox_facts *facts)
{
    *facts = (struct sandbox_facts){
        .root = geteuid() == 0,
        .max_user_namespaces = read_setting("/proc/sys/user/max_user_namespaces"),
        .unprivileged_userns = read_setting("/proc/sys/kernel/unprivileged_userns_clone"),
        .apparmor_restrict = read_setting("/proc/sys/kernel/apparmor_restrict_unprivileged_userns"),
    };
}

#define CONTAINER_MEND                                                                             \
    "in a container, start it with --privileged, or with --security-opt seccomp=unconfined "       \
    "--security-opt apparmor=unconfined --security-opt systempaths=unconfined"

/* A setting of this machine that forbids user namespaces to an ordinary user. */
static const char *forbidding_setting(const struct sandbox_facts *facts)
{
    if (facts->max_user_namespaces == 0)
        return "user.max_user_namespaces is 0; mend: sysctl -w user.max_user_namespaces=15000";
    if (facts->root)
        return NULL;
    if (facts->unprivileged_userns == 0)
        return "kernel.unprivileged_userns_clone is 0; mend: "
               "sysctl -w kernel.unprivileged_userns_clone=1";
    if (facts->apparmor_restrict == 1)
        return "AppArmor restricts user namespaces of ordinary users; mend: "
               "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0";
    return NULL;
}

/* `made` tells whether the namespaces were made: then it is not their number. */
static const char *reason(bool made, int errnum, const struct sandbox_facts *facts)
{
    const char *setting = forbidding_setting(facts);
    switch (errnum) {
    case EPERM:
    case EACCES:
        return setting ? setting : "a security policy forbids it; mend: " CONTAINER_MEND;
    case ENOSPC:
    case EUSERS:
        return setting ? setting
                       : "too many namespaces are in use, or they are nested too deep; mend: end "
                         "what holds them, or raise the user.max_*_namespaces settings";
    case EAGAIN:
        return "this user runs as many processes as it may; mend: raise the limit with "
               "`ulimit -Hu` or in /etc/security/limits.conf";
    case ENOSYS:
        return "the kernel is older than 5.12, or a container hides the call clone3 or "
               "mount_setattr; "
               "mend: " CONTAINER_MEND;
    case EINVAL:
        return made ? "this kernel cannot do it"
                    : "this kernel was built without user, PID, mount, IPC, UTS or network "
                      "namespaces; mend: a kernel with CONFIG_NAMESPACES and CONFIG_USER_NS";
    default:
        return "no known reason";
    }
}

int explain_clone(int errnum, const struct sandbox_facts *facts, struct lab_error *err)
{
    return lab_error_set(err, LAB_ERR_UNSUPPORTED, "cannot make the namespaces of a run: %s (%s)",
                         strerror(errnum), reason(false, errnum, facts));
}

int explain_setup(const char *what, int errnum, const struct sandbox_facts *facts,
                  struct lab_error *err)
{
    return lab_error_set(err, LAB_ERR_UNSUPPORTED, "%s is refused in new namespaces: %s (%s)", what,
                         strerror(errnum), reason(true, errnum, facts));
}
