#include "base/event_record.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"

/* Deepest nesting inside a field's value. Our own logs have none. */
#define NESTING_MAX 16

/* A place in the line. Every step stops at the NUL that ends it. */
struct cursor {
    char *at;
};

static void skip_space(struct cursor *c)
{
    while (*c->at == ' ' || *c->at == '\t' || *c->at == '\r' || *c->at == '\n')
        c->at++;
}

static bool take(struct cursor *c, char expected)
{
    skip_space(c);
    if (*c->at != expected)
        return false;
    c->at++;
    return true;
}

static bool take_word(struct cursor *c, const char *word)
{
    size_t length = strlen(word);
    if (strncmp(c->at, word, length) != 0)
        return false;
    c->at += length;
    return true;
}

/* --- strings -------------------------------------------------------------- */

static bool take_hex4(struct cursor *c, unsigned *out)
{
    unsigned value = 0;
    for (int i = 0; i < 4; i++, c->at++) {
        if (!isxdigit((unsigned char)*c->at))
            return false;
        char digit = (char)tolower((unsigned char)*c->at);
        value = value * 16 + (unsigned)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    *out = value;
    return true;
}

static char *put_utf8(char *out, unsigned code)
{
    if (code < 0x80) {
        *out++ = (char)code;
        return out;
    }
    int more = code < 0x800 ? 1 : code < 0x10000 ? 2 : 3;
    static const unsigned char first[] = { 0, 0xc0, 0xe0, 0xf0 };
    *out++ = (char)(first[more] | (code >> (6 * more)));
    while (more-- > 0)
        *out++ = (char)(0x80 | ((code >> (6 * more)) & 0x3f));
    return out;
}

/* What follows "\u". An unpaired surrogate becomes '?', as does NUL, which would cut the
 * string short. The result is never longer than the escape. */
static bool unescape_unicode(struct cursor *c, char **out)
{
    unsigned code, low;
    if (!take_hex4(c, &code))
        return false;
    if (code >= 0xd800 && code < 0xdc00 && c->at[0] == '\\' && c->at[1] == 'u') {
        struct cursor ahead = { c->at + 2 };
        if (take_hex4(&ahead, &low) && low >= 0xdc00 && low < 0xe000) {
            *c = ahead;
            code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
        }
    }
    if (code == 0 || (code >= 0xd800 && code < 0xe000))
        code = '?';
    *out = put_utf8(*out, code);
    return true;
}

static bool unescape(struct cursor *c, char **out)
{
    static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
    char letter = *c->at;
    if (letter == '\0')
        return false;
    c->at++;
    if (letter == 'u')
        return unescape_unicode(c, out);
    const char *found = strchr(from, letter);
    if (!found)
        return false;
    *(*out)++ = to[found - from];
    return true;
}

/* A string, unescaped where it stands and ended by a NUL. */
static bool take_string(struct cursor *c, const char **string)
{
    if (!take(c, '"'))
        return false;
    char *out = c->at;
    *string = out;
    while (*c->at != '"') {
        unsigned char byte = (unsigned char)*c->at;
        if (byte >= 0x20 && byte < 0x80 && byte != '\\') {
            *out++ = *c->at++;
            continue;
        }
        if (byte < 0x20) /* the end of the line included */
            return false;
        if (byte == '\\') {
            c->at++;
            if (!unescape(c, &out))
                return false;
            continue;
        }
        size_t length = utf8_length((const unsigned char *)c->at);
        if (length == 0)
            *c->at = '?';
        for (size_t i = 0; i < (length ? length : 1); i++)
            *out++ = *c->at++;
    }
    c->at++;
    *out = '\0';
    return true;
}

/* --- numbers -------------------------------------------------------------- */

static bool skip_digits(struct cursor *c)
{
    if (!isdigit((unsigned char)*c->at))
        return false;
    while (isdigit((unsigned char)*c->at))
        c->at++;
    return true;
}

/* The value of -?[0-9]+ up to `end`; false when it does not fit. strtoll would take a fifth
 * of the time of a report. */
static bool to_integer(const char *text, const char *end, int64_t *out)
{
    bool negative = *text == '-';
    int64_t value = 0;
    for (text += negative; text < end; text++) {
        int digit = negative ? '0' - *text : *text - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, digit, &value))
            return false;
    }
    *out = value;
    return true;
}

