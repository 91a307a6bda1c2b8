/* cs_server: sends a file to its clients, client/server. */
#include "lib/cs_server.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "cs_server",
        .options = "node port file clients [telemetry]",
        .is_server = true,
        .run = cs_server_run,
    };
    return node_main(&program, argc, argv);
}
