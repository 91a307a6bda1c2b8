#include <math.h>
#include <netinet/in.h>
#include <string.h>

#include "labctl/cleanup.h"
#include "labctl/event.h"
#include "report/csv.h"
#include "report/run_logs.h"
#include "report/tables.h"

#define TRANSFERS_HEADER TABLE_ROW_BEGIN "kind,from,to,block,bytes,start_s,finish_s"

/* --- one client's log ----------------------------------------------------- */

/* Where a row comes from. */
struct transfer_source {
    const struct report_run *run;
    const struct trial_result *trial;
    struct run_logs *logs;
    struct csv *csv;           /* NULL when the table is not wanted */
    struct run_detail *detail; /* NULL unless this is the shown trial */
};

/* What a client's log has told so far. */
struct transfer_reader {
    const struct transfer_source *source;
    const char *to;         /* the client's name */
    size_t client;          /* its index */
    struct series *curve;   /* NULL when it is not wanted */
    struct series by_block; /* taken instead when it has more to tell than progress events */
    uint64_t block_bytes;
    bool connected, blocks;
    char server[NODE_NAME_MAX + INET6_ADDRSTRLEN];
    uint64_t connect_ns, last_ns, last_bytes;
};

static double trial_seconds(const struct transfer_reader *reader, uint64_t t_ns)
{
    return ((double)t_ns - (double)reader->source->trial->origin_ns) / 1e9;
}

static void put_row(const struct transfer_reader *reader, const char *kind, const char *from,
                    int64_t block, uint64_t bytes, uint64_t begin_ns, uint64_t end_ns)
{
    const struct transfer_source *source = reader->source;
    struct csv *csv = source->csv;
    uint64_t origin = source->trial->origin_ns;
    if (!csv)
        return;
    table_begin_row(csv, source->run, source->trial);
    csv_text(csv, kind);
    csv_text(csv, from);
    csv_text(csv, reader->to);
    if (block >= 0)
        csv_count(csv, (uint64_t)block);
    else
        csv_empty(csv);
    csv_count(csv, bytes);
    csv_nanoseconds(csv, (int64_t)(begin_ns - origin));
    csv_nanoseconds(csv, (int64_t)(end_ns - origin));
    csv_end_row(csv);
}

static void take_connect(struct transfer_reader *reader, const struct event_record *record)
{
    if (reader->connected)
        return;
    const char *peer = record_string(record, "peer", "");
    reader->connected = true;
    reader->connect_ns = reader->last_ns = record->t;
    snprintf(reader->server, sizeof(reader->server), "%s",
             run_logs_name(reader->source->logs, peer));
}

static void take_block(struct transfer_reader *reader, const struct event_record *record)
{
    uint64_t bytes = record_count(record, "bytes", 0);
    const char *from = run_logs_name(reader->source->logs, record_string(record, "from", ""));
    int64_t block = record_integer(record, "block", -1);
    uint64_t began_ns = record_count(record, "began", record->t);
    double at_s = trial_seconds(reader, record->t);
    put_row(reader, "block", from, block, bytes, began_ns, record->t);
    reader->blocks = true;
    reader->block_bytes += bytes;
    if (!reader->curve)
        return;
    series_add(&reader->by_block, at_s, (double)reader->block_bytes);
    if (block >= 0 && block < BLOCKS_MAX)
        run_detail_add_block(reader->source->detail, reader->client, from, bytes,
                             (struct block_arrival){ .block = (uint32_t)block,
                                                     .began_s = trial_seconds(reader, began_ns),
                                                     .at_s = at_s });
}

static void take_bytes(struct transfer_reader *reader, const struct event_record *record)
{
    uint64_t bytes = record_count(record, "bytes", 0);
    reader->last_ns = record->t;
    reader->last_bytes = bytes;
    if (reader->curve)
        series_add(reader->curve, trial_seconds(reader, record->t), (double)bytes);
}

static void take_begin(struct transfer_reader *reader, const struct event_record *record)
{
    if (!reader->curve)
        return;
    series_add(reader->curve, fmax(0, trial_seconds(reader, record->t)), 0);
    series_add(&reader->by_block, fmax(0, trial_seconds(reader, record->t)), 0);
}

static void take_tcp(struct transfer_reader *reader, const struct event_record *record)
{
    int64_t rtt_us = record_integer(record, "rtt_us", -1);
    double interval_s = (double)reader->source->run->experiment->telemetry_ns / 1e9;
    if (reader->source->detail && rtt_us > 0)
        run_detail_add_rtt(reader->source->detail, reader->to, trial_seconds(reader, record->t),
                           (double)rtt_us / 1e6, interval_s / 2);
}

static void take_event(struct transfer_reader *reader, const struct event_record *record)
{
    static const struct {
        const char *event;
        void (*take)(struct transfer_reader *reader, const struct event_record *record);
    } events[] = {
        { EVENT_BLOCK, take_block },  { EVENT_PROGRESS, take_bytes },
        { EVENT_FINISH, take_bytes }, { EVENT_CONNECT, take_connect },
        { EVENT_BEGIN, take_begin },  { EVENT_TCP, take_tcp },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(events); i++)
        if (strcmp(record->event, events[i].event) == 0) {
            events[i].take(reader, record);
            return;
        }
}

