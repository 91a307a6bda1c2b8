/* labctl shell: build the network of an experiment, and open Mininet's prompt in it. */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "commands/command.h"
#include "experiment/plan.h"
#include "sandbox/sandbox.h"
#include "topology/network.h"

/* What the inside says at its end goes over the channel: the prompt has the terminal. */
static int enter_shell(int channel, void *arg)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct network *network = network_build(arg, NETWORK_INTERACTIVE, &err);
    if (network)
        network_shell(network, &err);
    network_free(network);
    return send(channel, &err, sizeof(err), MSG_NOSIGNAL) == (ssize_t)sizeof(err) ? 0 : 1;
}

static int run_sandbox(struct plan *plan, struct lab_error *err)
{
    struct sandbox sandbox = SANDBOX_INIT;
    struct lab_error heard;
    if (sandbox_start(&sandbox, enter_shell, plan, SANDBOX_KEEP_TERMINAL, err) < 0)
        return -1;
    signal(SIGINT, SIG_IGN); /* Ctrl-C is for the prompt */
    ssize_t got;
    do
        got = recv(sandbox.channel, &heard, sizeof(heard), 0);
    while (got < 0 && errno == EINTR);
    if (sandbox_wait(&sandbox, err) < 0)
        return -1;
    if (got != (ssize_t)sizeof(heard))
        return lab_error_set(err, LAB_ERR_INTERNAL, "the prompt ended without a word");
    *err = heard;
    return heard.code == LAB_ERR_NONE ? 0 : -1;
}

static int run_shell(int argc, char **argv, const void *options, struct lab_error *err)
{
    (void)argc;
    (void)options;
    struct experiment *experiment = experiment_read(argv[0], err);
    if (!experiment)
        return -1;
    struct plan *plan = plan_build(experiment, err);
    int result = plan ? run_sandbox(plan, err) : -1;
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
