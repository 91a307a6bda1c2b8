#include "report/page/json_out.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "base/utf8.h"

static void separate(struct json_out *json)
{
    if (json->comma)
        putc_unlocked(',', json->out);
    json->comma = true;
}

void json_out_open(struct json_out *json, char bracket)
{
    separate(json);
    putc_unlocked(bracket, json->out);
    json->comma = false;
}

void json_out_close(struct json_out *json, char bracket)
{
    putc_unlocked(bracket, json->out);
    json->comma = true;
}

/* U+2028 and U+2029 end a line in older JavaScript. */
static bool ends_line(const unsigned char *s)
{
    return s[0] == 0xe2 && s[1] == 0x80 && (s[2] == 0xa8 || s[2] == 0xa9);
}

static void put_text(FILE *out, const char *text)
{
    const unsigned char *s = (const unsigned char *)text;
    putc_unlocked('"', out);
    while (*s) {
        size_t length = utf8_length(s);
        if (length == 0) {
            putc_unlocked('?', out);
            s++;
        } else if (*s < 0x20 || *s == 0x7f || strchr("<>&", *s)) {
            fprintf(out, "\\u%04x", *s++);
        } else if (ends_line(s)) {
            fprintf(out, "\\u202%c", s[2] == 0xa8 ? '8' : '9');
            s += length;
        } else {
            if (*s == '"' || *s == '\\')
                putc_unlocked('\\', out);
            fwrite_unlocked(s, 1, length, out);
            s += length;
        }
    }
    putc_unlocked('"', out);
}

void json_out_key(struct json_out *json, const char *key)
{
    separate(json);
    put_text(json->out, key);
    putc_unlocked(':', json->out);
    json->comma = false;
}

void json_out_string(struct json_out *json, const char *text)
{
    separate(json);
    if (text)
        put_text(json->out, text);
    else
        fputs("null", json->out);
}

void json_out_integer(struct json_out *json, int64_t value)
{
    separate(json);
    fprintf(json->out, "%" PRId64, value);
}

void json_out_bool(struct json_out *json, bool value)
{
    separate(json);
    fputs(value ? "true" : "false", json->out);
}

void json_out_null(struct json_out *json)
{
    json_out_string(json, NULL);
}

void json_out_number(struct json_out *json, double value, int decimals)
{
    char text[400]; /* the largest double has 309 digits before the point */
    if (!isfinite(value)) {
        json_out_null(json);
        return;
    }
    int length = snprintf(text, sizeof(text), "%.*f", decimals, value);
    if (decimals > 0) {
        while (text[length - 1] == '0')
            length--;
        length -= text[length - 1] == '.';
    }
    text[length] = '\0';
    separate(json);
    fputs(strcmp(text, "-0") == 0 ? "0" : text, json->out);
}

void json_out_key_string(struct json_out *json, const char *key, const char *text)
{
    json_out_key(json, key);
    json_out_string(json, text);
}

void json_out_key_integer(struct json_out *json, const char *key, int64_t value)
{
    json_out_key(json, key);
    json_out_integer(json, value);
}

void json_out_key_number(struct json_out *json, const char *key, double value, int decimals)
{
    json_out_key(json, key);
    json_out_number(json, value, decimals);
}

void json_out_key_open(struct json_out *json, const char *key, char bracket)
{
    json_out_key(json, key);
    json_out_open(json, bracket);
}
