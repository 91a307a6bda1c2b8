#include "testing.h"

#include <dirent.h>

#include "base/fs.h"
#include "experiment/experiment.h"
#include "experiment/sweep.h"

#define MINIMAL                                                                                    \
    "{\"name\":\"x\",\"topology\":{\"hosts\":3},\"workload\":{\"model\":\"cs\","                   \
    "\"file\":{\"size\":\"1kB\"}}}"

static struct experiment *parse(const char *text)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct experiment *experiment = experiment_parse("dir/x.json", text, strlen(text), &err);
    if (!experiment)
        print_error("%s\n", err.message);
    assert_non_null(experiment);
    return experiment;
}

/* What is said of MINIMAL with `from` replaced by `to`. */
static const char *refusal(const char *from, const char *to)
{
    static struct lab_error err;
    char text[2000];
    const char *place = strstr(MINIMAL, from);
    assert_non_null(place);
    snprintf(text, sizeof(text), "%.*s%s%s", (int)(place - MINIMAL), MINIMAL, to,
             place + strlen(from));
    assert_null(experiment_parse("x.json", text, strlen(text), &err));
    assert_int_equal(err.code, LAB_ERR_INVALID);
    return err.message;
}

static void test_defaults(void **state)
{
    (void)state;
    struct experiment *e = parse(MINIMAL);
    assert_string_equal(e->title, "x");
    assert_string_equal(e->router, "r1");
    assert_string_equal(e->hosts[2].name, "h3");
    assert_true(e->server_is_router);
    assert_int_equal(e->client_count, 3);
    assert_int_equal(e->block_size, 0); /* auto */
    assert_int_equal(e->port, 5001);
    assert_int_equal(e->trials, 1);
    assert_int_equal(e->warmup, 0);
    assert_int_equal(e->timeout_ns, 60000000000);
    assert_int_equal(e->file.size, 1000);
    assert_true(e->keep_files);
    assert_int_equal(e->telemetry_ns, 0);
    assert_string_equal(e->folder, "dir");
    experiment_free(e);
}

static void test_server_host_is_no_client(void **state)
{
    (void)state;
    struct experiment *e = parse("{\"name\":\"x\",\"topology\":{\"hosts\":[\"a\",\"b\",\"c\"]},"
                                 "\"workload\":{\"model\":\"p2p\",\"server\":\"b\","
                                 "\"file\":{\"size\":0}}}");
    assert_string_equal(experiment_server_name(e), "b");
    assert_int_equal(e->client_count, 2);
    assert_int_equal(e->clients[1].host, 2);
    experiment_free(e);
}

static void test_links_override_what_they_name(void **state)
{
    (void)state;
    struct experiment *e =
        parse("{\"workload\":{\"model\":\"cs\",\"file\":{\"size\":0}},\"topology\":{\"links\":"
              "{\"h2\":{\"up\":\"20Mbit\"}},\"link\":{\"up\":\"100Mbit\",\"down\":\"50Mbit\","
              "\"loss\":\"0.5%\"},\"hosts\":2},\"name\":\"x\"}");
    assert_int_equal(e->hosts[0].link.up_bps, 100000000);
    assert_int_equal(e->hosts[1].link.up_bps, 20000000);
    assert_int_equal(e->hosts[1].link.down_bps, 50000000);
    assert_float_equal(e->hosts[1].link.loss, 0.005, 1e-12);
    experiment_free(e);
}

