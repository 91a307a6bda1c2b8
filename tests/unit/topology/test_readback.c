#include "testing.h"

#include "topology/readback.h"

/* What ip and tc say of a host as it should be: one address, both ends shaped. */
#define ADDRESSES                                                                                  \
    "[{\"ifindex\":1,\"ifname\":\"lo\",\"flags\":[\"LOOPBACK\",\"UP\",\"LOWER_UP\"],"              \
    "\"addr_info\":[{\"family\":\"inet\",\"local\":\"127.0.0.1\",\"prefixlen\":8}]},"              \
    "{\"ifindex\":2,\"ifname\":\"h1-eth0\",\"flags\":[\"BROADCAST\",\"UP\",\"LOWER_UP\"],"         \
    "\"qdisc\":\"tbf\",\"addr_info\":[{\"family\":\"inet\",\"local\":\"192.168.10.1\","            \
    "\"prefixlen\":24},{\"family\":\"inet6\",\"local\":\"fe80::1\",\"prefixlen\":64}]}]\n"         \
    "[{\"dst\":\"default\",\"gateway\":\"192.168.10.254\",\"dev\":\"h1-eth0\",\"flags\":[],"       \
    "\"metrics\":[{\"congestion\":\"cubic\"}]},{\"dst\":\"192.168.10.0/24\",\"dev\":\"h1-eth0\","  \
    "\"scope\":\"link\",\"flags\":[],\"metrics\":[{\"mtu\":1500},{\"congestion\":\"cubic\"}]}]\n"

#define LOOPBACK_QDISC                                                                             \
    "{\"kind\":\"noqueue\",\"handle\":\"0:\",\"dev\":\"lo\",\"root\":true,\"options\":{}}"

#define QDISCS                                                                                     \
    "[" LOOPBACK_QDISC ",{\"kind\":\"tbf\",\"handle\":\"5:\",\"dev\":\"h1-eth0\",\"root\":true,"   \
    "\"refcnt\":3,\"options\":{\"rate\":12500000,\"burst\":12488,\"burst_raw\":\"3d09\","          \
    "\"lat\":49000,\"limit\":625000}}]"

#define NETEM_QDISCS                                                                               \
    "[" LOOPBACK_QDISC ",{\"kind\":\"netem\",\"handle\":\"10:\",\"dev\":\"h1-eth0\","              \
    "\"root\":true,\"options\":{\"limit\":1000000,\"delay\":{\"delay\":0.02,\"jitter\":0,"         \
    "\"correlation\":0},\"loss-random\":{\"loss\":0.005,\"correlation\":0},\"ecn\":false}},"       \
    "{\"kind\":\"tbf\",\"handle\":\"5:\",\"dev\":\"h1-eth0\",\"parent\":\"10:1\","                 \
    "\"options\":{\"rate\":12500000,\"burst\":\"12500b/1\",\"limit\":625000}}]"

static struct plan_link link_100mbit(void)
{
    struct plan_link link = { .host = { .interface = "h1-eth0",
                                        .address = plan_subnet_address(1, 1),
                                        .rate_bps = 100000000,
                                        .burst_bytes = 12500,
                                        .queue_bytes = 625000 } };
    return link;
}

static int compare(const char *addresses, const char *qdiscs, const struct plan_link *link,
                   struct lab_error *err)
{
    const struct readback_port port = { &link->host, link };
    err->code = LAB_ERR_NONE;
    return readback_compare(addresses, qdiscs, &port, 1, "cubic", err);
}

/* `text` with the first `from` replaced; caller frees. */
static char *altered(const char *text, const char *from, const char *to)
{
    const char *at = strstr(text, from);
    assert_non_null(at);
    char *result = NULL;
    assert_true(asprintf(&result, "%.*s%s%s", (int)(at - text), text, to, at + strlen(from)) > 0);
    return result;
}

/* What is wrong when `from` is replaced in what a tool says, and the complaint about it. */
struct difference {
    const char *from, *to, *complaint;
};

enum altered_text { ALTER_ADDRESSES, ALTER_QDISCS, ALTER_NETEM_QDISCS };

static void expect_complaints(enum altered_text which, const struct difference *cases, size_t count,
                              const struct plan_link *link)
{
    static const char *const texts[] = { ADDRESSES, QDISCS, NETEM_QDISCS };
    for (size_t i = 0; i < count; i++) {
        struct lab_error err;
        cleanup_free char *text = altered(texts[which], cases[i].from, cases[i].to);
        bool address = which == ALTER_ADDRESSES;
        assert_int_equal(compare(address ? text : ADDRESSES, address ? QDISCS : text, link, &err),
                         -1);
        assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
        assert_contains(err.message, "h1-eth0");
        assert_contains(err.message, cases[i].complaint);
    }
}

static void test_as_planned(void **state)
{
    (void)state;
    struct lab_error err;
    struct plan_link link = link_100mbit();
    assert_int_equal(compare(ADDRESSES, QDISCS, &link, &err), 0);
}

