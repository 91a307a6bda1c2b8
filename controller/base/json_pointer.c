#include "base/json_pointer.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "labctl/cleanup.h"

bool json_pointer_valid(const char *pointer)
{
    if (pointer[0] != '/')
        return false;
    for (const char *s = strchr(pointer, '~'); s; s = strchr(s + 1, '~'))
        if (s[1] != '0' && s[1] != '1')
            return false;
    return true;
}

bool json_pointer_holds(const char *outer, const char *inner)
{
    size_t length = strlen(outer);
    return strncmp(outer, inner, length) == 0 && (inner[length] == '\0' || inner[length] == '/');
}

/* The word that begins after the slash at `slash`, unescaped; *end is where it ends. */
static char *take_word(const char *slash, const char **end)
{
    size_t length = strcspn(slash + 1, "/"), used = 0;
    char *word = malloc(length + 1);
    *end = slash + 1 + length;
    for (const char *s = slash + 1; word && s < *end; s++) {
        if (*s == '~')
            word[used++] = *++s == '0' ? '~' : '/';
        else
            word[used++] = *s;
    }
    if (word)
        word[used] = '\0';
    return word;
}

char *json_pointer_last(const char *pointer)
{
    const char *end;
    return take_word(strrchr(pointer, '/'), &end);
}

static int complain(const char *pointer, const char *end, const cJSON *node, struct lab_error *err)
{
    char found[JSON_DESCRIBE_MAX];
    return lab_error_set(
        err, LAB_ERR_INVALID, "%.*s: expected %s, found %s", (int)(end - pointer), pointer,
        cJSON_IsArray(node) ? "the number of one of its elements" : "an object or an array",
        cJSON_IsArray(node) ? end : json_describe(node, found));
}

/* The element of an array that a word names, or NULL. */
static cJSON *find_element(const cJSON *array, const char *word)
{
    size_t digits = strspn(word, "0123456789");
    if (digits == 0 || digits > 6 || word[digits] || (word[0] == '0' && word[1]))
        return NULL;
    return cJSON_GetArrayItem(array, atoi(word));
}

/* What the word names in `parent`, made as an object where an object lacks it. */
static cJSON *step_into(cJSON *parent, const char *word)
{
    if (cJSON_IsArray(parent))
        return find_element(parent, word);
    if (!cJSON_IsObject(parent))
        return NULL;
    cJSON *child = cJSON_GetObjectItemCaseSensitive(parent, word);
    return child ? child : cJSON_AddObjectToObject(parent, word);
}

int json_pointer_set(cJSON *root, const char *pointer, const cJSON *value, struct lab_error *err)
{
    cJSON *parent = NULL, *node = root;
    for (const char *at = pointer, *end; *at; at = end) {
        cleanup_free char *word = take_word(at, &end);
        parent = node;
        node = word ? step_into(parent, word) : NULL;
        if (!node)
            return word ? complain(pointer, at, parent, err) : lab_error_memory(err);
    }
    cJSON *copy = cJSON_Duplicate(value, true);
    if (copy && node->string && !(copy->string = strdup(node->string))) {
        cJSON_Delete(copy);
        copy = NULL;
    }
    if (!copy)
        return lab_error_memory(err);
    cJSON_ReplaceItemViaPointer(parent, node, copy);
    return 0;
}
