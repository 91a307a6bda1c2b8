/* labctl check: validate experiment files and print what they would do. */
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/units.h"
#include "base/utf8.h"
#include "commands/command.h"
#include "experiment/bounds.h"
#include "experiment/plan.h"
#include "experiment/sweep.h"
#include "labctl/cleanup.h"
#include "supervise/startline.h"

struct check_options {
    bool quiet;
};

static const char *format_rate(uint64_t bps, char *buf, size_t size)
{
    return bps ? units_format_rate(bps, buf, size) : "unshaped";
}

static void print_links(const struct plan *plan)
{
    printf("  %-9s %-16s %-16s %12s %12s %10s\n", "host", "address", "router", "up", "down",
           "queue");
    for (size_t i = 0; i < plan->experiment->host_count; i++) {
        const struct plan_link *link = &plan->links[i];
        char host[INET_ADDRSTRLEN], router[INET_ADDRSTRLEN], up[UNITS_TEXT_MAX],
            down[UNITS_TEXT_MAX], queue[UNITS_TEXT_MAX] = "-";
        uint64_t bytes = link->host.queue_bytes ? link->host.queue_bytes : link->router.queue_bytes;
        if (bytes)
            units_format_size(bytes, queue, sizeof(queue));
        inet_ntop(AF_INET, &link->host.address, host, sizeof(host));
        inet_ntop(AF_INET, &link->router.address, router, sizeof(router));
        printf("  %-9s %-16s %-16s %12s %12s %10s\n", plan->experiment->hosts[i].name, host, router,
               format_rate(link->host.rate_bps, up, sizeof(up)),
               format_rate(link->router.rate_bps, down, sizeof(down)), queue);
    }
}

/* As one would type it to a shell. What a placeholder stands in needs no quotes. */
static void print_word(const char *word)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=:,./@%{}";
    cleanup_free char *quoted = startline_quote(word);
    utf8_print(stdout, *word && word[strspn(word, plain)] == '\0' ? word : quoted);
}

static void print_commands(const struct plan *plan)
{
    for (size_t i = 0; i < plan->command_count; i++) {
        printf("  %-9s", plan->commands[i].node);
        for (char **argument = plan->commands[i].argv; *argument; argument++) {
            putchar(' ');
            print_word(*argument);
        }
        putchar('\n');
    }
}

static void print_bound(const struct experiment *experiment, uint64_t bytes)
{
    struct bound bound = bound_makespan(experiment, bytes);
    if (bound.binding == BINDING_NONE) {
        printf("Bound: none; no link that matters has a rate.\n");
        return;
    }
    char fluid[UNITS_TEXT_MAX], framed[UNITS_TEXT_MAX];
    printf("Bound: %s with headers, %s without; set by %s.\n",
           units_format_time(bound.framed_s, framed, sizeof(framed)),
           units_format_time(bound.fluid_s, fluid, sizeof(fluid)), binding_term(bound.binding));
}

static void print_workload(const struct experiment *experiment, uint64_t bytes)
{
    char size[UNITS_TEXT_MAX], step[UNITS_TEXT_MAX] = "", timeout[UNITS_TEXT_MAX];
    if (experiment->start == START_STAGGER)
        units_exact_time(experiment->stagger_ns, step, sizeof(step));
    printf("Workload: %s, %s to %zu client%s from %s, start %s%s%s.\n",
           model_name(experiment->model), units_format_size(bytes, size, sizeof(size)),
           experiment->client_count, experiment->client_count == 1 ? "" : "s",
           experiment_server_name(experiment), start_name(experiment->start), *step ? " " : "",
           step);
    printf("Trials: %u", experiment->trials);
    if (experiment->warmup)
        printf(" after %u to warm up", experiment->warmup);
    printf(", each of at most %s.\n",
           units_exact_time(experiment->timeout_ns, timeout, sizeof(timeout)));
    if (experiment->until.ci > 0)
        printf("Trials go on, up to %u, until the 95 %% interval of the median is narrower than "
               "%g %% of it.\n",
               experiment->until.max_trials, 100 * experiment->until.ci);
}

/* A sweep is shown by what its cells differ in; a cell by itself would be too much to read. */
static void print_sweep(const struct sweep *sweep)
{
    printf("%s: ", sweep->name);
    utf8_print(stdout, sweep->title);
    printf("\nSweep of %u cell%s, in an order shuffled by seed %" PRIu64 ".\n", sweep->cells,
           sweep->cells == 1 ? "" : "s", sweep->seed);
    printf("  %5s %7s %10s %10s  %-13s  %s\n", "cell", "trials", "bound", "without", "set by",
           "values");
}

