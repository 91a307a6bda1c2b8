#include "results/comparison.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/splitmix.h"
#include "labctl/cleanup.h"

/* --- ranks ---------------------------------------------------------------- */

struct ranked {
    double value;
    bool first;   /* of the first sample */
    size_t rank2; /* twice its rank, so that the middle of a tie is whole */
};

static int compare_ranked(const void *a, const void *b)
{
    double x = ((const struct ranked *)a)->value, y = ((const struct ranked *)b)->value;
    return (x > y) - (x < y);
}

/* Both samples in one, ranked. Caller frees; NULL when out of memory. *ties is the sum of
 * t^3 - t over groups of t equal values. */
static struct ranked *rank_all(const double *a, size_t a_count, const double *b, size_t b_count,
                               double *ties)
{
    size_t count = a_count + b_count;
    struct ranked *all = malloc((count + 1) * sizeof(*all));
    if (!all)
        return NULL;
    for (size_t i = 0; i < count; i++)
        all[i] = (struct ranked){ i < a_count ? a[i] : b[i - a_count], i < a_count, 0 };
    qsort(all, count, sizeof(*all), compare_ranked);
    *ties = 0;
    for (size_t begin = 0, end; begin < count; begin = end) {
        for (end = begin; end < count && all[end].value == all[begin].value; end++)
            ;
        double tied = (double)(end - begin);
        *ties += tied * tied * tied - tied;
        for (size_t i = begin; i < end; i++)
            all[i].rank2 = begin + 1 + end; /* twice the mean of begin + 1 ... end */
    }
    return all;
}

/* --- Mann-Whitney --------------------------------------------------------- */

/* Two-sided p of a doubled rank sum of `picks` out of `count` ranks, all choices being equally
 * likely. chance[k][s] is how likely it is that a choice has k ranks so far, summing up to s;
 * rank by rank, each is taken with the share of choices that take it. NAN: out of memory. */
static double exact_p(const struct ranked *all, size_t count, size_t picks, size_t sum2)
{
    size_t width = count * (count + 1) + 1; /* doubled sum of all ranks, and 0 */
    cleanup_free double *chance = calloc((picks + 1) * width, sizeof(*chance));
    if (!chance)
        return NAN;
    chance[0] = 1;
    for (size_t i = 0; i < count; i++) {
        size_t rank2 = all[i].rank2;
        for (size_t k = picks < i + 1 ? picks : i + 1; k-- > 0;) {
            double take = (double)(picks - k) / (double)(count - i);
            double *from = chance + k * width, *to = from + width;
            for (size_t s = 0; s + rank2 < width; s++)
                to[s + rank2] += from[s] * take;
            for (size_t s = 0; s < width; s++)
                from[s] *= 1 - take;
        }
    }
    double below = 0, above = 0;
    const double *last = chance + picks * width;
    for (size_t s = 0; s < width; s++) {
        below += s <= sum2 ? last[s] : 0;
        above += s >= sum2 ? last[s] : 0;
    }
    return fmin(1, 2 * fmin(below, above));
}

static double normal_p(double u, double a_count, double b_count, double ties)
{
    double count = a_count + b_count;
    double variance = a_count * b_count / 12 * (count + 1 - ties / (count * (count - 1)));
    double distance = fmax(0, fabs(u - a_count * b_count / 2) - 0.5);
    return variance > 0 ? erfc(distance / sqrt(2 * variance)) : 1;
}

int comparison_rank_test(const double *a, size_t a_count, const double *b, size_t b_count,
                         struct rank_test *test, struct lab_error *err)
{
    *test = (struct rank_test){ NAN, NAN, false };
    if (a_count == 0 || b_count == 0)
        return 0;
    double ties;
    size_t count = a_count + b_count, sum2 = 0;
    cleanup_free struct ranked *all = rank_all(a, a_count, b, b_count, &ties);
    if (!all)
        return lab_error_memory(err);
    for (size_t i = 0; i < count; i++)
        sum2 += all[i].first ? all[i].rank2 : 0;
    test->u = (double)sum2 / 2 - (double)a_count * ((double)a_count + 1) / 2;
    test->exact = count <= RANK_TEST_EXACT_MAX;
    test->p = test->exact ? exact_p(all, count, a_count, sum2)
                          : normal_p(test->u, (double)a_count, (double)b_count, ties);
    return isnan(test->p) ? lab_error_memory(err) : 0;
}

double comparison_least_p(size_t a_count, size_t b_count)
{
    double ways = 1;
    for (size_t i = 1; i <= a_count; i++)
        ways *= (double)(b_count + i) / (double)i;
    return fmin(1, 2 / ways);
}

/* --- bootstrap ------------------------------------------------------------ */

/* A sample in order, and how often a resampling drew each of its values. */
struct resampler {
    double *sorted;
    uint32_t *drawn;
    size_t count;
};

static void resampler_release(struct resampler *r)
{
    free(r->sorted);
    free(r->drawn);
}

static int resampler_init(struct resampler *r, const double *values, size_t count)
{
    r->sorted = malloc(count * sizeof(*r->sorted));
    r->drawn = malloc(count * sizeof(*r->drawn));
    r->count = count;
    if (!r->sorted || !r->drawn)
        return -1;
    memcpy(r->sorted, values, count * sizeof(*values));
    statistics_median(r->sorted, count); /* sorts */
    return 0;
}

/* Median of as many values drawn with replacement, by a generator of our own, so that an
 * interval does not depend on the machine's library. Counted, not sorted: each resampling then
 * takes time in proportion to the sample. */
static double resampled_median(struct resampler *r, uint64_t *state)
{
    memset(r->drawn, 0, r->count * sizeof(*r->drawn));
    for (size_t i = 0; i < r->count; i++)
        r->drawn[(splitmix_next(state) >> 32) * r->count >> 32]++;
    size_t at = 0, seen = r->drawn[0];
    for (; seen <= (r->count - 1) / 2; seen += r->drawn[at])
        at++;
    size_t low = at;
    for (; seen <= r->count / 2; seen += r->drawn[at])
        at++;
    return (r->sorted[low] + r->sorted[at]) / 2;
}

/* The middle part of all differences; sorts them. */
static struct interval middle_of(double *differences)
{
    statistics_median(differences, BOOTSTRAP_RESAMPLES);
    size_t tail = (size_t)(BOOTSTRAP_RESAMPLES * (1 - STATISTICS_CONFIDENCE) / 2);
    return (struct interval){ differences[tail], differences[BOOTSTRAP_RESAMPLES - 1 - tail],
                              STATISTICS_CONFIDENCE };
}

int comparison_median_difference(const double *a, size_t a_count, const double *b, size_t b_count,
                                 uint64_t seed, struct interval *interval, struct lab_error *err)
{
    *interval = (struct interval){ NAN, NAN, 0 };
    if (a_count < 2 || b_count < 2)
        return 0;
    struct resampler first = { 0 }, second = { 0 };
    cleanup_free double *differences = malloc(BOOTSTRAP_RESAMPLES * sizeof(*differences));
    int failed = -1;
    if (differences && resampler_init(&first, a, a_count) == 0 &&
        resampler_init(&second, b, b_count) == 0) {
        for (size_t i = 0; i < BOOTSTRAP_RESAMPLES; i++) {
            double median = resampled_median(&first, &seed);
            differences[i] = resampled_median(&second, &seed) - median;
        }
        *interval = middle_of(differences);
        failed = 0;
    }
    resampler_release(&first);
    resampler_release(&second);
    return failed ? lab_error_memory(err) : 0;
}
