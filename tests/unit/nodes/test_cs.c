/* The client/server state machines, told by hand what the other side says. */
#include "testing.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "lib/cs_client.h"
#include "lib/cs_server.h"

#define FILE_BYTES 10000

struct world {
    struct node node;
    struct cs_server server;
    struct cs_client client;
    int ours; /* our end of the connection */
    int file, output, events;
    char file_path[32], output_path[32];
};

/* The clock of these tests, ahead of the true one by as much as has "gone by". */
static time_t gone_by;

int clock_gettime(clockid_t clock, struct timespec *time)
{
    int result = (int)syscall(SYS_clock_gettime, clock, time);
    time->tv_sec += gone_by;
    return result;
}

static uint64_t (*machine_turn)(void *owner);
static int idle;

static uint64_t stop_when_idle(void *owner)
{
    struct world *world = owner;
    machine_turn(machine_turn == cs_server_turn ? (void *)&world->server : (void *)&world->client);
    if (++idle > 4)
        world->node.loop.stop = true;
    return 0;
}

/* Say something, and let the machine run until it has nothing to do. */
static void say(struct world *world, const void *data, size_t size)
{
    struct lab_error err = LAB_ERROR_INIT;
    if (size)
        assert_int_equal(send(world->ours, data, size, MSG_NOSIGNAL), size);
    world->node.loop.stop = false;
    idle = 0;
    assert_int_equal(loop_run(&world->node.loop, stop_when_idle, world, &err), 0);
}

static void say_message(struct world *world, const struct wire_message *message)
{
    uint8_t bytes[64];
    say(world, bytes, wire_encode(message, bytes));
}

static struct wire_message hear(struct world *world, unsigned sender)
{
    static uint8_t bytes[256];
    struct lab_error err = LAB_ERROR_INIT;
    struct wire_header header;
    struct wire_message message;
    assert_int_equal(recv(world->ours, bytes, WIRE_HEADER_SIZE, 0), WIRE_HEADER_SIZE);
    assert_int_equal(wire_decode_header(bytes, sender, &header, &err), 0);
    assert_int_equal(recv(world->ours, bytes, header.body, 0), header.body);
    assert_int_equal(wire_decode_body(&header, bytes, &message, &err), 0);
    return message;
}

static bool hung_up(struct world *world)
{
    char byte;
    return recv(world->ours, &byte, 1, 0) == 0;
}

static bool logged(struct world *world, const char *text)
{
    static char log[65536];
    node_flush(&world->node);
    ssize_t n = pread(world->events, log, sizeof(log) - 1, 0);
    log[n > 0 ? n : 0] = '\0';
    return strstr(log, text) != NULL;
}

static struct world *new_world(void)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct world *world = calloc(1, sizeof(*world));
    world->file = memfd_create("file", 0);
    world->output = memfd_create("output", 0);
    world->events = memfd_create("events", 0);
    char bytes[FILE_BYTES];
    for (size_t i = 0; i < sizeof(bytes); i++)
        bytes[i] = (char)(i * 7);
    assert_int_equal(write(world->file, bytes, sizeof(bytes)), sizeof(bytes));
    snprintf(world->file_path, sizeof(world->file_path), "/proc/self/fd/%d", world->file);
    snprintf(world->output_path, sizeof(world->output_path), "/proc/self/fd/%d", world->output);
    world->node.args = (struct node_args){
        .node = "h1", .clients = 1, .file = world->file_path, .output = world->output_path
    };
    event_writer_init(&world->node.events, world->events);
    assert_int_equal(loop_open(&world->node.loop, &err), 0);
    return world;
}

static int connect_pair(struct world *world)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    world->ours = ends[1];
    return ends[0];
}

static const struct sockaddr_in somewhere = { .sin_family = AF_INET };

static int serve(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct world *world = *state = new_world();
    machine_turn = cs_server_turn;
    assert_int_equal(cs_server_open(&world->server, &world->node, &err), 0);
    cs_server_adopt(&world->server, connect_pair(world), &somewhere);
    return 0;
}

