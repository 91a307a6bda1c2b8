/* The peer-to-peer server, told anything by three peers. */
#include <sys/socket.h>
#include <unistd.h>

#include "lib/p2p_server.h"
#include "machine.h"

#define PEERS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct p2p_server server;
    struct sockaddr_in address;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int peers[PEERS], fd;

    if (p2p_server_open(&server, node, &err) == 0) {
        for (int i = 0; i < PEERS; i++) {
            peers[i] = machine_connect(&fd, &address);
            p2p_server_adopt(&server, fd, &address);
        }
        while (machine_piece(&data, &size, &connection, &piece, &length))
            machine_feed(node, peers[connection % PEERS], piece, length, p2p_server_turn, &server);
        for (int i = 0; i < PEERS; i++) {
            shutdown(peers[i], SHUT_RDWR);
            machine_feed(node, peers[i], NULL, 0, p2p_server_turn, &server);
            close(peers[i]);
        }
    }
    p2p_server_close(&server);
    loop_close(&node->loop);
    return 0;
}
