/* Quantities as tc writes them: "100Mbit", "20ms", "0.5%", "64KiB", "50MB"; a bare
 * number is the base unit (bit/s, seconds, bytes, fraction). */
#ifndef LABCTL_UNITS_H
#define LABCTL_UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Each returns true and sets *out, or false when `text` is not such a quantity or does
 * not fit. Units match without regard to case where no two differ by it alone. */
bool units_parse_rate(const char *text, uint64_t *bits_per_second);
bool units_parse_size(const char *text, uint64_t *bytes);
bool units_parse_time(const char *text, uint64_t *nanoseconds);
bool units_parse_fraction(const char *text, double *fraction); /* "0.5%" is 0.005; 0..1 */

/* For people: "100 Mbit/s", "64 KiB" or "50 MB", "4.31 s". Return `buf`. */
char *units_format_rate(uint64_t bits_per_second, char *buf, size_t size);
char *units_format_size(uint64_t bytes, char *buf, size_t size);
char *units_format_amount(uint64_t bytes, char *buf, size_t size); /* always decimal: "50 MB" */
char *units_format_time(double seconds, char *buf, size_t size);

/* Exact, in the largest unit that leaves a whole number: "100Mbit", "64KiB", "50MB",
 * "60s"; the parsers above read the same value back. Return `buf`. */
char *units_exact_rate(uint64_t bits_per_second, char *buf, size_t size);
char *units_exact_size(uint64_t bytes, char *buf, size_t size);
char *units_exact_time(uint64_t nanoseconds, char *buf, size_t size);

#define UNITS_TEXT_MAX 32

#endif
