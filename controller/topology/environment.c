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

/* Processes of the sandbox: for each node its shell, the one that waits for its program, and
 * the program; and some that come and go. */
#define PROCESSES_PER_NODE 3
#define PROCESSES_BASE     8

/* Root is not bound by the limit: neither here nor where a namespace's user is root outside. */
static bool is_root_outside(void)
{
    cleanup_fclose FILE *map = fopen("/proc/self/uid_map", "re");
    unsigned inside, outside;
    return !map || fscanf(map, "%u %u", &inside, &outside) != 2 || outside == 0;
}

static int check_processes(size_t nodes, struct lab_error *err)
{
    struct rlimit limit;
    rlim_t needed = PROCESSES_BASE + (rlim_t)nodes * PROCESSES_PER_NODE;
    if (getrlimit(RLIMIT_NPROC, &limit) < 0)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "limit of processes");
    if (limit.rlim_cur >= needed || is_root_outside())
        return 0;
    return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                         "%zu nodes need %lu processes, and the limit is %lu; mend: raise it "
                         "with `ulimit -u` or in /etc/security/limits.conf",
                         nodes, (unsigned long)needed, (unsigned long)limit.rlim_cur);
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
    return check_processes(nodes, err) < 0 ? -1 : limit_files(nodes, err);
}
