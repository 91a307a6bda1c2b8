#include "testing.h"

#include "../results/run_fixture.h"
#include "report/answer.h"
#include "report/groups.h"
#include "report/lines.h"

static struct run_set set;
static struct run_groups groups;
static struct lab_error err;

static int tear_down(void **state)
{
    groups_clear(&groups);
    run_set_clear(&set);
    return fixture_tear_down(state);
}

static void load(void)
{
    const char *roots[] = { fixture_root };
    err = (struct lab_error)LAB_ERROR_INIT;
    cleanup_fclose FILE *notes = fopen("/dev/null", "we");
    assert_int_equal(run_set_load(&set, roots, 1, "", notes, &err), 0);
    assert_int_equal(groups_build(&groups, &set, &err), 0);
}

static void assert_answer(size_t group, const char *title, const char *answer, const char *note)
{
    struct answer found;
    assert_int_equal(answer_compose(&found, &groups.groups[group], &err), 0);
    assert_string_equal(found.title, title);
    assert_string_equal(found.answer, answer);
    assert_string_equal(found.note, note);
    answer_clear(&found);
}

/* A server host behind 8 Mbit/s, and 1 MB: 1 s a copy, 1.046 with headers. */
#define SHAPED .server = "s1", .rate = "8Mbit", .size = 1000000, .block_size = 65536

/* --- one run, two runs ------------------------------------------------------ */

static void one_run_tells_its_time_and_bound(void **state)
{
    (void)state;
    fixture_make_below(
        "p/1", &(struct fixture){
                   .name = "p", .model = "p2p", .title = "Six peers", SHAPED, .finish_s = 1.25 });
    load();
    assert_answer(0, "Six peers",
                  "Peer to peer brought 1 MB to 6 clients in 1.25 s: 84% of the bound, which the "
                  "server\xe2\x80\x99s uplink sets.",
                  "");
}

static void without_limits_there_is_no_bound(void **state)
{
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .trials = 3, .trial_step_s = 0.5 });
    load();
    assert_answer(0, "c",
                  "Client/server brought 155.7 kB to 6 clients in 1.5 s (median of 3 trials); no "
                  "link is limited, so there is no bound.",
                  "");
}

/* As if trial `i` of the only run had been found suspect. */
static void suspect(size_t i, const char *why)
{
    struct trial_result *trial = &set.runs[0].results->trials[i];
    struct verdict_reason *reasons =
        realloc(trial->reasons, (trial->reason_count + 1) * sizeof(*reasons));
    assert_non_null(reasons);
    reasons[trial->reason_count++] =
        (struct verdict_reason){ VERDICT_SUSPECT, "cpu_busy", strdup(why) };
    trial->reasons = reasons;
    trial->verdict = VERDICT_SUSPECT;
}

static void what_is_doubtful_is_said_with_a_reason(void **state)
{
    static const char answer[] = "Client/server brought 155.7 kB to 6 clients in 1 s (median of 3 "
                                 "trials); no link is limited, so there is no bound.";
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .trials = 3, .finish_s = 1 });
    load();
    suspect(1, "the processors were 95 % busy");
    assert_answer(0, "c", answer, "1 of 3 trials is suspect: the processors were 95 % busy.");
    suspect(2, "the processors were 97 % busy");
    assert_answer(0, "c", answer,
                  "2 of 3 trials are suspect, the first because the processors were 95 % busy.");
}

static void models_on_one_network_are_compared(void **state)
{
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", SHAPED, .finish_s = 6.5 });
    fixture_make_below("p/1",
                       &(struct fixture){ .name = "p", .model = "p2p", SHAPED, .finish_s = 1.25 });
    load();
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.groups[0].kind, GROUP_COMPARISON);
    assert_answer(0, "Client/server and peer to peer: 1 MB from s1 to 6 clients",
                  "Peer to peer was 5.2 times faster than client/server for 6 clients; it reached "
                  "84% of the bound, which the server\xe2\x80\x99s uplink sets.",
                  "");
}

static void small_differences_are_told_in_percent_or_as_none(void **state)
{
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .finish_s = 1.2 });
    fixture_make_below("p/1", &(struct fixture){ .name = "p", .model = "p2p" });
    load();
    assert_answer(
        0, "Client/server and peer to peer: 155.7 kB from r1 to 6 clients",
        "Peer to peer was 20% faster than client/server for 6 clients; no link is limited, "
        "so there is no bound.",
        "");
    tear_down(state);
    fixture_set_up(state);
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .finish_s = 1.02 });
    fixture_make_below("p/1", &(struct fixture){ .name = "p", .model = "p2p" });
    load();
    assert_answer(0, "Client/server and peer to peer: 155.7 kB from r1 to 6 clients",
                  "Peer to peer and client/server took the same time within 2%: 1 s and 1.02 s for "
                  "6 clients; no link is limited, so there is no bound.",
                  "");
}

