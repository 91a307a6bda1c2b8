#include "testing.h"

#include <arpa/inet.h>

#include "topology/settings.h"

static struct plan_link make_link(void)
{
    struct plan_link link = {
        .host = { .interface = "h1-eth0", .address = plan_subnet_address(1, 1) },
        .router = { .interface = "r1-eth0", .address = plan_subnet_address(1, 254) },
    };
    return link;
}

static void shape(struct plan_port *port, uint64_t rate)
{
    port->rate_bps = rate;
    port->burst_bytes = 12500;
    port->queue_bytes = 625000;
}

/* Write a batch and compare it. */
#define assert_batch(expected, ...)                                                                \
    do {                                                                                           \
        cleanup_free char *text_ = NULL;                                                           \
        size_t length_;                                                                            \
        FILE *batch = open_memstream(&text_, &length_);                                            \
        __VA_ARGS__;                                                                               \
        fclose(batch);                                                                             \
        assert_string_equal(text_, expected);                                                      \
    } while (0)

static void test_mac_follows_from_the_address(void **state)
{
    (void)state;
    char mac[MAC_TEXT_SIZE];
    assert_string_equal(settings_mac(plan_subnet_address(1, 1), mac), "02:00:c0:a8:0a:01");
    assert_string_equal(settings_mac(plan_subnet_address(300, 254), mac), "02:00:0a:01:2c:fe");
}

static void test_make_link(void **state)
{
    (void)state;
    struct plan_link link = make_link();
    assert_batch("link add name r1-eth0 address 02:00:c0:a8:0a:fe type veth "
                 "peer name h1-eth0 address 02:00:c0:a8:0a:01 netns 17\n",
                 settings_make_link(batch, &link, 17));
}

static void test_addresses(void **state)
{
    (void)state;
    struct plan_link link = make_link();
    assert_batch("addr add 192.168.10.1/24 dev h1-eth0 noprefixroute\n"
                 "link set dev h1-eth0 up\n"
                 "route add 192.168.10.0/24 dev h1-eth0 scope link src 192.168.10.1 congctl reno\n"
                 "neigh replace 192.168.10.254 lladdr 02:00:c0:a8:0a:fe dev h1-eth0 nud permanent\n",
                 settings_address(batch, &link.host, &link.router, "reno"));
    assert_batch("route add default via 192.168.10.254 dev h1-eth0 congctl cubic\n",
                 settings_default_route(batch, &link, "cubic"));
}

static void test_unshaped_port_has_no_settings(void **state)
{
    (void)state;
    struct plan_link link = make_link();
    shape(&link.router, 100000000); /* the other direction */
    assert_batch("", settings_shape(batch, &link.host, &link));
}

static void test_shaper(void **state)
{
    (void)state;
    struct plan_link link = make_link();
    shape(&link.host, 100000000);
    assert_batch("qdisc add dev h1-eth0 root handle 5: tbf rate 100000000bit burst 12500 "
                 "limit 625000\n",
                 settings_shape(batch, &link.host, &link));
    shape(&link.host, 100000000000);
    assert_batch("qdisc add dev h1-eth0 root handle 5: tbf rate 100000000000bit burst 12500 "
                 "limit 625000\n",
                 settings_shape(batch, &link.host, &link));
}

/* The shortest queue on any way decides, and long ones set no limit. */
static void test_segment_limit(void **state)
{
    (void)state;
    struct plan_link links[2] = { make_link(), make_link() };
    const struct experiment experiment = { .host_count = 2 };
    const struct plan plan = { .experiment = &experiment, .links = links };
    assert_int_equal(settings_segment_limit(&plan), 0);
    shape(&links[0].host, 1000000000);
    assert_int_equal(settings_segment_limit(&plan), 0);
    shape(&links[1].router, 1000000000);
    links[1].router.queue_bytes = 100000;
    assert_int_equal(settings_segment_limit(&plan), 25000);
    links[1].router.queue_bytes = 5000;
    assert_int_equal(settings_segment_limit(&plan), 2 * 1514);
    assert_batch("link set dev h1-eth0 gso_max_size 3028\n",
                 settings_limit_segments(batch, &links[0].host, 3028));
    assert_batch("", settings_limit_segments(batch, &links[0].host, 0));
}