static void test_address_differs(void **state)
{
    (void)state;
    static const struct difference cases[] = {
        { "h1-eth0", "h1-eth9", "expected it to be there" },
        { "\"BROADCAST\",\"UP\"", "\"BROADCAST\"", "expected it to be up" },
        { "\"BROADCAST\",\"UP\",\"LOWER_UP\"", "\"UP\"", "expected it to be up" },
        { "192.168.10.1", "192.168.10.2",
          "expected address 192.168.10.1/24, found 192.168.10.2/24" },
        { "\"prefixlen\":24", "\"prefixlen\":16", "found 192.168.10.1/16" },
        { "\"family\":\"inet\",\"local\":\"192", "\"family\":\"inet6\",\"local\":\"192",
          "found none" },
        { "\"family\":\"inet6\"", "\"family\":\"inet\"", "found several" },
    };
    struct plan_link link = link_100mbit();
    expect_complaints(ALTER_ADDRESSES, cases, ARRAY_LENGTH(cases), &link);
}

static void test_routes_differ(void **state)
{
    (void)state;
    static const struct difference cases[] = {
        { "\"congestion\":\"cubic\"", "\"congestion\":\"bbr\"",
          "expected a route with the congestion control cubic, found bbr" },
        { "{\"mtu\":1500},{\"congestion\":\"cubic\"}", "{\"mtu\":1500}", "cubic, found none" },
        { ",\"metrics\":[{\"mtu\":1500},{\"congestion\":\"cubic\"}]", "", "cubic, found none" },
        { "\"dev\":\"h1-eth0\",\"flags\":[],\"metrics\":[{\"congestion\":\"cubic\"}]},"
          "{\"dst\":\"192.168.10.0/24\",\"dev\":\"h1-eth0\"",
          "\"dev\":\"lo\"", "expected a route, found none" },
        { "[{\"dst\":\"default\"", "{}[", "expected a JSON array from ip -json route" },
    };
    struct plan_link link = link_100mbit();
    expect_complaints(ALTER_ADDRESSES, cases, ARRAY_LENGTH(cases), &link);
}

static void test_shaper_differs(void **state)
{
    (void)state;
    static const struct difference cases[] = {
        { "12500000", "12375000", "expected a rate of 100000000 bit/s, found 99000000" },
        { "\"burst\":12488", "\"burst\":15000", "expected a burst of 12500 bytes, found 15000" },
        { "\"limit\":625000", "\"limit\":62500", "expected a queue of 625000 bytes, found 62500" },
        { ",\"limit\":625000", "", "expected a queue of 625000 bytes" },
        { "\"rate\":12500000,", "", "expected a rate" },
        { "\"tbf\"", "\"htb\"", "expected queueing discipline tbf, found htb" },
        { "\"dev\":\"h1-eth0\"", "\"dev\":\"h2-eth0\"", "found none" },
    };
    struct plan_link link = link_100mbit();
    expect_complaints(ALTER_QDISCS, cases, ARRAY_LENGTH(cases), &link);
}

/* A link without a rate that is shaped all the same is a difference, too. */
static void test_unshaped(void **state)
{
    (void)state;
    struct lab_error err;
    struct plan_link link = link_100mbit();
    link.host.rate_bps = 0;
    assert_int_equal(compare(ADDRESSES, QDISCS, &link, &err), -1);
    assert_contains(err.message, "expected queueing discipline noqueue, found tbf");
    cleanup_free char *free_link = altered(QDISCS, "\"tbf\"", "\"noqueue\"");
    assert_int_equal(compare(ADDRESSES, free_link, &link, &err), 0);
}

static void test_netem(void **state)
{
    (void)state;
    static const struct difference cases[] = {
        { "0.02", "0.01", "expected a delay of 0.020000 s, found 0.010000" },
        { "0.005", "0.05", "expected a loss of 0.005000, found 0.050000" },
        { ",\"loss-random\":{\"loss\":0.005,\"correlation\":0}", "", "expected a loss" },
        { "12500000", "1250000", "expected a rate" },
        { "\"tbf\"", "\"pfifo\"", "expected queueing discipline tbf, found pfifo" },
        { "\"netem\"", "\"tbf\"", "expected queueing discipline netem, found tbf" },
    };
    struct lab_error err;
    struct plan_link link = link_100mbit();
    link.delay_ns = 20000000;
    link.loss = 0.005;
    assert_int_equal(compare(ADDRESSES, NETEM_QDISCS, &link, &err), 0);
    expect_complaints(ALTER_NETEM_QDISCS, cases, ARRAY_LENGTH(cases), &link);
    link.host.rate_bps = 0;
    assert_int_equal(compare(ADDRESSES, NETEM_QDISCS, &link, &err), 0);
}

static void test_no_json(void **state)
{
    (void)state;
    struct lab_error err;
    struct plan_link link = link_100mbit();
    assert_int_equal(compare("Object \"-json\" is unknown", QDISCS, &link, &err), -1);
    assert_contains(err.message, "ip -json address");
    assert_int_equal(compare(ADDRESSES, "", &link, &err), -1);
    assert_contains(err.message, "tc -json qdisc");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_as_planned),     cmocka_unit_test(test_address_differs),
        cmocka_unit_test(test_shaper_differs), cmocka_unit_test(test_unshaped),
        cmocka_unit_test(test_netem),          cmocka_unit_test(test_no_json),
        cmocka_unit_test(test_routes_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
