/* When the next send may begin, by what is under way and what waits at the interface. */
#include "testing.h"

#include "lib/uplink.h"

#define MS    1000000ull
#define BLOCK 65536u

static struct uplink new_uplink(uint32_t width)
{
    struct uplink uplink;
    uplink_init(&uplink, width);
    uplink_expect(&uplink, BLOCK);
    return uplink;
}

static void only_as_many_as_the_width_while_the_interface_is_busy(void **state)
{
    (void)state;
    struct uplink uplink = new_uplink(2);
    struct uplink_send sends[2] = { { 0 } };
    for (int i = 0; i < 2; i++) {
        assert_true(uplink_has_room(&uplink));
        uplink_begin(&uplink, &sends[i], BLOCK, 0);
        uplink_looked(&uplink, UPLINK_DRY_BYTES, 0);
    }
    assert_false(uplink_has_room(&uplink));
    uplink_end(&uplink, &sends[0], MS);
    assert_true(uplink_has_room(&uplink));
}

/* All that is under way waits for acknowledgements. */
static void another_begins_when_the_interface_runs_dry(void **state)
{
    (void)state;
    struct uplink uplink = new_uplink(1);
    struct uplink_send sends[3] = { { 0 } };
    for (int i = 0; i < 3; i++) {
        assert_true(uplink_has_room(&uplink));
        uplink_begin(&uplink, &sends[i], BLOCK, 0);
        assert_false(uplink_has_room(&uplink)); /* before the next look */
        uplink_looked(&uplink, 100, 0);
    }
}

/* Small blocks are with the kernel at once, which is no reason to give it all there are. */
static void nothing_begins_while_the_interface_is_full(void **state)
{
    (void)state;
    struct uplink uplink = new_uplink(3);
    struct uplink_send send = { 0 };
    uint32_t begun = 0;
    for (; uplink_has_room(&uplink); begun++) {
        uplink_begin(&uplink, &send, BLOCK / 8, 0);
        uplink_end(&uplink, &send, 0);
    }
    assert_int_equal(begun, UPLINK_FULL_BYTES / (BLOCK / 8));
    uplink_looked(&uplink, UPLINK_FULL_BYTES, 0);
    assert_false(uplink_has_room(&uplink));
    uplink_looked(&uplink, UPLINK_FULL_BYTES - 1, MS);
    assert_true(uplink_has_room(&uplink));
}

static void a_look_is_due_when_something_began_or_some_time_has_passed(void **state)
{
    (void)state;
    struct uplink uplink = new_uplink(1);
    struct uplink_send send = { 0 };
    assert_false(uplink_look_due(&uplink, MS)); /* there is room anyway */
    uplink_begin(&uplink, &send, BLOCK, MS);
    assert_true(uplink_look_due(&uplink, MS));
    uplink_looked(&uplink, UPLINK_FULL_BYTES, MS);
    assert_false(uplink_look_due(&uplink, MS + UPLINK_LOOK_NS - 1));
    assert_true(uplink_look_due(&uplink, MS + UPLINK_LOOK_NS));
}

static void full_blocks_alone_tell_how_long_one_takes(void **state)
{
    (void)state;
    struct uplink uplink = new_uplink(2);
    struct uplink_send send = { 0 };
    uint64_t unknown = uplink_patience(&uplink);
    assert_int_equal(uplink_drain_ns(&uplink, BLOCK), 0);
    uplink_begin(&uplink, &send, BLOCK / 2, 0);
    uplink_end(&uplink, &send, MS);
    assert_int_equal(uplink_patience(&uplink), unknown);
    uplink_begin(&uplink, &send, BLOCK, 0);
    uplink_end(&uplink, &send, 40 * MS);
    assert_int_equal(uplink_patience(&uplink), 8 * 40 * MS);

    /* Two at once halve the time, and so many as are under way divide it. */
    assert_int_equal(uplink_drain_ns(&uplink, 3 * BLOCK), 3 * 40 * MS / 2);
    struct uplink_send others[4] = { { 0 } };
    for (int i = 0; i < 4; i++)
        uplink_begin(&uplink, &others[i], BLOCK, 0);
    assert_int_equal(uplink_drain_ns(&uplink, BLOCK / 2), 5 * MS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_as_many_as_the_width_while_the_interface_is_busy),
        cmocka_unit_test(another_begins_when_the_interface_runs_dry),
        cmocka_unit_test(nothing_begins_while_the_interface_is_full),
        cmocka_unit_test(a_look_is_due_when_something_began_or_some_time_has_passed),
        cmocka_unit_test(full_blocks_alone_tell_how_long_one_takes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
