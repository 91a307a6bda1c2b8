/* Each verdict caused: a run in an ordinary world, in which one thing is changed at a time. */
#include "testing.h"

#include <math.h>

#include "results/results.h"
#include "run_fixture.h"

/* What happens between the two samples. */
struct world {
    double window_s;
    double busy, interrupt, steal; /* shares of all processors' time */
    double ticked;                 /* processors' time as a share of the window */
    double pressure;               /* share of the window */
    double slept_s;
    unsigned runnable; /* at the first sample */
    double own, wait;  /* CPU and wait of the server, as shares of the window */
    double link_use;   /* of the rate of the server's uplink */
    double drop_share; /* of its packets */
    const char *fault; /* an event of this name in between */
    bool no_pressure, no_samples;
};

#define CPUS    2u
#define CLIENTS 6
#define RATE    10e6 /* bit/s */

/* Six clients and 4 MB each from s1 behind 10 Mbit/s: 19.2 s, and 20.1 s with headers. */
static const struct fixture shaped = {
    .server = "s1", .rate = "10Mbit", .size = 4000000, .finish_s = 20.5, .finish_step_s = 0.01
};
static const struct fixture bare = { .finish_s = 5 };

/* Such a run on a machine with nothing else to do. */
static const struct world ordinary = { .window_s = 20.6,
                                       .busy = 0.3,
                                       .interrupt = 0.1,
                                       .ticked = 1,
                                       .pressure = 0.1,
                                       .own = 0.3,
                                       .wait = 0.02,
                                       .link_use = 0.97 };

/* --- samples -------------------------------------------------------------- */

static void write_link(struct event_writer *w, const char *node, const char *direction,
                       double seconds, double packets, double drop_share)
{
    event_begin(w, EVENT_LINK, fixture_time(seconds));
    event_string(w, "node", node);
    event_string(w, "direction", direction);
    event_integer(w, "bytes", (int64_t)(packets * 1514));
    event_integer(w, "packets", (int64_t)packets);
    event_integer(w, "drops", (int64_t)(packets * drop_share / (1 - drop_share)));
    event_integer(w, "backlog", 0);
    event_end(w);
}

static void write_sample(struct event_writer *w, const struct world *world, const char *server,
                         double seconds, double share)
{
    double passed = world->window_s * share;
    double cpu = passed * CPUS * world->ticked * 1e9;
    event_begin(w, EVENT_CPU, fixture_time(seconds));
    event_integer(w, "cpus", CPUS);
    event_integer(w, "busy_ns", (int64_t)(cpu * world->busy));
    event_integer(w, "interrupt_ns", (int64_t)(cpu * world->interrupt));
    event_integer(w, "steal_ns", (int64_t)(cpu * world->steal));
    event_integer(w, "total_ns", (int64_t)cpu);
    if (!world->no_pressure)
        event_integer(w, "pressure_us", (int64_t)(passed * world->pressure * 1e6));
    event_integer(w, "runnable", world->runnable);
    event_integer(w, "boot_ns", (int64_t)((1000 + passed + world->slept_s * share) * 1e9));
    event_end(w);
    double packets = RATE / 8 * passed * world->link_use / 1514;
    write_link(w, server, "up", seconds, packets, world->drop_share);
    for (int i = 1; i <= CLIENTS; i++) {
        cleanup_free char *client = fs_path("h%d", i);
        write_link(w, client, "down", seconds, packets / CLIENTS, 0);
    }
    event_begin(w, EVENT_PROGRAM, fixture_time(seconds));
    event_string(w, "node", server);
    event_string(w, "program", "cs_server");
    event_integer(w, "cpu_ns", (int64_t)(passed * world->own * 1e9));
    event_integer(w, "wait_ns", (int64_t)(passed * world->wait * 1e9));
    event_end(w);
}

