/* What the node programs have in common: arguments, the event log on stdout,
 * words for people on stderr, and how they end. */
#ifndef NODES_NODE_H
#define NODES_NODE_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

#include "labctl/error.h"
#include "labctl/event_writer.h"
#include "lib/loop.h"
#include "lib/telemetry.h"

/* Most --set and --env options. */
#define NODE_VALUES_MAX 8
#define NODE_ENV_MAX    64

/* Words of the command line, borrowed from it. */
struct node_words {
    char *words[NODE_ENV_MAX];
    size_t count;
};

struct node_args {
    const char *node;
    const char *file;
    const char *output;
    const char *gate;
    const char *reserve; /* a file as long as the one to come, or NULL */
    struct in_addr server;
    struct in_addr address; /* own */
    uint16_t port;
    uint32_t clients;
    uint32_t block_size;
    bool naive;            /* --framing naive */
    uint64_t telemetry_ns; /* between two looks at connections; 0: none */
    /* of the programs that run a command */
    const char *work;      /* folder that the command runs in */
    const char *ready;     /* how it shows that it is ready: "tcp:PORT", ... */
    uint32_t expect_exit;  /* status with which it has done its work */
    uint64_t max_memory;   /* bytes that the command may use up; 0: no limit */
    uint64_t max_file;     /* bytes of a file that it may write; 0: auto */
    struct node_words set; /* "name=value": what placeholders stand for */
    struct node_words env; /* "NAME=value", with placeholders */
    char **command;        /* what stands after "--", ended by NULL */
};

struct node {
    struct node_args args;
    struct event_writer events;
    struct loop loop;
    struct telemetry telemetry;
    uint64_t progress_at;    /* when a progress event may be written next */
    unsigned errors;         /* told by node_report_error() */
    uint64_t ready_at;       /* when a server that needs some time is ready; 0: not known yet */
    int64_t child_waited_ns; /* for processors, by a command that has ended */
};

/* A node program: its name, the options it must be given (those it may be given
 * besides are in brackets), and what it does. */
struct node_program {
    const char *name;
    const char *options; /* "node port [framing]"; "--" when a command follows */
    bool is_server;      /* a server stopped by a signal has done its work: status 0 */
    int (*run)(struct node *node, struct lab_error *err);
    /* Gives up what it must not have; NULL: all but what every program keeps. */
    int (*confine)(const struct node_args *args, struct lab_error *err);
};

/* The body of main(): reads the arguments, writes `start`, runs, writes `error` when
 * that failed, and `exit`. Returns the exit status. */
int node_main(const struct node_program *program, int argc, char **argv);

/* Read the arguments into `args`. Fails with LAB_ERR_USAGE. */
int node_args_parse(struct node_args *args, const char *options, int argc, char **argv,
                    struct lab_error *err);

/* A line for people, on stderr. */
void node_say(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* A failure that is not the end: an `error` event, and a line for people. After
 * NODE_ERRORS_MAX of them one says that others are not told: whoever can reach a program can
 * give it reason to complain. How it ends is told in any case. */
#define NODE_ERRORS_MAX 1000
void node_report_error(struct node *node, const struct lab_error *error);

/* Events that more than one program writes. */
void node_event_ready(struct node *node, bool listens);
void node_event_connect(struct node *node, uint32_t connection, const char *peer);
void node_event_bytes(struct node *node, const char *event, uint64_t bytes);

/* `progress`, unless one was written less than NODE_PROGRESS_NS ago. */
#define NODE_PROGRESS_NS 25000000ull
void node_event_progress(struct node *node, uint64_t bytes);

/* Write buffered events out. A log that cannot be written is no reason to stop. */
void node_flush(struct node *node);

/* Open the gate, say `ready`, wait, and say `begin`. *begin is when it really began. */
int node_pass_gate(struct node *node, uint64_t *begin, struct lab_error *err);

/* Make the file to be received. Returns a descriptor, or -1. */
int node_create_output(const char *path, struct lab_error *err);

/* Set room aside on the disk for an output file, as much as the file `like` has bytes, so that
 * a disk that is too full is found before anything is transferred, and the time of a transfer
 * is not that of finding room. Its length stays as it is. Does nothing where `like` is NULL,
 * or a file system cannot do it. */
int node_reserve(int fd, const char *path, const char *like, struct lab_error *err);

/* Open the file to be shared and tell its length. Returns a descriptor, or -1. */
int node_open_file(const char *path, uint64_t *bytes, struct lab_error *err);

/* Give an output file its final length. */
int node_set_length(int fd, const char *path, uint64_t bytes, struct lab_error *err);

#endif
