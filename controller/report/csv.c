#include "report/csv.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "results/results.h"

int csv_open(struct csv *csv, const char *path, const char *header, struct lab_error *err)
{
    *csv = (struct csv){ .path = fs_path("%s", path), .aside = fs_path("%s.new", path) };
    csv->out = fopen(csv->aside, "we");
    if (!csv->out) {
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", csv->aside);
        csv_abandon(csv);
        return -1;
    }
    fprintf(csv->out, "%s\n", header);
    return 0;
}

static void separate(struct csv *csv)
{
    if (csv->in_row)
        putc_unlocked(',', csv->out);
    csv->in_row = true;
}

/* RFC 4180, 2.5 to 2.7: quote a cell that holds a separator, a quote or a line's end. */
void csv_text(struct csv *csv, const char *text)
{
    separate(csv);
    if (!text)
        return;
    if (!text[strcspn(text, ",\"\r\n")]) {
        fputs_unlocked(text, csv->out);
        return;
    }
    putc_unlocked('"', csv->out);
    for (; *text; text++) {
        if (*text == '"')
            putc_unlocked('"', csv->out);
        putc_unlocked(*text, csv->out);
    }
    putc_unlocked('"', csv->out);
}

/* Decimal digits of `value`, at least `width` of them. printf would take most of the time
 * of a report with millions of rows. */
static void put_digits(struct csv *csv, uint64_t value, int width)
{
    char digits[24];
    int used = 0;
    do {
        digits[used++] = (char)('0' + value % 10);
        value /= 10;
    } while (value || used < width);
    while (used > 0)
        putc_unlocked(digits[--used], csv->out);
}

void csv_count(struct csv *csv, uint64_t value)
{
    separate(csv);
    put_digits(csv, value, 1);
}

void csv_rate(struct csv *csv, uint64_t bps)
{
    if (bps)
        csv_count(csv, bps);
    else
        csv_empty(csv);
}

void csv_bool(struct csv *csv, bool value)
{
    csv_text(csv, value ? "true" : "false");
}

/* `value` of 10^-decimals each. */
static void put_fixed(struct csv *csv, int64_t value, int decimals)
{
    static const uint64_t powers[] = { [6] = 1000000u, [9] = 1000000000u };
    uint64_t size = value < 0 ? -(uint64_t)value : (uint64_t)value;
    if (value < 0)
        putc_unlocked('-', csv->out);
    put_digits(csv, size / powers[decimals], 1);
    putc_unlocked('.', csv->out);
    put_digits(csv, size % powers[decimals], decimals);
}

/* As printf would, but for values that are no 64-bit number of 10^-decimals. */
static void put_real(struct csv *csv, double value, double scale, int decimals)
{
    separate(csv);
    if (fabs(value) < 1e9)
        put_fixed(csv, llround(value * scale), decimals);
    else if (!isnan(value))
        fprintf(csv->out, "%.*f", decimals, value);
}

void csv_seconds(struct csv *csv, double value)
{
    put_real(csv, value, 1e9, 9);
}

void csv_ratio(struct csv *csv, double value)
{
    put_real(csv, value, 1e6, 6);
}

void csv_nanoseconds(struct csv *csv, int64_t value)
{
    separate(csv);
    put_fixed(csv, value, 9);
}

void csv_exit(struct csv *csv, int status)
{
    separate(csv);
    if (status != EXIT_UNKNOWN)
        put_digits(csv, (uint64_t)status, 1);
}

void csv_empty(struct csv *csv)
{
    separate(csv);
}

void csv_end_row(struct csv *csv)
{
    putc_unlocked('\n', csv->out);
    csv->in_row = false;
}

int csv_close(struct csv *csv, struct lab_error *err)
{
    errno = 0;
    bool failed = fflush(csv->out) != 0 || ferror(csv->out);
    if (failed || rename(csv->aside, csv->path) < 0) {
        lab_error_errno(err, LAB_ERR_IO, errno ? errno : EIO, "cannot write %s", csv->path);
        csv_abandon(csv);
        return -1;
    }
    fclose(csv->out);
    free(csv->path);
    free(csv->aside);
    *csv = (struct csv){ 0 };
    return 0;
}

void csv_abandon(struct csv *csv)
{
    if (csv->out) {
        fclose(csv->out);
        unlink(csv->aside);
    }
    free(csv->path);
    free(csv->aside);
    *csv = (struct csv){ 0 };
}