static void test_refusals(void **state)
{
    (void)state;
    assert_contains(refusal("\"x\"", "\"../x\""), "/name: expected a name");
    assert_contains(refusal("\"x\"", "\"$(id)\""), "/name: expected a name");
    assert_contains(refusal("\"x\"", "\"x\", \"trials\": 0"), "/trials: expected a whole number");
    assert_contains(refusal("\"x\"", "\"x\", \"timeout\": 0"), "/timeout: expected a time above 0");
    assert_contains(refusal(":3", ":0"), "/topology/hosts: expected a whole number from 1");
    assert_contains(refusal(":3", ":[\"a\",\"a\"]"), "two hosts are called \"a\"");
    assert_contains(refusal(":3", ":[\"r1\"]"), "the router's name too");
    assert_contains(refusal(":3", ":[\"h1;id\"]"), "/topology/hosts/0: expected a name");
    assert_contains(refusal(":3", ":[]"), "expected 1 to");
    assert_contains(refusal("\"cs\"", "\"cs\",\"server\":\"h9\""),
                    "/workload/server: expected the");
    assert_contains(refusal("\"cs\"", "\"cs\",\"server\":\"h1\",\"clients\":[\"h1\"]"),
                    "\"h1\" is the server");
    assert_contains(refusal("\"cs\"", "\"cs\",\"clients\":[]"), "there is no client");
    assert_contains(refusal("\"cs\"", "\"p2p\",\"framing\":\"naive\""),
                    "for the model \"cs\" alone");
    assert_contains(refusal("\"1kB\"", "\"2TB\""), "/workload/file/size: expected a size");
    assert_contains(refusal("\"1kB\"", "1,\"path\":\"a\""), "either \"path\" or \"size\"");
    assert_contains(refusal("\"cs\"", "\"p2p\",\"block_size\":\"5MiB\""), "from 1KiB to 4MiB");
}

static void test_block_count_that_cannot_work(void **state)
{
    (void)state;
    assert_contains(refusal("\"cs\",\"file\":{\"size\":\"1kB\"}",
                            "\"p2p\",\"block_size\":\"1KiB\",\"file\":{\"size\":\"100GB\"}"),
                    "/workload/block_size: the file would have over");
}

static void test_router_name_too_long_for_its_interfaces(void **state)
{
    (void)state;
    assert_contains(refusal("\"hosts\":3", "\"hosts\":101,\"router\":\"abcdefghi\""),
                    "is too long a name for a router of 101 hosts");
    struct experiment *e = parse("{\"name\":\"x\",\"topology\":{\"hosts\":100,\"router\":"
                                 "\"abcdefghi\"},\"workload\":{\"model\":\"cs\",\"file\":"
                                 "{\"size\":0}}}");
    experiment_free(e);
}