/* Put the samples into labctl's log, after its first line. */
static void insert_samples(const char *dir, const struct world *world, const char *server)
{
    static struct event_writer w;
    struct lab_error err;
    cleanup_free char *path = fs_path("%s/trials/001/logs/labctl.jsonl", dir);
    cleanup_free char *text = fs_read_file(path, 1 << 20, NULL, &err);
    assert_non_null(text);
    const char *rest = strchr(text, '\n') + 1;
    cleanup_close int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC);
    assert_int_equal(write(fd, text, (size_t)(rest - text)), rest - text);
    event_writer_init(&w, fd);
    write_sample(&w, world, server, -0.01, 0);
    if (world->fault) {
        event_begin(&w, "fault", fixture_time(0.5));
        event_string(&w, "kind", world->fault);
        event_end(&w);
    }
    write_sample(&w, world, server, world->window_s - 0.01, 1);
    assert_int_equal(event_flush(&w, &err), 0);
    assert_int_equal(write(fd, rest, strlen(rest)), (ssize_t)strlen(rest));
}

/* --- what is expected ------------------------------------------------------ */

static struct results *results_of(const char *dir)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct results *results = results_compute(dir, &err);
    if (!results)
        fail_msg("%s", err.message);
    return results;
}

/* The run in that world has this verdict, and for this reason first and, unless `more` may
 * follow from it, alone; NULL: for none. */
static void expect_in(const char *dir, enum verdict verdict, const char *code, bool more)
{
    struct results *results = results_of(dir);
    const struct trial_result *trial = &results->trials[0];
    const char *first = trial->reason_count ? trial->reasons[0].code : "";
    if (trial->verdict != verdict || strcmp(first, code ? code : "") != 0 ||
        (trial->reason_count > 1 && !more)) {
        for (size_t i = 0; i < trial->reason_count; i++)
            print_error("%s: %s\n", trial->reasons[i].code, trial->reasons[i].message);
        fail_msg("expected %s %s, found %s", verdict_name(verdict), code ? code : "",
                 verdict_name(trial->verdict));
    }
    bool counts = verdict != VERDICT_INVALID;
    assert_int_equal(results->makespan_s.n, counts ? 1 : 0);
    results_free(results);
}

static void expect(const struct fixture *fixture, const struct world *world, enum verdict verdict,
                   const char *code)
{
    char *dir = fixture_folder();
    fixture_make(dir, fixture);
    if (!world->no_samples)
        insert_samples(dir, world, fixture->server ? fixture->server : "r1");
    expect_in(dir, verdict, code, false);
    fixture_remove(dir);
    free(dir);
}

/* One change to the ordinary world, right below and right above its threshold. */
#define EXPECT(fixture, verdict, code, ...)                                                        \
    do {                                                                                           \
        struct world world = ordinary;                                                             \
        __VA_ARGS__;                                                                               \
        expect(fixture, &world, verdict, code);                                                    \
    } while (0)

static void ordinary_is_valid(void **state)
{
    (void)state;
    EXPECT(&shaped, VERDICT_VALID, NULL, );
    EXPECT(&bare, VERDICT_VALID, NULL, world.busy = 0.5; world.own = 0.9);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.no_pressure = true);
}

static void no_samples_is_unknown(void **state)
{
    (void)state;
    EXPECT(&shaped, VERDICT_UNKNOWN, NULL, world.no_samples = true);
}

static void busy_processors(void **state)
{
    (void)state;
    EXPECT(&shaped, VERDICT_VALID, NULL, world.busy = 0.89);
    EXPECT(&shaped, VERDICT_SUSPECT, "cpu_busy", world.busy = 0.91);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.pressure = 0.49);
    EXPECT(&shaped, VERDICT_SUSPECT, "cpu_pressure", world.pressure = 0.51);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.wait = 0.24);
    EXPECT(&shaped, VERDICT_SUSPECT, "cpu_wait", world.wait = 0.26);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.steal = 0.04);
    EXPECT(&shaped, VERDICT_SUSPECT, "cpu_steal", world.steal = 0.06);
}

