#include "base/json.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/fs.h"
#include "base/json_text.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"

/* --- documents ------------------------------------------------------------ */

/* First byte that is no UTF-8, or a control character that JSON does not allow even
 * between values (cJSON takes it for white space); NULL when there is none. */
static const char *find_bad_byte(const char *text, size_t length)
{
    const char *s = text;
    while (s < text + length) {
        size_t step = utf8_length((const unsigned char *)s);
        if (step == 0 || ((unsigned char)*s < 0x20 && !memchr("\t\r\n", *s, 3)))
            return s;
        s += step;
    }
    return NULL;
}

/* An escaped NUL, at which a C string would end; or NULL when there is none. */
static const char *find_nul_escape(const char *text)
{
    for (const char *s = strchr(text, '\\'); s && s[1]; s = strchr(s + 2, '\\'))
        if (strncmp(s + 1, "u0000", 5) == 0)
            return s;
    return NULL;
}

static int syntax_error(const struct json_doc *doc, const char *at, const char *what,
                        struct lab_error *err)
{
    size_t line, column;
    json_text_position(doc->text, at, &line, &column);
    return lab_error_set(err, LAB_ERR_INVALID, "%s:%zu:%zu: %s", doc->name, line, column, what);
}

int json_doc_parse(struct json_doc *doc, const char *name, const char *text, size_t length,
                   struct lab_error *err)
{
    *doc = (struct json_doc){ .name = strdup(name), .text = malloc(length + 1) };
    if (!doc->name || !doc->text)
        return lab_error_memory(err);
    memcpy(doc->text, text, length);
    doc->text[length] = '\0';

    const char *bad = find_bad_byte(doc->text, length);
    if (bad)
        return syntax_error(
            doc, bad, (unsigned char)*bad < 0x20 ? "a control character" : "not valid UTF-8", err);
    const char *nul = find_nul_escape(doc->text);
    if (nul)
        return syntax_error(doc, nul, "\\u0000 has no place in a string", err);
    const char *end = doc->text;
    doc->root = cJSON_ParseWithLengthOpts(doc->text, length + 1, &end, true);
    if (doc->root)
        return 0;
    char what[64];
    if (*end)
        snprintf(what, sizeof(what), "not valid JSON: did not expect '%.*s' here",
                 (int)utf8_length((const unsigned char *)end), end);
    else
        snprintf(what, sizeof(what), "not valid JSON: the text ends too early");
    return syntax_error(doc, end, what, err);
}

int json_doc_read(struct json_doc *doc, const char *path, struct lab_error *err)
{
    *doc = (struct json_doc){ 0 };
    size_t length;
    cleanup_free char *text = fs_read_file(path, JSON_FILE_MAX, &length, err);
    if (!text) {
        err->code = LAB_ERR_INVALID; /* it is the user's to name a file that can be read */
        return -1;
    }
    return json_doc_parse(doc, path, text, length, err);
}

void json_doc_close(struct json_doc *doc)
{
    cJSON_Delete(doc->root);
    free(doc->text);
    free(doc->name);
    *doc = (struct json_doc){ 0 };
}

int json_doc_check(const struct json_doc *doc, struct lab_error *err)
{
    if (doc->problem_count == 0)
        return 0;
    return lab_error_set(err, LAB_ERR_INVALID, "%s", doc->problems);
}

/* --- places --------------------------------------------------------------- */

struct json_at json_root(struct json_doc *doc)
{
    return (struct json_at){ .doc = doc, .node = doc->root };
}

struct json_at json_member(const struct json_at *object, const char *key)
{
    struct json_at member = json_first(object);
    if (!cJSON_IsObject(object->node))
        member.node = NULL;
    while (member.node && strcmp(member.node->string, key) != 0)
        member = json_next(&member);
    return member;
}

struct json_at json_first(const struct json_at *container)
{
    return (struct json_at){
        .doc = container->doc,
        .parent = container,
        .node = cJSON_IsObject(container->node) || cJSON_IsArray(container->node)
                    ? container->node->child
                    : NULL,
    };
}

