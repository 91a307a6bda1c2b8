/* In what two JSON records differ: experiments, or machines. Pure. */
#ifndef LABCTL_RECORD_DIFFERENCES_H
#define LABCTL_RECORD_DIFFERENCES_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "labctl/error.h"

/* More than these are not listed, only counted. */
#define RECORD_DIFFERENCES_MAX 16

struct record_differences {
    struct {
        char *pointer; /* RFC 6901; owned, as the other two */
        char *a, *b;   /* the values in JSON, shortened; "absent" where there is none */
    } at[RECORD_DIFFERENCES_MAX];
    size_t listed, count;
};

/* Add the differences of two values at `pointer` ("" is the root). Either may be NULL. Members
 * of objects that are in `ignored` (pointers, ended by NULL; or NULL) are passed over. */
void record_differences_add(struct record_differences *differences, const char *pointer,
                            const cJSON *a, const cJSON *b, const char *const *ignored);

void record_differences_clear(struct record_differences *differences);

#endif
