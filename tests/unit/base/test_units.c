#include "testing.h"

#include "base/units.h"

static void test_rates(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bps;
    } cases[] = {
        { "100Mbit", 100000000 }, { "1.5Gbit", 1500000000 }, { "64kbit", 64000 },
        { "10mbit", 10000000 },   { "10 Mbit", 10000000 },   { "1MBps", 8000000 },
        { "5000", 5000 },         { "1Kibit", 1024 },        { "1e3kbit", 1000000 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(cases); i++) {
        uint64_t bps = 0;
        assert_true(units_parse_rate(cases[i].text, &bps));
        assert_int_equal(bps, cases[i].bps);
    }
}

static void test_sizes_and_times(void **state)
{
    (void)state;
    uint64_t value;
    assert_true(units_parse_size("64KiB", &value) && value == 65536);
    assert_true(units_parse_size("50MB", &value) && value == 50000000);
    assert_true(units_parse_size("155.7kB", &value) && value == 155700);
    assert_true(units_parse_size("0", &value) && value == 0);
    assert_true(units_parse_time("20ms", &value) && value == 20000000);
    assert_true(units_parse_time("1.5", &value) && value == 1500000000);
    assert_true(units_parse_time("2min", &value) && value == 120000000000);
}

static void test_refused(void **state)
{
    (void)state;
    static const char *const bad[] = { "",        "Mbit",   "-1Mbit", "+1Mbit",  "0x10",
                                       "nan",     "inf",    "1e400",  "10Mb it", "10Mbit ;",
                                       "1,5Mbit", " 1Mbit", "1s" };
    uint64_t value;
    for (size_t i = 0; i < ARRAY_LENGTH(bad); i++)
        assert_false(units_parse_rate(bad[i], &value));
    assert_false(units_parse_size("1e30GB", &value));
    assert_false(units_parse_time("10Mbit", &value));
}

static void test_fractions(void **state)
{
    (void)state;
    double value;
    assert_true(units_parse_fraction("0.5%", &value));
    assert_float_equal(value, 0.005, 1e-12);
    assert_true(units_parse_fraction("1", &value) && value == 1);
    assert_false(units_parse_fraction("101%", &value));
    assert_false(units_parse_fraction("2", &value));
}

static void test_people_read(void **state)
{
    (void)state;
    char text[UNITS_TEXT_MAX];
    assert_string_equal(units_format_rate(93000000, text, sizeof(text)), "93 Mbit/s");
    assert_string_equal(units_format_rate(0, text, sizeof(text)), "0 bit/s");
    assert_string_equal(units_format_size(65536, text, sizeof(text)), "64 KiB");
    assert_string_equal(units_format_amount(65536, text, sizeof(text)), "65.54 kB");
    assert_string_equal(units_format_size(155700, text, sizeof(text)), "155.7 kB");
    assert_string_equal(units_format_time(4.3125, text, sizeof(text)), "4.312 s");
    assert_string_equal(units_format_time(0.0012, text, sizeof(text)), "1.2 ms");
    assert_string_equal(units_format_time(0, text, sizeof(text)), "0 us");
}

/* The exact form of a value is read back to the same value. */
static void test_exact_round_trip(void **state)
{
    (void)state;
    static const uint64_t values[] = { 0,        1,       999,       1000,       1024,
                                       65536,    155700,  100000000, 5000000000, 60000000000,
                                       1u << 20, 1234567, 400000000 };
    char text[UNITS_TEXT_MAX];
    for (size_t i = 0; i < ARRAY_LENGTH(values); i++) {
        uint64_t back = 1;
        assert_true(units_parse_rate(units_exact_rate(values[i], text, sizeof(text)), &back));
        assert_int_equal(back, values[i]);
        assert_true(units_parse_size(units_exact_size(values[i], text, sizeof(text)), &back));
        assert_int_equal(back, values[i]);
        assert_true(units_parse_time(units_exact_time(values[i], text, sizeof(text)), &back));
        assert_int_equal(back, values[i]);
    }
    assert_string_equal(units_exact_rate(100000000, text, sizeof(text)), "100Mbit");
    assert_string_equal(units_exact_size(65536, text, sizeof(text)), "64KiB");
    assert_string_equal(units_exact_time(60000000000, text, sizeof(text)), "60s");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rates),       cmocka_unit_test(test_sizes_and_times),
        cmocka_unit_test(test_refused),     cmocka_unit_test(test_fractions),
        cmocka_unit_test(test_people_read), cmocka_unit_test(test_exact_round_trip),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
