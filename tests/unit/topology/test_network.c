/* A network of two hosts, built in a sandbox as in a run. Skipped where there is none. */
#include "testing.h"

#include <sys/socket.h>
#include <unistd.h>

#include "experiment/plan.h"
#include "sandbox/sandbox.h"
#include "topology/network.h"

/* What a task inside found out; the asserts are made outside. */
struct answer {
    int result;
    struct lab_error err;
    char output[1024];
};

/* A task inside the sandbox, on the network; fills in the answer. */
typedef void network_task(struct network *network, struct answer *answer);

struct request {
    const struct plan *plan;
    network_task *task;
};

static int inside(int channel, void *arg)
{
    const struct request *request = arg;
    struct answer answer = { .result = -1, .err = LAB_ERROR_INIT };
    struct network *network = network_build(request->plan, 0, &answer.err);
    if (network && request->task)
        request->task(network, &answer);
    else if (network)
        answer.result = 0;
    network_free(network);
    return send(channel, &answer, sizeof(answer), 0) == (ssize_t)sizeof(answer) ? 0 : 1;
}

static struct answer ask(const char *link, network_task *task)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct answer answer;
    struct sandbox sandbox;
    if (sandbox_probe(&err) < 0) {
        print_message("skipped: %s\n", err.message);
        skip();
    }
    char text[512];
    snprintf(text, sizeof(text),
             "{ \"name\": \"x\", \"topology\": { \"hosts\": 2, \"link\": %s }, \"workload\": "
             "{ \"model\": \"cs\", \"file\": { \"size\": 1, \"seed\": 1 } } }",
             link);
    struct experiment *experiment = experiment_parse("x.json", text, strlen(text), &err);
    assert_non_null(experiment);
    struct plan *plan = plan_build(experiment, &err);
    assert_non_null(plan);
    struct request request = { plan, task };
    assert_int_equal(sandbox_start(&sandbox, inside, &request, 0, &err), 0);
    assert_int_equal(recv(sandbox.channel, &answer, sizeof(answer), 0), sizeof(answer));
    assert_int_equal(sandbox_wait(&sandbox, &err), 0);
    plan_free(plan);
    experiment_free(experiment);
    return answer;
}

static void run_command(struct network *network, struct answer *answer, const char *node,
                        const char *line)
{
    cleanup_free char *output = NULL;
    answer->result = network_command(network, node, line, &output, &answer->err);
    if (output)
        snprintf(answer->output, sizeof(answer->output), "%s", output);
}

static void look_from_host(struct network *network, struct answer *answer)
{
    run_command(network, answer, "h1", "ip -o -4 addr; ip route; echo status=$?");
}

static void test_host_has_address_and_route(void **state)
{
    (void)state;
    struct answer answer = ask("{}", look_from_host);
    assert_string_equal(answer.err.code ? answer.err.message : "", "");
    assert_contains(answer.output, "h1-eth0    inet 192.168.10.1/24");
    assert_contains(answer.output, "default via 192.168.10.254");
    assert_contains(answer.output, "status=0");
}

static void cross_the_router(struct network *network, struct answer *answer)
{
    run_command(network, answer, "h2", "ping -c 1 -W 5 192.168.10.1");
}

static void test_router_forwards(void **state)
{
    (void)state;
    struct answer answer = ask("{ \"up\": \"100Mbit\", \"down\": \"20Mbit\" }", cross_the_router);
    assert_int_equal(answer.result, 0);
    assert_contains(answer.output, "1 received");
}

static void command_an_unknown_node(struct network *network, struct answer *answer)
{
    run_command(network, answer, "h3", "true");
}

/* An exception becomes an error: its type, its message, where it was raised. */
static void test_exception(void **state)
{
    (void)state;
    struct answer answer = ask("{}", command_an_unknown_node);
    assert_int_equal(answer.result, -1);
    assert_contains(answer.err.message, "node h3: KeyError: 'h3' (");
    assert_contains(answer.err.message, "net.py:");
}

static void command_too_long(struct network *network, struct answer *answer)
{
    cleanup_free char *line = calloc(1, NETWORK_LINE_MAX + 2);
    memset(line, 'x', NETWORK_LINE_MAX + 1);
    run_command(network, answer, "h1", line);
}

static void test_line_too_long(void **state)
{
    (void)state;
    struct answer answer = ask("{}", command_too_long);
    assert_int_equal(answer.result, -1);
    assert_contains(answer.err.message, "4001 bytes");
}

/* The longest line arrives whole. */
static void command_long(struct network *network, struct answer *answer)
{
    cleanup_free char *line = calloc(1, NETWORK_LINE_MAX + 1);
    int used = snprintf(line, NETWORK_LINE_MAX, "echo -n ");
    memset(line + used, 'x', (size_t)(NETWORK_LINE_MAX - used));
    memcpy(line + NETWORK_LINE_MAX - 7, "| wc -c", 7);
    run_command(network, answer, "h1", line);
}

static void test_long_line(void **state)
{
    (void)state;
    struct answer answer = ask("{}", command_long);
    char expected[32];
    snprintf(expected, sizeof(expected), "%zu", NETWORK_LINE_MAX - strlen("echo -n | wc -c"));
    assert_int_equal(answer.result, 0);
    assert_contains(answer.output, expected);
}

static void test_delay_without_netem_is_refused(void **state)
{
    (void)state;
    struct answer answer = ask("{ \"delay\": \"10ms\" }", NULL);
    if (answer.result == 0)
        skip(); /* this kernel has netem */
    assert_int_equal(answer.err.code, LAB_ERR_UNSUPPORTED);
    assert_contains(answer.err.message, "netem");
    assert_contains(answer.err.message, "CONFIG_NET_SCH_NETEM");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_host_has_address_and_route),
        cmocka_unit_test(test_router_forwards),
        cmocka_unit_test(test_exception),
        cmocka_unit_test(test_line_too_long),
        cmocka_unit_test(test_long_line),
        cmocka_unit_test(test_delay_without_netem_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
