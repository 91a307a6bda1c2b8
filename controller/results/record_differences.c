#include "results/record_differences.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

/* Longest value that is shown whole. */
#define VALUE_SHOWN 60

static char *show(const cJSON *value)
{
    cleanup_free char *text = value ? cJSON_PrintUnformatted(value) : NULL;
    if (!text)
        return fs_path("%s", "absent");
    bool whole = strlen(text) <= VALUE_SHOWN;
    size_t length = whole ? strlen(text) : VALUE_SHOWN - 3;
    while (!whole && length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
        length--; /* not in the middle of a character */
    return fs_path("%.*s%s", (int)length, text, whole ? "" : "...");
}

static void note(struct record_differences *differences, const char *pointer, const cJSON *a,
                 const cJSON *b)
{
    if (differences->count++ >= RECORD_DIFFERENCES_MAX)
        return;
    size_t i = differences->listed++;
    differences->at[i].pointer = fs_path("%s", pointer);
    differences->at[i].a = show(a);
    differences->at[i].b = show(b);
}

static bool is_in(const char *pointer, const char *const *list)
{
    for (; list && *list; list++)
        if (strcmp(pointer, *list) == 0)
            return true;
    return false;
}

/* POINTER/KEY, with '~' and '/' of the key escaped. */
static char *member_pointer(const char *pointer, const char *key)
{
    char *path = fs_path("%s/", pointer);
    for (; *key; key++) {
        cleanup_free char *before = path;
        path = *key == '~'   ? fs_path("%s~0", before)
               : *key == '/' ? fs_path("%s~1", before)
                             : fs_path("%s%c", before, *key);
    }
    return path;
}

static void compare_member(struct record_differences *differences, const char *pointer,
                           const char *key, const cJSON *a, const cJSON *b,
                           const char *const *ignored)
{
    cleanup_free char *path = member_pointer(pointer, key);
    if (!is_in(path, ignored))
        record_differences_add(differences, path, a, b, ignored);
}

/* The members of both, then those of b alone. */
static void compare_objects(struct record_differences *differences, const char *pointer,
                            const cJSON *a, const cJSON *b, const char *const *ignored)
{
    const cJSON *item;
    cJSON_ArrayForEach(item, a)
    {
        compare_member(differences, pointer, item->string, item,
                       cJSON_GetObjectItemCaseSensitive(b, item->string), ignored);
    }
    cJSON_ArrayForEach(item, b)
    {
        if (!cJSON_GetObjectItemCaseSensitive(a, item->string))
            compare_member(differences, pointer, item->string, NULL, item, ignored);
    }
}

void record_differences_add(struct record_differences *differences, const char *pointer,
                            const cJSON *a, const cJSON *b, const char *const *ignored)
{
    if (cJSON_IsObject(a) && cJSON_IsObject(b))
        compare_objects(differences, pointer, a, b, ignored);
    else if ((a || b) && !(a && b && cJSON_Compare(a, b, true)))
        note(differences, pointer, a, b);
}

void record_differences_clear(struct record_differences *differences)
{
    for (size_t i = 0; i < differences->listed; i++) {
        free(differences->at[i].pointer);
        free(differences->at[i].a);
        free(differences->at[i].b);
    }
    *differences = (struct record_differences){ 0 };
}
