/* The client of the client/server protocol: fetches the file and says how long it took.
 *
 *     connecting -> waiting for LENGTH -> receiving -> REPORT is sent -> done
 *
 * The bytes go from the socket to the file through a pipe, by splice: the kernel copies
 * them once. With naive framing they are read as the lab's first program did: until
 * recv() gives less than it was asked for, which loses the rest of the file. */
#ifndef NODES_CS_CLIENT_H
#define NODES_CS_CLIENT_H

#include "lib/channel.h"
#include "lib/node.h"

struct cs_client {
    struct node *node; /* borrowed */
    struct channel channel;
    int output_fd; /* owned, as the pipe's ends */
    int pipe_fds[2];
    uint64_t begin_ns;
    uint64_t length; /* of the file */
    uint64_t got;
    bool done;
    struct lab_error failure; /* why it ended, unless done */
};

/* Make the output file and the pipe. Returns 0, or -1 with err set. Close in either case. */
int cs_client_open(struct cs_client *client, struct node *node, struct lab_error *err);
void cs_client_close(struct cs_client *client);

/* Begin, with a descriptor that is connected, or connecting, to a server at `address`; it
 * is taken over. */
int cs_client_join(struct cs_client *client, int fd, const struct sockaddr_in *address,
                   struct lab_error *err);

/* To be called between the loop's batches. */
uint64_t cs_client_turn(void *client);

/* The whole program. */
int cs_client_run(struct node *node, struct lab_error *err);

#endif