/* A number by JSON's grammar: -? (0 | [1-9][0-9]*) (.[0-9]+)? ([eE][+-]?[0-9]+)? */
static bool take_number(struct cursor *c, struct record_field *field)
{
    const char *start = c->at;
    bool whole = true;
    if (*c->at == '-')
        c->at++;
    if (*c->at == '0')
        c->at++;
    else if (!skip_digits(c))
        return false;
    if (*c->at == '.') {
        whole = false;
        c->at++;
        if (!skip_digits(c))
            return false;
    }
    if (*c->at == 'e' || *c->at == 'E') {
        whole = false;
        c->at++;
        if (*c->at == '+' || *c->at == '-')
            c->at++;
        if (!skip_digits(c))
            return false;
    }
    field->type = RECORD_INTEGER;
    if (!whole || !to_integer(start, c->at, &field->integer)) {
        field->type = RECORD_REAL;
        field->real = strtod(start, NULL);
    }
    return true;
}

/* --- values --------------------------------------------------------------- */

static bool take_value(struct cursor *c, struct record_field *field, int depth);

/* The members of an object or array whose opening bracket has been taken. */
static bool skip_nested(struct cursor *c, char close, int depth)
{
    struct record_field ignored;
    if (depth > NESTING_MAX)
        return false;
    if (take(c, close))
        return true;
    do {
        const char *key;
        if (close == '}' && !(take_string(c, &key) && take(c, ':')))
            return false;
        if (!take_value(c, &ignored, depth))
            return false;
    } while (take(c, ','));
    return take(c, close);
}

static bool take_value(struct cursor *c, struct record_field *field, int depth)
{
    skip_space(c);
    switch (*c->at) {
    case '"':
        field->type = RECORD_STRING;
        return take_string(c, &field->string);
    case '{':
    case '[':
        field->type = RECORD_NESTED;
        return skip_nested(c, *c->at++ == '{' ? '}' : ']', depth + 1);
    case 't':
    case 'f':
        field->type = RECORD_BOOL;
        field->boolean = *c->at == 't';
        return take_word(c, field->boolean ? "true" : "false");
    case 'n':
        field->type = RECORD_NULL;
        return take_word(c, "null");
    default:
        return take_number(c, field);
    }
}

static bool take_members(struct cursor *c, struct event_record *record)
{
    struct record_field past_limit;
    if (take(c, '}'))
        return true;
    do {
        bool room = record->field_count < RECORD_FIELDS_MAX;
        struct record_field *field = room ? &record->fields[record->field_count] : &past_limit;
        if (!take_string(c, &field->key) || !take(c, ':') || !take_value(c, field, 0))
            return false;
        record->field_count += room;
    } while (take(c, ','));
    return take(c, '}');
}

bool record_parse(struct event_record *record, char *line, size_t length)
{
    struct cursor c = { line };
    record->field_count = 0;
    if (!take(&c, '{') || !take_members(&c, record))
        return false;
    skip_space(&c);
    if (c.at != line + length)
        return false;
    int64_t t = record_integer(record, "t", -1);
    record->event = record_string(record, "event", NULL);
    record->t = (uint64_t)t;
    return t >= 0 && record->event;
}

/* --- looking up ----------------------------------------------------------- */

const struct record_field *record_find(const struct event_record *record, const char *key)
{
    for (size_t i = 0; i < record->field_count; i++)
        if (strcmp(record->fields[i].key, key) == 0)
            return &record->fields[i];
    return NULL;
}

const char *record_string(const struct event_record *record, const char *key, const char *fallback)
{
    const struct record_field *field = record_find(record, key);
    return field && field->type == RECORD_STRING ? field->string : fallback;
}

int64_t record_integer(const struct event_record *record, const char *key, int64_t fallback)
{
    const struct record_field *field = record_find(record, key);
    return field && field->type == RECORD_INTEGER ? field->integer : fallback;
}

uint64_t record_count(const struct event_record *record, const char *key, uint64_t fallback)
{
    int64_t value = record_integer(record, key, -1);
    return value >= 0 ? (uint64_t)value : fallback;
}
