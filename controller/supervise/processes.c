#include "supervise/processes.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/units.h"
#include "labctl/cleanup.h"

/* How often those that are left are ended again, a millisecond apart. */
#define END_ROUNDS 500

static bool is_first_process(void)
{
    return getpid() == 1;
}

ino_t processes_network(pid_t pid)
{
    char path[64];
    struct stat st;
    snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
    return is_first_process() && stat(path, &st) == 0 ? st.st_ino : 0;
}

/* --- all processes ------------------------------------------------------------------ */

/* Call `take` for each process but this one. Returns how many times it returned true. */
static size_t each_process(bool (*take)(pid_t pid, void *context), void *context)
{
    DIR *folder = opendir("/proc");
    size_t taken = 0;
    for (struct dirent *entry = folder ? readdir(folder) : NULL; entry; entry = readdir(folder)) {
        pid_t pid = isdigit((unsigned char)entry->d_name[0]) ? (pid_t)atoi(entry->d_name) : 0;
        if (pid > 1)
            taken += take(pid, context);
    }
    if (folder)
        closedir(folder);
    return taken;
}

static bool append(pid_t pid, void *context)
{
    struct process_list *list = context;
    pid_t *longer = realloc(list->pids, (list->count + 1) * sizeof(*longer));
    if (!longer)
        return false;
    list->pids = longer;
    list->pids[list->count++] = pid;
    return true;
}

int processes_note(struct process_list *list, struct lab_error *err)
{
    *list = (struct process_list){ 0 };
    if (!is_first_process())
        return 0;
    if (each_process(append, list) == 0)
        return lab_error_set(err, LAB_ERR_INTERNAL, "cannot see the processes of the sandbox");
    return 0;
}

void processes_release(struct process_list *list)
{
    free(list->pids);
    *list = (struct process_list){ 0 };
}

/* --- the end of the others ------------------------------------------------------------- */

/* One that has ended by now is no longer counted; it is ours to wait for when its parent
 * went before it. */
static bool end_other(pid_t pid, void *context)
{
    const struct process_list *list = context;
    for (size_t i = 0; i < list->count; i++)
        if (list->pids[i] == pid)
            return false;
    kill(pid, SIGKILL);
    return waitpid(pid, NULL, WNOHANG) != pid;
}

int processes_end_others(const struct process_list *list, struct lab_error *err)
{
    if (!is_first_process() || list->count == 0)
        return 0;
    for (int round = 0; round < END_ROUNDS; round++) {
        struct process_list before = *list;
        if (each_process(end_other, &before) == 0)
            return 0;
        usleep(1000);
    }
    return lab_error_set(err, LAB_ERR_NODE,
                         "programs start processes faster than these can be ended");
}

/* --- what a node uses --------------------------------------------------------------------- */

struct usage {
    ino_t network;
    uint64_t processes; /* and threads */
    uint64_t resident;  /* bytes; a page that several have is counted for each */
    uint64_t exact;     /* bytes; each page counted once */
};

struct survey {
    struct usage *nodes;
    size_t count;
    bool exactly;
};

/* The sum of the lines of /proc/PID/FILE whose key is in `keys`; kB become bytes. */
static uint64_t sum_lines(pid_t pid, const char *file, const char *const *keys, size_t count,
                          uint64_t unit)
{
    char path[64];
    uint64_t sum = 0;
    snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
    cleanup_fclose FILE *stream = fopen(path, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    while (stream && getline(&line, &size, stream) > 0)
        for (size_t i = 0; i < count; i++) {
            size_t length = strlen(keys[i]);
            if (strncmp(line, keys[i], length) == 0 && line[length] == ':')
                sum += strtoull(line + length + 1, NULL, 10) * unit;
        }
    return sum;
}

static bool add_process(pid_t pid, void *context)
{
    static const char *const threads[] = { "Threads" };
    static const char *const resident[] = { "RssAnon", "RssShmem", "VmSwap" };
    static const char *const exact[] = { "Pss_Anon", "Pss_Shmem", "SwapPss" };
    struct survey *survey = context;
    ino_t network = processes_network(pid);
    for (size_t i = 0; i < survey->count; i++) {
        struct usage *node = &survey->nodes[i];
        if (network == 0 || node->network != network)
            continue;
        if (survey->exactly) {
            node->exact += sum_lines(pid, "smaps_rollup", exact, ARRAY_LENGTH(exact), 1024);
        } else {
            node->processes += sum_lines(pid, "status", threads, ARRAY_LENGTH(threads), 1);
            node->resident += sum_lines(pid, "status", resident, ARRAY_LENGTH(resident), 1024);
        }
        return true;
    }
    return false;
}

static int complain_processes(const char *node, const struct usage *usage,
                              const struct limits_spec *limits, struct lab_error *err)
{
    return lab_error_set(err, LAB_ERR_NODE,
                         "%s: its programs run %" PRIu64
                         " processes and threads, more than \"limits\" allow it: %u",
                         node, usage->processes, limits->processes);
}

static int complain_memory(const char *node, const struct usage *usage,
                           const struct limits_spec *limits, struct lab_error *err)
{
    char found[UNITS_TEXT_MAX], allowed[UNITS_TEXT_MAX];
    return lab_error_set(err, LAB_ERR_NODE,
                         "%s: its programs hold %s of memory, more than \"limits\" allow it: %s",
                         node, units_format_amount(usage->exact, found, sizeof(found)),
                         units_format_amount(limits->memory, allowed, sizeof(allowed)));
}

int processes_check(const struct program *programs, size_t count, const struct limits_spec *limits,
                    struct lab_error *err)
{
    cleanup_free struct usage *nodes = calloc(count, sizeof(*nodes));
    struct survey survey = { nodes, count, false };
    if (!is_first_process())
        return 0;
    if (!nodes)
        return lab_error_memory(err);
    for (size_t i = 0; i < count; i++)
        nodes[i].network = program_alive(&programs[i]) ? processes_network(programs[i].job) : 0;
    each_process(add_process, &survey);
    for (size_t i = 0; i < count; i++) {
        if (nodes[i].processes > limits->processes)
            return complain_processes(programs[i].command->node, &nodes[i], limits, err);
        survey.exactly |= nodes[i].resident > limits->memory;
    }
    if (survey.exactly)
        each_process(add_process, &survey);
    for (size_t i = 0; i < count; i++)
        if (nodes[i].exact > limits->memory)
            return complain_memory(programs[i].command->node, &nodes[i], limits, err);
    return 0;
}