struct json_at json_next(const struct json_at *item)
{
    struct json_at next = *item;
    next.node = item->node->next;
    next.index++;
    return next;
}

/* --- problems ------------------------------------------------------------- */

/* The line of the place in the text, found by walking down the same path again. */
static size_t find_line(const struct json_at *at)
{
    size_t depth = 0;
    for (const struct json_at *place = at; place->parent; place = place->parent)
        depth++;
    const char *position = json_text_start(at->doc->text);
    for (size_t level = depth; level > 0; level--) {
        const struct json_at *place = at;
        for (size_t up = 1; up < level; up++)
            place = place->parent;
        position = json_text_child(position, place->index, level == 1);
    }
    size_t line, column;
    json_text_position(at->doc->text, position, &line, &column);
    return line;
}

static void format_pointer(const struct json_at *at, FILE *out)
{
    if (!at->parent)
        return;
    format_pointer(at->parent, out);
    fputc('/', out);
    if (cJSON_IsArray(at->parent->node)) {
        fprintf(out, "%zu", at->index);
        return;
    }
    for (const char *s = at->node->string; *s; s++) {
        if (*s == '~' || *s == '/')
            fputs(*s == '~' ? "~0" : "~1", out);
        else
            fputc((unsigned char)*s < 0x20 ? '?' : *s, out);
    }
}

void json_problem(const struct json_at *at, const char *format, ...)
{
    static const char more[] = "\n(and more)";
    struct json_doc *doc = at->doc;
    size_t used = strlen(doc->problems);
    bool full = used >= sizeof(more) && strcmp(doc->problems + used - strlen(more), more) == 0;
    doc->problem_count++;
    if (full)
        return;
    size_t room = sizeof(doc->problems) - used;
    cleanup_free char *line = NULL;
    size_t length;
    FILE *out = open_memstream(&line, &length);
    if (!out)
        return;
    fputs(used ? "\n" : "", out);
    if (!doc->placeless)
        fprintf(out, "%s:%zu: ", doc->name, find_line(at));
    format_pointer(at, out);
    fputs(at->parent ? ": " : "", out);
    va_list args;
    va_start(args, format);
    vfprintf(out, format, args);
    va_end(args);
    fclose(out);

    if (length + sizeof(more) <= room)
        memcpy(doc->problems + used, line, length + 1);
    else
        memcpy(doc->problems + used, more, sizeof(more));
}

/* --- objects -------------------------------------------------------------- */

static size_t edit_distance(const char *a, const char *b)
{
    size_t m = strlen(a), n = strlen(b);
    if (m > 40 || n > 40)
        return SIZE_MAX;
    size_t row[41];
    for (size_t j = 0; j <= n; j++)
        row[j] = j;
    for (size_t i = 1; i <= m; i++) {
        size_t diagonal = row[0];
        row[0] = i;
        for (size_t j = 1; j <= n; j++) {
            size_t change = diagonal + (a[i - 1] != b[j - 1]);
            diagonal = row[j];
            size_t insert = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
            row[j] = change < insert ? change : insert;
        }
    }
    return row[n];
}

/* The key of the table that `key` was probably meant to be, or NULL. */
static const char *find_near_key(const char *key, const struct json_field *fields, size_t count)
{
    const char *best = NULL;
    size_t best_distance = strlen(key) / 3 + 1;
    for (size_t i = 0; i < count; i++) {
        size_t distance =
            strcasecmp(key, fields[i].key) == 0 ? 0 : edit_distance(key, fields[i].key);
        if (distance <= best_distance) {
            best = fields[i].key;
            best_distance = distance;
        }
    }
    return best;
}

static int compare_keys(const void *a, const void *b)
{
    const struct json_at *left = a, *right = b;
    int order = strcmp(left->node->string, right->node->string);
    return order ? order : (left->index > right->index) - (left->index < right->index);
}

