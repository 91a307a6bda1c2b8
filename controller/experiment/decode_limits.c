/* "limits" and "writable": what the programs of a run may use up, and change. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fs.h"
#include "experiment/decode.h"
#include "experiment/exec.h"
#include "labctl/cleanup.h"

static void decode_processes(const struct json_at *at, void *out)
{
    uint64_t count;
    if (json_get_integer(at, 1, LIMIT_PROCESSES_MAX, &count))
        *(unsigned *)out = (unsigned)count;
}

static const struct json_field limits_fields[] = {
    { "memory", decode_limit_memory, offsetof(struct limits_spec, memory), false },
    { "processes", decode_processes, offsetof(struct limits_spec, processes), false },
    { "file", decode_limit_file, offsetof(struct limits_spec, file), false },
};

void decode_limits(const struct json_at *at, void *out)
{
    json_decode_object(at, limits_fields, ARRAY_LENGTH(limits_fields), out);
}

void decode_writable(const struct json_at *at, void *out)
{
    char ***target = out;
    char found[JSON_DESCRIBE_MAX];
    const char *text;
    if (!cJSON_IsArray(at->node)) {
        json_problem(at, "expected a list of paths, found %s", json_describe(at->node, found));
        return;
    }
    size_t used = 0;
    exec_free_words(*target); /* a duplicate key was complained of already */
    *target = calloc((size_t)cJSON_GetArraySize(at->node) + 1, sizeof(**target));
    for (struct json_at item = json_first(at); *target && item.node; item = json_next(&item)) {
        if (!json_get_string(&item, &text))
            continue;
        if (!text[0])
            json_problem(&item, "expected a path, found an empty one");
        else
            (*target)[used++] = strdup(text);
    }
}

/* The path as it is in the record: absolute, and without links where it is there. */
static char *place_path(const char *folder, const char *path)
{
    cleanup_free char *joined =
        path[0] == '/' ? fs_path("%s", path) : fs_path("%s/%s", folder, path);
    char *real = realpath(joined, NULL);
    return real ? real : steal_ptr(joined);
}

void limits_place_writable(struct experiment *experiment)
{
    for (char **path = experiment->writable; path && *path; path++) {
        char *placed = place_path(experiment->folder, *path);
        free(*path);
        *path = placed;
    }
}

int limits_check_writable(const struct experiment *experiment, struct lab_error *err)
{
    size_t index = 0;
    for (char **path = experiment->writable; path && *path; path++, index++)
        if (access(*path, W_OK) < 0)
            return lab_error_errno(err, LAB_ERR_INVALID, errno,
                                   "%s: /writable/%zu: cannot write %s", experiment->source, index,
                                   *path);
    return 0;
}
