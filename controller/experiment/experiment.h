/* An experiment: what the JSON file says, decoded and checked, every default filled in.
 * Reading one is pure: it opens the file, and nothing else. */
#ifndef LABCTL_EXPERIMENT_H
#define LABCTL_EXPERIMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/faults.h"
#include "labctl/error.h"

#define EXPERIMENT_NAME_MAX 64
#define INTERFACE_NAME_MAX  15    /* of the kernel: IFNAMSIZ - 1 */
#define NODE_NAME_MAX       9     /* so that NODE-eth99 fits */
#define HOSTS_MAX           10000 /* the address scheme carries more (plan.h) */
#define TRIALS_MAX          10000
#define CONGESTION_NAME_MAX 15 /* of the kernel: TCP_CA_NAME_MAX - 1 */

enum start_kind { START_TOGETHER, START_SEQUENTIAL, START_STAGGER };
enum model_kind { MODEL_CS, MODEL_P2P, MODEL_EXEC };
enum framing_kind { FRAMING_LENGTH, FRAMING_NAIVE };

/* A link between a host and the router. */
struct link_spec {
    uint64_t up_bps;      /* host to router, bit/s; 0: unshaped */
    uint64_t down_bps;    /* router to host, bit/s; 0: unshaped */
    uint64_t queue_bytes; /* 0: auto, 50 ms at the rate of the direction, at least 64 KiB */
    uint64_t delay_ns;    /* one way, each direction; 0: none. Needs netem */
    double loss;          /* fraction of packets, each direction, 0..1. Needs netem */
};

struct host_spec {
    char name[NODE_NAME_MAX + 1];
    struct link_spec link;
};

struct file_spec {
    char *path;    /* as written in the file, or NULL: generated from size and seed */
    uint64_t size; /* bytes, of a generated file */
    uint64_t seed; /* of a generated file */
};

struct client_spec {
    size_t host; /* index into hosts */
    enum framing_kind framing;
    uint64_t join_ns; /* its gate opens so much later than "start" says */
    enum expect_kind expect;
};

/* How labctl knows that a server of the model "exec" is ready. */
enum ready_kind { READY_AT_ONCE, READY_TCP, READY_LOG, READY_DELAY };

/* The model "exec": commands of the user's. Lists end with NULL. */
struct exec_spec {
    char **server_command; /* words with placeholders (exec.h) */
    char **client_command;
    char **env;   /* "NAME=VALUE" */
    char **needs; /* "program=package": what must be installed, and by which package */
    enum ready_kind ready;
    uint16_t ready_port;
    char *ready_text; /* what its output contains by then */
    uint64_t ready_delay_ns;
    unsigned expect_exit; /* status of a client that did its work */
    bool no_output;       /* clients leave no file, so there is none to verify */
};

/* How often the workload is repeated, where the results decide: until the 95 % confidence
 * interval of the median makespan is narrower than `ci` times the median. */
struct until_spec {
    double ci; /* 0: not used, `trials` says */
    unsigned max_trials;
};

#define UNTIL_TRIALS_MIN     6 /* with fewer there is no such interval (statistics.h) */
#define UNTIL_TRIALS_DEFAULT 30

/* What the commands of a node may use up (model "exec"). */
struct limits_spec {
    uint64_t memory;    /* bytes, of a process and of all of a node's together */
    unsigned processes; /* and threads, of a node */
    uint64_t file;      /* bytes of any one file; 0: auto, the shared file's and 1 GiB more */
};

#define LIMIT_MEMORY_DEFAULT    (2ull << 30)
#define LIMIT_MEMORY_MIN        (16ull << 20)
#define LIMIT_PROCESSES_DEFAULT 256
#define LIMIT_PROCESSES_MAX     100000
#define LIMIT_FILE_MIN          (1ull << 20)
#define LIMIT_SIZE_MAX          (1ull << 50)

struct experiment {
    char *source; /* path of the file it was read from, for messages */
    char *folder; /* "folder", or that of the file; file.path is relative to it */
    char *name;
    char *title;
    char router[NODE_NAME_MAX + 1];
    struct link_spec link; /* what a host has unless "links" says otherwise */
    struct host_spec *hosts;
    size_t host_count;

