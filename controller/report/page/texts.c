#include "report/page/texts.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

int texts_add_file(struct texts *texts, const char *folder, const char *name)
{
    size_t length;
    struct lab_error ignored = LAB_ERROR_INIT; /* it is not shown, and the link remains */
    cleanup_free char *path = fs_path("%s/%s", folder, name);
    cleanup_free char *text = fs_read_file(path, TEXT_MAX, &length, &ignored);
    if (!text)
        return -1;
    for (size_t i = 0; i < texts->count; i++)
        if (strcmp(texts->items[i], text) == 0)
            return (int)i;
    if (texts->total + length > TEXTS_TOTAL_MAX)
        return -1;
    char **more = realloc(texts->items, (texts->count + 1) * sizeof(char *));
    if (!more)
        return -1;
    texts->items = more;
    texts->items[texts->count] = steal_ptr(text);
    texts->total += length;
    return (int)texts->count++;
}

void texts_write(const struct texts *texts, struct json_out *json)
{
    json_out_open(json, '[');
    for (size_t i = 0; i < texts->count; i++)
        json_out_string(json, texts->items[i]);
    json_out_close(json, ']');
}

void texts_clear(struct texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->items[i]);
    free(texts->items);
    *texts = (struct texts){ 0 };
}
