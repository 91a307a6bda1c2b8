#include "testing.h"

#include "output.h"
#include "pictures.h"
#include "report/report.h"
#include "results/results.h"

static struct report_outcome outcome;
static struct lab_error err;

/* Write the report of everything in the fixture folder. Returns what was noted; caller frees. */
static char *report(int wanted)
{
    char *notes;
    size_t length;
    FILE *out = open_memstream(&notes, &length);
    err = (struct lab_error)LAB_ERROR_INIT;
    const char *roots[] = { fixture_root };
    int result = report_write(roots, 1, output, REPORT_DEFAULT, out, &outcome, &err);
    fclose(out);
    if (result != wanted)
        fail_msg("report_write gave %d: %s\n%s", result, err.message, notes);
    return notes;
}

static char *read_table(const char *name)
{
    cleanup_free char *path = fs_path("%s/%s", output, name);
    char *text = read_whole(path, NULL);
    assert_non_null(text);
    return text;
}

static size_t count_lines(const char *text)
{
    size_t lines = 0;
    for (; *text; text++)
        lines += *text == '\n';
    return lines;
}

/* --- tables --------------------------------------------------------------- */

static void one_row_for_each(void **state)
{
    (void)state;
    fixture_make_below("cs6/1", &(struct fixture){ .trials = 3, .warmup = 1 });
    fixture_make_below("p2p6/1",
                       &(struct fixture){ .name = "p2p6", .model = "p2p", .block_size = 16384 });
    free(report(0));
    assert_int_equal(outcome.runs, 2);
    assert_int_equal(outcome.trials, 4);
    assert_int_equal(outcome.passed_over, 0);
    cleanup_free char *runs = read_table("runs.csv"), *hosts = read_table("hosts.csv"),
                      *transfers = read_table("transfers.csv");
    assert_int_equal(count_lines(runs), 1 + 4);
    assert_int_equal(count_lines(hosts), 1 + 4 * 6);
    assert_int_equal(count_lines(transfers), 1 + 3 * 6 + 6 * 10); /* 155700 / 16384: 10 blocks */
    assert_contains(transfers,
                    "/cs6/1,cs6,cs,1,connection,r1,h1,,155700,0.000000000,1.000000000\n");
    assert_contains(transfers, "/p2p6/1,p2p6,p2p,1,block,r1,h1,0,16384,");
    assert_contains(transfers, "/p2p6/1,p2p6,p2p,1,block,h3,h2,8,16384,");
}

static void failures_have_empty_cells_and_reasons(void **state)
{
    (void)state;
    fixture_make_below("cs6/1", &(struct fixture){ .fates[2] = FATE_SHORT_READ, .rate = "10Mbit" });
    free(report(0));
    cleanup_free char *runs = read_table("runs.csv"), *hosts = read_table("hosts.csv");
    assert_contains(runs,
                    ",failed,truncated,h3 cs_client: received 89994 of 155700 bytes,r1,0,6,5,");
    assert_contains(hosts,
                    ",1,h3,192.168.30.1,failed,truncated,"
                    "h3 cs_client: received 89994 of 155700 bytes,89994,0.000000000,,0,false,0,0");
}

static void rebuilt_results_give_the_same_report(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ .trials = 2,
                                                 .trial_step_s = 0.01,
                                                 .rate = "10Mbit",
                                                 .fates[4] = FATE_TOLD_ERROR });
    cleanup_free char *run = fixture_below("a/1"), *file = fixture_below("a/1/results.json");
    struct results *results = results_compute(run, &err);
    assert_int_equal(results_write(results, run, &err), 0);
    results_free(results);
    free(report(0));
    cleanup_free char *runs = read_table("runs.csv"), *hosts = read_table("hosts.csv"),
                      *transfers = read_table("transfers.csv");
    unlink(file);
    free(report(0));
    cleanup_free char *runs2 = read_table("runs.csv"), *hosts2 = read_table("hosts.csv"),
                      *transfers2 = read_table("transfers.csv");
    assert_string_equal(runs, runs2);
    assert_string_equal(hosts, hosts2);
    assert_string_equal(transfers, transfers2);
}

/* --- walking -------------------------------------------------------------- */

