#include "testing.h"

#include "experiment/sweep_order.h"

#define CELLS 23

/* Whether it holds each of 1 ... CELLS once. */
static void assert_permutation(const unsigned *order)
{
    bool seen[CELLS + 1] = { false };
    for (unsigned i = 0; i < CELLS; i++) {
        assert_in_range(order[i], 1, CELLS);
        assert_false(seen[order[i]]);
        seen[order[i]] = true;
    }
}

static void test_every_round_has_every_cell(void **state)
{
    (void)state;
    unsigned order[CELLS];
    for (unsigned round = 0; round < 50; round++) {
        sweep_order(7, round, order, CELLS);
        assert_permutation(order);
    }
}

static void test_order_follows_seed_and_round(void **state)
{
    (void)state;
    unsigned a[CELLS], b[CELLS];
    sweep_order(7, 1, a, CELLS);
    sweep_order(7, 1, b, CELLS);
    assert_memory_equal(a, b, sizeof(a));
    sweep_order(7, 2, b, CELLS);
    assert_memory_not_equal(a, b, sizeof(a));
    sweep_order(8, 1, b, CELLS);
    assert_memory_not_equal(a, b, sizeof(a));
}

/* The order is part of what makes a sweep repeatable: it must not change from one version to
 * the next. */
static void test_known_order(void **state)
{
    (void)state;
    static const unsigned expected[] = { 6, 5, 3, 7, 1, 8, 2, 4 };
    unsigned order[8];
    sweep_order(1, 1, order, 8);
    assert_memory_equal(order, expected, sizeof(order));
}

/* No cell is favoured: over many rounds each one comes first about as often. */
static void test_no_cell_is_favoured(void **state)
{
    (void)state;
    unsigned order[4], first[5] = { 0 };
    for (unsigned round = 0; round < 4000; round++) {
        sweep_order(3, round, order, 4);
        first[order[0]]++;
    }
    for (unsigned cell = 1; cell <= 4; cell++)
        assert_in_range(first[cell], 900, 1100);
}

static void test_shards(void **state)
{
    (void)state;
    for (unsigned shards = 1; shards <= 30; shards++) {
        unsigned of_cell[CELLS], again[CELLS], size[31] = { 0 };
        sweep_deal(5, shards, of_cell, CELLS);
        sweep_deal(5, shards, again, CELLS);
        assert_memory_equal(of_cell, again, sizeof(again));
        for (unsigned i = 0; i < CELLS; i++) {
            assert_in_range(of_cell[i], 1, shards);
            size[of_cell[i]]++;
        }
        for (unsigned shard = 1; shard <= shards; shard++)
            assert_in_range(size[shard], CELLS / shards, (CELLS + shards - 1) / shards);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_round_has_every_cell),
        cmocka_unit_test(test_order_follows_seed_and_round),
        cmocka_unit_test(test_known_order),
        cmocka_unit_test(test_no_cell_is_favoured),
        cmocka_unit_test(test_shards),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
