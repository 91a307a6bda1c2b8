/* Texts of files that a report shows, each kept once: the cells of a sweep have one manifest. */
#ifndef LABCTL_PAGE_TEXTS_H
#define LABCTL_PAGE_TEXTS_H

#include <stddef.h>

#include "report/page/json_out.h"

/* Bytes kept in all, and of one file; what is more is linked to, not shown. */
#define TEXTS_TOTAL_MAX 1500000u
#define TEXT_MAX        100000u

struct texts {
    char **items;
    size_t count, total;
};

/* The number of FOLDER/NAME's text, or -1 when it cannot be kept. */
int texts_add_file(struct texts *texts, const char *folder, const char *name);

/* All of them as an array. */
void texts_write(const struct texts *texts, struct json_out *json);

void texts_clear(struct texts *texts);

#endif
