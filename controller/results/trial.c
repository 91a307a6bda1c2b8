#include "results/trial.h"

#include <arpa/inet.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "results/trial_host.h"
#include "results/trial_log.h"

/* Everything read of a trial before it is judged. */
struct trial_facts {
    struct control_facts control;
    struct node_facts *nodes; /* by plan command */
    size_t count;
};

static void clear_facts(struct trial_facts *facts)
{
    for (size_t i = 0; facts->nodes && i < facts->count; i++)
        node_facts_clear(&facts->nodes[i]);
    free(facts->nodes);
    control_facts_clear(&facts->control);
}

static int read_facts(struct trial_facts *facts, struct trial_result *result, const char *trial_dir,
                      const struct trial_context *context, struct lab_error *err)
{
    const struct plan *plan = context->plan;
    cleanup_free char *logs = fs_path("%s/%s", trial_dir, PLAN_LOG_DIR);
    facts->count = plan->command_count;
    facts->nodes = calloc(facts->count + 1, sizeof(*facts->nodes));
    if (!facts->nodes)
        return lab_error_memory(err);
    for (size_t i = 0; i < facts->count; i++) {
        trial_log_read_node(&facts->nodes[i], logs, &plan->commands[i], context->log);
        log_damage_add(&result->damage, &facts->nodes[i].damage);
    }
    if (trial_log_read_control(&facts->control, logs, plan, context->log, err) < 0)
        return -1;
    log_damage_add(&result->damage, &facts->control.damage);
    return 0;
}

/* Length of the file: labctl's word, else what a node was told, else the experiment's. */
static uint64_t file_length(const struct trial_facts *facts, const struct experiment *experiment)
{
    if (facts->control.has_trial)
        return facts->control.file_bytes;
    for (size_t i = 0; i < facts->count; i++)
        if (facts->nodes[i].has_length)
            return facts->nodes[i].length_bytes;
    return experiment->file.path ? 0 : experiment->file.size;
}

static void describe_client(struct host_result *host, const struct plan *plan, size_t client)
{
    size_t index = plan->experiment->clients[client].host;
    memcpy(host->host, plan->experiment->hosts[index].name, sizeof(host->host));
    inet_ntop(AF_INET, &plan->links[index].host.address, host->address, sizeof(host->address));
}

/* Spread of the clients' delays between the instant told and the instant begun; NAN when
 * none began. */
static double start_skew(const struct trial_facts *facts)
{
    double early = INFINITY, late = -INFINITY;
    for (size_t i = 0; i < facts->count; i++) {
        const struct node_facts *node = &facts->nodes[i];
        if (!node->began)
            continue;
        double delay = ((double)node->begin_ns - (double)node->planned_ns) / 1e9;
        early = fmin(early, delay);
        late = fmax(late, delay);
    }
    return late >= early ? late - early : NAN;
}

/* Jain's index of the goodputs of all clients but those that failed as expected; NAN unless
 * all have one, or when out of memory. */
static double fairness(const struct trial_result *result)
{
    cleanup_free double *goodputs = malloc((result->host_count + 1) * sizeof(*goodputs));
    size_t count = 0;
    for (size_t i = 0; i < result->host_count; i++) {
        if (result->hosts[i].expected)
            continue;
        if (!goodputs || result->hosts[i].goodput_bps == 0)
            return NAN;
        goodputs[count++] = (double)result->hosts[i].goodput_bps;
    }
    return statistics_jain(goodputs, count);
}

/* Whether faults changed what the bound is made from: who is served, and how fast. */
static bool bound_still_holds(const struct trial_result *result, size_t counted)
{
    for (size_t i = 0; i < result->fault_count; i++) {
        enum fault_event kind = result->faults[i].kind;
        if (result->faults[i].reached &&
            (kind == FAULT_EVENT_KILL || kind == FAULT_EVENT_LINK_RATE))
            return false;
    }
    return counted == result->host_count;
}