/* Without a shaped link the processors are what is measured; only others in it are bad. */
static void bare_links(void **state)
{
    (void)state;
    EXPECT(&bare, VERDICT_VALID, "cpu_bound", world.busy = 0.95; world.own = 1.7;
           world.pressure = 0.9; world.wait = 0.6);
    EXPECT(&bare, VERDICT_VALID, NULL, world.busy = 0.5; world.own = 0.62);
    EXPECT(&bare, VERDICT_SUSPECT, "cpu_others", world.busy = 0.5; world.own = 0.58);
}

static void short_windows(void **state)
{
    (void)state;
    const struct fixture brief = { .finish_s = 0.01 };
    EXPECT(&brief, VERDICT_VALID, NULL, world.window_s = 0.03; world.busy = 1; world.runnable = 1);
    EXPECT(&brief, VERDICT_SUSPECT, "cpu_runnable", world.window_s = 0.03; world.runnable = 2);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.runnable = 9);
}

static void links(void **state)
{
    (void)state;
    /* 0.6 of the rate of the uplink for as long as the makespan, 20.55 s, takes. */
    EXPECT(&shaped, VERDICT_VALID, NULL, world.link_use = 0.61);
    EXPECT(&shaped, VERDICT_SUSPECT, "link_under", world.link_use = 0.59);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.link_use = 0.59; world.fault = "link_rate");
    EXPECT(&shaped, VERDICT_VALID, NULL, world.link_use = 1.04);
    EXPECT(&shaped, VERDICT_INVALID, "link_over", world.link_use = 1.06);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.link_use = 1.06; world.fault = "link_rate");
    EXPECT(&shaped, VERDICT_VALID, NULL, world.drop_share = 0.009);
    EXPECT(&shaped, VERDICT_VALID, "queue_drops", world.drop_share = 0.02);
    EXPECT(&shaped, VERDICT_SUSPECT, "queue_drops", world.drop_share = 0.06);
    EXPECT(&shaped, VERDICT_VALID, "queue_drops", world.drop_share = 0.06;
           world.fault = "link_down");
}

/* Clients that were done before the last one, each by itself: what the links carried until the
 * end does not tell. 1 MB at 10 Mbit/s is 0.8 s, and 0.76 s with what is allowed for. */
static void early_clients(void **state)
{
    (void)state;
    struct fixture early = shaped;
    early.size = 1000000;
    early.finish_s = 0.77;
    early.finish_step_s = (20.5 - early.finish_s) / (CLIENTS - 1);
    EXPECT(&early, VERDICT_VALID, NULL, );
    early.finish_s = 0.75;
    EXPECT(&early, VERDICT_INVALID, "link_over", );
    EXPECT(&early, VERDICT_VALID, NULL, world.fault = "link_rate");
    early.rate = NULL;
    EXPECT(&early, VERDICT_VALID, NULL, world.own = 0.62);
}

/* Each downlink is in use for a sixth of the time, and all of them together for all of it. */
static void links_one_after_the_other(void **state)
{
    (void)state;
    struct fixture sequential = shaped;
    sequential.start = "sequential";
    sequential.finish_s = 3.43;
    sequential.begin_step_s = sequential.finish_step_s = 3.425;
    EXPECT(&sequential, VERDICT_VALID, NULL, world.link_use = 0.62);
    EXPECT(&sequential, VERDICT_SUSPECT, "link_under", world.link_use = 0.58);
    sequential.server = "r1"; /* behind no link, so that the downlinks set the pace */
    EXPECT(&sequential, VERDICT_VALID, NULL, world.link_use = 0.62);
    EXPECT(&sequential, VERDICT_SUSPECT, "link_under", world.link_use = 0.58);
}