static int fetch(void **state)
{
    struct lab_error err = LAB_ERROR_INIT;
    struct world *world = *state = new_world();
    machine_turn = cs_client_turn;
    assert_int_equal(cs_client_open(&world->client, &world->node, &err), 0);
    assert_int_equal(cs_client_join(&world->client, connect_pair(world), &somewhere, &err), 0);
    return 0;
}

static int clear(void **state)
{
    struct world *world = *state;
    if (machine_turn == cs_server_turn)
        cs_server_close(&world->server);
    else
        cs_client_close(&world->client);
    loop_close(&world->node.loop);
    close(world->ours);
    close(world->file);
    close(world->output);
    close(world->events);
    free(world);
    return 0;
}

static void the_server_tells_the_length_and_sends_what_is_asked(void **state)
{
    struct world *world = *state;
    char got[FILE_BYTES];
    assert_int_equal(hear(world, WIRE_FROM_CS_SERVER).bytes, FILE_BYTES);
    say_message(world,
                &(struct wire_message){ .type = WIRE_REQUEST, .offset = 9000, .bytes = 1000 });
    assert_int_equal(recv(world->ours, got, sizeof(got), 0), 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(got[i], (char)((9000 + i) * 7));
    say_message(world, &(struct wire_message){
                           .type = WIRE_REPORT, .nanoseconds = 1500000000, .bytes = 1000 });
    assert_true(logged(world, "\"event\":\"report\""));
    assert_true(logged(world, "\"seconds\":1.5"));
    shutdown(world->ours, SHUT_WR);
    say(world, NULL, 0);
    assert_int_equal(world->server.reported, 1);
    assert_true(logged(world, "\"event\":\"close\""));
}

static void the_server_refuses_what_is_not_in_the_file(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    say_message(world,
                &(struct wire_message){ .type = WIRE_REQUEST, .offset = 1, .bytes = FILE_BYTES });
    assert_true(hung_up(world));
    assert_true(logged(world, "\"code\":\"protocol\""));
    assert_int_equal(world->server.lost, 0);
}

static void a_range_that_wraps_around_is_refused(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    say_message(world, &(struct wire_message){
                           .type = WIRE_REQUEST, .offset = 2, .bytes = UINT64_MAX - 1 });
    assert_true(hung_up(world));
}

static void a_report_before_the_request_is_refused(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    say_message(world, &(struct wire_message){ .type = WIRE_REPORT });
    assert_true(hung_up(world));
    assert_int_equal(world->server.reported, 0);
}

/* Another connection to the server, in place of the present one. */
static void call_again(struct world *world)
{
    close(world->ours);
    cs_server_adopt(&world->server, connect_pair(world), &somewhere);
    hear(world, WIRE_FROM_CS_SERVER);
}

static void ask(struct world *world, uint64_t client, uint64_t offset)
{
    say_message(world, &(struct wire_message){ .type = WIRE_REQUEST,
                                               .client = client,
                                               .offset = offset,
                                               .bytes = FILE_BYTES - offset });
}

static void report(struct world *world)
{
    say_message(world, &(struct wire_message){ .type = WIRE_REPORT, .bytes = FILE_BYTES });
}

static void a_client_whose_connection_ends_may_come_back(void **state)
{
    struct world *world = *state;
    char got[FILE_BYTES];
    hear(world, WIRE_FROM_CS_SERVER);
    ask(world, 7, 0);
    shutdown(world->ours, SHUT_RDWR);
    say(world, NULL, 0);
    assert_int_equal(world->server.away, 1);
    assert_int_equal(world->server.lost, 0);

    call_again(world);
    ask(world, 7, 9999);
    assert_int_equal(world->server.away, 0);
    assert_int_equal(recv(world->ours, got, sizeof(got), 0), 1);
    assert_int_equal(got[0], (char)(9999 * 7));
    assert_true(logged(world, "\"event\":\"resume\",\"connection\":2"));
    report(world);
    shutdown(world->ours, SHUT_WR);
    say(world, NULL, 0);
    assert_int_equal(world->server.reported, 1);
    assert_int_equal(world->server.party_count, 1);
}

static void a_client_that_comes_again_replaces_its_connection(void **state)
{
    struct world *world = *state;
    int before;
    hear(world, WIRE_FROM_CS_SERVER);
    ask(world, 7, 0);
    before = dup(world->ours);
    call_again(world);
    ask(world, 7, 5000);
    assert_int_equal(world->server.away, 0);
    assert_int_equal(world->server.listener.open, 1);
    assert_true(logged(world, "came by another connection"));
    close(before);
}

static void a_client_that_had_it_all_cannot_come_again(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    ask(world, 7, 0);
    report(world);
    call_again(world);
    ask(world, 7, 0);
    assert_int_equal(world->server.reported, 1);
    assert_true(logged(world, "a request of a client that was done"));
}

static void no_more_clients_than_expected(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    ask(world, 7, 0);
    int first = dup(world->ours);
    call_again(world);
    ask(world, 8, 0);
    assert_true(hung_up(world));
    assert_true(logged(world, "one more client than the 1 expected"));
    assert_int_equal(world->server.listener.open, 1);
    close(first);
}

static void a_client_that_gives_up_is_lost_at_once(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    ask(world, 7, 0);
    say_message(world, &(struct wire_message){ .type = WIRE_LEAVE, .bytes = 3 });
    shutdown(world->ours, SHUT_RDWR);
    say(world, NULL, 0);
    assert_int_equal(world->server.lost, 1);
    assert_int_equal(world->server.away, 0);
    assert_true(logged(world, "left before it had the file"));
}

static void who_asks_for_nothing_is_not_kept_for_ever(void **state)
{
    struct world *world = *state;
    hear(world, WIRE_FROM_CS_SERVER);
    gone_by += CS_IDLE_NS / 1000000000 - 1;
    say(world, NULL, 0);
    assert_false(logged(world, "it asked for nothing"));
    gone_by += 2;
    say(world, NULL, 0);
    assert_true(hung_up(world));
    assert_true(logged(world, "it asked for nothing for 30 seconds"));
    assert_int_equal(world->server.lost, 0);
}

static void the_client_fetches_and_reports(void **state)
{
    struct world *world = *state;
    char got[8];
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 8 });
    struct wire_message request = hear(world, WIRE_FROM_CS_CLIENT);
    assert_int_equal(request.type, WIRE_REQUEST);
    assert_int_equal(request.offset, 0);
    assert_int_equal(request.bytes, 8);
    say(world, "abc", 3);
    assert_false(world->client.done);
    say(world, "defgh", 5);
    assert_true(world->client.done);
    assert_int_equal(pread(world->output, got, 8, 0), 8);
    assert_memory_equal(got, "abcdefgh", 8);
    struct wire_message report = hear(world, WIRE_FROM_CS_CLIENT);
    assert_int_equal(report.type, WIRE_REPORT);
    assert_int_equal(report.bytes, 8);
    assert_true(logged(world, "\"event\":\"finish\",\"bytes\":8"));
}

