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

/* The second number of FOLDER/NAME/schedstat, or 0. */
static int64_t waited_ns(const char *folder, const char *name)
{
    char path[64];
    int64_t waited = 0;
    snprintf(path, sizeof(path), "%s/%.16s/schedstat", folder, name);
    cleanup_fclose FILE *file = fopen(path, "re");
    return file && fscanf(file, "%*s %" SCNd64, &waited) == 1 ? waited : 0;
}

int64_t usage_waited_ns(pid_t child)
{
    char name[16];
    snprintf(name, sizeof(name), "%d", (int)child);
    return waited_ns("/proc", name);
}

void usage_write(struct event_writer *events, int64_t child_waited_ns)
{
    cleanup_closedir DIR *dir = opendir("/proc/self/task");
    struct dirent *entry;
    int64_t waited = child_waited_ns;
    while (dir && (entry = readdir(dir)) != NULL)
        if (entry->d_name[0] != '.')
            waited += waited_ns("/proc/self/task", entry->d_name);
    event_integer(events, "cpu_ns", spent_ns(RUSAGE_SELF) + spent_ns(RUSAGE_CHILDREN));
    event_integer(events, "wait_ns", waited);
}
