/* A peer, told anything by its server (connection 0) and by two other peers. */
#include <stdlib.h>
#include <unistd.h>

#include "lib/p2p_peer.h"
#include "machine.h"

#define CONNECTIONS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct p2p_peer peer;
    struct sockaddr_in address;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int ends[CONNECTIONS], fd;

    if (p2p_peer_open(&peer, node, &err) == 0) {
        for (int i = 0; i < CONNECTIONS; i++) {
            ends[i] = machine_connect(&fd, &address);
            if (i)
                p2p_peer_adopt(&peer, fd, &address);
            else if (p2p_peer_join(&peer, fd, &address, &err))
                abort();
        }
        while (!peer.failure.code && !peer.over &&
               machine_piece(&data, &size, &connection, &piece, &length))
            machine_feed(node, ends[connection % CONNECTIONS], piece, length, p2p_peer_turn, &peer);
        for (int i = 0; i < CONNECTIONS; i++)
            close(ends[i]);
    }
    p2p_peer_close(&peer);
    loop_close(&node->loop);
    return 0;
}
