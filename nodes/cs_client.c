/* cs_client: fetches a file from a cs_server. */
#include "lib/cs_client.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "cs_client",
        .options = "node server port output gate [reserve] [framing] [telemetry]",
        .run = cs_client_run,
    };
    return node_main(&program, argc, argv);
}
