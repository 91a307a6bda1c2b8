/* Checks of what gnuplot has drawn, for the tests of report/. */
#ifndef PICTURES_H
#define PICTURES_H

#include <ctype.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../results/run_fixture.h"

static inline bool gnuplot_is_there(void)
{
    return system("command -v gnuplot >/dev/null 2>&1") == 0;
}

static inline char *read_whole(const char *path, size_t *length)
{
    struct lab_error err;
    return fs_read_file(path, 64u << 20, length, &err);
}

/* A whole PNG: its signature at the start, its last chunk at the end. */
static inline bool is_png(const char *path)
{
    static const char signature[] = "\x89PNG\r\n\x1a\n", tail[] = "IEND\xae\x42\x60\x82";
    size_t length;
    cleanup_free char *data = read_whole(path, &length);
    return data && length > 1000 && memcmp(data, signature, 8) == 0 &&
           memcmp(data + length - 8, tail, 8) == 0;
}

/* Step over the tag at `*at`, counting open elements. */
static inline bool step_tag(const char **at, int *depth)
{
    const char *tag = *at;
    bool closing = tag[1] == '/', special = tag[1] == '?' || tag[1] == '!';
    const char *end = strncmp(tag, "<!--", 4) == 0 ? strstr(tag, "-->") : strchr(tag, '>');
    const char *cdata = strncmp(tag, "<![CDATA[", 9) == 0 ? strstr(tag, "]]>") : NULL;
    end = cdata ? cdata + 2 : end;
    if (!end)
        return false;
    if (!special && end[-1] != '/')
        *depth += closing ? -1 : 1;
    *at = strchr(end, '>') + 1;
    return *depth >= 0;
}

/* Well-formed as far as text from outside could spoil it: every tag is closed, every '&'
 * begins an entity, no control characters. */
static inline bool is_svg(const char *path)
{
    size_t length;
    cleanup_free char *data = read_whole(path, &length);
    if (!data || !strstr(data, "<svg"))
        return false;
    int depth = 0;
    for (const char *at = data; *at;) {
        if (*at == '<') {
            if (!step_tag(&at, &depth))
                return false;
            continue;
        }
        bool entity = *at != '&' || (strcspn(at, "; <") < 8 && at[strcspn(at, "; <")] == ';');
        if (!entity || ((unsigned char)*at < 0x20 && !isspace((unsigned char)*at)))
            return false;
        at++;
    }
    return depth == 0 && strlen(data) == length;
}

#endif
