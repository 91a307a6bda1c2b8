/* What a peer passes on next, and how many sends it has under way. */
#include "testing.h"

#include "lib/relay.h"

#define MS 1000000ull

static struct relay new_relay(uint32_t own, uint32_t width)
{
    struct relay relay;
    relay_init(&relay, own, width);
    return relay;
}

static void push(struct relay *relay, uint32_t block, uint32_t first, uint32_t last)
{
    relay_next_order(relay);
    for (uint32_t to = first; to <= last; to++)
        if (to != relay->own)
            assert_true(relay_push(relay, to, block, 1));
}

/* Neither dry nor full: the width decides. */
static bool next(struct relay *relay, uint64_t now, uint32_t *peer, uint32_t *block)
{
    uplink_looked(&relay->uplink, UPLINK_DRY_BYTES, now);
    return relay_next(relay, now, peer, block);
}

static void expect_next(struct relay *relay, uint64_t now, uint32_t to, uint32_t block)
{
    uint32_t peer, got;
    assert_true(next(relay, now, &peer, &got));
    assert_int_equal(peer, to);
    assert_int_equal(got, block);
}

static void expect_nothing(struct relay *relay, uint64_t now)
{
    uint32_t peer, block;
    assert_false(next(relay, now, &peer, &block));
}

static void older_blocks_go_first_beginning_with_the_next_peer(void **state)
{
    (void)state;
    struct relay relay = new_relay(1, 1);
    push(&relay, 70, 0, 3);
    push(&relay, 71, 0, 3);
    assert_int_equal(relay_waiting(&relay), 6);
    assert_int_equal(relay_waiting_bytes(&relay), 6);
    static const uint32_t order[][2] = { { 2, 70 }, { 3, 70 }, { 0, 70 },
                                         { 2, 71 }, { 3, 71 }, { 0, 71 } };
    for (size_t i = 0; i < 6; i++) {
        expect_next(&relay, i * MS, order[i][0], order[i][1]);
        expect_nothing(&relay, i * MS);
        relay_sent(&relay, order[i][0], (i + 1) * MS);
    }
    expect_nothing(&relay, 7 * MS);
    assert_int_equal(relay_waiting(&relay), 0);
    assert_int_equal(relay_waiting_bytes(&relay), 0);
    relay_free(&relay);
}

static void no_more_than_the_width_is_under_way(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 2);
    push(&relay, 1, 1, 4);
    expect_next(&relay, 0, 1, 1);
    expect_next(&relay, 0, 2, 1);
    expect_nothing(&relay, 0);
    relay_sent(&relay, 1, MS);
    expect_next(&relay, MS, 3, 1);
    expect_nothing(&relay, MS);
    relay_free(&relay);
}

static void a_slow_receiver_does_not_hold_back_the_others(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 1);
    for (uint32_t block = 0; block < 3; block++)
        push(&relay, block, 1, 2);
    expect_next(&relay, 0, 1, 0);
    expect_nothing(&relay, 10 * MS);
    uint64_t late = 2 * uplink_patience(&relay.uplink);
    assert_true(relay_check(&relay, late));
    assert_false(relay_check(&relay, late));

    /* Its blocks wait, and are not counted as what could move. */
    assert_int_equal(relay_waiting(&relay), 3);
    for (uint32_t block = 0; block < 3; block++) {
        expect_next(&relay, late, 2, block);
        relay_sent(&relay, 2, late + MS);
    }
    expect_nothing(&relay, late);
    assert_int_equal(relay_waiting(&relay), 0);

    /* It goes on beside the others, and is one of them again when it is quick. */
    relay_sent(&relay, 1, 2 * late);
    expect_next(&relay, 2 * late, 1, 1);
    relay_sent(&relay, 1, 2 * late + MS);
    assert_int_equal(relay_waiting(&relay), 1);
    relay_free(&relay);
}

/* A slow uplink makes all sends long; that is no fault of the receivers. */
static void a_slow_uplink_makes_no_receiver_slow(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 1);
    uint64_t now = 0;
    for (uint32_t i = 0; i < 200; i++) {
        uint32_t peer, block;
        push(&relay, i, 1, 3);
        assert_true(next(&relay, now, &peer, &block));
        now += 700 * MS;
        relay_check(&relay, now);
        relay_sent(&relay, peer, now);
    }
    for (uint32_t to = 1; to <= 3; to++)
        assert_false(relay.queues[to].send.slow);
    relay_free(&relay);
}

static void the_newest_is_given_back_first(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 1);
    uint32_t peer, block;
    push(&relay, 5, 1, 2);
    push(&relay, 6, 1, 1);
    expect_next(&relay, 0, 1, 5);
    assert_true(relay_take_back(&relay, &peer, &block));
    assert_int_equal(peer, 1);
    assert_int_equal(block, 6);
    assert_true(relay_take_back(&relay, &peer, &block));
    assert_int_equal(peer, 2);
    assert_int_equal(block, 5);
    assert_false(relay_take_back(&relay, &peer, &block)); /* one is under way */
    assert_int_equal(relay_waiting_bytes(&relay), 0);
    relay_free(&relay);
}

static void one_who_cannot_be_reached_is_cleared(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 1);
    uint32_t block;
    push(&relay, 8, 1, 2);
    push(&relay, 9, 1, 2);
    expect_next(&relay, 0, 1, 8);
    assert_true(relay_take_for(&relay, 1, &block)); /* the one under way */
    assert_int_equal(block, 8);
    assert_true(relay_take_for(&relay, 1, &block));
    assert_int_equal(block, 9);
    assert_false(relay_take_for(&relay, 1, &block));
    expect_next(&relay, 0, 2, 8); /* there is room again */

    assert_int_equal(relay_receivers(&relay), 2);
    relay_gone(&relay, 1);
    assert_int_equal(relay_receivers(&relay), 1);
    assert_false(relay_push(&relay, 1, 10, 1));
    relay_free(&relay);
}

static void a_long_queue_keeps_its_order(void **state)
{
    (void)state;
    struct relay relay = new_relay(0, 1);
    uint32_t oldest = 0;
    for (uint32_t block = 0; block < 1000; block++) {
        push(&relay, block, 1, 1);
        if (block % 3 == 0) {
            expect_next(&relay, block, 1, oldest++);
            relay_sent(&relay, 1, block + 1);
        }
    }
    while (oldest < 1000) {
        expect_next(&relay, 2000, 1, oldest++);
        relay_sent(&relay, 1, 2001);
    }
    expect_nothing(&relay, 2002);
    relay_free(&relay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(older_blocks_go_first_beginning_with_the_next_peer),
        cmocka_unit_test(no_more_than_the_width_is_under_way),
        cmocka_unit_test(a_slow_receiver_does_not_hold_back_the_others),
        cmocka_unit_test(a_slow_uplink_makes_no_receiver_slow),
        cmocka_unit_test(the_newest_is_given_back_first),
        cmocka_unit_test(one_who_cannot_be_reached_is_cleared),
        cmocka_unit_test(a_long_queue_keeps_its_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
