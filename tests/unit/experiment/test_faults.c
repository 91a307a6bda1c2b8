/* Faults, late clients and expectations of an experiment file. */
#include "testing.h"

#include "experiment/plan.h"

#define HEAD                                                                                       \
    "{\"name\":\"x\",\"topology\":{\"hosts\":[\"h1\",\"h2\",\"h3\",\"s1\"],\"link\":"              \
    "{\"up\":\"100Mbit\",\"down\":\"100Mbit\"}},\"workload\":{\"model\":\"p2p\",\"server\":"       \
    "\"s1\","                                                                                      \
    "\"clients\":[\"h1\",\"h2\"],\"file\":{\"size\":\"1MB\"}},"

static struct experiment *parse(const char *tail, struct lab_error *err)
{
    cleanup_free char *text = NULL;
    assert_true(asprintf(&text, HEAD "%s}", tail) > 0);
    return experiment_parse("x.json", text, strlen(text), err);
}

static void assert_refused(const char *tail, const char *message)
{
    struct lab_error err = LAB_ERROR_INIT;
    assert_null(parse(tail, &err));
    assert_contains(err.message, message);
}

#define ALL                                                                                        \
    "\"faults\":[{\"at\":\"1500ms\",\"kill\":\"server\"},{\"at\":\"12.5%\",\"pause\":\"h2\","      \
    "\"for\":\"1s\"},{\"at\":2,\"link\":\"h3\",\"down_for\":\"20ms\"},{\"at\":\"100%\",\"link\":"  \
    "\"h1\",\"up\":\"1Mbit\"},{\"at\":0,\"corrupt\":\"h1\"}],\"join\":{\"h2\":\"3s\"},"            \
    "\"expect\":{\"server\":\"killed\",\"h1\":\"failed\"}"

static void test_all_kinds(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *e = parse(ALL, &err);
    assert_non_null(e);
    assert_int_equal(e->fault_count, 5);
    const struct fault_spec *f = e->faults;
    assert_true(f[0].kind == FAULT_KILL && f[0].at_ns == 1500000000 && !f[0].by_share);
    assert_int_equal(fault_program(e, &f[0]), 0);
    assert_true(f[1].kind == FAULT_PAUSE && f[1].by_share && f[1].at_ppm == 125000);
    assert_int_equal(f[1].for_ns, 1000000000);
    assert_int_equal(fault_program(e, &f[1]), 2);
    assert_true(f[2].kind == FAULT_LINK_DOWN && f[2].at_ns == 2000000000);
    assert_int_equal(fault_program(e, &f[2]), -1); /* h3 is neither server nor client */
    assert_true(f[3].kind == FAULT_LINK_RATE && f[3].up_bps == 1000000 && f[3].down_bps == 0);
    assert_true(f[4].kind == FAULT_CORRUPT);
    assert_int_equal(e->clients[1].join_ns, 3000000000);
    assert_int_equal(e->clients[0].expect, EXPECT_FAILED);
    assert_int_equal(e->server_expect, EXPECT_KILLED);
    assert_true(faults_expect_failure(e));
    experiment_free(e);
}

static void test_record_reads_back_to_the_same(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *e = parse(ALL, &err);
    assert_non_null(e);
    cleanup_free char *record = experiment_to_json(e);
    struct experiment *again = experiment_parse("x.json", record, strlen(record), &err);
    assert_non_null(again);
    assert_int_equal(again->fault_count, 5);
    assert_memory_equal(again->faults, e->faults, 5 * sizeof(*e->faults));
    cleanup_free char *second = experiment_to_json(again);
    assert_string_equal(record, second);
    experiment_free(again);
    experiment_free(e);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_refused("\"faults\":[{\"at\":1,\"kill\":\"h1\",\"pause\":\"h2\"}]", "found several");
    assert_refused("\"faults\":[{\"at\":1}]", "found none");
    assert_refused("\"faults\":[{\"kill\":\"h1\"}]", "\"at\" is missing");
    assert_refused("\"faults\":[{\"at\":1,\"kill\":\"h3\"}]", "no program runs there");
    assert_refused("\"faults\":[{\"at\":1,\"kill\":\"h1\",\"for\":\"1s\"}]",
                   "\"for\" does not go with \"kill\"");
    assert_refused("\"faults\":[{\"at\":1,\"pause\":\"h1\",\"for\":0}]", "a time above 0");
    assert_refused("\"faults\":[{\"at\":1,\"link\":\"h1\",\"up\":\"1Mbit\",\"down_for\":\"1s\"}]",
                   "expected either \"down_for\"");
    assert_refused("\"faults\":[{\"at\":1,\"corrupt\":\"s1\"}]", "for the clients of the model");
    assert_refused("\"join\":{\"h3\":1}", "/join/h3: there is no client of this name");
    assert_refused("\"expect\":{\"h1\":\"killed\"}", "there is no fault that kills it");
    assert_refused("\"expect\":{\"h1\":\"dead\"}", "\"ok\" or \"failed\" or \"killed\"");
}

static void test_new_rates_bring_burst_and_queue(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *e = parse("\"trials\":1", &err);
    assert_non_null(e);
    struct plan *plan = plan_build(e, &err);
    assert_non_null(plan);
    struct plan_link link = plan->links[0];
    plan_change_rates(e, 0, 10000000, 0, &link);
    assert_int_equal(link.host.rate_bps, 10000000);
    assert_int_equal(link.host.burst_bytes, plan_burst(10000000, plan_auto_queue(10000000)));
    assert_int_equal(link.host.queue_bytes, plan_auto_queue(10000000));
    assert_memory_equal(&link.router, &plan->links[0].router, sizeof(link.router));
    plan_free(plan);
    experiment_free(e);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_kinds),
        cmocka_unit_test(test_record_reads_back_to_the_same),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_new_rates_bring_burst_and_queue),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
