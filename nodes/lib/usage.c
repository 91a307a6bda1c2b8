#include "lib/usage.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <sys/resource.h>

#include "labctl/cleanup.h"

static int64_t spent_ns(int who)
{
    struct rusage usage;
    if (getrusage(who, &usage) < 0)
        return 0;
    int64_t seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec;
    int64_t microseconds = usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
    return seconds * 1000000000 + microseconds * 1000;
}

/* The second number of /proc/self/task/THREAD/schedstat, or 0. */
static int64_t thread_waited_ns(const char *thread)
{
    char path[64];
    int64_t waited = 0;
    snprintf(path, sizeof(path), "/proc/self/task/%.16s/schedstat", thread);
    cleanup_fclose FILE *file = fopen(path, "re");
    return file && fscanf(file, "%*s %" SCNd64, &waited) == 1 ? waited : 0;
}

void usage_write(struct event_writer *events)
{
    cleanup_closedir DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int64_t waited = 0;
    while (dir && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            waited += thread_waited_ns(entry->d_name);
    event_integer(events, "cpu_ns", spent_ns(RUSAGE_SELF) + spent_ns(RUSAGE_CHILDREN));
    event_integer(events, "wait_ns", waited);
}
