#include "rundir/manifest.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/json.h"
#include "labctl/cleanup.h"

/* The command line as it was typed: the kernel keeps it, and getopt leaves it alone. */
static void add_command(cJSON *root)
{
    cJSON *command = cJSON_AddArrayToObject(root, "command");
    cleanup_fclose FILE *file = fopen("/proc/self/cmdline", "re");
    cleanup_free char *word = NULL;
    size_t size = 0;
    while (file && getdelim(&word, &size, '\0', file) > 0)
        cJSON_AddItemToArray(command, cJSON_CreateString(word));
}

/* Settings of the kernel that change how fast TCP is. */
static const char *const settings[] = {
    "net.ipv4.tcp_congestion_control",
    "net.ipv4.tcp_rmem",
    "net.ipv4.tcp_wmem",
    "net.ipv4.tcp_timestamps",
    "net.ipv4.tcp_sack",
    "net.core.rmem_max",
    "net.core.wmem_max",
    "net.core.default_qdisc",
};

/* "" of a file that cannot be read: its value is then not known, which is no error. */
static char *read_line(const char *path)
{
    cleanup_fclose FILE *file = fopen(path, "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    if (!file || getline(&line, &size, file) <= 0)
        return fs_path("%s", "");
    line[strcspn(line, "\n")] = '\0';
    return steal_ptr(line);
}

static void add_settings(cJSON *root)
{
    cJSON *object = cJSON_AddObjectToObject(root, "sysctl");
    for (size_t i = 0; i < ARRAY_LENGTH(settings); i++) {
        cleanup_free char *path = fs_path("/proc/sys/%s", settings[i]);
        for (char *dot = strchr(path, '.'); dot; dot = strchr(dot, '.'))
            *dot = '/';
        cleanup_free char *value = read_line(path);
        cJSON_AddStringToObject(object, settings[i], value);
    }
}

static void add_cpu(cJSON *root)
{
    cJSON *cpu = cJSON_AddObjectToObject(root, "cpu");
    cleanup_fclose FILE *file = fopen("/proc/cpuinfo", "re");
    cleanup_free char *line = NULL;
    size_t size = 0;
    while (file && getline(&line, &size, file) > 0) {
        const char *colon = strchr(line, ':');
        if (!colon || strncmp(line, "model name", strlen("model name")) != 0)
            continue;
        line[strcspn(line, "\n")] = '\0';
        cJSON_AddStringToObject(cpu, "model", colon + 2);
        break;
    }
    cJSON_AddNumberToObject(cpu, "count", (double)sysconf(_SC_NPROCESSORS_ONLN));
}

static void add_machine(cJSON *root)
{
    struct utsname name;
    struct sysinfo info;
    cJSON *kernel = cJSON_AddObjectToObject(root, "kernel");
    if (uname(&name) == 0) {
        cJSON_AddStringToObject(kernel, "release", name.release);
        cJSON_AddStringToObject(kernel, "version", name.version);
        cJSON_AddStringToObject(kernel, "machine", name.machine);
    }
    add_cpu(root);
    if (sysinfo(&info) == 0)
        cJSON_AddNumberToObject(root, "memory_bytes", (double)info.totalram * info.mem_unit);
    add_settings(root);
}

static void add_versions(cJSON *root)
{
    cJSON *versions = cJSON_AddObjectToObject(root, "versions");
    cJSON_AddStringToObject(versions, "labctl", LABCTL_VERSION);
    cJSON_AddStringToObject(versions, "python", LABCTL_PYTHON_VERSION);
    cJSON_AddStringToObject(versions, "mininet", LABCTL_MININET_VERSION);
    cJSON_AddStringToObject(versions, "cjson", cJSON_Version());
}

static void add_time(cJSON *root, const char *key, const struct timespec *when)
{
    char text[64];
    struct tm utc;
    if (when->tv_sec == 0)
        return;
    size_t length =
        strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", gmtime_r(&when->tv_sec, &utc));
    snprintf(text + length, sizeof(text) - length, ".%03ldZ", when->tv_nsec / 1000000);
    cJSON_AddStringToObject(root, key, text);
}

static void add_experiment(cJSON *root, const struct experiment *experiment)
{
    char digest[SHA256_HEX_SIZE];
    uint64_t bytes;
    struct lab_error ignored = LAB_ERROR_INIT;
    cJSON *object = cJSON_AddObjectToObject(root, "experiment_file");
    cJSON_AddStringToObject(object, "path", experiment->source);
    if (fs_sha256(experiment->source, digest, &bytes, &ignored) == 0)
        cJSON_AddStringToObject(object, "sha256", digest);
    cJSON_AddNumberToObject(root, "seed", (double)experiment->seed);
}

static int write_json(cJSON *root, const char *run_dir, struct lab_error *err)
{
    cleanup_free char *text = cJSON_Print(root);
    cleanup_free char *path = fs_path("%s/manifest.json", run_dir);
    cJSON_Delete(root);
    if (!text)
        return lab_error_memory(err);
    return fs_write_file(path, text, strlen(text), err);
}

int manifest_write(const struct manifest *manifest, const char *run_dir, struct lab_error *err)
{
    cJSON *root = cJSON_CreateObject();
    cJSON_AddStringToObject(root, "schema", "labctl.manifest/1");
    add_command(root);
    add_time(root, "started", &manifest->started);
    add_time(root, "finished", &manifest->finished);
    if (manifest->status)
        cJSON_AddStringToObject(root, "status", manifest->status);
    add_experiment(root, manifest->experiment);
    cJSON_AddNumberToObject(root, "uid", (double)getuid());
    add_versions(root);
    add_machine(root);
    return write_json(root, run_dir, err);
}

int manifest_finish(const char *run_dir, const char *status, struct lab_error *err)
{
    struct json_doc doc;
    struct timespec now;
    cleanup_free char *path = fs_path("%s/manifest.json", run_dir);
    int failed = json_doc_read(&doc, path, err);
    if (failed == 0) {
        clock_gettime(CLOCK_REALTIME, &now);
        cJSON_DeleteItemFromObjectCaseSensitive(doc.root, "finished");
        cJSON_DeleteItemFromObjectCaseSensitive(doc.root, "status");
        add_time(doc.root, "finished", &now);
        cJSON_AddStringToObject(doc.root, "status", status);
        failed = write_json(doc.root, run_dir, err);
        doc.root = NULL;
    }
    json_doc_close(&doc);
    return failed;
}

int manifest_keep(const char *run_dir, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/manifest.json", run_dir);
    for (unsigned n = 1;; n++) {
        cleanup_free char *kept = fs_path("%s/manifest-%u.json", run_dir, n);
        if (access(kept, F_OK) == 0)
            continue;
        if (rename(path, kept) < 0 && errno != ENOENT)
            return lab_error_errno(err, LAB_ERR_IO, errno, "cannot rename %s", path);
        return 0;
    }
}