static void three_ways_are_called_by_their_names(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ .name = "a", .finish_s = 4 });
    fixture_make_below("b/1",
                       &(struct fixture){ .name = "b", .finish_s = 2, .start = "sequential" });
    fixture_make_below("p/1", &(struct fixture){ .name = "p", .model = "p2p" });
    load();
    assert_answer(0, "a, b and peer to peer: 155.7 kB from r1 to 6 clients",
                  "Peer to peer was 2.0 times faster than b and 4.0 times faster than a for 6 "
                  "clients; no link is limited, so there is no bound.",
                  "");
}

/* --- failures ---------------------------------------------------------------- */

static void a_run_that_failed_says_why(void **state)
{
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .fates[2] = FATE_SHORT_READ });
    load();
    assert_answer(0, "c",
                  "No trial of c came through: trial 1: h3 cs_client: received 89994 of 155700 "
                  "bytes.",
                  "");
}

static void what_is_left_out_is_told(void **state)
{
    (void)state;
    fixture_make_below("c/1", &(struct fixture){ .name = "c", .fates[2] = FATE_SHORT_READ });
    fixture_make_below("p/1", &(struct fixture){ .name = "p", .model = "p2p" });
    load();
    assert_answer(0, "Client/server and peer to peer: 155.7 kB from r1 to 6 clients",
                  "Peer to peer brought 155.7 kB to 6 clients in 1 s; no link is limited, so there "
                  "is no bound.",
                  "1 of 2 runs came to nothing and is left out: c (trial 1: h3 cs_client: received "
                  "89994 of 155700 bytes).");
}

/* --- sweeps ------------------------------------------------------------------- */

/* A sweep's own files; its cells are made by make_cell(). */
static void make_sweep(const char *name, const char *cells)
{
    cleanup_free char *folder = fs_path("%s/%s/cells", fixture_root, name);
    cleanup_free char *record = fs_path("%s/%s/experiment.json", fixture_root, name);
    cleanup_free char *results = fs_path("%s/%s/results.json", fixture_root, name);
    cleanup_free char *text = fs_path(
        "{\"schema\": \"labctl.results/1\", \"experiment\": \"sw\", \"cells\": [%s]}", cells);
    fixture_mkdir(folder);
    fixture_write(record, "{\"name\": \"sw\", \"title\": \"More hosts\", \"sweep\": {}}");
    fixture_write(results, text);
}

#define CELL(number, hosts, model)                                                                 \
    "{\"cell\": " number ", \"dir\": \"cells/00" number                                            \
    "\", \"values\": {\"/topology/hosts\": " hosts ", \"/workload/model\": \"" model "\"}}"

static void make_cell(const char *path, const char *name, const char *model, unsigned clients,
                      double finish_s)
{
    fixture_make_below(
        path, &(struct fixture){
                  .name = name, .model = model, .clients = clients, SHAPED, .finish_s = finish_s });
}

/* With 1 and 8 clients; a peer that is alone takes `alone_s`, where client/server takes 1.05 s. */
static void make_textbook_with(const char *sweep, double alone_s)
{
    cleanup_free char *one = fs_path("%s/cells/001", sweep), *two = fs_path("%s/cells/002", sweep),
                      *three = fs_path("%s/cells/003", sweep),
                      *four = fs_path("%s/cells/004", sweep);
    make_sweep(sweep, CELL("1", "1", "cs") "," CELL("2", "1", "p2p") "," CELL(
                          "3", "8", "cs") "," CELL("4", "8", "p2p"));
    make_cell(one, "sw-001", "cs", 1, 1.05);
    make_cell(two, "sw-002", "p2p", 1, alone_s);
    make_cell(three, "sw-003", "cs", 8, 8.6);
    make_cell(four, "sw-004", "p2p", 8, 1.2);
}

static void make_textbook(const char *sweep)
{
    make_textbook_with(sweep, 1.05);
}

static void a_sweep_tells_where_peers_help_most(void **state)
{
    (void)state;
    make_textbook("sw/20260101T000000Z");
    load();
    assert_int_equal(set.count, 4);
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.groups[0].kind, GROUP_SWEEP);
    assert_answer(0, "More hosts",
                  "Peer to peer was 7.2 times as fast as client/server with 8 clients and as fast "
                  "with 1 client; with 8 clients it reached 87% of the bound, which the "
                  "server\xe2\x80\x99s uplink sets.",
                  "");
}

