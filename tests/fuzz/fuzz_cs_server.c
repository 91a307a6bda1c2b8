/* The client/server server, told anything by two clients. */
#include <sys/socket.h>
#include <unistd.h>

#include "lib/cs_server.h"
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct cs_server server;
    struct sockaddr_in address;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int clients[2], fd;

    if (cs_server_open(&server, node, &err) == 0) {
        for (int i = 0; i < 2; i++) {
            clients[i] = machine_connect(&fd, &address);
            cs_server_adopt(&server, fd, &address);
        }
        while (machine_piece(&data, &size, &connection, &piece, &length))
            machine_feed(node, clients[connection % 2], piece, length, cs_server_turn, &server);
        for (int i = 0; i < 2; i++) {
            shutdown(clients[i], SHUT_RDWR);
            machine_feed(node, clients[i], NULL, 0, cs_server_turn, &server);
            close(clients[i]);
        }
    }
    cs_server_close(&server);
    loop_close(&node->loop);
    return 0;
}