/* The begin of client i is i us late in the fixture; here the clients begin with a plan. */
static void start_skew(void **state)
{
    (void)state;
    struct fixture skewed = shaped;
    skewed.late_step_s = 0.19; /* five steps are 0.95 s, of 20.55 s */
    EXPECT(&skewed, VERDICT_VALID, NULL, );
    skewed.late_step_s = 0.22;
    EXPECT(&skewed, VERDICT_SUSPECT, "start_skew", );
    struct fixture brief = { .finish_s = 0.02, .late_step_s = 0.0019 }; /* 9.5 ms of 20 */
    EXPECT(&brief, VERDICT_VALID, NULL, world.window_s = 0.03);
    brief.late_step_s = 0.0021;
    EXPECT(&brief, VERDICT_SUSPECT, "start_skew", world.window_s = 0.03);
}

static void clocks(void **state)
{
    (void)state;
    EXPECT(&shaped, VERDICT_VALID, NULL, world.slept_s = 0.9);
    EXPECT(&shaped, VERDICT_INVALID, "machine_slept", world.slept_s = 1.1);
    EXPECT(&shaped, VERDICT_VALID, NULL, world.ticked = 0.91);
    EXPECT(&shaped, VERDICT_SUSPECT, "machine_stopped", world.ticked = 0.89);
}

static void failed_trials(void **state)
{
    (void)state;
    struct fixture failed = shaped;
    failed.fates[2] = FATE_CORRUPT;
    EXPECT(&failed, VERDICT_INVALID, "not_ok", world.busy = 0.99);
}

/* --- logs ------------------------------------------------------------------ */

/* A run in the ordinary world of which one log is changed by a sed(1) script. */
static void expect_changed(const struct fixture *fixture, const char *log, const char *script,
                           enum verdict verdict, const char *code)
{
    char *dir = fixture_folder();
    fixture_make(dir, fixture);
    insert_samples(dir, &ordinary, fixture->server);
    cleanup_free char *line = fs_path("sed -i '%s' %s/trials/001/logs/%s", script, dir, log);
    assert_int_equal(system(line), 0);
    expect_in(dir, verdict, code, verdict == VERDICT_INVALID);
    fixture_remove(dir);
    free(dir);
}

static void damaged_logs(void **state)
{
    (void)state;
    const char *h2 = "h2.cs_client.jsonl";
    expect_changed(&shaped, h2, "9s/t/\"/", VERDICT_SUSPECT, "log_damage");
    expect_changed(&shaped, h2, "/\"exit\"/d", VERDICT_SUSPECT, "log_gap");
    expect_changed(&shaped, h2, "/\"length\"/d", VERDICT_SUSPECT, "log_gap");
    expect_changed(&shaped, h2, "/\"begin\"/d", VERDICT_SUSPECT, "log_gap");
    struct fixture peers = shaped;
    peers.model = "p2p";
    peers.finish_s = 4;
    expect_changed(&peers, "h3.p2p_peer.jsonl", "/\"block\":5,/d", VERDICT_SUSPECT, "log_gap");
}

/* What the first reason says of a run in the ordinary world to which a shell command was done,
 * as 'code: message'. Caller frees. */
static char *reason_after(const struct fixture *fixture, const char *command)
{
    char *dir = fixture_folder();
    fixture_make(dir, fixture);
    insert_samples(dir, &ordinary, fixture->server);
    cleanup_free char *line = fs_path("cd %s/trials/001/logs && %s", dir, command);
    assert_int_equal(system(line), 0);
    struct results *results = results_of(dir);
    assert_int_equal(results->trials[0].reason_count, 1);
    const struct verdict_reason *reason = &results->trials[0].reasons[0];
    char *text = fs_path("%s %s: %s", verdict_name(results->trials[0].verdict), reason->code,
                         reason->message);
    results_free(results);
    fixture_remove(dir);
    free(dir);
    return text;
}

