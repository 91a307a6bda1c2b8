/* The keys of the model "exec". */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "experiment/decode.h"
#include "experiment/exec.h"
#include "labctl/cleanup.h"

#define ENV_MAX 64 /* what exec_server and exec_client take */

/* A list of strings as a list that ends with NULL, each made by `make`. */
static void read_list(const struct json_at *at, void *out,
                      char *(*make)(const struct json_at *item))
{
    char ***target = out;
    size_t count = (size_t)cJSON_GetArraySize(at->node), used = 0;
    exec_free_words(*target); /* a duplicate key was complained of already */
    *target = calloc(count + 1, sizeof(**target));
    for (struct json_at item = json_first(at); *target && item.node; item = json_next(&item)) {
        char *word = make(&item);
        if (word)
            (*target)[used++] = word;
    }
}

static char *make_word(const struct json_at *item)
{
    const char *text;
    struct lab_error err = LAB_ERROR_INIT;
    if (!json_get_string(item, &text))
        return NULL;
    if (exec_check_word(text, &err) < 0) {
        json_problem(item, "%s", err.message);
        return NULL;
    }
    return strdup(text);
}

void decode_command(const struct json_at *at, void *out)
{
    char found[JSON_DESCRIBE_MAX];
    if (!cJSON_IsArray(at->node) || !at->node->child)
        json_problem(at, "expected a list of words, the program first, found %s",
                     cJSON_IsArray(at->node) ? "an empty one" : json_describe(at->node, found));
    else
        read_list(at, out, make_word);
}

static bool is_variable_name(const char *name)
{
    size_t length = strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                 "0123456789_");
    return length > 0 && name[length] == '\0' && !isdigit((unsigned char)name[0]);
}

static char *make_variable(const struct json_at *item)
{
    if (!is_variable_name(item->node->string)) {
        json_problem(item, "expected the name of an environment variable");
        return NULL;
    }
    cleanup_free char *value = make_word(item);
    char *variable = NULL;
    if (value && asprintf(&variable, "%s=%s", item->node->string, value) < 0)
        return NULL;
    return variable;
}

void decode_env(const struct json_at *at, void *out)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    if (cJSON_GetArraySize(at->node) > ENV_MAX)
        json_problem(at, "expected at most %d variables", ENV_MAX);
    read_list(at, out, make_variable);
}

static char *make_need(const struct json_at *item)
{
    const char *package, *program = item->node->string;
    if (!json_get_string(item, &package))
        return NULL;
    if (!program[0] || strpbrk(program, program[0] == '/' ? "=" : "=/")) {
        json_problem(item, "expected the name of a program, or the absolute path of a file");
        return NULL;
    }
    char *need = NULL;
    return asprintf(&need, "%s=%s", program, package) < 0 ? NULL : need;
}

void decode_needs(const struct json_at *at, void *out)
{
    if (!json_expect_object(at))
        return;
    json_check_duplicates(at);
    read_list(at, out, make_need);
}

/* {"tcp": PORT}, {"log": TEXT} or {"delay": TIME}. */
void decode_ready(const struct json_at *at, void *out)
{
    struct exec_spec *exec = out;
    if (!json_expect_object(at))
        return;
    struct json_at tcp = json_member(at, "tcp"), log = json_member(at, "log");
    struct json_at delay = json_member(at, "delay");
    uint64_t port;
    if (cJSON_GetArraySize(at->node) != 1 || (!tcp.node && !log.node && !delay.node)) {
        json_problem(at, "expected one of \"tcp\", \"log\" and \"delay\"");
    } else if (tcp.node && json_get_integer(&tcp, 1, 65535, &port)) {
        exec->ready = READY_TCP;
        exec->ready_port = (uint16_t)port;
    } else if (log.node) {
        exec->ready = READY_LOG;
        decode_text(&log, &exec->ready_text);
        struct lab_error err = LAB_ERROR_INIT;
        if (exec->ready_text && !exec->ready_text[0])
            json_problem(&log, "expected some text, found none");
        else if (exec->ready_text && exec_check_text(exec->ready_text, &err) < 0)
            json_problem(&log, "%s", err.message);
    } else if (delay.node) {
        exec->ready = READY_DELAY;
        decode_time(&delay, &exec->ready_delay_ns);
    }
}

void decode_exit(const struct json_at *at, void *out)
{
    uint64_t status;
    if (json_get_integer(at, 0, 255, &status))
        *(unsigned *)out = (unsigned)status;
}

void decode_output(const struct json_at *at, void *out)
{
    bool output;
    if (json_get_bool(at, &output))
        *(bool *)out = !output;
}

void check_exec(const struct json_at *workload, const struct experiment *experiment)
{
    static const char *const keys[] = { "server_command", "client_command", "env",  "ready",
                                        "expect_exit",    "output",         "needs" };
    bool is_exec = experiment->model == MODEL_EXEC;
    for (size_t i = 0; i < ARRAY_LENGTH(keys); i++) {
        struct json_at member = json_member(workload, keys[i]);
        if (!is_exec && member.node)
            json_problem(&member, "\"%s\" is for the model \"exec\" alone", keys[i]);
        else if (is_exec && i < 2 && !member.node)
            json_problem(workload, "\"%s\" is missing, which the model \"exec\" needs", keys[i]);
    }
}
