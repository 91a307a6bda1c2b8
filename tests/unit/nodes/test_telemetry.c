/* Telemetry of a TCP connection over the loopback interface. */
#include "testing.h"

#include <arpa/inet.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/telemetry.h"

#define INTERVAL 1000000ull /* ns */

struct world {
    struct loop loop;
    struct event_writer events;
    struct telemetry telemetry;
    struct probe probe;
    int log, ends[2];
};

static uint64_t stop_at;

static uint64_t stop_then(void *owner)
{
    ((struct loop *)owner)->stop = event_now() >= stop_at;
    return stop_at;
}

/* Let several intervals pass. */
static void pass_time(struct world *world)
{
    struct lab_error err = LAB_ERROR_INIT;
    stop_at = event_now() + 20 * INTERVAL;
    world->loop.stop = false;
    assert_int_equal(loop_run(&world->loop, stop_then, &world->loop, &err), 0);
}

/* Events so far. The text of the last one is in `last`. */
static unsigned count_events(struct world *world, char last[EVENT_LINE_MAX])
{
    char log[65536];
    struct lab_error err = LAB_ERROR_INIT;
    unsigned count = 0;
    event_flush(&world->events, &err);
    ssize_t n = pread(world->log, log, sizeof(log) - 1, 0);
    log[n > 0 ? n : 0] = '\0';
    char *rest = log;
    for (char *line; (line = strsep(&rest, "\n")) && *line; count++)
        snprintf(last, EVENT_LINE_MAX, "%s", line);
    return count;
}

static void connect_ends(int ends[2])
{
    struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t length = sizeof(at);
    cleanup_close int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&at, sizeof(at)), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&at, &length), 0);
    ends[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(ends[0], (struct sockaddr *)&at, sizeof(at)), 0);
    ends[1] = accept(listener, NULL, NULL);
    assert_true(ends[1] >= 0);
}

static struct world *new_world(uint64_t interval)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct world *world = calloc(1, sizeof(*world));
    world->log = memfd_create("events", 0);
    event_writer_init(&world->events, world->log);
    assert_int_equal(loop_open(&world->loop, &err), 0);
    assert_int_equal(
        telemetry_start(&world->telemetry, &world->loop, &world->events, interval, &err), 0);
    connect_ends(world->ends);
    telemetry_begin(world->loop.telemetry, &world->probe, 7, world->ends[0], "h1:99");
    return world;
}

static void free_world(struct world *world)
{
    telemetry_stop(&world->telemetry);
    loop_close(&world->loop);
    close(world->ends[0]);
    close(world->ends[1]);
    close(world->log);
    free(world);
}

static void test_on(void **state)
{
    (void)state;
    char last[EVENT_LINE_MAX] = "", data[1000] = "";
    struct world *world = new_world(INTERVAL);
    pass_time(world);
    assert_int_equal(count_events(world, last), 0); /* nothing moved */
    assert_int_equal(send(world->ends[0], data, sizeof(data), 0), sizeof(data));
    pass_time(world);
    assert_int_equal(count_events(world, last), 1);
    assert_contains(last, "\"event\":\"tcp\",\"connection\":7,\"peer\":\"h1:99\",\"rtt_us\":");
    assert_contains(last, "\"bytes_sent\":1000,\"bytes_received\":0}");
    assert_int_equal(send(world->ends[1], data, 10, 0), 10);
    telemetry_end(world->loop.telemetry, &world->probe);
    assert_int_equal(count_events(world, last), 2);
    assert_contains(last, "\"bytes_sent\":1000,\"bytes_received\":10}");
    telemetry_end(world->loop.telemetry, &world->probe); /* it has ended already */
    assert_int_equal(send(world->ends[0], data, sizeof(data), 0), sizeof(data));
    pass_time(world);
    assert_int_equal(count_events(world, last), 2);
    free_world(world);
}

static void test_several(void **state)
{
    (void)state;
    char last[EVENT_LINE_MAX] = "";
    struct world *world = new_world(INTERVAL);
    struct probe others[2] = { 0 };
    for (uint32_t i = 0; i < 2; i++)
        telemetry_begin(world->loop.telemetry, &others[i], i, world->ends[1], "h2:1");
    telemetry_end(world->loop.telemetry, &others[0]); /* in the middle */
    assert_int_equal(send(world->ends[0], "x", 1, 0), 1);
    pass_time(world);
    assert_int_equal(count_events(world, last), 3);
    telemetry_end(world->loop.telemetry, &world->probe);
    telemetry_end(world->loop.telemetry, &others[1]);
    assert_null(world->telemetry.probes);
    free_world(world);
}

static void test_off(void **state)
{
    (void)state;
    char last[EVENT_LINE_MAX] = "";
    struct world *world = new_world(0);
    assert_null(world->loop.telemetry);
    assert_int_equal(world->telemetry.timer.fd, -1);
    assert_int_equal(send(world->ends[0], "x", 1, 0), 1);
    pass_time(world);
    telemetry_end(world->loop.telemetry, &world->probe);
    assert_int_equal(count_events(world, last), 0);
    free_world(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_on),
        cmocka_unit_test(test_several),
        cmocka_unit_test(test_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