static void damaged_logs_are_named(void **state)
{
    (void)state;
    cleanup_free char *one = reason_after(&shaped, "echo x >>h2.cs_client.jsonl");
    assert_string_equal(one, "suspect log_damage: 1 line of the log of h2 cannot be read");
    cleanup_free char *two =
        reason_after(&shaped, "for n in h2.cs_client h4.cs_client; do echo x >>$n.jsonl; done");
    assert_string_equal(two,
                        "suspect log_damage: 2 lines of the logs of h2 and 1 other cannot be read");
    cleanup_free char *all = reason_after(&shaped, "for n in *.jsonl; do echo x >>$n; done");
    assert_string_equal(
        all, "suspect log_damage: 8 lines of the logs of labctl and 7 others cannot be read");
}

static void what_was_dropped_is_a_note(void **state)
{
    (void)state;
    cleanup_free char *note =
        reason_after(&shaped, "for n in h1 h3; do sed -i '/\"exit\"/i {\"t\":5050000000000,"
                              "\"event\":\"dropped\",\"bytes\":750000}' $n.cs_client.jsonl; done");
    assert_string_equal(note, "valid log_dropped: 1.5 MB that commands said are not in their logs");
}

/* 5 of t's digits are what the fixture's origin of 5,000 s begins with. */
static void clock_of_a_log_goes_back(void **state)
{
    (void)state;
    const char *h2 = "h2.cs_client.jsonl";
    expect_changed(&shaped, h2, "/\"progress\"/{s/\"t\":5000/\"t\":4999/;:a;n;ba}", VERDICT_INVALID,
                   "clock");
    expect_changed(&shaped, h2, "s/\"t\":5/\"t\":6/", VERDICT_INVALID, "clock");
    expect_changed(&shaped, h2, "s/\"t\":5/\"t\":4/", VERDICT_INVALID, "clock");
}

/* --- results.json ----------------------------------------------------------- */

static void verdict_is_read_back(void **state)
{
    (void)state;
    struct lab_error err = LAB_ERROR_INIT;
    char *dir = fixture_folder();
    struct world world = ordinary;
    world.busy = 0.95;
    world.pressure = 0.8;
    fixture_make(dir, &shaped);
    insert_samples(dir, &world, shaped.server);
    struct results *results = results_of(dir);
    cleanup_free char *json = results_to_json(results);
    assert_int_equal(results_write(results, dir, &err), 0);
    struct results *again = results_read(dir, &err);
    assert_non_null(again);
    const struct trial_result *trial = &again->trials[0];
    assert_int_equal(trial->verdict, VERDICT_SUSPECT);
    assert_int_equal(trial->reason_count, 2);
    assert_string_equal(trial->reasons[1].code, "cpu_pressure");
    assert_string_equal(trial->reasons[1].message, results->trials[0].reasons[1].message);
    assert_true(fabs(trial->conditions.cpu_busy - 0.95) < 1e-3);
    assert_true(fabs(trial->conditions.window_s - 20.6) < 1e-3);
    assert_true(fabs(trial->conditions.link_use - 0.97 * 20.6 / 20.55) < 1e-3);
    cleanup_free char *json_again = results_to_json(again);
    assert_string_equal(json, json_again);
    results_free(results);
    results_free(again);
    fixture_remove(dir);
    free(dir);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(ordinary_is_valid),
        cmocka_unit_test(no_samples_is_unknown),
        cmocka_unit_test(busy_processors),
        cmocka_unit_test(bare_links),
        cmocka_unit_test(short_windows),
        cmocka_unit_test(links),
        cmocka_unit_test(early_clients),
        cmocka_unit_test(links_one_after_the_other),
        cmocka_unit_test(start_skew),
        cmocka_unit_test(clocks),
        cmocka_unit_test(failed_trials),
        cmocka_unit_test(damaged_logs),
        cmocka_unit_test(damaged_logs_are_named),
        cmocka_unit_test(what_was_dropped_is_a_note),
        cmocka_unit_test(clock_of_a_log_goes_back),
        cmocka_unit_test(verdict_is_read_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