/* What waits in a queue must fit the bucket that a fault makes smaller. */
static void test_segment_limit_of_later_rates(void **state)
{
    (void)state;
    struct lab_error err;
    static const char text[] =
        "{\"name\":\"x\",\"topology\":{\"hosts\":1,\"link\":{\"up\":\"1Gbit\"}},\"workload\":"
        "{\"model\":\"cs\",\"file\":{\"size\":1}},\"faults\":[{\"at\":1,\"link\":\"h1\",%s}]}";
    static const struct {
        const char *fault;
        uint64_t limit;
    } cases[] = {
        { "\"down_for\":\"1s\"", 0 },
        { "\"up\":\"500Mbit\"", 62500 },
        { "\"up\":\"100Mbit\"", 12500 },
        { "\"down\":\"1Mbit\"", 2 * 1514 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char whole[400];
        snprintf(whole, sizeof(whole), text, cases[i].fault);
        struct experiment *experiment = experiment_parse("x", whole, strlen(whole), &err);
        assert_non_null(experiment);
        struct plan *plan = plan_build(experiment, &err);
        assert_int_equal(settings_segment_limit(plan), cases[i].limit);
        plan_free(plan);
        experiment_free(experiment);
    }
}

static void test_changes(void **state)
{
    (void)state;
    struct plan_link from = make_link(), to = make_link();
    shape(&to.host, 100000000);
#define TBF "tbf rate 100000000bit burst 12500 limit 625000\n"
    assert_batch("qdisc add dev h1-eth0 root handle 5: " TBF,
                 settings_reshape(batch, &from.host, &to.host, &to));
    assert_batch("qdisc del dev h1-eth0 root\n",
                 settings_reshape(batch, &to.host, &from.host, &to));
    shape(&from.host, 1000000);
    to.delay_ns = 1;
    assert_batch("qdisc change dev h1-eth0 parent 10:1 handle 5: " TBF,
                 settings_reshape(batch, &from.host, &to.host, &to));
    assert_batch(
        "link set dev r1-eth0 up\n"
        "route add 192.168.10.0/24 dev r1-eth0 scope link src 192.168.10.254 congctl reno\n"
        "neigh replace 192.168.10.1 lladdr 02:00:c0:a8:0a:01 dev r1-eth0 nud permanent\n",
        settings_bring_up(batch, &to.router, &to.host, "reno"));
}

static void test_netem(void **state)
{
    (void)state;
    struct plan_link link = make_link();
    link.delay_ns = 20000000;
    assert_batch("qdisc add dev h1-eth0 root handle 10: netem limit 1000000 delay 20000000ns\n",
                 settings_shape(batch, &link.host, &link));
    link.loss = 0.005;
    shape(&link.host, 100000000);
    assert_batch("qdisc add dev h1-eth0 root handle 10: netem limit 1000000 delay 20000000ns "
                 "loss 0.500000%\n"
                 "qdisc add dev h1-eth0 parent 10:1 handle 5: tbf rate 100000000bit burst 12500 "
                 "limit 625000\n",
                 settings_shape(batch, &link.host, &link));
    link.delay_ns = 0;
    link.host.rate_bps = 0;
    assert_batch("qdisc add dev h1-eth0 root handle 10: netem limit 1000000 loss 0.500000%\n",
                 settings_shape(batch, &link.host, &link));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mac_follows_from_the_address),
        cmocka_unit_test(test_make_link),
        cmocka_unit_test(test_addresses),
        cmocka_unit_test(test_unshaped_port_has_no_settings),
        cmocka_unit_test(test_shaper),
        cmocka_unit_test(test_segment_limit),
        cmocka_unit_test(test_segment_limit_of_later_rates),
        cmocka_unit_test(test_changes),
        cmocka_unit_test(test_netem),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
