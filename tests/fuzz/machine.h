/* Drives a node program's state machine without a network: its connections are socket
 * pairs, its files are in memory, and what it has to say is thrown away. */
#ifndef FUZZ_MACHINE_H
#define FUZZ_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#include "lib/node.h"

#define MACHINE_FILE_BYTES 5000
#define MACHINE_BLOCK_SIZE 1024

/* Where the machine listens: messages that name this port of 127.0.0.1 lead a peer to itself. */
#define MACHINE_PORT 5001

/* A node with an event loop, a file of MACHINE_FILE_BYTES to serve, and an output. The
 * process leaves the network behind first, since messages may name addresses to connect
 * to; it can reach itself. Static; made anew by each call. */
struct node *machine_node(void);

/* A connection: *theirs is the machine's end, the return value the fuzzer's. */
int machine_connect(int *theirs, struct sockaddr_in *address);

/* Write to the machine, and let it run until it has nothing to do; what it says in turn
 * is thrown away. */
void machine_feed(struct node *node, int fd, const uint8_t *data, size_t size,
                  uint64_t (*turn)(void *owner), void *owner);

/* Split off the next piece of an input: a byte that says which connection, two that say
 * how long, and the piece. Returns 0 at the end. */
int machine_piece(const uint8_t **data, size_t *size, unsigned *connection, const uint8_t **piece,
                  size_t *length);

#endif