/* Over all hosts but those that failed as expected. */
static void compute_times(struct trial_result *result, const struct trial_facts *facts)
{
    double first = INFINITY, last = 0, sum = 0;
    size_t counted = 0;
    for (size_t i = 0; i < result->host_count; i++) {
        double finish = result->hosts[i].finish_s;
        if (result->hosts[i].expected)
            continue;
        first = fmin(first, finish);
        last = finish > last ? finish : last;
        sum += finish; /* NAN as soon as one is */
        counted++;
    }
    bool all = counted > 0 && !isnan(sum);
    result->makespan_s = all ? last : NAN;
    result->mean_s = all ? statistics_round_seconds(sum / (double)counted) : NAN;
    result->spread_s = all ? statistics_round_seconds(last - first) : NAN;
    result->start_skew_s = statistics_round_seconds(start_skew(facts));
    bool bound =
        all && result->bound.framed_s > 0 && last > 0 && bound_still_holds(result, counted);
    result->efficiency = bound ? statistics_round_ratio(result->bound.framed_s / last) : NAN;
    result->jain_index = statistics_round_ratio(fairness(result));
}

/* The host whose failure says most: one that failed by itself, then one out of time. */
static const struct host_result *worst_host(const struct trial_result *result)
{
    static const int rank[] = {
        [RESULT_OK] = 0,
        [RESULT_INTERRUPTED] = 1,
        [RESULT_TIMEOUT] = 2,
        [RESULT_FAILED] = 3,
    };
    const struct host_result *worst = NULL;
    for (size_t i = 0; i < result->host_count; i++)
        if (!result->hosts[i].expected &&
            rank[result->hosts[i].status] > (worst ? rank[worst->status] : 0))
            worst = &result->hosts[i];
    return worst;
}

static void fail_trial(struct trial_result *result, enum result_status status,
                       const struct result_error *error)
{
    result->status = status;
    result_error_set(&result->error, error->code, "%s", error->message);
}

/* A server that failed by itself; its word for it. */
static bool server_failed(const struct node_facts *server, const struct plan_command *command,
                          struct result_error *error)
{
    if (server->exit == EXIT_UNKNOWN || server->exit == 0)
        return false;
    if (server->error.message)
        result_error_set(error, server->error.code, "%s %s: %s", command->node, command->program,
                         server->error.message);
    else
        result_error_set(error, LAB_ERR_NODE, "%s %s: ended with status %d", command->node,
                         command->program, server->exit);
    return true;
}

static bool all_failed_as_expected(const struct trial_result *result)
{
    for (size_t i = 0; i < result->host_count; i++)
        if (!result->hosts[i].expected)
            return false;
    return true;
}

/* The trial's status: labctl's own word when it is not ok, else what the logs show. */
static void judge_trial(struct trial_result *result, const struct trial_facts *facts,
                        const struct plan *plan)
{
    const struct control_facts *control = &facts->control;
    const struct host_result *worst = worst_host(result);
    struct result_error server = { 0 };
    if (control->has_end && control->end_status != RESULT_OK && control->end_error.message) {
        fail_trial(result, control->end_status, &control->end_error);
    } else if (!control->has_end) {
        result->status = RESULT_INTERRUPTED;
        result_error_set(&result->error, LAB_ERR_INTERRUPTED,
                         "labctl's log of the trial has no end: the run was killed");
    } else if (worst && server_failed(&facts->nodes[0], &plan->commands[0], &server)) {
        fail_trial(result, RESULT_FAILED, &server);
    } else if (worst) {
        bool told = control->end_status != RESULT_OK;
        fail_trial(result, told ? control->end_status : worst->status, &worst->error);
    } else if (control->end_status != RESULT_OK) {
        result->status = control->end_status;
        result_error_set(&result->error, LAB_ERR_NODE, "the trial's log does not say why");
    } else if (isnan(result->makespan_s) && !all_failed_as_expected(result)) {
        result->status = RESULT_FAILED;
        result_error_set(&result->error, LAB_ERR_CORRUPT,
                         "the server's log has no accepted connection to count times from");
    }
    free(server.message);
}

