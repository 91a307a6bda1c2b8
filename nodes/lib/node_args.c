/* Arguments and files of the node programs. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "labctl/wire.h"
#include "lib/node.h"

#define CLIENTS_MAX WIRE_PEERS_MAX

static int read_text(const char *text, void *out)
{
    *(const char **)out = text;
    return *text ? 0 : -1;
}

static int read_long_number(const char *text, uint64_t min, uint64_t max, uint64_t *out)
{
    char *end;
    errno = 0;
    *out = strtoull(text, &end, 10);
    return errno || end == text || *end || *text == '-' || *out < min || *out > max ? -1 : 0;
}

static int read_number(const char *text, uint32_t min, uint32_t max, uint32_t *out)
{
    uint64_t value;
    if (read_long_number(text, min, max, &value))
        return -1;
    *out = (uint32_t)value;
    return 0;
}

static int read_port(const char *text, void *out)
{
    uint32_t port;
    if (read_number(text, 1, 65535, &port))
        return -1;
    *(uint16_t *)out = (uint16_t)port;
    return 0;
}

static int read_clients(const char *text, void *out)
{
    return read_number(text, 1, CLIENTS_MAX, out);
}

static int read_block_size(const char *text, void *out)
{
    return read_number(text, WIRE_BLOCK_MIN, WIRE_BLOCK_MAX, out);
}

static int read_address(const char *text, void *out)
{
    return inet_pton(AF_INET, text, out) == 1 ? 0 : -1;
}

#define TELEMETRY_MIN 1000000ull     /* ns */
#define TELEMETRY_MAX 60000000000ull /* ns */

static int read_interval(const char *text, void *out)
{
    return read_long_number(text, TELEMETRY_MIN, TELEMETRY_MAX, out);
}

static int read_framing(const char *text, void *out)
{
    *(bool *)out = strcmp(text, "naive") == 0;
    return *(bool *)out || strcmp(text, "length") == 0 ? 0 : -1;
}

static int read_expect_exit(const char *text, void *out)
{
    return read_number(text, 0, 255, out);
}

static int read_bytes(const char *text, void *out)
{
    char *end;
    errno = 0;
    *(uint64_t *)out = strtoull(text, &end, 10);
    return errno || end == text || *end || *text == '-' ? -1 : 0;
}

static int read_word(const char *text, void *out, size_t max)
{
    struct node_words *list = out;
    if (!strchr(text, '=') || list->count == max)
        return -1;
    list->words[list->count++] = (char *)text;
    return 0;
}

static int read_set(const char *text, void *out)
{
    return read_word(text, out, NODE_VALUES_MAX);
}

static int read_env(const char *text, void *out)
{
    return read_word(text, out, NODE_ENV_MAX);
}

static const struct option {
    const char *name;
    const char *expected;
    int (*read)(const char *text, void *out);
    size_t offset;
} options_known[] = {
    { "node", "a name", read_text, offsetof(struct node_args, node) },
    { "port", "1 to 65535", read_port, offsetof(struct node_args, port) },
    { "file", "a path", read_text, offsetof(struct node_args, file) },
    { "clients", "1 to 65000", read_clients, offsetof(struct node_args, clients) },
    { "block-size", "1024 to 4194304", read_block_size, offsetof(struct node_args, block_size) },
    { "server", "an IPv4 address", read_address, offsetof(struct node_args, server) },
    { "address", "an IPv4 address", read_address, offsetof(struct node_args, address) },
    { "output", "a path", read_text, offsetof(struct node_args, output) },
    { "reserve", "a path", read_text, offsetof(struct node_args, reserve) },
    { "gate", "a path", read_text, offsetof(struct node_args, gate) },
    { "framing", "length or naive", read_framing, offsetof(struct node_args, naive) },
    { "telemetry", "1000000 to 60000000000", read_interval,
      offsetof(struct node_args, telemetry_ns) },
    { "work", "a path", read_text, offsetof(struct node_args, work) },
    { "ready", "tcp:PORT, log:TEXT, delay:NS or at-once", read_text,
      offsetof(struct node_args, ready) },
    { "expect-exit", "0 to 255", read_expect_exit, offsetof(struct node_args, expect_exit) },
    { "max-memory", "bytes", read_bytes, offsetof(struct node_args, max_memory) },
    { "max-file", "bytes", read_bytes, offsetof(struct node_args, max_file) },
    { "set", "NAME=VALUE", read_set, offsetof(struct node_args, set) },
    { "env", "NAME=VALUE", read_env, offsetof(struct node_args, env) },
};

