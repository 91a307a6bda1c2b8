/* UTF-8, as RFC 3629 allows it: no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef LABCTL_UTF8_H
#define LABCTL_UTF8_H

#include <stddef.h>
#include <stdio.h>

/* Length in bytes (1 to 4) of the sequence at `s`, which is NUL-terminated, or 0 when it
 * is no UTF-8. */
size_t utf8_length(const unsigned char *s);

/* Print text that came from a file or a program: what is no UTF-8, and control characters
 * (C0 but for line feed, delete, C1), become '?', so that they do not command a terminal. */
void utf8_print(FILE *out, const char *text);

/* The same in lines of at most UTF8_COLUMNS, each after `indent` spaces and ended by a line feed.
 * White space, line feeds too, is where a line may be broken. */
void utf8_print_wrapped(FILE *out, int indent, const char *text);

#define UTF8_COLUMNS 80

#endif
