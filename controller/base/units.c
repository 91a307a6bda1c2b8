#include "base/units.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "labctl/cleanup.h"

struct unit {
    const char *name;
    double factor;
};

static const struct unit rate_units[] = {
    { "bit", 1 },        { "kbit", 1e3 },     { "Mbit", 1e6 },     { "Gbit", 1e9 },
    { "Kibit", 0x1p10 }, { "Mibit", 0x1p20 }, { "Gibit", 0x1p30 }, { "bps", 8 },
    { "kbps", 8e3 },     { "Mbps", 8e6 },     { "Gbps", 8e9 },
};

static const struct unit size_units[] = {
    { "B", 1 },        { "kB", 1e3 },     { "MB", 1e6 },     { "GB", 1e9 },
    { "KiB", 0x1p10 }, { "MiB", 0x1p20 }, { "GiB", 0x1p30 },
};

static const struct unit time_units[] = {
    { "s", 1e9 }, { "ms", 1e6 }, { "us", 1e3 }, { "ns", 1 }, { "min", 60e9 },
};

static const struct unit fraction_units[] = { { "%", 0.01 } };

static const struct unit *find_unit(const char *name, const struct unit *units, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcasecmp(name, units[i].name) == 0)
            return &units[i];
    return NULL;
}

/* NUMBER [space] [UNIT]; a missing unit stands for `base`. NUMBER is plain decimal,
 * without sign, hexadecimal, "inf" or "nan", all of which strtod would take. */
static bool parse_quantity(const char *text, const struct unit *units, size_t count, double base,
                           double *out)
{
    if (!isdigit((unsigned char)text[0]) || (text[0] == '0' && tolower(text[1]) == 'x'))
        return false;
    char *end;
    errno = 0;
    double number = strtod(text, &end);
    if (errno || !isfinite(number))
        return false;
    while (*end == ' ')
        end++;
    double factor = base;
    if (*end) {
        const struct unit *unit = find_unit(end, units, count);
        if (!unit)
            return false;
        factor = unit->factor;
    }
    *out = number * factor;
    return true;
}

static bool parse_whole(const char *text, const struct unit *units, size_t count, double base,
                        uint64_t *out)
{
    double value;
    if (!parse_quantity(text, units, count, base, &value) || value > 9e15)
        return false;
    *out = (uint64_t)llround(value);
    return true;
}

bool units_parse_rate(const char *text, uint64_t *bits_per_second)
{
    return parse_whole(text, rate_units, ARRAY_LENGTH(rate_units), 1, bits_per_second);
}

bool units_parse_size(const char *text, uint64_t *bytes)
{
    return parse_whole(text, size_units, ARRAY_LENGTH(size_units), 1, bytes);
}

bool units_parse_time(const char *text, uint64_t *nanoseconds)
{
    return parse_whole(text, time_units, ARRAY_LENGTH(time_units), 1e9, nanoseconds);
}

bool units_parse_fraction(const char *text, double *fraction)
{
    double value;
    if (!parse_quantity(text, fraction_units, 1, 1, &value) || value > 1)
        return false;
    *fraction = value;
    return true;
}

/* The largest unit of the list (smallest first) that leaves a number of at least 1. */
static char *format_scaled(double value, const char *const *names, size_t count, double step,
                           char *buf, size_t size)
{
    size_t i = 0;
    while (i + 1 < count && value >= step) {
        value /= step;
        i++;
    }
    snprintf(buf, size, "%.4g %s", value, names[i]);
    return buf;
}

char *units_format_rate(uint64_t bits_per_second, char *buf, size_t size)
{
    static const char *const names[] = { "bit/s", "kbit/s", "Mbit/s", "Gbit/s", "Tbit/s" };
    return format_scaled((double)bits_per_second, names, 5, 1e3, buf, size);
}

char *units_format_amount(uint64_t bytes, char *buf, size_t size)
{
    static const char *const names[] = { "B", "kB", "MB", "GB", "TB", "PB" };
    return format_scaled((double)bytes, names, 6, 1e3, buf, size);
}

char *units_format_size(uint64_t bytes, char *buf, size_t size)
{
    static const char *const binary[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
    if (bytes >= 1024 && bytes % 1024 == 0 && bytes % 1000 != 0)
        return format_scaled((double)bytes, binary, 6, 1024, buf, size);
    return units_format_amount(bytes, buf, size);
}

char *units_format_time(double seconds, char *buf, size_t size)
{
    static const struct {
        double below, factor;
        const char *name;
    } scales[] = { { 1e-3, 1e6, "us" }, { 1, 1e3, "ms" }, { INFINITY, 1, "s" } };
    size_t i = 0;
    while (i < 2 && seconds >= scales[i].below)
        i++;
    snprintf(buf, size, "%.4g %s", seconds * scales[i].factor, scales[i].name);
    return buf;
}

struct exact_unit {
    uint64_t factor;
    const char *name;
};

/* Of the units that divide the value, the one that leaves the smallest number. */
static char *format_exact(uint64_t value, const struct exact_unit *units, size_t count, char *buf,
                          size_t size)
{
    const struct exact_unit *best = &units[0];
    for (size_t i = 1; i < count; i++)
        if (value && value % units[i].factor == 0 && units[i].factor > best->factor)
            best = &units[i];
    snprintf(buf, size, "%llu%s", (unsigned long long)(value / best->factor), best->name);
    return buf;
}

char *units_exact_rate(uint64_t bits_per_second, char *buf, size_t size)
{
    static const struct exact_unit units[] = {
        { 1, "bit" }, { 1000, "kbit" }, { 1000000, "Mbit" }, { 1000000000, "Gbit" }
    };
    return format_exact(bits_per_second, units, ARRAY_LENGTH(units), buf, size);
}

char *units_exact_size(uint64_t bytes, char *buf, size_t size)
{
    static const struct exact_unit units[] = {
        { 1, "B" },
        { 1000, "kB" },
        { 1000000, "MB" },
        { 1000000000, "GB" },
        { 1ull << 10, "KiB" },
        { 1ull << 20, "MiB" },
        { 1ull << 30, "GiB" },
    };
    return format_exact(bytes, units, ARRAY_LENGTH(units), buf, size);
}

char *units_exact_time(uint64_t nanoseconds, char *buf, size_t size)
{
    static const struct exact_unit units[] = {
        { 1, "ns" }, { 1000, "us" }, { 1000000, "ms" }, { 1000000000, "s" }
    };
    return format_exact(nanoseconds, units, ARRAY_LENGTH(units), buf, size);
}
