/* What every unit test includes, in the order that cmocka wants. */
#ifndef LABCTL_TESTING_H
#define LABCTL_TESTING_H

// clang-format off
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
// clang-format on

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/error.h"

/* Fails unless `text` contains `part`, and shows both. */
static inline void assert_contains_(const char *text, const char *part, const char *file, int line)
{
    if (strstr(text, part))
        return;
    print_error("expected \"%s\" in:\n%s\n", part, text);
    _fail(file, line);
}

#define assert_contains(text, part) assert_contains_(text, part, __FILE__, __LINE__)

#endif