void json_check_duplicates(const struct json_at *object)
{
    size_t count = (size_t)cJSON_GetArraySize(object->node);
    cleanup_free struct json_at *members = calloc(count + 1, sizeof(*members));
    if (!members)
        return;
    size_t n = 0;
    for (struct json_at m = json_first(object); m.node; m = json_next(&m))
        members[n++] = m;
    qsort(members, n, sizeof(*members), compare_keys);
    for (size_t i = 1; i < n; i++)
        if (strcmp(members[i].node->string, members[i - 1].node->string) == 0)
            json_problem(&members[i], "duplicate key");
}

static const struct json_field *find_field(const char *key, const struct json_field *fields,
                                           size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(key, fields[i].key) == 0)
            return &fields[i];
    return NULL;
}

static void complain_unknown(const struct json_at *member, const struct json_field *fields,
                             size_t count)
{
    const char *near = find_near_key(member->node->string, fields, count);
    if (near)
        json_problem(member, "unknown key; did you mean \"%s\"?", near);
    else
        json_problem(member, "unknown key");
}

bool json_expect_object(const struct json_at *at)
{
    char found[JSON_DESCRIBE_MAX];
    if (cJSON_IsObject(at->node))
        return true;
    json_problem(at, "expected an object, found %s", json_describe(at->node, found));
    return false;
}

void json_decode_object(const struct json_at *at, const struct json_field *fields, size_t count,
                        void *out)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    for (struct json_at member = json_first(at); member.node; member = json_next(&member)) {
        const struct json_field *field = find_field(member.node->string, fields, count);
        if (field)
            field->decode(&member, (char *)out + field->offset);
        else
            complain_unknown(&member, fields, count);
    }
    for (size_t i = 0; i < count; i++)
        if (fields[i].required && !json_member(at, fields[i].key).node)
            json_problem(at, "\"%s\" is missing", fields[i].key);
}

/* --- values --------------------------------------------------------------- */

const char *json_describe(const cJSON *node, char buf[JSON_DESCRIBE_MAX])
{
    if (cJSON_IsString(node)) {
        size_t length = 0;
        while (length < 48 && node->valuestring[length])
            length += utf8_length((const unsigned char *)node->valuestring + length);
        snprintf(buf, JSON_DESCRIBE_MAX, "\"%.*s%s\"", (int)length, node->valuestring,
                 node->valuestring[length] ? "..." : "");
        for (char *s = buf; *s; s++)
            if ((unsigned char)*s < 0x20)
                *s = '?';
    } else if (cJSON_IsNumber(node)) {
        snprintf(buf, JSON_DESCRIBE_MAX, "the number %.15g", node->valuedouble);
    } else {
        const char *kind = cJSON_IsObject(node)  ? "an object"
                           : cJSON_IsArray(node) ? "an array"
                           : cJSON_IsBool(node)  ? (cJSON_IsTrue(node) ? "true" : "false")
                                                 : "null";
        snprintf(buf, JSON_DESCRIBE_MAX, "%s", kind);
    }
    return buf;
}

bool json_get_string(const struct json_at *at, const char **out)
{
    char found[JSON_DESCRIBE_MAX];
    if (!cJSON_IsString(at->node)) {
        json_problem(at, "expected a string, found %s", json_describe(at->node, found));
        return false;
    }
    *out = at->node->valuestring;
    return true;
}

bool json_get_bool(const struct json_at *at, bool *out)
{
    char found[JSON_DESCRIBE_MAX];
    if (!cJSON_IsBool(at->node)) {
        json_problem(at, "expected true or false, found %s", json_describe(at->node, found));
        return false;
    }
    *out = cJSON_IsTrue(at->node);
    return true;
}

bool json_get_integer(const struct json_at *at, uint64_t min, uint64_t max, uint64_t *out)
{
    char found[JSON_DESCRIBE_MAX];
    double value = cJSON_IsNumber(at->node) ? at->node->valuedouble : -1;
    if (!cJSON_IsNumber(at->node) || !isfinite(value) || value != floor(value) ||
        value < (double)min || value > (double)max) {
        json_problem(at, "expected a whole number from %llu to %llu, found %s",
                     (unsigned long long)min, (unsigned long long)max,
                     json_describe(at->node, found));
        return false;
    }
    *out = (uint64_t)value;
    return true;
}
