/* The client/server client, told anything by its server; the first byte chooses the
 * framing. */
#include <unistd.h>

#include "lib/cs_client.h"
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct cs_client client;
    struct sockaddr_in address;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int fd, server = -1;

    node->args.naive = size && data[0] & 1;
    if (cs_client_open(&client, node, &err) == 0) {
        server = machine_connect(&fd, &address);
        cs_client_join(&client, fd, &address, &err);
        while (channel_is_open(&client.channel) &&
               machine_piece(&data, &size, &connection, &piece, &length))
            machine_feed(node, server, piece, length, cs_client_turn, &client);
        close(server);
    }
    cs_client_close(&client);
    loop_close(&node->loop);
    return 0;
}
