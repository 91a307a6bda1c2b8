/* Sockets: listening, connecting, options, and addresses as text. */
#ifndef NODES_NET_H
#define NODES_NET_H

#include <netinet/in.h>
#include <stdint.h>

#include "labctl/error.h"

/* "255.255.255.255:65535" and the NUL */
#define NET_NAME_MAX 24

/* Unsent bytes a socket may hold before it counts as full, where blocks are sent: few,
 * so that what is decided last is sent soon and not behind what was decided long ago,
 * and a send counts as over only when most of it has left. */
#define NET_UNSENT_MAX (16 << 10)

/* Listen at a port of an address (INADDR_ANY for all). Returns a non-blocking socket,
 * or -1 with err naming the port. */
int net_listen(struct in_addr address, uint16_t port, struct lab_error *err);

/* Begin to connect, from an address of our own (INADDR_ANY: the system chooses);
 * non-blocking. Returns a socket, or -1 with err set. */
int net_connect(struct in_addr from, struct in_addr address, uint16_t port, struct lab_error *err);

/* Accept one connection; `from` is where it comes from. Returns a non-blocking socket;
 * -1 with errno when there is none: EAGAIN when nobody waits. When the program is out of
 * descriptors, the connection is taken and closed (EMFILE), so that it does not wake the
 * loop for ever. */
int net_accept(int listener, struct sockaddr_in *from);

/* For a connection with one long flow of bytes: nothing waits to be sent. */
void net_tune_stream(int fd);

/* Let a connection break when the other side's system answers nothing, or its program reads
 * nothing of what is sent, for NET_PATH_PATIENCE_MS. A program that merely has nothing to say
 * for longer breaks nothing: its system answers. */
#define NET_PATH_PATIENCE_MS 10000
void net_watch_path(int fd);

/* For a connection that blocks are sent through: as above, and few unsent bytes. */
void net_tune_blocks(int fd);

/* The error a socket has met (0: none); it is then cleared. */
int net_socket_error(int fd);

/* Let the program have as many descriptors as the system allows it. */
void net_raise_descriptor_limit(void);

const char *net_name(const struct sockaddr_in *address, char name[NET_NAME_MAX]);

#endif
