/* The client/server server, told anything by four clients. A piece whose connection has its
 * highest bit set comes by a new connection, after the one before was closed. */
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cs_server.h"
#include "machine.h"

#define CLIENTS   4
#define NEW_FIRST 0x80

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void hang_up(struct node *node, struct cs_server *server, int fd)
{
    shutdown(fd, SHUT_RDWR);
    machine_feed(node, fd, NULL, 0, cs_server_turn, server);
    close(fd);
}

static int call(struct cs_server *server)
{
    struct sockaddr_in address;
    int theirs, ours = machine_connect(&theirs, &address);
    cs_server_adopt(server, theirs, &address);
    return ours;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct cs_server server;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int clients[CLIENTS];

    if (cs_server_open(&server, node, &err) == 0) {
        for (int i = 0; i < CLIENTS; i++)
            clients[i] = call(&server);
        while (machine_piece(&data, &size, &connection, &piece, &length)) {
            int *client = &clients[connection % CLIENTS];
            if (connection & NEW_FIRST) {
                hang_up(node, &server, *client);
                *client = call(&server);
            }
            machine_feed(node, *client, piece, length, cs_server_turn, &server);
        }
        for (int i = 0; i < CLIENTS; i++)
            hang_up(node, &server, clients[i]);
    }
    cs_server_close(&server);
    loop_close(&node->loop);
    return 0;
}
