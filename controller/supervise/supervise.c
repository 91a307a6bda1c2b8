#include "supervise/supervise.h"

#include <stdio.h>

#include "labctl/cleanup.h"
#include "supervise/casualty.h"
#include "supervise/message.h"
#include "supervise/surroundings.h"
#include "supervise/trial.h"
#include "topology/network.h"

static int change_link_of_network(void *context, size_t host, enum network_change change,
                                  const struct plan_link *from, const struct plan_link *to,
                                  uint64_t *changed_ns, struct lab_error *err)
{
    return network_change_link(context, host, change, from, to, changed_ns, err);
}

static int run_on_network(void *context, const char *node, const char *line, char **output,
                          struct lab_error *err)
{
    return network_command(context, node, line, output, err);
}

static pid_t host_of_network(const void *network, size_t host)
{
    return network_host_pid(network, host);
}

/* A sampler of the live network. Caller frees; NULL with err set on failure. */
static struct sampler *sample_network(const struct plan *plan, const struct network *network,
                                      struct lab_error *err)
{
    const struct sampler_nodes nodes = { network_router_pid(network), host_of_network, network };
    return sampler_open(plan, &nodes, err);
}

int supervision_hash_file(struct supervision *supervision, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/file.bin", supervision->run_dir);
    return fs_sha256(path, supervision->sha256, &supervision->file_bytes, err);
}

static void tell_phase(int channel, enum run_phase phase)
{
    const struct message message = { .kind = MESSAGE_PHASE, .phase = phase };
    message_send(channel, &message, false);
}

static void tell_end(int channel, enum message_kind kind, const struct lab_error *error)
{
    const struct message message = { .kind = kind, .error = *error };
    message_send(channel, &message, false);
}

/* Run the trials. Returns -1 with err set when there is no point in another one; an error
 * that leaves a point is kept in *first. */
static int run_trials(const struct supervision *run, const struct supervise_input *input,
                      struct lab_error *first, struct lab_error *err)
{
    for (size_t i = 0; i < input->trial_count; i++) {
        unsigned number = input->trials[i].number;
        bool warmup = input->trials[i].warmup, fatal = false;
        const struct message begin = { .kind = MESSAGE_TRIAL, .trial = { number, warmup } };
        struct lab_error failure = LAB_ERROR_INIT;
        message_send(run->channel, &begin, false);
        trial_run(run, number, warmup, &fatal, &failure);
        if (failure.code != LAB_ERR_NONE)
            lab_error_wrap(&failure, "%s %u", warmup ? "warm-up" : "trial", number);
        tell_end(run->channel, MESSAGE_TRIAL_END, &failure);
        if (fatal) {
            *err = failure;
            return -1;
        }
        if (first->code == LAB_ERR_NONE)
            *first = failure;
    }
    return 0;
}

/* What the file is that all will have to have. */
static int know_file(struct supervision *run, const struct supervise_input *input,
                     struct lab_error *err)
{
    if (!input->sha256)
        return supervision_hash_file(run, err);
    snprintf(run->sha256, sizeof(run->sha256), "%s", input->sha256);
    run->file_bytes = input->file_bytes;
    return 0;
}

static int supervise(int channel, const struct supervise_input *input, struct lab_error *err)
{
    struct supervision run = { .plan = input->plan,
                               .run_dir = input->run_dir,
                               .nodes_dir = input->nodes_dir,
                               .channel = channel,
                               .launcher = { .run = run_on_network,
                                             .change_link = change_link_of_network } };
    struct lab_error first = LAB_ERROR_INIT;
    tell_phase(channel, PHASE_NETWORK);
    if (surroundings_enter(input, err) < 0)
        return -1;
    casualty_watch_building(channel, err);
    run.launcher.context = network_build(input->plan, 0, err);
    run.sampler =
        run.launcher.context ? sample_network(input->plan, run.launcher.context, err) : NULL;
    if (!run.sampler)
        return -1;
    casualty_watch_shells(run.launcher.context);
    tell_phase(channel, PHASE_FILE);
    if (know_file(&run, input, err) < 0 || run_trials(&run, input, &first, err) < 0)
        return -1;
    *err = first;
    return err->code == LAB_ERR_NONE ? 0 : -1;
}

int supervise_run(int channel, void *arg)
{
    struct lab_error err = LAB_ERROR_INIT;
    supervise(channel, arg, &err);
    tell_end(channel, MESSAGE_END, &err);
    /* The network and Python go with this process. */
    return lab_error_exit_status(err.code);
}
