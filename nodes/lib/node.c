#include "lib/node.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "lib/confine.h"
#include "lib/gate.h"
#include "lib/net.h"
#include "lib/usage.h"

#define EXIT_USAGE 2

void node_say(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vfprintf(stderr, format, args);
    va_end(args);
    fputc('\n', stderr);
}

void node_flush(struct node *node)
{
    struct lab_error err = LAB_ERROR_INIT;
    event_flush(&node->events, &err);
}

static void write_error(struct node *node, const struct lab_error *error)
{
    node_say("error: %s", error->message);
    event_begin(&node->events, EVENT_ERROR, 0);
    event_string(&node->events, "code", lab_error_name(error->code));
    event_string(&node->events, "message", error->message);
    event_end(&node->events);
    node_flush(node);
}

void node_report_error(struct node *node, const struct lab_error *error)
{
    struct lab_error last = LAB_ERROR_INIT;
    if (node->errors > NODE_ERRORS_MAX)
        return;
    if (node->errors++ < NODE_ERRORS_MAX) {
        write_error(node, error);
        return;
    }
    lab_error_set(&last, LAB_ERR_NODE, "more than %d errors: those that follow are not told",
                  NODE_ERRORS_MAX);
    write_error(node, &last);
}

void node_event_ready(struct node *node, bool listens)
{
    event_begin(&node->events, EVENT_READY, 0);
    if (listens)
        event_integer(&node->events, "port", node->args.port);
    event_end(&node->events);
    node_flush(node);
}

void node_event_connect(struct node *node, uint32_t connection, const char *peer)
{
    event_begin(&node->events, EVENT_CONNECT, 0);
    event_integer(&node->events, "connection", connection);
    event_string(&node->events, "peer", peer);
    event_end(&node->events);
}

void node_event_bytes(struct node *node, const char *event, uint64_t bytes)
{
    event_begin(&node->events, event, 0);
    event_integer(&node->events, "bytes", (int64_t)bytes);
    event_end(&node->events);
}

void node_event_progress(struct node *node, uint64_t bytes)
{
    uint64_t now = event_now();
    if (now < node->progress_at)
        return;
    node->progress_at = now + NODE_PROGRESS_NS;
    node_event_bytes(node, EVENT_PROGRESS, bytes);
    node_flush(node);
}

int node_pass_gate(struct node *node, uint64_t *begin, struct lab_error *err)
{
    cleanup_close int fd = gate_open_reader(node->args.gate, err);
    if (fd < 0)
        return -1;
    node_event_ready(node, false);
    uint64_t planned;
    if (gate_wait(fd, &node->loop, &planned, err))
        return -1;
    *begin = event_now();
    event_begin(&node->events, EVENT_BEGIN, *begin);
    event_integer(&node->events, "planned", (int64_t)planned);
    event_end(&node->events);
    return 0;
}

static void write_start(struct node *node, const struct node_program *program)
{
    event_begin(&node->events, EVENT_START, 0);
    event_string(&node->events, "node", node->args.node);
    event_string(&node->events, "program", program->name);
    event_integer(&node->events, "pid", getpid());
    event_end(&node->events);
    node_flush(node);
}

static void write_exit(struct node *node, int status)
{
    event_begin(&node->events, EVENT_EXIT, 0);
    event_integer(&node->events, "status", status);
    usage_write(&node->events, node->child_waited_ns);
    event_end(&node->events);
    node_flush(node);
}

static int confine(const struct node *node, const struct node_program *program,
                   struct lab_error *err)
{
    if (program->confine)
        return program->confine(&node->args, err);
    return confine_privileges(CONFINE_PROGRAM, err);
}

static int run_program(struct node *node, const struct node_program *program, struct lab_error *err)
{
    if (loop_open(&node->loop, err) ||
        telemetry_start(&node->telemetry, &node->loop, &node->events, node->args.telemetry_ns,
                        err) ||
        program->run(node, err))
        return node->loop.signalled && program->is_server ? 0 : -1;
    if (node->loop.signalled && !program->is_server)
        return lab_error_set(err, LAB_ERR_INTERRUPTED, "stopped by a signal");
    return 0;
}

int node_main(const struct node_program *program, int argc, char **argv)
{
    static struct node node;
    struct lab_error err = LAB_ERROR_INIT;
    event_writer_init(&node.events, STDOUT_FILENO);
    setvbuf(stderr, NULL, _IOLBF, 0);
    if (node_args_parse(&node.args, program->options, argc, argv, &err)) {
        node_say("%s: %s", program->name, err.message);
        return EXIT_USAGE;
    }
    if (confine(&node, program, &err)) {
        node_say("%s: %s", program->name, err.message);
        return 1;
    }
    net_raise_descriptor_limit();
    write_start(&node, program);
    int status = run_program(&node, program, &err) ? 1 : 0;
    if (status)
        write_error(&node, &err);
    write_exit(&node, status);
    telemetry_stop(&node.telemetry);
    loop_close(&node.loop);
    return status;
}
