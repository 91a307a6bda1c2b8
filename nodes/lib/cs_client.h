/* The client of the client/server protocol: fetches the file and says how long it took.
 *
 *     connecting -> waiting for LENGTH -> receiving -> REPORT is sent -> done
 *       ^  |              |                  |
 *       |  '--------------+------------------'  the connection breaks
 *       '--- a pause of 0.1 to 1 second <----'
 *
 * A connection that breaks is made again, and the transfer goes on from the byte that is
 * wanted next. The client gives up when nobody listens any more (the server has ended), when
 * no connection could be made for CS_CONNECT_PATIENCE_NS, when it took more than
 * CS_CONNECTIONS_MAX of them, and when the server breaks the protocol; it says so with LEAVE
 * if it still can.
 *
 * The bytes go from the socket to the file through a pipe, by splice: the kernel copies
 * them once. With naive framing they are read as the lab's first program did: until
 * recv() gives less than it was asked for, which loses the rest of the file; and there is one
 * connection, as there was then. */
#ifndef NODES_CS_CLIENT_H
#define NODES_CS_CLIENT_H

#include "lib/channel.h"
#include "lib/node.h"

#define CS_CONNECT_PATIENCE_NS 10000000000ull
#define CS_CONNECTIONS_MAX     32

struct cs_client {
    struct node *node; /* borrowed */
    struct channel channel;
    struct sockaddr_in server;
    int output_fd; /* owned, as the pipe's ends */
    int pipe_fds[2];
    uint64_t number; /* by which the server knows us again */
    uint64_t begin_ns;
    uint64_t length; /* of the file */
    uint64_t got;
    uint32_t connections; /* tried so far */
    uint64_t pause_ns;    /* before the next one */
    uint64_t connect_at;  /* when it is to be tried; 0: it is being tried, or there */
    uint64_t give_up_at;  /* if there is no connection by then; 0: there is one */
    bool has_length, done;
    struct lab_error broken;  /* why the last connection that there was ended */
    struct lab_error latest;  /* why the last one ended, or could not be made */
    struct lab_error failure; /* why all of it ended, unless done */
};

/* Make the output file and the pipe. Returns 0, or -1 with err set. Close in either case. */
int cs_client_open(struct cs_client *client, struct node *node, struct lab_error *err);
void cs_client_close(struct cs_client *client);

/* Begin, with a descriptor that is connected, or connecting, to a server at `address`; it
 * is taken over. */
int cs_client_join(struct cs_client *client, int fd, const struct sockaddr_in *address,
                   struct lab_error *err);

/* To be called between the loop's batches. Returns when it has to be called again. */
uint64_t cs_client_turn(void *client);

/* The whole program. */
int cs_client_run(struct node *node, struct lab_error *err);

#endif
