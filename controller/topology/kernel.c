#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "topology/internal.h"
#include "topology/network.h"
#include "topology/tool.h"

/* Try a queueing discipline on the loopback interface, which nothing uses. */
static int probe(const char *const *add, const char *what, const char *option,
                 struct lab_error *err)
{
    static const char *const del[] = { "tc", "qdisc", "del", "dev", "lo", "root", NULL };
    struct tool_job *jobs = calloc(2, sizeof(*jobs));
    if (!jobs)
        return lab_error_memory(err);
    if (environment_prepare(0, err) < 0) { /* tc may be where only root's PATH leads */
        free(jobs);
        return -1;
    }
    jobs[0] = (struct tool_job){ .node = "loopback", .argv = add };
    jobs[1] = (struct tool_job){ .node = "loopback", .argv = del };
    int failed = tool_run(&jobs[0], 1, err);
    if (failed)
        lab_error_wrap(err, "%s is not in this kernel (mend: a kernel with %s)", what, option);
    else
        failed = tool_run(&jobs[1], 1, err);
    tool_free_jobs(jobs, 2);
    return failed;
}

int network_probe_netem(struct lab_error *err)
{
    static const char *const add[] = { "tc",   "qdisc", "add",   "dev", "lo",
                                       "root", "netem", "delay", "1ms", NULL };
    return probe(add, "netem, which delays and loses packets,", "CONFIG_NET_SCH_NETEM", err);
}

int network_probe_shaping(struct lab_error *err)
{
    static const char *const add[] = { "tc",   "qdisc", "add",   "dev",  "lo",    "root", "tbf",
                                       "rate", "1mbit", "burst", "3028", "limit", "3028", NULL };
    return probe(add, "TBF, which shapes links,", "CONFIG_NET_SCH_TBF", err);
}

#define CONGESTION_CONTROLS "/proc/sys/net/ipv4/tcp_available_congestion_control"

int network_probe_congestion(const char *name, struct lab_error *err)
{
    char known[512] = "", words[sizeof(known)];
    cleanup_fclose FILE *stream = fopen(CONGESTION_CONTROLS, "re");
    if (!stream || !fgets(known, sizeof(known), stream))
        return lab_error_errno(err, LAB_ERR_UNSUPPORTED, errno, "cannot read %s",
                               CONGESTION_CONTROLS);
    known[strcspn(known, "\n")] = '\0';
    memcpy(words, known, sizeof(words));
    char *rest = NULL;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        if (strcmp(word, name) == 0)
            return 0;
    return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                         "this kernel has no TCP congestion control \"%s\" "
                         "(/tcp/congestion_control); it has: %s (mend: name one of them, or as "
                         "root modprobe tcp_%s)",
                         name, known, name);
}
