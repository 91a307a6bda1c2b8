/* p2p_server: has the file, and lets the peers share it. */
#include "lib/p2p_server.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "p2p_server",
        .options = "node port file clients [block-size] [telemetry]",
        .is_server = true,
        .run = p2p_server_run,
    };
    return node_main(&program, argc, argv);
}
