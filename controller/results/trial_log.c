#include "results/trial_log.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "results/trial.h"

/* Events with the time of something that had happened when they were written. */
static bool tells_of_the_past(const char *event)
{
    static const char *const events[] = { EVENT_ACCEPT, EVENT_BEGIN, EVENT_LINK };
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(event, events[i]) == 0)
            return true;
    return false;
}

static void take_time(struct log_times *times, const struct event_record *record)
{
    if (tells_of_the_past(record->event))
        return;
    if (times->first_ns == 0)
        times->first_ns = record->t;
    if (record->t < times->last_ns && times->last_ns - record->t > times->back_ns)
        times->back_ns = times->last_ns - record->t;
    times->last_ns = record->t;
}

/* Read a log to its end, handing each event to `take`. Returns false when there is none. */
static bool read_log(const char *path, struct event_log *log, struct log_damage *damage,
                     struct log_times *times,
                     void (*take)(void *facts, const struct event_record *record), void *facts)
{
    struct lab_error ignored = LAB_ERROR_INIT; /* an unreadable log says nothing */
    if (event_log_open(log, path, &ignored) != 0)
        return false;
    struct event_record record;
    while (event_log_next(log, &record)) {
        take_time(times, &record);
        take(facts, &record);
    }
    log_damage_add(damage, &log->damage);
    event_log_close(log);
    return true;
}

/* --- a node program's log ------------------------------------------------- */

static void take_begin(struct node_facts *facts, const struct event_record *record)
{
    facts->began = true;
    facts->begin_ns = record->t;
    facts->planned_ns = record_count(record, "planned", record->t);
}

static void take_accept(struct node_facts *facts, const struct event_record *record)
{
    if (!facts->accepted)
        facts->accept_ns = record->t;
    facts->accepted = true;
}

static void take_length(struct node_facts *facts, const struct event_record *record)
{
    facts->length_bytes = record_count(record, "bytes", 0);
    facts->has_length = record_find(record, "bytes") != NULL;
}

static void take_progress(struct node_facts *facts, const struct event_record *record)
{
    uint64_t bytes = record_count(record, "bytes", 0);
    if (bytes > facts->progress_bytes)
        facts->progress_bytes = bytes;
}

static void take_block(struct node_facts *facts, const struct event_record *record)
{
    facts->block_bytes += record_count(record, "bytes", 0);
}

static void take_bad_block(struct node_facts *facts, const struct event_record *record)
{
    (void)record;
    facts->bad_blocks++;
}

static void take_finish(struct node_facts *facts, const struct event_record *record)
{
    facts->finished = true;
    facts->finish_ns = record->t;
    facts->finish_bytes = record_count(record, "bytes", 0);
}

static void take_error(struct node_facts *facts, const struct event_record *record)
{
    const char *code = record_string(record, "code", "");
    result_error_set(&facts->error, lab_error_code_of(code, LAB_ERR_NODE), "%s",
                     record_string(record, "message", "it did not say what went wrong"));
}

/* An exit status or signal number of an event, or EXIT_UNKNOWN. */
static int small_number(const struct event_record *record, const char *key)
{
    int64_t number = record_integer(record, key, EXIT_UNKNOWN);
    return number >= 0 && number <= 255 ? (int)number : EXIT_UNKNOWN;
}

static void take_dropped(struct node_facts *facts, const struct event_record *record)
{
    facts->damage.dropped_bytes = record_count(record, "bytes", 0);
}

static void take_exit(struct node_facts *facts, const struct event_record *record)
{
    facts->exit = small_number(record, "status");
    facts->has_exit_event = true;
    facts->used.cpu_ns = record_count(record, "cpu_ns", 0);
    facts->used.wait_ns = record_count(record, "wait_ns", 0);
}

static void take_node_event(void *facts, const struct event_record *record)
{
    static const struct {
        const char *event;
        void (*take)(struct node_facts *facts, const struct event_record *record);
    } events[] = {
        { EVENT_BLOCK, take_block },   { EVENT_PROGRESS, take_progress },
        { EVENT_ACCEPT, take_accept }, { EVENT_BEGIN, take_begin },
        { EVENT_LENGTH, take_length }, { EVENT_BAD_BLOCK, take_bad_block },
        { EVENT_FINISH, take_finish }, { EVENT_ERROR, take_error },
        { EVENT_EXIT, take_exit },     { EVENT_DROPPED, take_dropped },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(record->event, events[i].event) == 0) {
            events[i].take(facts, record);
            return;
        }
}

