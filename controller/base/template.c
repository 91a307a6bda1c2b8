#include "base/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"

/* What stands at `text`, the first brace of it. */
enum brace { BRACE_LITERAL, BRACE_PLACEHOLDER, BRACE_ALONE };

static enum brace look_at_brace(const char *text, size_t *length)
{
    *length = 2;
    if (text[1] == text[0])
        return BRACE_LITERAL;
    size_t name = strcspn(text + 1, "{}");
    *length = name + 2;
    return text[0] == '{' && name > 0 && text[1 + name] == '}' ? BRACE_PLACEHOLDER : BRACE_ALONE;
}

static const char *find_value(const char *name, size_t length, const struct template_value *values,
                              size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strlen(values[i].name) == length && strncmp(values[i].name, name, length) == 0)
            return values[i].value;
    return NULL;
}

static void list_names(const struct template_value *values, size_t count, char *buf, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < count && used < size; i++)
        used += (size_t)snprintf(buf + used, size - used, "%s{%s}", i ? " " : "", values[i].name);
}

static int expand_brace(const char *text, size_t *length, const struct template_value *values,
                        size_t count, FILE *out, struct lab_error *err)
{
    char names[300] = "";
    switch (look_at_brace(text, length)) {
    case BRACE_LITERAL:
        fputc(text[0], out);
        return 0;
    case BRACE_ALONE:
        return lab_error_set(err, LAB_ERR_INVALID,
                             "a '%c' that belongs to no placeholder; a literal one is written "
                             "twice",
                             text[0]);
    case BRACE_PLACEHOLDER:
        break;
    }
    const char *value = find_value(text + 1, *length - 2, values, count);
    if (!value) {
        list_names(values, count, names, sizeof(names));
        return lab_error_set(err, LAB_ERR_INVALID, "%.*s is no placeholder; there are %s",
                             (int)*length, text, names);
    }
    fputs(value, out);
    return 0;
}

char *template_expand(const char *text, const struct template_value *values, size_t count,
                      struct lab_error *err)
{
    cleanup_free char *expanded = NULL;
    size_t size;
    FILE *out = open_memstream(&expanded, &size);
    if (!out) {
        lab_error_memory(err);
        return NULL;
    }
    int result = 0;
    while (*text && result == 0) {
        size_t length = strcspn(text, "{}");
        fwrite(text, 1, length, out);
        text += length;
        if (*text) {
            result = expand_brace(text, &length, values, count, out, err);
            text += result == 0 ? length : 0;
        }
    }
    if (fclose(out) != 0)
        result = lab_error_memory(err);
    return result == 0 ? steal_ptr(expanded) : NULL;
}

static bool is_placeholder(const char *text, size_t length, const char *name)
{
    return strlen(name) == length - 2 && strncmp(text + 1, name, length - 2) == 0;
}

/* So that expanding it gives the value again: its braces are doubled. */
static void write_literally(const char *value, FILE *out)
{
    for (; *value; value++) {
        fputc(*value, out);
        if (*value == '{' || *value == '}')
            fputc(*value, out);
    }
}

char *template_replace(const char *text, const char *name, const char *value)
{
    cleanup_free char *replaced = NULL;
    size_t size;
    FILE *out = open_memstream(&replaced, &size);
    if (!out)
        return NULL;
    while (*text) {
        size_t length = strcspn(text, "{}");
        fwrite(text, 1, length, out);
        text += length;
        if (!*text)
            break;
        enum brace brace = look_at_brace(text, &length);
        if (brace == BRACE_ALONE)
            length = 1;
        if (brace != BRACE_PLACEHOLDER || !is_placeholder(text, length, name))
            fwrite(text, 1, length, out);
        else
            write_literally(value, out);
        text += length;
    }
    return fclose(out) == 0 ? steal_ptr(replaced) : NULL;
}

bool template_uses(const char *text, const char *name)
{
    for (text = strpbrk(text, "{}"); text; text = strpbrk(text, "{}")) {
        size_t length;
        enum brace brace = look_at_brace(text, &length);
        if (brace == BRACE_PLACEHOLDER && is_placeholder(text, length, name))
            return true;
        text += brace == BRACE_ALONE ? 1 : length;
    }
    return false;
}
