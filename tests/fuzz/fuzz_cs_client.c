/* The client/server client, told anything by its server; the first byte chooses the
 * framing. A piece whose connection is not 0 ends with the connection; the client then gets
 * another one, and goes on with that. */
#include <unistd.h>

#include "lib/cs_client.h"
#include "machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Returns the server's end of a connection, or -1 when the client wants none. */
static int serve(struct cs_client *client)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct sockaddr_in address;
    int theirs, ours;
    if (client->done || client->failure.code)
        return -1;
    ours = machine_connect(&theirs, &address);
    client->connect_at = 0;
    cs_client_join(client, theirs, &address, &err);
    return ours;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct node *node = machine_node();
    struct cs_client client;
    unsigned connection;
    const uint8_t *piece;
    size_t length;
    int server = -1;

    node->args.naive = size && data[0] & 1;
    if (cs_client_open(&client, node, &err) == 0) {
        server = serve(&client);
        while (server >= 0 && machine_piece(&data, &size, &connection, &piece, &length)) {
            machine_feed(node, server, piece, length, cs_client_turn, &client);
            if (channel_is_open(&client.channel) && connection < 2)
                continue;
            close(server);
            machine_feed(node, -1, NULL, 0, cs_client_turn, &client);
            server = serve(&client);
        }
        if (server >= 0)
            close(server);
    }
    cs_client_close(&client);
    loop_close(&node->loop);
    return 0;
}
