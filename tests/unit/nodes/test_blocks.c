/* How a file is cut into blocks, and the digests of those. */
#include "testing.h"

#include "lib/blocks.h"

#define KiB 1024u

static struct blocks cut(uint64_t bytes, uint32_t size, uint32_t round, uint32_t rounds)
{
    struct blocks blocks;
    struct lab_error err = LAB_ERROR_INIT;
    if (blocks_init(&blocks, bytes, size, round, rounds, &err))
        fail_msg("%s", err.message);
    return blocks;
}

/* As small as many peers need, and no smaller; no more blocks than there may be. */
static void the_size_suits_file_and_peers(void **state)
{
    (void)state;
    assert_int_equal(blocks_size(0, 6), 16 * KiB);
    assert_int_equal(blocks_size(20000000, 24), 16 * KiB);
    assert_int_equal(blocks_size(20000000, 12), 32 * KiB);
    assert_int_equal(blocks_size(50000000, 6), 64 * KiB);
    assert_int_equal(blocks_size(10000000000, 2), 64 * KiB);
    assert_int_equal(blocks_size(100000000000, 2), 256 * KiB);
}

static void expect_refused(uint64_t bytes, uint32_t size, uint32_t round, uint32_t rounds,
                           const char *why)
{
    struct blocks blocks;
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(blocks_init(&blocks, bytes, size, round, rounds, &err), -1);
    assert_int_equal(err.code, LAB_ERR_INVALID);
    assert_contains(err.message, why);
    blocks_free(&blocks);
}

/* Every byte is in one block. */
static void expect_whole(const struct blocks *blocks)
{
    uint64_t at = 0;
    for (uint32_t i = 0; i < blocks->count; i++) {
        assert_int_equal(blocks_offset(blocks, i), at);
        assert_in_range(blocks_length(blocks, i), 1, blocks->block_size);
        at += blocks_length(blocks, i);
    }
    assert_int_equal(at, blocks->file_bytes);
}

static void blocks_of_one_size_and_a_rest(void **state)
{
    (void)state;
    static const uint64_t sizes[] = { 0, 1, 1023, 1024, 1025, 10000 };
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        struct blocks blocks = cut(sizes[i], KiB, 0, 0);
        assert_int_equal(blocks.count, (sizes[i] + 1023) / KiB);
        expect_whole(&blocks);
        blocks_free(&blocks);
    }
}

static void rounds_grow_from_both_ends(void **state)
{
    (void)state;
    static const uint32_t expected[] = { 2, 2, 2, 4, 4, 4, 8, 8, 5, 4, 4, 4, 2, 2, 2 };
    struct blocks blocks = cut((2 * (3 * 2 + 3 * 4) + 8 + 8 + 5) * KiB, 8 * KiB, 3, 2);
    assert_int_equal(blocks.count, sizeof(expected) / sizeof(expected[0]));
    for (uint32_t i = 0; i < blocks.count; i++)
        assert_int_equal(blocks_length(&blocks, i), expected[i] * KiB);
    expect_whole(&blocks);
    blocks_free(&blocks);
}

/* Whatever the file, its rounds fit it, and take half of it at most. */
static void rounds_suit_the_file_and_the_peers(void **state)
{
    (void)state;
    for (uint32_t peers = 0; peers <= 500; peers = peers ? peers * 5 : 1)
        for (uint64_t bytes = 0; bytes < 100000000; bytes = 3 * bytes + 1000) {
            uint32_t rounds = blocks_rounds(bytes, 100000, peers);
            struct blocks blocks = cut(bytes, 100000, peers, rounds);
            uint32_t small = peers * rounds;
            expect_whole(&blocks);
            assert_in_range(blocks_offset(&blocks, small), 0, bytes / 4);
            if (rounds)
                assert_in_range(blocks_length(&blocks, 0), 8 * KiB, 50000);
            blocks_free(&blocks);
        }
    assert_int_equal(blocks_rounds(20000000, 64 * KiB, 24), 3);
    assert_int_equal(blocks_rounds(155700, 64 * KiB, 6), 0);
    assert_int_equal(blocks_rounds(50000000, 8 * KiB, 6), 0);
    assert_int_equal(blocks_rounds(50000000, 64 * KiB, 0), 0);
    assert_int_equal(blocks_rounds(UINT64_MAX / 2, 64 * KiB, UINT32_MAX), 0);
}

static void what_does_not_fit_is_refused(void **state)
{
    (void)state;
    expect_refused(1ull << 40, KiB, 0, 0, "at most 16777216 can be");
    expect_refused(100000, 64 * KiB, 6, 1, "1 rounds of 6 smaller blocks do not fit");
    expect_refused(1000000, 64 * KiB, 0, 1, "do not fit");
    expect_refused(1000000, 64 * KiB, 1, 7, "do not fit"); /* of less than 1 KiB */
    expect_refused(1000000, 64 * KiB, 1, UINT32_MAX, "do not fit");
    expect_refused(UINT64_MAX, 4096 * KiB, UINT32_MAX, 1, "do not fit");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_size_suits_file_and_peers),
        cmocka_unit_test(blocks_of_one_size_and_a_rest),
        cmocka_unit_test(rounds_grow_from_both_ends),
        cmocka_unit_test(rounds_suit_the_file_and_the_peers),
        cmocka_unit_test(what_does_not_fit_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