/* The status in a .exit file, or EXIT_UNKNOWN. */
static int read_exit_file(const char *path)
{
    struct lab_error ignored = LAB_ERROR_INIT;
    cleanup_free char *text = fs_read_file(path, 32, NULL, &ignored);
    if (!text)
        return EXIT_UNKNOWN;
    char *end;
    long status = strtol(text, &end, 10);
    bool number = end != text && end[strspn(end, "\r\n ")] == '\0';
    return number && status >= 0 && status <= 255 ? (int)status : EXIT_UNKNOWN;
}

void trial_log_read_node(struct node_facts *facts, const char *logs,
                         const struct plan_command *command, struct event_log *log)
{
    *facts = (struct node_facts){ .exit = EXIT_UNKNOWN };
    cleanup_free char *stem = fs_path("%s/%s.%s", logs, command->node, command->program);
    cleanup_free char *path = fs_path("%s.jsonl", stem);
    facts->has_log = read_log(path, log, &facts->damage, &facts->times, take_node_event, facts);
    cleanup_free char *exit_path = fs_path("%s.exit", stem);
    int status = read_exit_file(exit_path);
    if (status != EXIT_UNKNOWN)
        facts->exit = status;
}

void node_facts_clear(struct node_facts *facts)
{
    free(facts->error.message);
    facts->error.message = NULL;
}

/* --- labctl's own log ----------------------------------------------------- */

struct control_reader {
    struct control_facts *facts;
    const struct plan *plan;
    const size_t *order; /* the plan's commands, sorted by the name of their node */
};

static int compare_nodes(const void *a, const void *b, void *arg)
{
    const struct plan *plan = arg;
    return strcmp(plan->commands[*(const size_t *)a].node, plan->commands[*(const size_t *)b].node);
}

/* The plan's commands by the name of their node. Caller frees; NULL when out of memory. */
static size_t *sort_commands(const struct plan *plan)
{
    size_t *order = malloc((plan->command_count + 1) * sizeof(*order));
    if (!order)
        return NULL;
    for (size_t i = 0; i < plan->command_count; i++)
        order[i] = i;
    qsort_r(order, plan->command_count, sizeof(*order), compare_nodes, (void *)plan);
    return order;
}