static void a_sweep_tells_where_peers_are_slower(void **state)
{
    (void)state;
    make_textbook_with("sw/20260101T000000Z", 1.26);
    load();
    assert_answer(
        0, "More hosts",
        "Peer to peer was 7.2 times as fast as client/server with 8 clients and 1.2 times "
        "slower with 1 client; with 8 clients it reached 87% of the bound, which the "
        "server\xe2\x80\x99s uplink sets.",
        "");
}

/* Two cells of 1 client: whatever is said, it is said of every cell. */
static void a_sweep_in_which_peers_are_always_slower(void **state)
{
    (void)state;
    make_sweep("sw/1", CELL("1", "1", "cs") "," CELL("2", "1", "p2p"));
    make_cell("sw/1/cells/001", "sw-001", "cs", 1, 1.05);
    make_cell("sw/1/cells/002", "sw-002", "p2p", 1, 1.26);
    load();
    assert_answer(0, "More hosts",
                  "Peer to peer was 1.2 times slower than client/server in every cell; with 1 "
                  "client it reached 83% of the bound, which the server\xe2\x80\x99s uplink sets.",
                  "");
}

static void shards_of_a_sweep_are_one_group_and_a_later_cell_counts(void **state)
{
    (void)state;
    make_textbook("sw/20260101T000000Z");
    make_sweep("other/20260102T000000Z", CELL("4", "8", "p2p") "," CELL("5", "9", "cs"));
    make_cell("other/20260102T000000Z/cells/004", "sw-004", "p2p", 8, 2.4);
    make_cell("other/20260102T000000Z/cells/005", "sw-005", "cs", 9, 9.9);
    load();
    assert_int_equal(set.count, 6);
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.groups[0].count, 5);
    for (size_t i = 0; i < 5; i++) {
        const struct report_run *run = groups.groups[0].runs[i];
        assert_true(i == 0 || strcmp(groups.groups[0].runs[i - 1]->results->experiment,
                                     run->results->experiment) < 0);
        if (strcmp(run->results->experiment, "sw-004") == 0)
            assert_float_equal(run->results->makespan_s.median, 2.4, 1e-6);
    }
}

static void a_sweep_without_cells_listed_still_has_runs(void **state)
{
    (void)state;
    make_textbook("sw/1");
    cleanup_free char *results = fs_path("%s/sw/1/results.json", fixture_root);
    fixture_write(results, "{\"cells\": [{\"cell\": 0}, {\"cell\": \"x\"}, 7, {\"cell\": 1");
    load();
    assert_int_equal(groups.count, 1);
    assert_int_equal(groups.groups[0].count, 4);
    assert_null(groups.groups[0].runs[0]->cell);
}

/* --- lines and curves ----------------------------------------------------------- */

static void cells_that_differ_in_hosts_alone_lie_on_one_line(void **state)
{
    (void)state;
    make_textbook("sw/1");
    load();
    const struct run_group *group = &groups.groups[0];
    assert_true(line_same(group, group->runs[0], group->runs[2]));
    assert_false(line_same(group, group->runs[0], group->runs[1]));
    cleanup_free char *label = line_label(group, group->runs[3]);
    assert_string_equal(label, "peer to peer");
    assert_int_equal(line_clients(group), 8);
}

static void a_curve_is_the_bound_of_each_number_of_hosts(void **state)
{
    (void)state;
    fixture_make_below("c/1",
                       &(struct fixture){ .name = "c", SHAPED, .clients = 2, .finish_s = 2.2 });
    load();
    struct curve_point points[CURVE_POINTS_MAX];
    assert_int_equal(curve_fill(&set.runs[0], 4, points), 4);
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(points[i].clients, i + 1);
        assert_float_equal(points[i].bound.fluid_s, (double)(i + 1), 1e-9);
    }
    assert_int_equal(curve_fill(&set.runs[0], 1000, points), CURVE_POINTS_MAX);
    assert_int_equal(points[0].clients, 1);
    assert_int_equal(points[CURVE_POINTS_MAX - 1].clients, 1000);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(one_run_tells_its_time_and_bound),
        TEST(without_limits_there_is_no_bound),
        TEST(what_is_doubtful_is_said_with_a_reason),
        TEST(models_on_one_network_are_compared),
        TEST(small_differences_are_told_in_percent_or_as_none),
        TEST(three_ways_are_called_by_their_names),
        TEST(a_run_that_failed_says_why),
        TEST(what_is_left_out_is_told),
        TEST(a_sweep_tells_where_peers_help_most),
        TEST(a_sweep_tells_where_peers_are_slower),
        TEST(a_sweep_in_which_peers_are_always_slower),
        TEST(shards_of_a_sweep_are_one_group_and_a_later_cell_counts),
        TEST(a_sweep_without_cells_listed_still_has_runs),
        TEST(cells_that_differ_in_hosts_alone_lie_on_one_line),
        TEST(a_curve_is_the_bound_of_each_number_of_hosts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
