#include "supervise/cpu_usage.h"

#include <dirent.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labctl/cleanup.h"

/* Read the beginning of a file of /proc; it is made at the moment it is read. */
static bool read_text(const char *path, char *text, size_t size)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t used = 0;
    ssize_t length = fd < 0 ? -1 : 1;
    while (length > 0 && used < size - 1) {
        length = read(fd, text + used, size - 1 - used);
        used += length > 0 ? (size_t)length : 0;
    }
    text[used] = '\0';
    return used > 0;
}

/* --- the machine ---------------------------------------------------------- */

/* The fields of the first line of /proc/stat (proc(5)), in clock ticks. Guests are counted
 * in user and nice already. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, FIELDS };

static uint64_t ticks_to_ns(uint64_t ticks)
{
    return ticks * (1000000000u / (uint64_t)sysconf(_SC_CLK_TCK));
}

/* /proc/stat has a line for every processor and a number for every interrupt; this is the
 * most of it that is read. */
#define STAT_MAX 65536

static bool read_times(struct cpu_usage *usage)
{
    static char text[STAT_MAX];
    uint64_t ticks[FIELDS] = { 0 }, total = 0;
    if (!read_text("/proc/stat", text, sizeof(text)) || strncmp(text, "cpu ", 4) != 0)
        return false;
    char *at = text + 4;
    for (int i = 0; i < FIELDS; i++)
        total += ticks[i] = strtoull(at, &at, 10);
    usage->steal_ns = ticks_to_ns(ticks[STEAL]);
    usage->busy_ns = ticks_to_ns(total - ticks[IDLE] - ticks[IOWAIT] - ticks[STEAL]);
    usage->interrupt_ns = ticks_to_ns(ticks[IRQ] + ticks[SOFTIRQ]);
    usage->total_ns = ticks_to_ns(total);
    const char *running = strstr(at, "\nprocs_running ");
    unsigned count;
    if (running && sscanf(running, " procs_running %u", &count) == 1 && count > 0)
        usage->runnable = count - 1;
    return true;
}

bool cpu_usage_read(struct cpu_usage *usage)
{
    char text[256];
    *usage = (struct cpu_usage){ .cpus = (unsigned)sysconf(_SC_NPROCESSORS_ONLN) };
    usage->has_pressure = read_text("/proc/pressure/cpu", text, sizeof(text)) &&
                          sscanf(text, "some %*s %*s %*s total=%" SCNu64, &usage->pressure_us) == 1;
    return read_times(usage);
}

/* --- a process ------------------------------------------------------------ */

/* Add what PATH/schedstat says: time on a processor, time waiting for one, turns. */
static bool add_schedstat(const char *folder, struct process_usage *usage)
{
    char path[96], text[96];
    uint64_t cpu_ns, wait_ns;
    snprintf(path, sizeof(path), "%s/schedstat", folder);
    if (!read_text(path, text, sizeof(text)) ||
        sscanf(text, "%" SCNu64 " %" SCNu64, &cpu_ns, &wait_ns) != 2)
        return false;
    usage->cpu_ns += cpu_ns;
    usage->wait_ns += wait_ns;
    return true;
}

/* A folder's count of links is two more than the folders in it, here a folder a thread. */
#define LINKS_OF_ONE_THREAD 3

/* Add all threads of a process. Most have one, and then its folder need not be read. */
static bool add_threads(pid_t pid, struct process_usage *usage)
{
    char folder[64], thread[64];
    struct stat st;
    snprintf(folder, sizeof(folder), "/proc/%d/task", (int)pid);
    if (stat(folder, &st) < 0)
        return false;
    if (st.st_nlink == LINKS_OF_ONE_THREAD) {
        snprintf(thread, sizeof(thread), "/proc/%d", (int)pid);
        return add_schedstat(thread, usage);
    }
    cleanup_closedir DIR *dir = opendir(folder);
    struct dirent *entry;
    bool any = false;
    while (dir && (entry = readdir(dir)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(thread, sizeof(thread), "/proc/%d/task/%.16s", (int)pid, entry->d_name);
        any |= add_schedstat(thread, usage);
    }
    return any;
}

/* Generations that are followed: the program, what it starts, and some more. */
#define GENERATIONS 8

/* Add what a process has started, and what that has. */
static bool add_children(pid_t pid, int generations, struct process_usage *usage)
{
    char path[64], children[1024];
    bool any = false;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)pid, (int)pid);
    if (generations == 0 || !read_text(path, children, sizeof(children)))
        return false;
    for (char *at = children, *end; *at; at = end) {
        long child = strtol(at, &end, 10);
        if (end == at || *end != ' ') /* the last number, if there are too many, is cut */
            break;
        any |= add_threads((pid_t)child, usage);
        any |= add_children((pid_t)child, generations - 1, usage);
    }
    return any;
}

bool job_usage_read(pid_t pid, struct process_usage *usage)
{
    *usage = (struct process_usage){ 0 };
    return add_children(pid, GENERATIONS, usage);
}
