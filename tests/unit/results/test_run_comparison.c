#include "testing.h"

#include <math.h>

#include "labctl/cleanup.h"
#include "results/record_differences.h"
#include "results/run_comparison.h"

#define TRIALS_AT_MOST 32

/* A run with these makespans; a negative one is of an invalid trial, NAN of a failed one. */
struct run {
    struct results results;
    struct trial_result trials[TRIALS_AT_MOST];
};

static const struct results *make_run(struct run *run, const double *makespans, size_t count)
{
    *run = (struct run){ .results = { .run_dir = "run", .trials = run->trials } };
    run->results.trial_count = count;
    for (size_t i = 0; i < count; i++) {
        bool failed = isnan(makespans[i]);
        run->trials[i].status = failed ? RESULT_FAILED : RESULT_OK;
        run->trials[i].makespan_s = fabs(makespans[i]);
        run->trials[i].verdict = makespans[i] < 0 ? VERDICT_INVALID : VERDICT_VALID;
    }
    return &run->results;
}

#define COMPARE(a, b) compare(a, ARRAY_LENGTH(a), b, ARRAY_LENGTH(b))

static struct run_comparison compare(const double *a, size_t a_count, const double *b,
                                     size_t b_count)
{
    struct run runs[2];
    struct run_comparison comparison;
    struct lab_error err = LAB_ERROR_INIT;
    const struct results *first = make_run(&runs[0], a, a_count);
    const struct results *second = make_run(&runs[1], b, b_count);
    if (run_comparison_make(&comparison, first, second, &err) < 0)
        fail_msg("%s", err.message);
    return comparison;
}

static void assert_says(const struct run_comparison *comparison, const char *part)
{
    if (!strstr(comparison->sentence, part))
        fail_msg("expected \"%s\" in \"%s\"", part, comparison->sentence);
}

static void faster_and_slower(void **state)
{
    (void)state;
    const double cs[] = { 25.0, 25.1, 25.1, 25.2, 25.0 }, p2p[] = { 4.5, 4.4, 4.5, 4.6, 4.5 };
    struct run_comparison c = COMPARE(cs, p2p);
    assert_int_equal(c.finding, COMPARISON_FASTER);
    assert_true(fabs(c.ratio - 25.1 / 4.5) < 1e-9 && fabs(c.difference_s + 20.6) < 1e-9);
    assert_true(c.difference.low <= -20.5 && c.difference.high >= -20.7);
    assert_true(c.difference.high < 0 && c.test.exact);
    assert_says(&c,
                "B is 5.58 times faster than A: median of 4.5 s against 25.1 s, difference 20.6 s, "
                "95 % CI 20.");
    assert_says(&c, "p = 0.0");
    assert_says(&c, "5 and 5 trials");
    run_comparison_clear(&c);
    c = COMPARE(p2p, cs);
    assert_int_equal(c.finding, COMPARISON_SLOWER);
    assert_says(&c, "B is 5.58 times slower than A: median of 25.1 s against 4.5 s");
    run_comparison_clear(&c);
}

/* The ranks decide; where the medians say otherwise, no ratio of theirs is told. */
static void medians_against_the_ranks(void **state)
{
    enum { COUNT = 25 };
    double a[COUNT], b[COUNT];
    (void)state;
    for (int i = 0; i < COUNT; i++) {
        a[i] = i < 13 ? 2.0 : 9.0;
        b[i] = i < 12 ? 1.0 : 2.1;
    }
    struct run_comparison c = COMPARE(a, b);
    assert_int_equal(c.finding, COMPARISON_FASTER);
    assert_true(c.ratio < 1);
    assert_says(&c, "B tends to be faster than A, though not by the medians: median of 2.1 s");
    run_comparison_clear(&c);
    c = COMPARE(b, a);
    assert_int_equal(c.finding, COMPARISON_SLOWER);
    assert_says(&c, "B tends to be slower than A, though not by the medians");
    run_comparison_clear(&c);
}

static void no_difference(void **state)
{
    (void)state;
    const double a[] = { 1, 3, 5, 7, 9, 11 }, b[] = { 2, 4, 6, 8, 10, 12 };
    struct run_comparison c = COMPARE(a, b);
    assert_int_equal(c.finding, COMPARISON_NONE);
    assert_says(&c, "No difference between A and B can be told from chance");
    assert_true(c.difference.low < 0 && c.difference.high > 0);
    assert_says(&c, "95 % CI -");
    run_comparison_clear(&c);
}

