#include "testing.h"

#include <arpa/inet.h>

#include "experiment/plan.h"

struct planned {
    struct experiment *experiment;
    struct plan *plan;
};

static struct planned plan_text(const char *text)
{
    struct lab_error err;
    struct planned planned;
    planned.experiment = experiment_parse("x.json", text, strlen(text), &err);
    assert_non_null(planned.experiment);
    planned.plan = plan_build(planned.experiment, &err);
    assert_non_null(planned.plan);
    return planned;
}

static void release(struct planned *planned)
{
    plan_free(planned->plan);
    experiment_free(planned->experiment);
}

static void assert_address(struct in_addr address, const char *expected)
{
    assert_string_equal(inet_ntoa(address), expected);
}

static void test_address_scheme(void **state)
{
    (void)state;
    assert_address(plan_subnet_address(1, 1), "192.168.10.1");
    assert_address(plan_subnet_address(6, 254), "192.168.60.254");
    assert_address(plan_subnet_address(25, 1), "192.168.250.1");
    assert_address(plan_subnet_address(26, 1), "10.0.26.1");
    assert_address(plan_subnet_address(1000, 254), "10.3.232.254");
}

static void test_six_hosts(void **state)
{
    (void)state;
    struct planned p = plan_text("{\"name\":\"x\",\"topology\":{\"hosts\":6},\"workload\":"
                                 "{\"model\":\"cs\",\"file\":{\"size\":\"1kB\"}}}");
    assert_int_equal(p.plan->command_count, 7);
    assert_string_equal(p.plan->commands[0].node, "r1");
    assert_string_equal(p.plan->commands[0].argv[0], "cs_server");
    assert_true(p.plan->commands[0].is_server);
    assert_string_equal(p.plan->commands[6].node, "h6");
    assert_string_equal(p.plan->commands[6].program, "cs_client");
    assert_string_equal(p.plan->links[5].host.interface, "h6-eth0");
    assert_string_equal(p.plan->links[5].router.interface, "r1-eth5");
    assert_address(plan_server_address(p.experiment, 5), "192.168.60.254");
    assert_int_equal(p.plan->links[0].host.rate_bps, 0);
    release(&p);
}

static void test_shaping(void **state)
{
    (void)state;
    struct planned p = plan_text(
        "{\"name\":\"x\",\"topology\":{\"hosts\":2,\"link\":{\"up\":\"100Mbit\",\"down\":\"1Mbit\"}"
        ","
        "\"links\":{\"h2\":{\"queue\":\"200kB\",\"delay\":\"5ms\"}}},"
        "\"workload\":{\"model\":\"p2p\",\"server\":\"h1\",\"file\":{\"size\":\"1kB\"}}}");
    assert_int_equal(p.plan->links[0].host.rate_bps, 100000000);
    assert_int_equal(p.plan->links[0].host.queue_bytes, 625000);
    assert_int_equal(p.plan->links[0].router.queue_bytes, 65536);
    assert_int_equal(p.plan->links[1].router.queue_bytes, 200000);
    assert_int_equal(p.plan->links[1].host.rate_bps, 100000000);
    assert_true(p.plan->needs_netem);
    assert_int_equal(p.plan->links[1].delay_ns, 5000000);
    assert_address(plan_server_address(p.experiment, 0), "192.168.10.1");
    assert_int_equal(p.plan->command_count, 2);
    assert_string_equal(p.plan->commands[1].node, "h2");
    release(&p);
}

/* A thousand hosts have a thousand different subnets and interface names. */
static void test_thousand_hosts(void **state)
{
    (void)state;
    struct planned p = plan_text("{\"name\":\"x\",\"topology\":{\"hosts\":1000},\"workload\":"
                                 "{\"model\":\"cs\",\"file\":{\"size\":\"1kB\"}}}");
    assert_int_equal(p.plan->command_count, 1001);
    for (size_t i = 1; i < 1000; i++) {
        uint32_t here = ntohl(p.plan->links[i].host.address.s_addr);
        uint32_t before = ntohl(p.plan->links[i - 1].host.address.s_addr);
        assert_int_not_equal(here >> 8, before >> 8);
        assert_int_equal(here & 0xff, 1);
        assert_int_equal(ntohl(p.plan->links[i].router.address.s_addr), here + 253);
    }
    assert_string_equal(p.plan->links[999].router.interface, "r1-eth999");
    release(&p);
}

static void test_burst(void **state)
{
    (void)state;
    assert_int_equal(plan_burst(100000000, 625000), 12500); /* 1 ms */
    assert_int_equal(plan_burst(1000000, 65536), 2 * 1514); /* two frames */
    assert_int_equal(plan_burst(1000000000, 20000), 20000); /* the queue */
    assert_int_equal(plan_burst(1000000000, 1000), 2 * 1514);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_burst),          cmocka_unit_test(test_address_scheme),
        cmocka_unit_test(test_six_hosts),      cmocka_unit_test(test_shaping),
        cmocka_unit_test(test_thousand_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
