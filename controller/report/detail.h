/* What the logs of one trial tell beyond its results: the curves, who got which block from
 * whom, what the links carried. Kept in bounded memory. */
#ifndef LABCTL_DETAIL_H
#define LABCTL_DETAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "experiment/experiment.h"
#include "report/series.h"

/* Blocks whose way is kept for each client; of more, every stride-th number is kept, the
 * same of every client, so that the way of a kept block is whole. */
#define DETAIL_BLOCKS_MAX 1024

/* Nodes that a trial's transfers may name; further ones are left out of the matrix. */
#define DETAIL_NODES_MAX 512

struct block_arrival {
    uint32_t block; /* number from 0 */
    uint16_t from;  /* index into the detail's nodes */
    double began_s; /* its first byte arrived; seconds from the trial's origin */
    double at_s;    /* it was whole */
};

/* What one client received. */
struct client_detail {
    struct series curve; /* bytes held (y) over seconds (x) */
    struct block_arrival *arrivals;
    size_t arrival_count, arrival_room;
    uint64_t *bytes_from; /* by node, DETAIL_NODES_MAX of them; NULL: nothing came */
};

/* One direction of a host's link. */
struct link_detail {
    char node[NODE_NAME_MAX + 1];
    bool up;
    size_t samples;
    double first_s, last_s;
    uint64_t first_bytes, last_bytes, first_drops, last_drops;
    struct series rate; /* bits per second (y) at seconds (x), between samples */
};

/* Round-trip times that one node's connections told: the mean of them, turn by turn. */
struct rtt_detail {
    char node[NODE_NAME_MAX + 1];
    struct series rtt;    /* seconds (y) at seconds (x) */
    double turn_s, sum_s; /* the turn that is being taken: when it began, and the sum */
    size_t told;          /* how many there are in it */
};

/* Zeroed is empty. */
struct run_detail {
    struct client_detail *clients; /* owned, by client */
    size_t client_count;
    uint32_t block_stride; /* 1 when every block is kept; 0 before the first */
    char (*nodes)[48];     /* names of senders, owned */
    size_t node_count;
    struct link_detail *links;
    size_t link_count;
    struct rtt_detail *rtts;
    size_t rtt_count;
};

/* Room for so many clients. Returns 0, or -1 when out of memory. */
int run_detail_init(struct run_detail *detail, size_t clients);
void run_detail_clear(struct run_detail *detail);

/* `bytes` of the file came to `client` from the node `from`. */
void run_detail_add_bytes(struct run_detail *detail, size_t client, const char *from,
                          uint64_t bytes);

/* ... and were a block. Its sender is `from`; `arrival.from` is set by this function. */
void run_detail_add_block(struct run_detail *detail, size_t client, const char *from,
                          uint64_t bytes, struct block_arrival arrival);

/* A round-trip time. Those that a node tells within `turn_s` of the first are one turn of its
 * telemetry, a connection each, and become one point. run_detail_end() completes the last turn,
 * and the series of links. */
void run_detail_add_rtt(struct run_detail *detail, const char *node, double at_s, double rtt_s,
                        double turn_s);
void run_detail_end(struct run_detail *detail);

/* A sample of a link's counters. */
void run_detail_add_link(struct run_detail *detail, const char *node, bool up, double at_s,
                         uint64_t bytes, uint64_t drops);

#endif