/* The verdict to be filled for the node that an event names, or NULL. */
static struct node_verdict *find_node(const struct control_reader *reader,
                                      const struct event_record *record)
{
    const char *node = record_string(record, "node", "");
    const struct plan *plan = reader->plan;
    size_t low = 0, high = plan->command_count;
    while (low < high) {
        size_t middle = (low + high) / 2, command = reader->order[middle];
        int order = strcmp(node, plan->commands[command].node);
        if (order == 0)
            return &reader->facts->nodes[command];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* A digest only when it looks like one: 64 characters. */
static void copy_digest(char digest[SHA256_HEX_SIZE], const char *text)
{
    if (strlen(text) == SHA256_HEX_SIZE - 1)
        memcpy(digest, text, SHA256_HEX_SIZE);
}

static void take_trial(struct control_reader *reader, const struct event_record *record)
{
    struct control_facts *facts = reader->facts;
    facts->has_trial = record_find(record, "file_bytes") != NULL;
    facts->file_bytes = record_count(record, "file_bytes", 0);
    copy_digest(facts->file_sha256, record_string(record, "file_sha256", ""));
}

static void take_node_exit(struct control_reader *reader, const struct event_record *record)
{
    struct node_verdict *node = find_node(reader, record);
    if (!node)
        return;
    int signal_number = small_number(record, "signal");
    node->exit = signal_number > 0 ? 128 + signal_number : small_number(record, "status");
}

static void take_verify(struct control_reader *reader, const struct event_record *record)
{
    struct node_verdict *node = find_node(reader, record);
    if (!node)
        return;
    node->verified = true;
    node->bytes = record_count(record, "bytes", 0);
    copy_digest(node->sha256, record_string(record, "sha256", ""));
}

/* More than any experiment has: each fault begins and ends, and each client joins once. */
#define FAULTS_KEPT (2 * FAULTS_MAX + HOSTS_MAX)

/* Room for one more, or false: then the event is passed over. */
static bool grow_faults(struct control_facts *facts)
{
    size_t count = facts->fault_count;
    if (count >= FAULTS_KEPT)
        return false;
    if ((count & (count - 1)) != 0)
        return true; /* room is a power of two */
    size_t room = count ? 2 * count : 1;
    void *faults = realloc(facts->faults, room * sizeof(*facts->faults));
    if (faults)
        facts->faults = faults;
    void *times = realloc(facts->fault_ns, room * sizeof(*facts->fault_ns));
    if (times)
        facts->fault_ns = times;
    return faults && times;
}

static bool parse_kind(const char *name, enum fault_event *kind)
{
    for (int i = 0; i < FAULT_EVENTS; i++)
        if (strcmp(name, fault_event_name((enum fault_event)i)) == 0) {
            *kind = (enum fault_event)i;
            return true;
        }
    return false;
}

static void take_fault(struct control_reader *reader, const struct event_record *record)
{
    struct control_facts *facts = reader->facts;
    const struct record_field *reached = record_find(record, "reached");
    struct fault_result fault = {
        .reached = reached && reached->type == RECORD_BOOL && reached->boolean,
        .fault = (unsigned)record_count(record, "fault", 0),
        .at_s = NAN,
        .up_bps = record_count(record, "up_bps", 0),
        .down_bps = record_count(record, "down_bps", 0),
    };
    if (!parse_kind(record_string(record, "kind", ""), &fault.kind) || !grow_faults(facts))
        return;
    snprintf(fault.node, sizeof(fault.node), "%s", record_string(record, "node", ""));
    snprintf(fault.planned, sizeof(fault.planned), "%s", record_string(record, "planned", ""));
    snprintf(fault.reason, sizeof(fault.reason), "%s", record_string(record, "reason", ""));
    struct node_verdict *node = find_node(reader, record);
    if (node && fault.kind == FAULT_EVENT_KILL && fault.reached)
        node->killed = true;
    facts->fault_ns[facts->fault_count] = record->t;
    facts->faults[facts->fault_count++] = fault;
}

static void take_end(struct control_reader *reader, const struct event_record *record)
{
    struct control_facts *facts = reader->facts;
    const char *status = record_string(record, "status", "");
    for (enum result_status s = RESULT_OK; s <= RESULT_INTERRUPTED; s++) {
        if (strcmp(status, result_status_name(s)) != 0)
            continue;
        facts->has_end = true;
        facts->end_status = s;
    }
    static const enum lab_error_code usual[] = {
        [RESULT_FAILED] = LAB_ERR_NODE,
        [RESULT_TIMEOUT] = LAB_ERR_TIMEOUT,
        [RESULT_INTERRUPTED] = LAB_ERR_INTERRUPTED,
    };
    const char *message = record_string(record, "message", NULL);
    if (!facts->has_end || facts->end_status == RESULT_OK || !message)
        return;
    const char *code = record_string(record, "code", "");
    result_error_set(&facts->end_error, lab_error_code_of(code, usual[facts->end_status]), "%s",
                     message);
}

static void take_control_event(void *reader, const struct event_record *record)
{
    static const struct {
        const char *event;
        void (*take)(struct control_reader *reader, const struct event_record *record);
    } events[] = {
        { EVENT_TRIAL, take_trial },   { EVENT_NODE_EXIT, take_node_exit },
        { EVENT_VERIFY, take_verify }, { EVENT_FAULT, take_fault },
        { EVENT_END, take_end },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(record->event, events[i].event) == 0)
            events[i].take(reader, record);
    samples_take(&((struct control_reader *)reader)->facts->samples, record);
}

int trial_log_read_control(struct control_facts *facts, const char *logs, const struct plan *plan,
                           struct event_log *log, struct lab_error *err)
{
    *facts = (struct control_facts){ 0 };
    facts->nodes = calloc(plan->command_count + 1, sizeof(*facts->nodes));
    cleanup_free size_t *order = sort_commands(plan);
    if (!facts->nodes || !order)
        return lab_error_memory(err);
    if (samples_init(&facts->samples, plan, err) < 0)
        return -1;
    struct control_reader reader = { facts, plan, order };
    for (size_t i = 0; i < plan->command_count; i++)
        facts->nodes[i].exit = EXIT_UNKNOWN;
    cleanup_free char *path = fs_path("%s/labctl.jsonl", logs);
    facts->has_log =
        read_log(path, log, &facts->damage, &facts->times, take_control_event, &reader);
    return 0;
}

void control_facts_clear(struct control_facts *facts)
{
    free(facts->nodes);
    free(facts->faults);
    free(facts->fault_ns);
    free(facts->end_error.message);
    samples_clear(&facts->samples);
    *facts = (struct control_facts){ 0 };
}