/* A client/server download is one row: the connection, up to its last byte of the file. */
static void end_client(struct transfer_reader *reader)
{
    bool download =
        reader->connected && !reader->blocks && reader->source->run->results->model == MODEL_CS;
    if (download)
        put_row(reader, "connection", reader->server, -1, reader->last_bytes, reader->connect_ns,
                reader->last_ns);
    if (!reader->curve)
        return;
    if (download)
        run_detail_add_bytes(reader->source->detail, reader->client, reader->server,
                             reader->last_bytes);
    if (reader->by_block.given > reader->curve->given) {
        series_clear(reader->curve);
        *reader->curve = reader->by_block;
        reader->by_block = (struct series){ 0 };
    }
    series_finish(reader->curve);
    series_clear(&reader->by_block);
}

/* The events of one log of the trial: a client's or, as far as they concern it, another
 * node's. */
static void read_log(struct transfer_reader *reader, size_t node)
{
    struct run_logs *logs = reader->source->logs;
    struct event_record record;
    if (!run_logs_open_node(logs, reader->source->trial, node))
        return;
    while (event_log_next(logs->log, &record))
        take_event(reader, &record);
    event_log_close(logs->log);
}

static void read_client(const struct transfer_source *source, size_t node)
{
    const struct plan_command *command = &source->logs->plan->commands[node];
    struct transfer_reader reader = { .source = source,
                                      .to = command->node,
                                      .client = command->client };
    if (source->detail && command->client < source->detail->client_count)
        reader.curve = &source->detail->clients[command->client].curve;
    read_log(&reader, node);
    end_client(&reader);
}

/* --- the controller's and the server's log of the shown trial -------------- */

static void take_control(const struct transfer_source *source, const struct event_record *record)
{
    double at_s = ((double)record->t - (double)source->trial->origin_ns) / 1e9;
    const char *node = record_string(record, "node", "");
    if (strcmp(record->event, EVENT_LINK) == 0)
        run_detail_add_link(source->detail, node,
                            strcmp(record_string(record, "direction", ""), "up") == 0, at_s,
                            record_count(record, "bytes", 0), record_count(record, "drops", 0));
}

static void read_control(const struct transfer_source *source)
{
    struct run_logs *logs = source->logs;
    struct event_record record;
    if (!run_logs_open_control(logs, source->trial))
        return;
    while (event_log_next(logs->log, &record))
        take_control(source, &record);
    event_log_close(logs->log);
}

/* Of the server's log only what its connections tell of round-trip times is wanted. */
static void read_server(const struct transfer_source *source, size_t node)
{
    struct transfer_source only_detail = *source;
    only_detail.csv = NULL;
    struct transfer_reader reader = { .source = &only_detail,
                                      .to = source->logs->plan->commands[node].node };
    read_log(&reader, node);
}

/* --- all of them ---------------------------------------------------------- */

static int choose_shown(struct report_run *run, struct lab_error *err)
{
    const struct trial_result *shown = results_typical_trial(run->results);
    if (!shown || !shown->origin_ns)
        return 0;
    if (run_detail_init(&run->detail, shown->host_count) < 0)
        return lab_error_memory(err);
    run->shown = shown;
    return 0;
}

static void read_trial(const struct transfer_source *source)
{
    const struct plan *plan = source->logs->plan;
    for (size_t node = 0; node < plan->command_count; node++) {
        if (!plan->commands[node].is_server)
            read_client(source, node);
        else if (source->detail)
            read_server(source, node);
    }
    if (!source->detail)
        return;
    read_control(source);
    run_detail_end(source->detail);
}

static void read_trials(struct transfers *transfers, struct report_run *run, struct run_logs *logs)
{
    for (size_t i = 0; i < run->results->trial_count; i++) {
        const struct trial_result *trial = &run->results->trials[i];
        bool shown = trial == run->shown;
        struct transfer_source source = { run, trial, logs,
                                          transfers->wanted ? &transfers->csv : NULL,
                                          shown ? &run->detail : NULL };
        if (trial->origin_ns && (shown || transfers->wanted))
            read_trial(&source);
    }
}

int transfers_read(struct transfers *transfers, struct report_run *run, struct lab_error *err)
{
    if (choose_shown(run, err) < 0)
        return -1;
    struct run_logs logs;
    int failed = run_logs_open(&logs, run, err);
    if (failed == 0)
        read_trials(transfers, run, &logs);
    run_logs_close(&logs);
    return failed;
}

int transfers_open(struct transfers *transfers, const char *folder, struct lab_error *err)
{
    *transfers = (struct transfers){ .wanted = folder != NULL };
    if (!folder)
        return 0;
    cleanup_free char *path = fs_path("%s/transfers.csv", folder);
    return csv_open(&transfers->csv, path, TRANSFERS_HEADER, err);
}

int transfers_close(struct transfers *transfers, struct lab_error *err)
{
    return transfers->wanted ? csv_close(&transfers->csv, err) : 0;
}

void transfers_abandon(struct transfers *transfers)
{
    if (transfers->wanted)
        csv_abandon(&transfers->csv);
}