    enum model_kind model;
    bool server_is_router;
    size_t server_host; /* index into hosts, unless server_is_router */
    struct client_spec *clients;
    size_t client_count;
    struct file_spec file;
    uint64_t block_size; /* bytes; 0: auto, the server chooses; peer to peer only */
    uint16_t port;
    struct exec_spec exec;
    enum start_kind start;
    uint64_t stagger_ns;
    struct fault_spec *faults; /* in the order of the file */
    size_t fault_count;
    enum expect_kind server_expect;

    unsigned trials;
    unsigned warmup;
    struct until_spec until;
    uint64_t seed;
    uint64_t timeout_ns; /* of one trial */
    struct limits_spec limits;
    char **writable; /* paths that programs may write, absolute; ended by NULL, or NULL */
    bool keep_files; /* keep received files in the run directory */
    char congestion_control[CONGESTION_NAME_MAX + 1]; /* of TCP, as the kernel names it */
    uint64_t telemetry_ns; /* between samples of connections, links and CPUs; 0: none */
};

#define PORT_DEFAULT       5001
#define BLOCK_SIZE_MIN     1024u
#define BLOCK_SIZE_MAX     (4u << 20)
#define BLOCKS_MAX         1000000u /* what the file-length message carries (wire.h) */
#define FILE_SIZE_MAX      (1ull << 40)
#define RATE_MIN           100000ull         /* bit/s */
#define RATE_MAX           40000000000ull    /* bit/s */
#define TIME_MAX           86400000000000ull /* ns: a day */
#define TIMEOUT_DEFAULT    60000000000ull    /* ns */
#define TELEMETRY_MIN      1000000ull        /* ns, between samples */
#define TELEMETRY_MAX      60000000000ull    /* ns */

/* The TCP congestion control of a model, unless the experiment names one: one that does not
 * depend on the default of the machine. A stream has cubic, which fills the queue, so that
 * one flow reaches the rate of its link. Blocks, which come one at a time with pauses
 * between them, have reno: BBR never learns from such a flow how fast the path is, and
 * stays at the rates it starts with, nearly three times too fast; reno backs off at the
 * first loss. */
const char *experiment_default_congestion(enum model_kind model);

/* Read and check an experiment file, one that is no sweep (sweep.h). On failure `err` is
 * LAB_ERR_INVALID (or _IO when the file cannot be read) and holds every problem found, one a line.
 * Returns an experiment that the caller frees with experiment_free(), or NULL. */
struct experiment *experiment_read(const char *path, struct lab_error *err);

/* As experiment_read, of text in memory; `name` stands for the file in messages. */
struct experiment *experiment_parse(const char *name, const char *text, size_t length,
                                    struct lab_error *err);

void experiment_free(struct experiment *experiment);

/* What can only be told by looking at the disk: that the file to be shared is there, can
 * be read, and cuts into a number of blocks that works. *bytes is its length. */
int experiment_check_file(const struct experiment *experiment, uint64_t *bytes,
                          struct lab_error *err);

/* How many counted trials are run before "until" is looked at; without it, all. */
unsigned experiment_first_trials(const struct experiment *experiment);

/* Path of the given file (`file.path` from the experiment's folder). Caller frees. */
char *experiment_file_path(const struct experiment *experiment);

/* The experiment as JSON with every default filled in, which experiment_parse() reads
 * back to the same experiment. A file path is made absolute, so that the record can be
 * run from anywhere. Caller frees; NULL when out of memory. */
char *experiment_to_json(const struct experiment *experiment);

/* Name of the node that serves: the router's or a host's. Borrowed from `experiment`. */
const char *experiment_server_name(const struct experiment *experiment);

const char *model_name(enum model_kind model);    /* "cs", "p2p", "exec" */
const char *start_name(enum start_kind start);    /* "together", "sequential", "stagger" */
const char *framing_name(enum framing_kind kind); /* "length", "naive" */

#endif
