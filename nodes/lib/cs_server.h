/* The server of the client/server protocol: sends the file to whoever asks.
 *
 *     accepted -- LENGTH is sent --> waiting -- REQUEST --> sending -- REPORT --> reported
 *
 * A connection that breaks the order is closed; the others never notice. */
#ifndef NODES_CS_SERVER_H
#define NODES_CS_SERVER_H

#include "lib/channel.h"
#include "lib/node.h"

struct cs_connection;

struct cs_server {
    struct node *node; /* borrowed */
    int file_fd;       /* owned */
    uint64_t file_bytes;
    struct watch listener;
    uint32_t accepted; /* connections so far */
    uint32_t reported; /* clients that said when they had the file, and closed */
    uint32_t lost;     /* clients that asked for it and left without a word */
    struct cs_connection *connections, *closed;
};

/* Open the file and listen. Returns 0, or -1 with err set. Close in either case. */
int cs_server_open(struct cs_server *server, struct node *node, struct lab_error *err);
void cs_server_close(struct cs_server *server);

/* Serve a connection. `fd` is taken over. */
void cs_server_adopt(struct cs_server *server, int fd, const struct sockaddr_in *from);

/* To be called between the loop's batches; tells the loop to stop when all is done. */
uint64_t cs_server_turn(void *server);

/* The whole program: serve until every client has reported and closed. */
int cs_server_run(struct node *node, struct lab_error *err);

#endif
