#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>

#include "labctl/cleanup.h"

size_t utf8_length(const unsigned char *s)
{
    static const struct {
        unsigned char first_low, first_high, second_low, second_high, length;
    } forms[] = {
        { 0x00, 0x7f, 0, 0, 1 },       { 0xc2, 0xdf, 0x80, 0xbf, 2 }, { 0xe0, 0xe0, 0xa0, 0xbf, 3 },
        { 0xe1, 0xec, 0x80, 0xbf, 3 }, { 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
        { 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 }, { 0xf4, 0xf4, 0x80, 0x8f, 4 },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(forms); i++) {
        if (s[0] < forms[i].first_low || s[0] > forms[i].first_high)
            continue;
        if (forms[i].length > 1 && (s[1] < forms[i].second_low || s[1] > forms[i].second_high))
            return 0;
        for (size_t k = 2; k < forms[i].length; k++)
            if ((s[k] & 0xc0) != 0x80)
                return 0;
        return forms[i].length;
    }
    return 0;
}

static bool is_control(const unsigned char *s)
{
    return (s[0] < 0x20 && s[0] != '\n') || s[0] == 0x7f || (s[0] == 0xc2 && s[1] < 0xa0);
}

/* Print one character, and go past it. */
static const unsigned char *print_character(FILE *out, const unsigned char *s)
{
    size_t length = utf8_length(s);
    if (length == 0 || is_control(s))
        fputc('?', out);
    else
        fwrite(s, 1, length, out);
    return s + (length ? length : 1);
}

void utf8_print(FILE *out, const char *text)
{
    for (const unsigned char *s = (const unsigned char *)text; *s;)
        s = print_character(out, s);
}

#define WHITE " \t\r\n"

/* Columns that the characters of a word take; one each, which is right for most scripts. */
static int count_columns(const unsigned char *s, const unsigned char *end)
{
    int columns = 0;
    for (; s < end; columns++) {
        size_t length = utf8_length(s);
        s += length ? length : 1;
    }
    return columns;
}

void utf8_print_wrapped(FILE *out, int indent, const char *text)
{
    int column = 0;
    for (text += strspn(text, WHITE); *text; text += strspn(text, WHITE)) {
        const unsigned char *word = (const unsigned char *)text;
        const unsigned char *end = word + strcspn(text, WHITE);
        int columns = count_columns(word, end);
        if (column > 0 && column + 1 + columns > UTF8_COLUMNS) {
            fputc('\n', out);
            column = 0;
        }
        column += column > 0 ? fprintf(out, " ") : fprintf(out, "%*s", indent, "");
        column += columns;
        while (word < end)
            word = print_character(out, word);
        text = (const char *)end;
    }
    fputc('\n', out);
}
