#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "topology/internal.h"
#include "topology/network.h"

/* Descriptors of this process: a terminal for each node, logs and a process handle for
 * each program, and some of its own. */
#define FILES_PER_NODE 8
#define FILES_BASE     128

/* A program that is started inherits the limit; many take 1024 for granted. Yet it should
 * be no larger than needed: mnexec closes every descriptor up to it, used or not. */
#define FILES_USUAL 1024

static int limit_files(size_t nodes, struct lab_error *err)
{
    struct rlimit limit;
    rlim_t needed = FILES_BASE + (rlim_t)nodes * FILES_PER_NODE;
    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "limit of open files");
    if (limit.rlim_max < needed)
        return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                             "%zu nodes need %lu open files, and the limit is %lu; mend: raise it "
                             "with `ulimit -Hn` or in /etc/security/limits.conf",
                             nodes, (unsigned long)needed, (unsigned long)limit.rlim_max);
    limit.rlim_cur = needed > FILES_USUAL ? needed : FILES_USUAL;
    if (limit.rlim_cur > limit.rlim_max)
        limit.rlim_cur = limit.rlim_max;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "limit of open files");
    return 0;
}

int environment_prepare(size_t nodes, struct lab_error *err)
{
    /* What would make the nodes' shells print or write something of their own. */
    static const char *const unwanted[] = { "PROMPT_COMMAND", "BASH_ENV", "ENV", "HISTFILE",
                                            "INPUTRC" };
    for (size_t i = 0; i < ARRAY_LENGTH(unwanted); i++)
        unsetenv(unwanted[i]);
    const char *path = getenv("PATH");
    cleanup_free char *longer = fs_path("%s:%s", path ? path : "/usr/bin", NETWORK_SYSTEM_PATH);
    if (setenv("PATH", longer, 1) < 0 || setenv("LC_ALL", "C.UTF-8", 1) < 0)
        return lab_error_memory(err);
    return limit_files(nodes, err);
}
