#include "testing.h"

#include "rundir/shared_file.h"

/* SplitMix64 of seed 1234567, as published with the generator. */
static void test_known_sequence(void **state)
{
    (void)state;
    static const uint64_t expected[] = { 6457827717110365317ull, 3203168211198807973ull,
                                         9817491932198370423ull };
    unsigned char bytes[24];
    shared_file_generate(1234567, 0, bytes, sizeof(bytes));
    for (size_t i = 0; i < 3; i++) {
        uint64_t number = 0;
        for (size_t k = 8; k-- > 0;)
            number = number << 8 | bytes[8 * i + k];
        assert_true(number == expected[i]);
    }
}

/* Made in pieces, it is the same file. */
static void test_pieces_fit(void **state)
{
    (void)state;
    unsigned char whole[1001], part[1001];
    shared_file_generate(7, 0, whole, sizeof(whole));
    shared_file_generate(7, 0, part, 400);
    shared_file_generate(7, 400, part + 400, 601);
    assert_memory_equal(whole, part, sizeof(whole));
    shared_file_generate(8, 0, part, sizeof(part));
    assert_memory_not_equal(whole, part, sizeof(whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_known_sequence),
        cmocka_unit_test(test_pieces_fit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