/* What times count from: the server's first accepted connection. A server of the user's
 * does not tell of it; then it is the instant that the first client was told to begin. */
static uint64_t find_origin(const struct trial_facts *facts, const struct plan *plan)
{
    const struct node_facts *server = &facts->nodes[0];
    if (plan->experiment->model != MODEL_EXEC)
        return server->accepted ? server->accept_ns : 0;
    uint64_t origin = 0;
    for (size_t i = 1; i < facts->count; i++)
        if (facts->nodes[i].began && (!origin || facts->nodes[i].planned_ns < origin))
            origin = facts->nodes[i].planned_ns;
    return origin;
}

/* Takes over the faults that the log tells of. */
static void take_faults(struct trial_result *result, struct control_facts *control)
{
    result->faults = steal_ptr(control->faults);
    result->fault_count = control->fault_count;
    for (size_t i = 0; i < result->fault_count; i++)
        if (result->faults[i].reached && result->origin_ns)
            result->faults[i].at_s = statistics_round_seconds(
                ((double)control->fault_ns[i] - (double)result->origin_ns) / 1e9);
}

static void compute_from_facts(struct trial_result *result, struct trial_facts *facts,
                               const struct plan *plan)
{
    const struct experiment *experiment = plan->experiment;
    const struct node_facts *server = &facts->nodes[0];
    snprintf(result->server, sizeof(result->server), "%s", experiment_server_name(experiment));
    memcpy(result->file_sha256, facts->control.file_sha256, SHA256_HEX_SIZE);
    result->file_bytes = file_length(facts, experiment);
    result->origin_ns = find_origin(facts, plan);
    take_faults(result, &facts->control);
    result->server_exit =
        server->exit != EXIT_UNKNOWN ? server->exit : facts->control.nodes[0].exit;
    result->bound = bound_makespan(experiment, result->file_bytes);
    result->bound.fluid_s = statistics_round_seconds(result->bound.fluid_s);
    result->bound.framed_s = statistics_round_seconds(result->bound.framed_s);
    for (size_t i = 0; i < facts->count; i++) {
        const struct plan_command *command = &plan->commands[i];
        if (command->is_server)
            continue;
        struct host_result *host = &result->hosts[command->client];
        struct host_case c = { command,         &facts->nodes[i], &facts->control.nodes[i],
                               &facts->control, result,           experiment->exec.no_output };
        describe_client(host, plan, command->client);
        trial_host_compute(host, &c);
    }
    compute_times(result, facts);
    judge_trial(result, facts, plan);
}

/* All measures, and then whether they can be believed. */
static int judge_figures(struct trial_result *result, struct trial_facts *facts,
                         const struct plan *plan, struct lab_error *err)
{
    const struct verdict_case c = { &facts->control.samples, &facts->control, facts->nodes,
                                    facts->count };
    compute_from_facts(result, facts, plan);
    return verdict_judge(result, &c) < 0 ? lab_error_memory(err) : 0;
}

int trial_compute(struct trial_result *result, const char *trial_dir,
                  const struct trial_context *context, struct lab_error *err)
{
    struct trial_facts facts = { 0 };
    size_t clients = context->plan->experiment->client_count;
    result->hosts = calloc(clients + 1, sizeof(*result->hosts));
    result->host_count = result->hosts ? clients : 0;
    int failed =
        result->hosts ? read_facts(&facts, result, trial_dir, context, err) : lab_error_memory(err);
    if (failed == 0)
        failed = judge_figures(result, &facts, context->plan, err);
    clear_facts(&facts);
    return failed;
}

void trial_clear(struct trial_result *result)
{
    for (size_t i = 0; i < result->host_count; i++)
        free(result->hosts[i].error.message);
    free(result->hosts);
    free(result->faults);
    free(result->error.message);
    verdict_clear(result);
    *result = (struct trial_result){ 0 };
}