static void print_cell(const struct sweep *sweep, unsigned cell,
                       const struct experiment *experiment, uint64_t bytes)
{
    struct bound bound = bound_makespan(experiment, bytes);
    char trials[32], fluid[UNITS_TEXT_MAX] = "-", framed[UNITS_TEXT_MAX] = "-";
    cleanup_free char *label = sweep_label(sweep, cell);
    if (bound.binding != BINDING_NONE) {
        units_format_time(bound.fluid_s, fluid, sizeof(fluid));
        units_format_time(bound.framed_s, framed, sizeof(framed));
    }
    if (experiment->until.ci > 0)
        snprintf(trials, sizeof(trials), "%u-%u", experiment_first_trials(experiment),
                 experiment->until.max_trials);
    else
        snprintf(trials, sizeof(trials), "%u", experiment->trials);
    printf("  %5u %7s %10s %10s  %-13s  ", cell, trials, framed, fluid,
           binding_name(bound.binding));
    utf8_print(stdout, label);
    putchar('\n');
}

static void print_faults(const struct experiment *experiment)
{
    char moment[FAULT_MOMENT_MAX], text[FAULT_TEXT_MAX];
    if (experiment->fault_count > 0)
        printf("Faults, by the time since the start or the share of all bytes:\n");
    for (size_t i = 0; i < experiment->fault_count; i++)
        printf("  %9s  %s\n", fault_format_moment(&experiment->faults[i], moment, sizeof(moment)),
               fault_describe(experiment, &experiment->faults[i], text, sizeof(text)));
}

static void print_expectations(const struct experiment *experiment)
{
    char late[UNITS_TEXT_MAX];
    for (size_t i = 0; i < experiment->client_count; i++) {
        const struct client_spec *client = &experiment->clients[i];
        const char *name = experiment->hosts[client->host].name;
        if (client->join_ns)
            printf("Joins late: %s, after %s.\n", name,
                   units_exact_time(client->join_ns, late, sizeof(late)));
        if (client->expect != EXPECT_OK)
            printf("Expected: %s %s.\n", name, expect_name(client->expect));
    }
    if (experiment->server_expect != EXPECT_OK)
        printf("Expected: %s, the server, %s.\n", experiment_server_name(experiment),
               expect_name(experiment->server_expect));
}

static void print_plan(const struct plan *plan, uint64_t bytes)
{
    const struct experiment *experiment = plan->experiment;
    printf("%s: ", experiment->name);
    utf8_print(stdout, experiment->title);
    putchar('\n');
    print_workload(experiment, bytes);
    print_bound(experiment, bytes);
    printf("Topology: star around router %s, %zu host%s.\n", experiment->router,
           experiment->host_count, experiment->host_count == 1 ? "" : "s");
    print_links(plan);
    printf("Commands, in the order they are started:\n");
    print_commands(plan);
    print_faults(experiment);
    print_expectations(experiment);
    if (plan->needs_netem)
        printf("Delay and loss need a kernel with netem (labctl doctor tells).\n");
}

static int check_cell(const struct sweep *sweep, unsigned cell, bool quiet, struct lab_error *err)
{
    uint64_t bytes;
    struct experiment *experiment = sweep_cell(sweep, cell, err);
    int result = experiment ? experiment_check_file(experiment, &bytes, err) : -1;
    struct plan *plan = result == 0 ? plan_build(experiment, err) : NULL;
    if (plan && !quiet && sweep->swept)
        print_cell(sweep, cell, experiment, bytes);
    else if (plan && !quiet)
        print_plan(plan, bytes);
    result = plan ? 0 : -1;
    plan_free(plan);
    experiment_free(experiment);
    return result;
}

static int check_file(const char *path, bool quiet, struct lab_error *err)
{
    struct sweep *sweep = sweep_read(path, NULL, err);
    int result = sweep ? 0 : -1;
    if (sweep && sweep->swept && !quiet)
        print_sweep(sweep);
    for (unsigned cell = 1; result == 0 && cell <= sweep->cells; cell++)
        result = check_cell(sweep, cell, quiet, err);
    sweep_free(sweep);
    return result;
}

/* Every file is looked at, so that one mistake does not hide another. */
static int run_check(int argc, char **argv, const void *options, struct lab_error *err)
{
    const struct check_options *check = options;
    int status = 0;
    for (int i = 0; i < argc; i++) {
        struct lab_error problem = LAB_ERROR_INIT;
        if (i > 0 && !check->quiet)
            putchar('\n');
        if (check_file(argv[i], check->quiet, &problem) == 0)
            continue;
        if (status == 0)
            *err = problem;
        else
            command_print_error(&problem);
        status = -1;
    }
    return status;
}

static const struct command_option options[] = {
    { "quiet", 'q', NULL, "print nothing when all is well", offsetof(struct check_options, quiet) },
};

const struct command command_check = {
    .name = "check",
    .arguments = "FILE...",
    .summary = "Validate experiment files and print what each would do",
    .details = "Needs no Python and no rights: addresses, links, commands and the theoretical\n"
               "bound are worked out from the file alone. Every problem is told with its line\n"
               "and JSON pointer; the exit status is then 2.",
    .options = options,
    .option_count = ARRAY_LENGTH(options),
    .min_arguments = 1,
    .max_arguments = -1,
    .run = run_check,
    .options_size = sizeof(struct check_options),
};
