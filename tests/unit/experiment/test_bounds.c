#include "testing.h"

#include "experiment/bounds.h"

/* The table of Kurose and Ross: N = 6 and F/u = 4 s (50 MB at 100 Mbit/s). */
static struct bound bound_of(const char *model, const char *server_up, const char *down,
                             const char *start)
{
    char text[1000];
    struct lab_error err;
    snprintf(text, sizeof(text),
             "{\"name\":\"x\",\"topology\":{\"hosts\":[\"h1\",\"h2\",\"h3\",\"h4\",\"h5\",\"h6\","
             "\"s1\"],\"link\":{\"up\":\"100Mbit\",\"down\":\"%s\"},\"links\":{\"s1\":{\"up\":"
             "\"%s\"}}},\"workload\":{\"model\":\"%s\",\"server\":\"s1\",\"file\":{\"size\":"
             "\"50MB\"},\"start\":%s}}",
             down, server_up, model, start);
    struct experiment *experiment = experiment_parse("x", text, strlen(text), &err);
    assert_non_null(experiment);
    struct bound bound = bound_makespan(experiment, 50000000);
    experiment_free(experiment);
    return bound;
}

/* `begin_s` of the bound pass before anything is sent, and have no headers. */
static void check_late(struct bound bound, double begin_s, double seconds,
                       enum binding_kind binding)
{
    assert_float_equal(bound.fluid_s, begin_s + seconds, 1e-6);
    assert_float_equal(bound.framed_s, begin_s + seconds * 1514 / 1448, 1e-5);
    assert_string_equal(binding_name(bound.binding), binding_name(binding));
}

static void check(struct bound bound, double fluid_s, enum binding_kind binding)
{
    check_late(bound, 0, fluid_s, binding);
}

static void test_table(void **state)
{
    (void)state;
    const char *together = "\"together\"";
    check(bound_of("cs", "100Mbit", "100Mbit", together), 24, BINDING_SERVER_UPLINK);
    check(bound_of("cs", "400Mbit", "500Mbit", together), 6, BINDING_SERVER_UPLINK);
    check(bound_of("cs", "400Mbit", "100Mbit", together), 6, BINDING_SERVER_UPLINK);
    check(bound_of("p2p", "100Mbit", "100Mbit", together), 4, BINDING_SERVER_UPLINK);
    check(bound_of("p2p", "400Mbit", "500Mbit", together), 2.4, BINDING_AGGREGATE);
    check(bound_of("p2p", "400Mbit", "100Mbit", together), 4, BINDING_DOWNLINK);
}

static void test_order_of_start(void **state)
{
    (void)state;
    check(bound_of("cs", "1Gbit", "100Mbit", "\"sequential\""), 24, BINDING_DOWNLINK);
    check(bound_of("cs", "50Mbit", "100Mbit", "\"sequential\""), 48, BINDING_SERVER_UPLINK);
    check_late(bound_of("cs", "10Gbit", "100Mbit", "{\"stagger\":\"10s\"}"), 50, 4,
               BINDING_DOWNLINK);
}

static struct bound bound_of_text(const char *text, uint64_t bytes)
{
    struct lab_error err;
    struct experiment *experiment = experiment_parse("x", text, strlen(text), &err);
    assert_non_null(experiment);
    struct bound bound = bound_makespan(experiment, bytes);
    experiment_free(experiment);
    return bound;
}

/* The router has no single uplink: the downlinks alone bind. */
static void test_server_on_router(void **state)
{
    (void)state;
    check(bound_of_text("{\"name\":\"x\",\"topology\":{\"hosts\":3,\"link\":{\"up\":\"1Mbit\","
                        "\"down\":\"8Mbit\"},\"links\":{\"h2\":{\"down\":\"4Mbit\"}}},"
                        "\"workload\":{\"model\":\"p2p\",\"file\":{\"size\":1000000}}}",
                        1000000),
          2, BINDING_DOWNLINK);
}

static void test_nothing_binds(void **state)
{
    (void)state;
    check(bound_of_text("{\"name\":\"x\",\"topology\":{\"hosts\":3},"
                        "\"workload\":{\"model\":\"cs\",\"file\":{\"size\":1000000}}}",
                        1000000),
          0, BINDING_NONE);
    check(bound_of_text("{\"name\":\"x\",\"topology\":{\"hosts\":3,\"link\":{\"down\":\"1Mbit\"}},"
                        "\"workload\":{\"model\":\"cs\",\"file\":{\"size\":0}}}",
                        0),
          0, BINDING_NONE);
}

/* Who joins late has its own downlink to fill; all that join late by as much are not late. */
static void test_joining_late(void **state)
{
    (void)state;
    static const char experiment[] =
        "{\"name\":\"x\",\"topology\":{\"hosts\":[\"h1\",\"h2\",\"s1\"],"
        "\"link\":{\"up\":\"8Mbit\",\"down\":\"8Mbit\"}},\"workload\":{\"model\":\"p2p\","
        "\"server\":\"s1\",\"file\":{\"size\":1000000}},\"join\":%s}";
    char text[400];
    snprintf(text, sizeof(text), experiment, "{\"h2\":\"3s\"}");
    check_late(bound_of_text(text, 1000000), 3, 1, BINDING_DOWNLINK);
    snprintf(text, sizeof(text), experiment, "{\"h1\":\"3s\",\"h2\":\"3s\"}");
    check(bound_of_text(text, 1000000), 1, BINDING_SERVER_UPLINK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table),
        cmocka_unit_test(test_order_of_start),
        cmocka_unit_test(test_server_on_router),
        cmocka_unit_test(test_nothing_binds),
        cmocka_unit_test(test_joining_late),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