static void an_empty_file_needs_no_bytes(void **state)
{
    struct world *world = *state;
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 0 });
    assert_true(world->client.done);
    assert_int_equal(hear(world, WIRE_FROM_CS_CLIENT).type, WIRE_REQUEST);
    assert_int_equal(hear(world, WIRE_FROM_CS_CLIENT).type, WIRE_REPORT);
}

static void break_off(struct world *world)
{
    shutdown(world->ours, SHUT_WR);
    say(world, NULL, 0);
    close(world->ours);
}

static void serve_again(struct world *world)
{
    struct lab_error err = LAB_ERROR_INIT;
    assert_true(world->client.connect_at > 0);
    world->client.connect_at = 0;
    assert_int_equal(cs_client_join(&world->client, connect_pair(world), &somewhere, &err), 0);
}

static void a_broken_connection_goes_on_where_it_was(void **state)
{
    struct world *world = *state;
    char got[10];
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 10 });
    uint64_t number = hear(world, WIRE_FROM_CS_CLIENT).client;
    say(world, "abc", 3);
    break_off(world);
    assert_int_equal(world->client.failure.code, LAB_ERR_NONE);
    assert_true(logged(world, "\"event\":\"retry\",\"bytes\":3"));
    assert_true(logged(world, "after 3 of 10 bytes"));

    serve_again(world);
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 10 });
    struct wire_message request = hear(world, WIRE_FROM_CS_CLIENT);
    assert_int_equal(request.client, number);
    assert_int_equal(request.offset, 3);
    assert_int_equal(request.bytes, 7);
    say(world, "defghij", 7);
    assert_true(world->client.done);
    assert_int_equal(pread(world->output, got, 10, 0), 10);
    assert_memory_equal(got, "abcdefghij", 10);
    assert_int_equal(hear(world, WIRE_FROM_CS_CLIENT).bytes, 10);
}

