/* The event log reader takes any bytes: it passes over what is no event, counts it, and
 * what it takes for an event is JSON to another parser too. */
#include <cjson/cJSON.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "labctl/cleanup.h"
#include "results/event_log.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct event_log event_reader;

/* Every value must be readable: strings end, numbers are numbers. */
static void check_fields(const struct event_record *record)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct record_field *field = &record->fields[i];
        if (strlen(field->key) > EVENT_LOG_LINE_MAX || field->type > RECORD_NESTED)
            abort();
        if (field->type == RECORD_STRING && strlen(field->string) > EVENT_LOG_LINE_MAX)
            abort();
        if (field->type == RECORD_BOOL && field->boolean != 0 && field->boolean != 1)
            abort();
    }
    if (!record_find(record, "t") || !record_find(record, "event"))
        abort();
}

/* One line: accepted here, it is accepted by cJSON. Escapes are left out, for cJSON refuses
 * unpaired surrogates, which are replaced here. */
static void compare_with_cjson(const uint8_t *data, size_t size)
{
    cleanup_free char *line = malloc(size + 1), *copy = malloc(size + 1);
    struct event_record record;
    memcpy(line, data, size);
    line[size] = '\0';
    memcpy(copy, line, size + 1);
    if (!record_parse(&record, line, size) || strchr(copy, '\\'))
        return;
    cJSON *json = cJSON_ParseWithOpts(copy, NULL, true);
    if (!json)
        abort();
    cJSON_Delete(json);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_close int fd = memfd_create("log", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    struct lab_error err;
    struct event_record record;
    if (event_log_open(&event_reader, path, &err) != 0)
        abort();
    uint64_t lines = 0;
    for (; event_log_next(&event_reader, &record); lines++)
        check_fields(&record);
    event_log_close(&event_reader);
    lines +=
        event_reader.damage.malformed + event_reader.damage.too_long + event_reader.damage.partial;
    if (lines > size)
        abort();
    compare_with_cjson(data, size);
    return 0;
}
