/* exec_server: runs a command of the user's as a server. */
#include "lib/exec.h"
#include "lib/seclude.h"

int main(int argc, char **argv)
{
    static const struct node_program program = {
        .name = "exec_server",
        .options = "node file work ready [max-memory] [max-file] [set] [env] --",
        .is_server = true,
        .run = exec_server_run,
        .confine = seclude,
    };
    return node_main(&program, argc, argv);
}
