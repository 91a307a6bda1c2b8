/* labctl shell: build the network of an experiment, and open Mininet's prompt in it. */
#include "commands/command.h"
#include "experiment/plan.h"
#include "sandbox/sandbox.h"
#include "topology/network.h"

static int enter_shell(void *arg, struct lab_error *err)
{
    struct network *network = network_build(arg, NETWORK_INTERACTIVE, err);
    int result = network ? network_shell(network, err) : -1;
    network_free(network);
    return result;
}

static int run_shell(int argc, char **argv, const void *options, struct lab_error *err)
{
    (void)argc;
    (void)options;
    struct experiment *experiment = experiment_read(argv[0], err);
    if (!experiment)
        return -1;
    struct plan *plan = plan_build(experiment, err);
    int result = plan ? sandbox_call(enter_shell, plan, SANDBOX_KEEP_TERMINAL, err) : -1;
    plan_free(plan);
    experiment_free(experiment);
    return result;
}

const struct command command_shell = {
    .name = "shell",
    .arguments = "FILE",
    .summary = "Build the network of an experiment and open Mininet's prompt in it",
    .details = "The workload is not run. Try `h1 ping -c1 h2`, `r1 tc -s qdisc`, `net`, `help`;\n"
               "`exit` leaves, and everything is gone.",
    .min_arguments = 1,
    .max_arguments = 1,
    .run = run_shell,
};
