/* p2p_peer: shares a file with other peers. */
#include "lib/p2p_peer.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "p2p_peer",
        .options = "node address server port output gate [reserve] [telemetry]",
        .run = p2p_peer_run,
    };
    return node_main(&program, argc, argv);
}
