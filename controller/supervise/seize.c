#include "supervise/seize.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "supervise/processes.h"

/* A process that was sent SIGSTOP may run on for a moment, and start another one. How long to
 * wait before looking again, and how often to look. */
#define LOOK_AGAIN_US 200
#define LOOKS         1000

struct process {
    pid_t pid, parent;
    char state;  /* as in /proc/PID/stat */
    bool is_its; /* of the program */
};

struct table {
    struct process *at; /* owned */
    size_t count, room;
};

/* "PID (NAME) STATE PARENT ...", where NAME may hold anything. */
static bool read_stat(const char *pid, struct process *process)
{
    char path[64], text[512];
    snprintf(path, sizeof(path), "/proc/%.20s/stat", pid);
    cleanup_fclose FILE *stream = fopen(path, "re");
    size_t length = stream ? fread(text, 1, sizeof(text) - 1, stream) : 0;
    text[length] = '\0';
    const char *rest = strrchr(text, ')');
    char state;
    int parent;
    if (!rest || sscanf(rest + 1, " %c %d", &state, &parent) != 2)
        return false;
    *process =
        (struct process){ .pid = (pid_t)strtol(pid, NULL, 10), .parent = parent, .state = state };
    return true;
}

static int read_table(struct table *table, struct lab_error *err)
{
    cleanup_closedir DIR *dir = opendir("/proc");
    if (!dir)
        return lab_error_errno(err, LAB_ERR_INTERNAL, errno, "/proc");
    struct dirent *entry;
    table->count = 0;
    while ((entry = readdir(dir)) != NULL) {
        if (table->count == table->room) {
            size_t room = table->room ? 2 * table->room : 256;
            struct process *more = realloc(table->at, room * sizeof(*more));
            if (!more)
                return lab_error_memory(err);
            table->at = more;
            table->room = room;
        }
        if (isdigit((unsigned char)entry->d_name[0]) &&
            read_stat(entry->d_name, &table->at[table->count]))
            table->count++;
    }
    return 0;
}

/* A zombie takes no signal. */
static bool is_dead(const struct process *process)
{
    return process->state == 'Z' || process->state == 'X';
}

/* A process that is stopped starts no other one; nor does one that waits in the kernel, as the
 * parent of a vfork() does for a child that is stopped, before it stops too. */
static bool is_held(const struct process *process)
{
    return is_dead(process) || process->state == 'T' || process->state == 't' ||
           process->state == 'D';
}

static const struct process *find(const struct table *table, pid_t pid)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].pid == pid)
            return &table->at[i];
    return NULL;
}

static bool is_ancestor(const struct table *table, pid_t pid, pid_t of)
{
    for (const struct process *at = find(table, of); at; at = find(table, at->parent))
        if (at->parent == pid)
            return true;
    return false;
}

/* A round for each generation. */
static void mark_descendants(struct table *table, pid_t root)
{
    bool more = true;
    while (more) {
        more = false;
        for (size_t i = 0; i < table->count; i++) {
            struct process *process = &table->at[i];
            const struct process *parent = process->is_its ? NULL : find(table, process->parent);
            if (!parent || (parent->pid != root && !parent->is_its))
                continue;
            process->is_its = more = true;
        }
    }
}

/* Those that left the family, but not the node: all in its network but the shells that `root`
 * descends from, and `root`. */
static void mark_node(struct table *table, pid_t root)
{
    ino_t network = processes_network(root);
    for (size_t i = 0; network && i < table->count; i++) {
        struct process *process = &table->at[i];
        if (process->pid != root && processes_network(process->pid) == network &&
            !is_ancestor(table, process->pid, root))
            process->is_its = true;
    }
}

static int list_processes(struct table *table, pid_t root, struct lab_error *err)
{
    if (read_table(table, err) < 0)
        return -1;
    mark_node(table, root);
    mark_descendants(table, root);
    return 0;
}

static size_t signal_all(const struct table *table, int signal)
{
    size_t sent = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].is_its && !is_dead(&table->at[i]) && kill(table->at[i].pid, signal) == 0)
            sent++;
    return sent;
}

int seize_signal(pid_t root, int signal, size_t *reached, struct lab_error *err)
{
    struct table table = { 0 };
    int failed = list_processes(&table, root, err);
    *reached = failed ? 0 : signal_all(&table, signal);
    free(table.at);
    return failed;
}

static bool all_held(const struct table *table)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].is_its && !is_held(&table->at[i]))
            return false;
    return true;
}

/* One look at the table is no instant: what one process started before it was found held may be
 * missing, which the next look finds. */
static int hold(struct table *table, pid_t root, size_t *reached, struct lab_error *err)
{
    int calm = 0;
    for (int look = 0; look < LOOKS && calm < 2; look++) {
        if (list_processes(table, root, err) < 0)
            return -1;
        *reached = signal_all(table, SIGSTOP);
        calm = all_held(table) ? calm + 1 : 0;
        if (!calm)
            usleep(LOOK_AGAIN_US);
    }
    return 0;
}

int seize_all(pid_t root, int signal, size_t *reached, struct lab_error *err)
{
    struct table table = { 0 };
    *reached = 0;
    int failed = hold(&table, root, reached, err);
    if (!failed && signal != SIGSTOP)
        signal_all(&table, signal);
    free(table.at);
    return failed;
}