static void another_file_in_its_place_is_an_error(void **state)
{
    struct world *world = *state;
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 10 });
    break_off(world);
    serve_again(world);
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 11 });
    assert_int_equal(world->client.failure.code, LAB_ERR_PROTOCOL);
    assert_contains(world->client.failure.message, "11 bytes, which had 10 before");
}

static void connections_that_break_again_and_again_are_too_many(void **state)
{
    struct world *world = *state;
    for (int i = 1; i < CS_CONNECTIONS_MAX; i++) {
        say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 100 });
        break_off(world);
        serve_again(world);
    }
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 100 });
    break_off(world);
    assert_false(world->client.done);
    assert_int_equal(world->client.failure.code, LAB_ERR_TRUNCATED);
    assert_contains(world->client.failure.message, "after 0 of 100 bytes");
}

static void no_connection_within_the_bound_is_told_with_what_broke(void **state)
{
    struct world *world = *state;
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 100 });
    say(world, "abc", 3);
    break_off(world);
    world->client.give_up_at = 1;
    say(world, NULL, 0);
    assert_int_equal(world->client.failure.code, LAB_ERR_TRUNCATED);
    assert_contains(world->client.failure.message, "after 3 of 100 bytes; then: no connection");
}

static void naive_framing_has_one_connection(void **state)
{
    struct world *world = *state;
    char bytes[4096] = "";
    world->node.args.naive = true;
    say_message(world, &(struct wire_message){ .type = WIRE_LENGTH, .bytes = 10000 });
    say(world, bytes, sizeof(bytes));
    shutdown(world->ours, SHUT_WR);
    say(world, NULL, 0);
    assert_true(world->client.done);
    assert_int_equal(world->client.connect_at, 0);
    assert_int_equal(world->client.got, 4096);
}

static void nonsense_in_place_of_the_length_is_an_error(void **state)
{
    struct world *world = *state;
    say(world, "HTTP/1.1 400 Bad Request\r\n", 26);
    assert_int_equal(world->client.failure.code, LAB_ERR_PROTOCOL);
    assert_false(channel_is_open(&world->client.channel));
}

int main(void)
{
#define SERVER(test) cmocka_unit_test_setup_teardown(test, serve, clear)
#define CLIENT(test) cmocka_unit_test_setup_teardown(test, fetch, clear)
    const struct CMUnitTest tests[] = {
        SERVER(the_server_tells_the_length_and_sends_what_is_asked),
        SERVER(the_server_refuses_what_is_not_in_the_file),
        SERVER(a_range_that_wraps_around_is_refused),
        SERVER(a_report_before_the_request_is_refused),
        SERVER(a_client_whose_connection_ends_may_come_back),
        SERVER(a_client_that_comes_again_replaces_its_connection),
        SERVER(a_client_that_had_it_all_cannot_come_again),
        SERVER(no_more_clients_than_expected),
        SERVER(a_client_that_gives_up_is_lost_at_once),
        SERVER(who_asks_for_nothing_is_not_kept_for_ever),
        CLIENT(the_client_fetches_and_reports),
        CLIENT(an_empty_file_needs_no_bytes),
        CLIENT(a_broken_connection_goes_on_where_it_was),
        CLIENT(another_file_in_its_place_is_an_error),
        CLIENT(connections_that_break_again_and_again_are_too_many),
        CLIENT(no_connection_within_the_bound_is_told_with_what_broke),
        CLIENT(naive_framing_has_one_connection),
        CLIENT(nonsense_in_place_of_the_length_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