static void test_file_on_disk(void **state)
{
    (void)state;
    struct lab_error err;
    uint64_t bytes;
    assert_int_equal(fs_write_file("test_experiment_file", "12345", 5, &err), 0);
    const char *text = "{\"name\":\"x\",\"topology\":{\"hosts\":1},\"workload\":{\"model\":\"cs\","
                       "\"file\":{\"path\":\"test_experiment_file\"}}}";
    struct experiment *e = experiment_parse("./x.json", text, strlen(text), &err);
    assert_int_equal(experiment_check_file(e, &bytes, &err), 0);
    assert_int_equal(bytes, 5);
    unlink("test_experiment_file");
    assert_int_equal(experiment_check_file(e, &bytes, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INVALID);
    assert_contains(err.message, "No such file");
    experiment_free(e);
}

static void assert_record_is_stable(const struct experiment *e)
{
    struct lab_error err = LAB_ERROR_INIT;
    cleanup_free char *once = experiment_to_json(e);
    struct experiment *again = experiment_parse(e->source, once, strlen(once), &err);
    if (!again)
        print_error("%s\n%s\n", err.message, once);
    assert_non_null(again);
    cleanup_free char *twice = experiment_to_json(again);
    assert_string_equal(once, twice);
    experiment_free(again);
}

/* Each model has its default, and the record says which. */
static void test_congestion_control(void **state)
{
    (void)state;
    static const char *const text = "{\"name\":\"x\",%s\"topology\":{\"hosts\":1},\"workload\":"
                                    "{\"model\":\"%s\",\"file\":{\"size\":0}}}";
    static const struct {
        const char *tcp, *model, *expected;
    } cases[] = {
        { "", "cs", "cubic" },
        { "", "p2p", "reno" },
        { "\"tcp\":{},", "p2p", "reno" },
        { "\"tcp\":{\"congestion_control\":\"bbr\"},", "p2p", "bbr" },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        char filled[300], expected[80];
        snprintf(filled, sizeof(filled), text, cases[i].tcp, cases[i].model);
        struct experiment *e = parse(filled);
        assert_string_equal(e->congestion_control, cases[i].expected);
        snprintf(expected, sizeof(expected), "\"congestion_control\":\t\"%s\"", cases[i].expected);
        cleanup_free char *record = experiment_to_json(e);
        assert_contains(record, expected);
        experiment_free(e);
    }
    assert_contains(refusal("\"x\"", "\"x\",\"tcp\":{\"congestion_control\":\"a b\"}"),
                    "/tcp/congestion_control: expected the name of a TCP congestion control");
    assert_contains(refusal("\"x\"", "\"x\",\"tcp\":{\"congestion_control\":\"\"}"), "found");
    assert_contains(refusal("\"x\"", "\"x\",\"tcp\":{\"congestion\":\"bbr\"}"),
                    "/tcp/congestion: unknown key");
}

static void test_telemetry(void **state)
{
    (void)state;
    struct experiment *e = parse("{\"name\":\"x\",\"telemetry\":{\"interval\":0.05},\"topology\":"
                                 "{\"hosts\":1},\"workload\":{\"model\":\"cs\",\"file\":"
                                 "{\"size\":0}}}");
    assert_int_equal(e->telemetry_ns, 50000000);
    experiment_free(e);
    assert_contains(refusal("\"x\"", "\"x\",\"telemetry\":{\"interval\":\"10us\"}"),
                    "/telemetry/interval: expected 0 (off) or a time from 1ms to 60s, found");
    assert_contains(refusal("\"x\"", "\"x\",\"telemetry\":{\"interval\":\"2min\"}"),
                    "/telemetry/interval: expected 0 (off)");
    assert_contains(refusal("\"x\"", "\"x\",\"telemetry\":{}"), "\"interval\"");
}

/* The record of an experiment is read back to the same experiment. */
static void test_record_round_trip(void **state)
{
    (void)state;
    static const char *const texts[] = {
        MINIMAL,
        "{\"name\":\"x\",\"title\":\"T \\\"q\\\"\",\"topology\":{\"hosts\":[\"a\",\"b\"],\"link\":"
        "{\"up\":\"1.5Mbit\",\"delay\":\"3ms\"},\"links\":{\"b\":{\"loss\":\"1%\",\"queue\":"
        "\"64KiB\"}}},\"workload\":{\"model\":\"cs\",\"server\":\"a\",\"client_options\":{\"b\":"
        "{\"framing\":\"naive\"}},\"file\":{\"size\":12345,\"seed\":99},\"start\":{\"stagger\":"
        "\"100ms\"},\"port\":77},\"trials\":9,\"warmup\":2,\"seed\":4,\"timeout\":\"2min\","
        "\"keep_files\":false,\"telemetry\":{\"interval\":\"100ms\"}}",
    };
    for (size_t i = 0; i < ARRAY_LENGTH(texts); i++) {
        struct experiment *e = parse(texts[i]);
        assert_record_is_stable(e);
        experiment_free(e);
    }
}

static void test_shipped_experiments(void **state)
{
    (void)state;
    cleanup_closedir DIR *dir = opendir(SOURCE_DIR "/experiments");
    size_t count = 0;
    for (struct dirent *entry; (entry = readdir(dir));) {
        const char *dot = strchr(entry->d_name, '.');
        if (!dot || strcmp(dot, ".json") != 0)
            continue;
        struct lab_error err = LAB_ERROR_INIT;
        cleanup_free char *path = fs_path(SOURCE_DIR "/experiments/%s", entry->d_name);
        struct sweep *sweep = sweep_read(path, NULL, &err);
        assert_string_equal(err.message, "");
        assert_non_null(sweep);
        for (unsigned cell = 1; cell <= sweep->cells; cell++) {
            struct experiment *e = sweep_cell(sweep, cell, &err);
            assert_non_null(e);
            assert_record_is_stable(e);
            experiment_free(e);
        }
        sweep_free(sweep);
        count++;
    }
    assert_true(count >= 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_server_host_is_no_client),
        cmocka_unit_test(test_links_override_what_they_name),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_block_count_that_cannot_work),
        cmocka_unit_test(test_router_name_too_long_for_its_interfaces),
        cmocka_unit_test(test_file_on_disk),
        cmocka_unit_test(test_congestion_control),
        cmocka_unit_test(test_telemetry),
        cmocka_unit_test(test_record_round_trip),
        cmocka_unit_test(test_shipped_experiments),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