static void bad_runs_are_named_and_passed_over(void **state)
{
    (void)state;
    fixture_make_below("good/1", &(struct fixture){ 0 });
    fixture_make_below("good/2.partial", &(struct fixture){ 0 });
    fixture_make_below("bad/1", &(struct fixture){ 0 });
    fixture_make_below("bad/2", &(struct fixture){ 0 });
    fixture_make_below("bad/3", &(struct fixture){ 0 });
    fixture_make_below("bad/4", &(struct fixture){ 0 });
    cleanup_free char *broken = fixture_below("bad/1/experiment.json"),
                      *gone = fixture_below("bad/2/experiment.json");
    cleanup_free char *trials = fixture_below("bad/4/trials"),
                      *manifest = fixture_below("bad/4/manifest.json");
    cleanup_free char *results = fixture_below("bad/3/results.json"),
                      *foreign = fixture_below("notes/readme.txt");
    cleanup_free char *folder = fixture_below("notes");
    fixture_write(broken, "{\"name\": \"cut of");
    unlink(gone);
    fixture_write(results, "{}");
    fixture_remove(trials);
    unlink(manifest);
    fixture_mkdir(folder);
    fixture_write(foreign, "not a run");
    cleanup_free char *notes = report(0);
    assert_int_equal(outcome.runs, 2);
    assert_int_equal(outcome.passed_over, 4);
    assert_contains(notes, "good/2.partial: passed over: unfinished");
    assert_contains(notes, "bad/1: passed over: damaged: ");
    assert_contains(notes, "bad/2: passed over: damaged: experiment.json is missing");
    assert_contains(notes, "bad/4: passed over: no run: there is an experiment.json");
    assert_contains(notes, "bad/3/results.json: \"schema\" is not");
    assert_contains(notes, "computed again from the logs");
    assert_null(strstr(notes, "notes"));
}

static void no_run_is_an_error(void **state)
{
    (void)state;
    free(report(-1));
    assert_int_equal(err.code, LAB_ERR_USAGE);
    assert_contains(err.message, "no run directory");
    fixture_make_below("a/1.partial", &(struct fixture){ 0 });
    free(report(-1));
    assert_int_equal(err.code, LAB_ERR_IO);
    const char *roots[] = { "/nonexistent" };
    assert_int_equal(report_write(roots, 1, output, REPORT_DEFAULT, stderr, &outcome, &err), -1);
    assert_contains(err.message, "/nonexistent");
}

static void a_run_is_counted_once(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ 0 });
    fixture_make_below("b/1", &(struct fixture){ .name = "b" });
    cleanup_free char *run = fixture_below("a/1"), *parent = fixture_below("a"),
                      *link = fixture_below("latest");
    assert_int_equal(symlink(run, link), 0);
    cleanup_free char *slash = fs_path("%s/", fixture_root);
    const char *roots[] = { slash, run, parent };
    assert_int_equal(report_write(roots, 3, output, REPORT_DEFAULT, stderr, &outcome, &err), 0);
    assert_int_equal(outcome.runs, 2);
}

/* Its own output is no input, wherever it is. */
static void the_report_itself_is_left_out(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ 0 });
    fixture_make_below("report/odd/1", &(struct fixture){ 0 });
    free(report(0));
    assert_int_equal(outcome.runs, 1);
}

/* --- plots ---------------------------------------------------------------- */

static void assert_plot(const char *name)
{
    static const char *const suffixes[] = { "gp", "dat", "svg", "png" };
    for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++) {
        cleanup_free char *path = fs_path("%s/plots/%s.%s", output, name, suffixes[i]);
        if (access(path, F_OK) != 0)
            fail_msg("%s is missing", path);
        assert_true(i != 2 || is_svg(path));
        assert_true(i != 3 || is_png(path));
    }
}

static void assert_no_plot(const char *name)
{
    cleanup_free char *path = fs_path("%s/plots/%s.gp", output, name);
    assert_int_not_equal(access(path, F_OK), 0);
}

static void pairs_share_a_plot(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    fixture_make_below(
        "cs/1", &(struct fixture){
                    .name = "cs", .server = "s1", .rate = "100Mbit", .finish_s = 25, .trials = 3 });
    fixture_make_below(
        "p2p/1",
        &(struct fixture){
            .name = "p2p", .model = "p2p", .server = "s1", .rate = "100Mbit", .finish_s = 4.3 });
    fixture_make_below("other/1", &(struct fixture){ .name = "other", .rate = "10Mbit" });
    free(report(0));
    assert_int_equal(outcome.plots, 9);
    assert_plot("traffic-cs");
    assert_plot("traffic-p2p");
    assert_plot("traffic-other");
    assert_plot("makespan");
    assert_plot("completion-cs");
    assert_plot("completion-other");
    assert_no_plot("completion-p2p");
    assert_plot("bytes-cs");
    assert_plot("bytes-p2p");
    assert_plot("bytes-other");
    cleanup_free char *script = read_table("plots/completion-cs.gp");
    assert_contains(script, "'cs: client/server, median and range of 3 trials'");
    assert_contains(script, "'p2p: peer to peer'");
}

static void curves_have_the_colours_of_their_model(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    fixture_make_below("cs/1", &(struct fixture){ .name = "cs" });
    fixture_make_below("p2p/1", &(struct fixture){ .name = "p2p", .model = "p2p", .clients = 12 });
    free(report(0));
    cleanup_free char *few = read_table("plots/bytes-cs.gp"),
                      *many = read_table("plots/bytes-p2p.gp");
    assert_contains(few, "'#e69f00'");
    assert_contains(few, "'#d55e00'");
    assert_null(strstr(few, "'#0072b2'"));
    assert_contains(many, "'#0072b2'");
    assert_null(strstr(many, "'#d55e00'"));
    assert_null(strstr(many, "'#009e73'"));
}

