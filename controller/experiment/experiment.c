#include "experiment/experiment.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "base/units.h"
#include "experiment/decode.h"
#include "experiment/exec.h"
#include "labctl/cleanup.h"

/* The name becomes a folder below output/: one plain path component. */
static void decode_name(const struct json_at *at, void *out)
{
    const char *name;
    char found[JSON_DESCRIBE_MAX];
    if (!json_get_string(at, &name))
        return;
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                 "0123456789._-");
    if (length == 0 || length > EXPERIMENT_NAME_MAX || name[length] || strchr(".-", name[0]))
        json_problem(at,
                     "expected a name of 1 to %d characters of A-Z, a-z, 0-9, '.', '_' and '-' "
                     "that starts with a letter or digit, found %s",
                     EXPERIMENT_NAME_MAX, json_describe(at->node, found));
    else
        decode_text(at, out);
}

static void decode_trials(const struct json_at *at, void *out)
{
    uint64_t trials;
    if (json_get_integer(at, 1, TRIALS_MAX, &trials))
        *(unsigned *)out = (unsigned)trials;
}

static void decode_warmup(const struct json_at *at, void *out)
{
    uint64_t trials;
    if (json_get_integer(at, 0, TRIALS_MAX, &trials))
        *(unsigned *)out = (unsigned)trials;
}

static void decode_timeout(const struct json_at *at, void *out)
{
    decode_time(at, out);
    if (*(uint64_t *)out == 0)
        json_problem(at, "expected a time above 0");
}

static void decode_folder(const struct json_at *at, void *out)
{
    const char *folder;
    (void)out; /* experiment_folder() looks at it before anything is decoded */
    if (json_get_string(at, &folder) && !*folder)
        json_problem(at, "expected the path of a folder, found \"\"");
}

static const struct json_field experiment_fields[] = {
    { "$schema", decode_ignore, 0, false },
    { "folder", decode_folder, 0, false },
    { "sweep", decode_ignore, 0, false },
    { "zip", decode_ignore, 0, false },
    { "name", decode_name, offsetof(struct experiment, name), true },
    { "title", decode_text, offsetof(struct experiment, title), false },
    { "topology", decode_ignore, 0, true },
    { "workload", decode_ignore, 0, true },
    { "faults", decode_ignore, 0, false },
    { "join", decode_ignore, 0, false },
    { "expect", decode_ignore, 0, false },
    { "trials", decode_trials, offsetof(struct experiment, trials), false },
    { "warmup", decode_warmup, offsetof(struct experiment, warmup), false },
    { "until", decode_until, offsetof(struct experiment, until), false },
    { "seed", decode_seed, offsetof(struct experiment, seed), false },
    { "timeout", decode_timeout, offsetof(struct experiment, timeout_ns), false },
    { "limits", decode_limits, offsetof(struct experiment, limits), false },
    { "writable", decode_writable, offsetof(struct experiment, writable), false },
    { "keep_files", decode_bool, offsetof(struct experiment, keep_files), false },
    { "tcp", decode_tcp, 0, false },
    { "telemetry", decode_telemetry, offsetof(struct experiment, telemetry_ns), false },
};

/* Blocks are a matter of peer to peer; client/server sends one stream. */
static bool has_too_many_blocks(const struct experiment *experiment, uint64_t bytes)
{
    uint64_t size = experiment->block_size ? experiment->block_size : BLOCK_SIZE_MAX;
    return experiment->model == MODEL_P2P && bytes / size >= BLOCKS_MAX;
}

static void check_until(const struct json_at *root, struct experiment *experiment)
{
    struct json_at until = json_member(root, "until"), most = json_member(&until, "max_trials");
    if (experiment->until.max_trials >= experiment->trials)
        return;
    if (most.node)
        json_problem(&most, "is less than the %u of \"trials\"", experiment->trials);
    experiment->until.max_trials = experiment->trials;
}

static void decode_experiment(const struct json_at *root, struct experiment *experiment)
{
    json_decode_object(root, experiment_fields, ARRAY_LENGTH(experiment_fields), experiment);
    struct json_at topology = json_member(root, "topology");
    if (topology.node)
        decode_topology(&topology, experiment);
    struct json_at workload = json_member(root, "workload");
    if (workload.node)
        decode_workload(&workload, experiment);
    decode_faults(root, experiment);
    if (has_too_many_blocks(experiment, experiment->file.size)) {
        struct json_at block_size = json_member(&workload, "block_size");
        json_problem(block_size.node ? &block_size : &workload,
                     "the file would have over %u blocks; a larger \"block_size\" is needed",
                     BLOCKS_MAX);
    }
    if (!experiment->congestion_control[0])
        snprintf(experiment->congestion_control, sizeof(experiment->congestion_control), "%s",
                 experiment_default_congestion(experiment->model));
    check_until(root, experiment);
    if (!experiment->title && experiment->name)
        experiment->title = strdup(experiment->name);
}

