/* exec_client: runs a command of the user's as a client. */
#include "lib/exec.h"
#include "lib/seclude.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "exec_client",
        .options =
            "node file work gate expect-exit [output] [max-memory] [max-file] [set] [env] --",
        .run = exec_client_run,
        .confine = seclude,
    };
    return node_main(&program, argc, argv);
}
