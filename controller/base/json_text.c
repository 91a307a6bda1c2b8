#include "base/json_text.h"

#include <string.h>

static const char *skip_space(const char *s)
{
    return s + strspn(s, " \t\r\n");
}

/* Past the string whose opening quote is at `s`. */
static const char *skip_string(const char *s)
{
    for (s++; *s && *s != '"'; s++)
        if (*s == '\\' && s[1])
            s++;
    return *s ? s + 1 : s;
}

/* Past the value at `s`. */
static const char *skip_value(const char *s)
{
    size_t depth = 0;
    do {
        if (*s == '"') {
            s = skip_string(s);
        } else if (strchr("{[", *s)) {
            depth++;
            s++;
        } else if (strchr("}]", *s)) {
            depth--;
            s++;
        } else if (strchr(",: \t\r\n", *s)) {
            s++;
        } else {
            s += strcspn(s, ",:{}[]\" \t\r\n");
        }
    } while (*s && depth > 0);
    return s;
}

const char *json_text_start(const char *text)
{
    static const char byte_order_mark[] = "\xef\xbb\xbf"; /* cJSON passes over it too */
    if (strncmp(text, byte_order_mark, 3) == 0)
        text += 3;
    return skip_space(text);
}

const char *json_text_child(const char *container, size_t index, bool want_key)
{
    bool is_object = *container == '{';
    const char *s = skip_space(container + 1);
    for (;;) {
        const char *key = s;
        if (is_object)
            s = skip_space(skip_space(skip_string(s)) + 1);
        if (index-- == 0)
            return is_object && want_key ? key : s;
        s = skip_space(skip_value(s));
        s = skip_space(s + 1);
    }
}

void json_text_position(const char *text, const char *place, size_t *line, size_t *column)
{
    *line = 1;
    const char *start = text;
    for (const char *s = text; s < place; s++) {
        if (*s == '\n') {
            ++*line;
            start = s + 1;
        }
    }
    *column = (size_t)(place - start) + 1;
}