static void faults_beyond_those_that_are_marked_are_counted(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    fixture_make_below("a/1", &(struct fixture){ 0 });
    cleanup_free char *path = fixture_below("a/1/trials/001/logs/labctl.jsonl");
    FILE *log = fopen(path, "ae");
    assert_non_null(log);
    for (unsigned i = 0; i < 30; i++)
        fprintf(log,
                "{\"t\":%" PRIu64 ",\"event\":\"fault\",\"kind\":\"pause\",\"node\":\"h1\","
                "\"fault\":%u,\"planned\":\"1s\",\"reached\":true}\n",
                FIXTURE_ORIGIN + i * 10000000u, i + 1);
    fclose(log);
    free(report(0));
    assert_plot("bytes-cs6");
    cleanup_free char *script = read_table("plots/bytes-cs6.gp");
    size_t marks = 0;
    for (const char *at = script; (at = strstr(at, "set arrow")); at++)
        marks++;
    assert_int_equal(marks, 24);
    assert_contains(script, "'and 6 more faults'");
}

static void any_number_of_hosts(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    static const unsigned counts[] = { 1, 30, 200 };
    for (size_t i = 0; i < ARRAY_LENGTH(counts); i++) {
        cleanup_free char *name = fs_path("n%u", counts[i]);
        fixture_make_below(name, &(struct fixture){ .name = name,
                                                    .clients = counts[i],
                                                    .points = 5,
                                                    .finish_step_s = 0.01,
                                                    .rate = "10Mbit" });
    }
    free(report(0));
    assert_int_equal(outcome.plots, 9);
    assert_plot("traffic-n1");
    assert_plot("traffic-n30");
    assert_no_plot("traffic-n200"); /* with the server 201 */
    assert_plot("completion-n1");
    assert_plot("completion-n200");
    assert_plot("bytes-n30");
}

static void nothing_to_show_is_said(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    struct fixture f = { .clients = 2,
                         .no_accept = true,
                         .fates = { FATE_NEVER_STARTED, FATE_NEVER_STARTED } };
    fixture_make_below("a/1", &f);
    cleanup_free char *notes = report(0);
    assert_int_equal(outcome.plots, 0);
    assert_contains(notes, "makespan: not drawn");
    assert_contains(notes, "completion-cs6: not drawn");
    assert_contains(notes, "bytes-cs6: not drawn");
    assert_no_plot("makespan");
    assert_no_plot("bytes-cs6");
}

static void plots_of_an_earlier_report_go(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    fixture_make_below("a/1", &(struct fixture){ .name = "a" });
    fixture_make_below("b/1", &(struct fixture){ .name = "b", .rate = "10Mbit" });
    free(report(0));
    assert_plot("bytes-a");
    cleanup_free char *own = fs_path("%s/plots/my-own.gp", output), *gone = fixture_below("a");
    fixture_write(own, "plot x\n");
    fixture_remove(gone);
    free(report(0));
    assert_no_plot("bytes-a");
    assert_plot("bytes-b");
    assert_int_equal(access(own, F_OK), 0);
}

static void hostile_titles_draw(void **state)
{
    (void)state;
    if (!gnuplot_is_there())
        skip();
    fixture_make_below(
        "a/1", &(struct fixture){ .title = "'; system('touch canary') # `touch canary` _{x} "
                                           "<&> \\\\ \\u0007",
                                  .name = "a_b.c-d" });
    free(report(0));
    assert_plot("bytes-a_b.c-d");
    cleanup_free char *canary = fs_path("%s/plots/canary", output);
    assert_int_not_equal(access(canary, F_OK), 0);
}

static void without_gnuplot_there_are_tables(void **state)
{
    (void)state;
    fixture_make_below("a/1", &(struct fixture){ 0 });
    cleanup_free char *path = fs_path("%s", getenv("PATH"));
    setenv("PATH", fixture_root, 1);
    const char *roots[] = { fixture_root };
    int result = report_write(roots, 1, output, REPORT_DEFAULT, stderr, &outcome, &err);
    setenv("PATH", path, 1);
    assert_int_equal(result, -1);
    assert_int_equal(err.code, LAB_ERR_UNSUPPORTED);
    assert_int_equal(outcome.runs, 1);
    assert_int_equal(outcome.plots, 0);
    cleanup_free char *hosts = read_table("hosts.csv"), *transfers = read_table("transfers.csv");
    assert_int_equal(count_lines(hosts), 7);
    assert_int_equal(count_lines(transfers), 7);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(one_row_for_each),
        TEST(failures_have_empty_cells_and_reasons),
        TEST(rebuilt_results_give_the_same_report),
        TEST(bad_runs_are_named_and_passed_over),
        TEST(no_run_is_an_error),
        TEST(a_run_is_counted_once),
        TEST(the_report_itself_is_left_out),
        TEST(pairs_share_a_plot),
        TEST(curves_have_the_colours_of_their_model),
        TEST(faults_beyond_those_that_are_marked_are_counted),
        TEST(any_number_of_hosts),
        TEST(nothing_to_show_is_said),
        TEST(plots_of_an_earlier_report_go),
        TEST(hostile_titles_draw),
        TEST(without_gnuplot_there_are_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