char *experiment_folder(const struct json_doc *doc)
{
    const cJSON *node = cJSON_GetObjectItemCaseSensitive(doc->root, "folder");
    const char *said = cJSON_IsString(node) ? node->valuestring : "";
    cleanup_free char *copy = fs_path("%s", doc->name);
    cleanup_free char *folder = said[0] == '/'
                                    ? fs_path("%s", said)
                                    : fs_path("%s%s%s", dirname(copy), *said ? "/" : "", said);
    char *absolute = realpath(folder, NULL);
    return absolute ? absolute : steal_ptr(folder);
}

static struct experiment *make_default(const struct json_doc *doc)
{
    struct experiment *experiment = calloc(1, sizeof(*experiment));
    if (!experiment)
        return NULL;
    *experiment = (struct experiment){
        .source = fs_path("%s", doc->name),
        .folder = experiment_folder(doc),
        .router = "r1",
        .server_is_router = true,
        .port = PORT_DEFAULT,
        .trials = 1,
        .seed = 1,
        .timeout_ns = TIMEOUT_DEFAULT,
        .limits = { LIMIT_MEMORY_DEFAULT, LIMIT_PROCESSES_DEFAULT, 0 },
        .keep_files = true,
        .file.seed = 1,
    };
    return experiment;
}

static int place_commands(struct experiment *experiment, struct lab_error *err)
{
    struct exec_spec *exec = &experiment->exec;
    limits_place_writable(experiment);
    if (exec_place_words(exec->server_command, experiment->folder, err) < 0 ||
        exec_place_words(exec->client_command, experiment->folder, err) < 0)
        return -1;
    return exec_place_words(exec->env, experiment->folder, err);
}

struct experiment *experiment_decode(struct json_doc *doc, struct lab_error *err)
{
    struct experiment *experiment = make_default(doc);
    if (!experiment) {
        lab_error_memory(err);
        return NULL;
    }
    struct json_at root = json_root(doc);
    decode_experiment(&root, experiment);
    if (json_doc_check(doc, err) == 0 && place_commands(experiment, err) == 0)
        return experiment;
    experiment_free(experiment);
    return NULL;
}

static void refuse_sweep(struct json_doc *doc, const char *key)
{
    struct json_at root = json_root(doc), at = json_member(&root, key);
    if (at.node)
        json_problem(&at, "stands for several experiments, where one is expected");
}

/* Decode a document, unless parsing it `failed`, and close it in either case. */
static struct experiment *decode_and_close(struct json_doc *doc, int failed, struct lab_error *err)
{
    if (failed == 0) {
        refuse_sweep(doc, "sweep");
        refuse_sweep(doc, "zip");
    }
    struct experiment *experiment = failed < 0 ? NULL : experiment_decode(doc, err);
    json_doc_close(doc);
    return experiment;
}

struct experiment *experiment_read(const char *path, struct lab_error *err)
{
    struct json_doc doc;
    int failed = json_doc_read(&doc, path, err);
    return decode_and_close(&doc, failed, err);
}

struct experiment *experiment_parse(const char *name, const char *text, size_t length,
                                    struct lab_error *err)
{
    struct json_doc doc;
    int failed = json_doc_parse(&doc, name, text, length, err);
    return decode_and_close(&doc, failed, err);
}

void experiment_free(struct experiment *experiment)
{
    if (!experiment)
        return;
    free(experiment->source);
    free(experiment->folder);
    free(experiment->name);
    free(experiment->title);
    free(experiment->hosts);
    free(experiment->clients);
    free(experiment->faults);
    free(experiment->file.path);
    exec_free_words(experiment->exec.server_command);
    exec_free_words(experiment->exec.client_command);
    exec_free_words(experiment->exec.env);
    exec_free_words(experiment->exec.needs);
    exec_free_words(experiment->writable);
    free(experiment->exec.ready_text);
    free(experiment);
}

const char *experiment_server_name(const struct experiment *experiment)
{
    return experiment->server_is_router ? experiment->router
                                        : experiment->hosts[experiment->server_host].name;
}

char *experiment_file_path(const struct experiment *experiment)
{
    if (experiment->file.path[0] == '/')
        return fs_path("%s", experiment->file.path);
    return fs_path("%s/%s", experiment->folder, experiment->file.path);
}

int experiment_check_file(const struct experiment *experiment, uint64_t *bytes,
                          struct lab_error *err)
{
    *bytes = experiment->file.size;
    if (limits_check_writable(experiment, err) < 0)
        return -1;
    if (!experiment->file.path)
        return 0;
    cleanup_free char *path = experiment_file_path(experiment);
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) < 0)
        return lab_error_errno(err, LAB_ERR_INVALID, errno,
                               "%s: /workload/file/path: cannot read %s", experiment->source, path);
    if (!S_ISREG(st.st_mode))
        return lab_error_set(err, LAB_ERR_INVALID,
                             "%s: /workload/file/path: %s is not a regular file",
                             experiment->source, path);
    *bytes = (uint64_t)st.st_size;
    if (has_too_many_blocks(experiment, *bytes))
        return lab_error_set(err, LAB_ERR_INVALID,
                             "%s: /workload/block_size: %s would have over %u blocks; a larger "
                             "block size is needed",
                             experiment->source, path, BLOCKS_MAX);
    return 0;
}
