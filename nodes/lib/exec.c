#include "lib/exec.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/command.h"

#define READY_POLL_MS  2
#define OUTPUT_POLL_MS 25

/* End the command, and tell of what it said that the log does not hold, and how it fared. */
static void stop(struct command *command, struct node *node)
{
    command_stop(command);
    if (command->dropped)
        node_event_bytes(node, EVENT_DROPPED, command->dropped);
    node->child_waited_ns = command->waited_ns;
}

/* --- server ---------------------------------------------------------------- */

/* Whether a socket of this network namespace listens on the port. Looking, rather than
 * connecting, does not use up a server that takes one connection. */
static bool listens(const char *table, unsigned port)
{
    enum { TCP_LISTEN_STATE = 0x0a };
    cleanup_fclose FILE *file = fopen(table, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    while (file && getline(&line, &size, file) > 0) {
        unsigned local, state;
        if (sscanf(line, " %*u: %*[0-9A-Fa-f]:%x %*[0-9A-Fa-f]:%*x %x", &local, &state) == 2 &&
            local == port && state == TCP_LISTEN_STATE)
            return true;
    }
    return false;
}

static bool is_listening(const char *port, struct node *node)
{
    unsigned number = (unsigned)strtoul(port, NULL, 10);
    (void)node;
    return listens("/proc/net/tcp", number) || listens("/proc/net/tcp6", number);
}

/* Whether the command has printed the text: its output goes to our log, which is a file. */
static bool has_printed(const char *text, struct node *node)
{
    enum { LOG_LOOKED_AT = 1 << 20 };
    cleanup_close int fd = open("/proc/self/fd/2", O_RDONLY | O_CLOEXEC);
    cleanup_free char *log = malloc(LOG_LOOKED_AT);
    (void)node;
    ssize_t length = fd >= 0 && log ? pread(fd, log, LOG_LOOKED_AT, 0) : 0;
    return length > 0 && memmem(log, (size_t)length, text, strlen(text));
}

static bool has_waited(const char *nanoseconds, struct node *node)
{
    uint64_t delay = strtoull(nanoseconds, NULL, 10);
    if (node->ready_at == 0)
        node->ready_at = event_now() + delay;
    return event_now() >= node->ready_at;
}

static bool at_once(const char *nothing, struct node *node)
{
    (void)nothing;
    (void)node;
    return true;
}

static const struct ready_condition {
    const char *prefix;
    bool (*holds)(const char *rest, struct node *node);
} conditions[] = {
    { "at-once", at_once },
    { "tcp:", is_listening },
    { "log:", has_printed },
    { "delay:", has_waited },
};

static bool is_ready(struct node *node)
{
    const char *ready = node->args.ready;
    for (size_t i = 0; i < ARRAY_LENGTH(conditions); i++) {
        size_t length = strlen(conditions[i].prefix);
        if (strncmp(ready, conditions[i].prefix, length) == 0)
            return conditions[i].holds(ready + length, node);
    }
    return true;
}

/* Follow the server's command until it ends or a signal comes. */
static int follow_server(struct command *command, struct node *node, struct lab_error *err)
{
    while (!is_ready(node)) {
        bool ended = command_ended(command, &node->loop, READY_POLL_MS);
        if (node->loop.signalled)
            return 0;
        if (ended)
            return command_check(command, 0, err) < 0
                       ? -1
                       : lab_error_set(err, LAB_ERR_NODE, "the command ended before it was ready");
    }
    node_event_ready(node, false);
    while (!command_ended(command, &node->loop, -1))
        if (node->loop.signalled)
            return 0;
    return command_check(command, 0, err);
}

int exec_server_run(struct node *node, struct lab_error *err)
{
    struct command command;
    if (command_start(&command, node, err))
        return -1;
    int result = follow_server(&command, node, err);
    stop(&command, node);
    return result;
}

/* --- client ---------------------------------------------------------------- */

static uint64_t file_length(const char *path)
{
    struct stat st;
    return path && stat(path, &st) == 0 ? (uint64_t)st.st_size : 0;
}

/* A client without an output has moved what the experiment says it moves. */
static uint64_t bytes_moved(const struct node_args *args)
{
    return file_length(args->output ? args->output : args->file);
}

static int follow_client(struct command *command, struct node *node, struct lab_error *err)
{
    while (!command_ended(command, &node->loop, OUTPUT_POLL_MS)) {
        if (node->loop.signalled)
            return lab_error_set(err, LAB_ERR_INTERRUPTED, "stopped by a signal");
        node_event_progress(node, file_length(node->args.output));
    }
    if (command_check(command, node->args.expect_exit, err))
        return -1;
    node_event_bytes(node, EVENT_FINISH, bytes_moved(&node->args));
    return 0;
}

/* The folder that the output goes to, which a command expects to be there. */
static int make_output_folder(const struct node_args *args, struct lab_error *err)
{
    if (!args->output)
        return 0;
    cleanup_close int fd = node_create_output(args->output, err);
    if (fd < 0)
        return -1;
    unlink(args->output);
    return 0;
}

int exec_client_run(struct node *node, struct lab_error *err)
{
    struct command command;
    uint64_t begin;
    if (make_output_folder(&node->args, err) || node_pass_gate(node, &begin, err) ||
        command_start(&command, node, err))
        return -1;
    int result = follow_client(&command, node, err);
    stop(&command, node);
    return result;
}