/* How `name` stands in the list of a program's options: 0 not at all, 1 needed, 2 may be. */
static int listed(const char *options, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = strstr(options, name); at; at = strstr(at + 1, name)) {
        char before = at == options ? ' ' : at[-1], after = at[length];
        if (before == '[' && after == ']')
            return 2;
        if (before == ' ' && (after == ' ' || after == '\0'))
            return 1;
    }
    return 0;
}

static int read_option(struct node_args *args, const char *options, const char *word,
                       const char *value, unsigned *given, struct lab_error *err)
{
    for (size_t i = 0; i < ARRAY_LENGTH(options_known); i++) {
        const struct option *option = &options_known[i];
        if (strncmp(word, "--", 2) != 0 || strcmp(word + 2, option->name) != 0 ||
            !listed(options, option->name))
            continue;
        if (!value)
            return lab_error_set(err, LAB_ERR_USAGE, "%s needs a value: %s", word,
                                 option->expected);
        if (option->read(value, (char *)args + option->offset))
            return lab_error_set(err, LAB_ERR_USAGE, "%s %s: expected %s", word, value,
                                 option->expected);
        *given |= 1u << i;
        return 0;
    }
    return lab_error_set(err, LAB_ERR_USAGE, "unknown option %s; the options are: %s", word,
                         options);
}

int node_args_parse(struct node_args *args, const char *options, int argc, char **argv,
                    struct lab_error *err)
{
    unsigned given = 0;
    *args = (struct node_args){ 0 };
    for (int i = 1; i < argc && !args->command; i += 2) {
        if (strcmp(argv[i], "--") == 0 && listed(options, "--") && argv[i + 1])
            args->command = argv + i + 1;
        else if (read_option(args, options, argv[i], argv[i + 1], &given, err))
            return -1;
    }
    if (listed(options, "--") && !args->command)
        return lab_error_set(err, LAB_ERR_USAGE, "a command is missing after --");
    for (size_t i = 0; i < ARRAY_LENGTH(options_known); i++)
        if (listed(options, options_known[i].name) == 1 && !(given & 1u << i))
            return lab_error_set(err, LAB_ERR_USAGE, "--%s is missing: %s", options_known[i].name,
                                 options_known[i].expected);
    return 0;
}

int node_create_output(const char *path, struct lab_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (fd < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", path);
    return fd;
}

int node_reserve(int fd, const char *path, const char *like, struct lab_error *err)
{
    struct stat status;
    if (!like || stat(like, &status) || status.st_size <= 0)
        return 0;
    int failed;
    while ((failed = fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, status.st_size)) && errno == EINTR)
        ;
    if (failed && errno != EOPNOTSUPP && errno != ENOSYS && errno != EINVAL)
        return lab_error_errno(err, LAB_ERR_IO, errno, "no room for the %lld bytes of %s",
                               (long long)status.st_size, path);
    return 0;
}

int node_open_file(const char *path, uint64_t *bytes, struct lab_error *err)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (fd < 0 || fstat(fd, &status))
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot read %s", path);
    if (!S_ISREG(status.st_mode))
        return lab_error_set(err, LAB_ERR_IO, "cannot read %s: it is not a regular file", path);
    *bytes = (uint64_t)status.st_size;
    return steal_fd(fd);
}

int node_set_length(int fd, const char *path, uint64_t bytes, struct lab_error *err)
{
    if (ftruncate(fd, (off_t)bytes))
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot make %s %llu bytes long", path,
                               (unsigned long long)bytes);
    return 0;
}
