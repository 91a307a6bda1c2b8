#include "supervise/seize.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"

struct process {
    pid_t pid, parent;
    bool dead;       /* a zombie takes no signal */
    bool descendant; /* of the root */
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
    *process = (struct process){ .pid = (pid_t)strtol(pid, NULL, 10),
                                 .parent = parent,
                                 .dead = state == 'Z' || state == 'X' };
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

static bool is_descendant(const struct table *table, pid_t pid)
{
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].pid == pid)
            return table->at[i].descendant;
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
            if (process->descendant ||
                (process->parent != root && !is_descendant(table, process->parent)))
                continue;
            process->descendant = more = true;
        }
    }
}

static int list_descendants(struct table *table, pid_t root, struct lab_error *err)
{
    if (read_table(table, err) < 0)
        return -1;
    mark_descendants(table, root);
    return 0;
}

static size_t send(const struct table *table, int signal)
{
    size_t sent = 0;
    for (size_t i = 0; i < table->count; i++)
        if (table->at[i].descendant && !table->at[i].dead && kill(table->at[i].pid, signal) == 0)
            sent++;
    return sent;
}

int seize_signal(pid_t root, int signal, size_t *reached, struct lab_error *err)
{
    struct table table = { 0 };
    int failed = list_descendants(&table, root, err);
    *reached = failed ? 0 : send(&table, signal);
    free(table.at);
    return failed;
}

int seize_all(pid_t root, int signal, size_t *reached, struct lab_error *err)
{
    struct table table = { 0 };
    size_t before;
    int failed;
    *reached = 0;
    do {
        before = *reached;
        failed = list_descendants(&table, root, err);
        *reached = failed ? before : send(&table, SIGSTOP);
    } while (!failed && *reached > before);
    if (!failed && signal != SIGSTOP)
        send(&table, signal);
    free(table.at);
    return failed;
}