/* Three and three are never enough; four and four may be: 2 / C(8, 4) = 0.029. */
static void too_few(void **state)
{
    (void)state;
    const double a[] = { 1, 1.1, 1.2, 1.3 }, b[] = { 5, 5.1, 5.2, 5.3 };
    struct run_comparison c = compare(a, 3, b, 3);
    assert_int_equal(c.finding, COMPARISON_TOO_FEW);
    assert_says(&c, "Too few trials to tell whether A and B differ");
    assert_says(&c, "3 and 3 trials chance alone gives any difference with p = 0.1 or more");
    assert_says(&c, "4 trials of each are the least");
    run_comparison_clear(&c);
    c = compare(a, 4, b, 4);
    assert_int_equal(c.finding, COMPARISON_SLOWER);
    run_comparison_clear(&c);
    c = compare(a, 1, b, 1);
    assert_int_equal(c.finding, COMPARISON_TOO_FEW);
    assert_null(strstr(c.sentence, "CI"));
    run_comparison_clear(&c);
}

static void only_trials_that_count(void **state)
{
    (void)state;
    const double a[] = { 1, 1, NAN, -90, 1, 1, 1 }, b[] = { 2, 2, 2, 2, 2 }, none[] = { NAN, -3 };
    struct run_comparison c = COMPARE(a, b);
    assert_int_equal(c.a_makespan.n, 5);
    assert_true(fabs(c.ratio - 0.5) < 1e-12);
    run_comparison_clear(&c);

    struct run runs[2];
    struct lab_error err = LAB_ERROR_INIT;
    assert_int_equal(
        run_comparison_make(&c, make_run(&runs[0], a, 7), make_run(&runs[1], none, 2), &err), -1);
    assert_non_null(strstr(err.message, "B, run: none of its 2 trials counts"));
    run_comparison_clear(&c);
}

static void records_are_compared(void **state)
{
    (void)state;
    static const char *const ignored[] = { "/name", "/in/skip", NULL };
    cJSON *a = cJSON_Parse("{\"name\":\"x\",\"in\":{\"model\":\"cs\",\"skip\":1,\"a/b~\":[1,2]},"
                           "\"only\":true,\"same\":[1,{\"k\":2}]}");
    cJSON *b = cJSON_Parse("{\"name\":\"y\",\"in\":{\"model\":\"p2p\",\"skip\":2,\"a/b~\":[1,3]},"
                           "\"same\":[1,{\"k\":2}],\"new\":null}");
    struct record_differences d = { 0 };
    record_differences_add(&d, "", a, b, ignored);
    static const char *const expected[][3] = {
        { "/in/model", "\"cs\"", "\"p2p\"" },
        { "/in/a~1b~0", "[1,2]", "[1,3]" },
        { "/only", "true", "absent" },
        { "/new", "absent", "null" },
    };
    assert_int_equal(d.count, ARRAY_LENGTH(expected));
    for (size_t i = 0; i < d.count; i++) {
        assert_string_equal(d.at[i].pointer, expected[i][0]);
        assert_string_equal(d.at[i].a, expected[i][1]);
        assert_string_equal(d.at[i].b, expected[i][2]);
    }
    record_differences_clear(&d);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

static void long_lists_are_cut(void **state)
{
    (void)state;
    cJSON *a = cJSON_CreateObject(), *b = cJSON_CreateObject();
    char text[200] = "";
    memset(text, 'x', sizeof(text) - 1);
    for (int i = 0; i < 40; i++) {
        char key[8];
        snprintf(key, sizeof(key), "k%d", i);
        cJSON_AddStringToObject(a, key, text);
    }
    struct record_differences d = { 0 };
    record_differences_add(&d, "", a, b, NULL);
    assert_int_equal(d.count, 40);
    assert_int_equal(d.listed, RECORD_DIFFERENCES_MAX);
    assert_int_equal(strlen(d.at[3].a), 60);
    assert_string_equal(d.at[3].a + 57, "...");
    record_differences_clear(&d);
    cJSON_Delete(a);
    cJSON_Delete(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(faster_and_slower),      cmocka_unit_test(medians_against_the_ranks),
        cmocka_unit_test(no_difference),          cmocka_unit_test(too_few),
        cmocka_unit_test(only_trials_that_count), cmocka_unit_test(records_are_compared),
        cmocka_unit_test(long_lists_are_cut),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
