/* Tables of samples: links.csv, connections.csv and traffic.csv. */
#include <math.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/csv.h"
#include "report/sample_tables.h"
#include "report/samples.h"
#include "report/tables.h"

#define LINKS_HEADER                                                                               \
    TABLE_ROW_BEGIN "host,direction,rate_bps,start_s,finish_s,bytes,utilisation,drops,"            \
                    "backlog_bytes"
#define CONNECTIONS_HEADER                                                                         \
    TABLE_ROW_BEGIN "node,peer,connection,time_s,rtt_s,cwnd_segments,retransmits,"                 \
                    "delivery_rate_bps,bytes_sent,bytes_received"
#define TRAFFIC_HEADER TABLE_ROW_BEGIN "from,to,bytes"

struct table {
    struct csv csv;
    struct run_logs *logs;
    const struct trial_result *trial;
};

static void begin_row(struct table *table)
{
    table_begin_row(&table->csv, table->logs->run, table->trial);
}

static void put_link(void *owner, const struct link_span *span)
{
    struct table *table = owner;
    struct csv *csv = &table->csv;
    begin_row(table);
    csv_text(csv, table->logs->run->experiment->hosts[span->host].name);
    csv_text(csv, span->up ? "up" : "down");
    csv_rate(csv, span->rate_bps);
    csv_seconds(csv, span->start_s);
    csv_seconds(csv, span->finish_s);
    csv_count(csv, span->bytes);
    csv_ratio(csv, link_span_utilisation(span));
    csv_count(csv, span->drops);
    csv_count(csv, span->backlog);
    csv_end_row(csv);
}

static void put_connection(void *owner, const struct connection_sample *sample)
{
    struct table *table = owner;
    struct csv *csv = &table->csv;
    begin_row(table);
    csv_text(csv, table->logs->plan->commands[sample->node].node);
    csv_text(csv, sample->peer);
    csv_count(csv, sample->connection);
    csv_seconds(csv, sample->time_s);
    csv_seconds(csv, (double)sample->rtt_us / 1e6);
    csv_count(csv, sample->cwnd);
    csv_count(csv, sample->retransmits);
    csv_count(csv, sample->delivery_rate_bps);
    csv_count(csv, sample->bytes_sent);
    csv_count(csv, sample->bytes_received);
    csv_end_row(csv);
}

static void put_traffic(void *owner, size_t to, const uint64_t *from_bytes)
{
    struct table *table = owner;
    const struct plan *plan = table->logs->plan;
    for (size_t from = 0; from < plan->command_count; from++) {
        if (from_bytes[from] == 0)
            continue;
        begin_row(table);
        csv_text(&table->csv, plan->commands[from].node);
        csv_text(&table->csv, plan->commands[to].node);
        csv_count(&table->csv, from_bytes[from]);
        csv_end_row(&table->csv);
    }
}

static void read_links(struct table *table)
{
    samples_read_links(table->logs, table->trial, 0, put_link, table);
}

static void read_connections(struct table *table)
{
    if (table->logs->run->experiment->telemetry_ns > 0)
        samples_read_connections(table->logs, table->trial, put_connection, table);
}

static void read_traffic(struct table *table)
{
    if (table->logs->run->results->model != MODEL_EXEC)
        samples_read_traffic(table->logs, table->trial, put_traffic, table);
}

static int read_runs(struct table *table, const struct run_set *set, void (*read)(struct table *),
                     struct lab_error *err)
{
    for (size_t i = 0; i < set->count; i++) {
        struct run_logs logs;
        int failed = run_logs_open(&logs, &set->runs[i], err);
        table->logs = &logs;
        for (size_t k = 0; !failed && k < set->runs[i].results->trial_count; k++) {
            table->trial = &set->runs[i].results->trials[k];
            read(table);
        }
        run_logs_close(&logs);
        if (failed)
            return -1;
    }
    return 0;
}

int sample_tables_write(const struct run_set *set, const char *folder, struct lab_error *err)
{
    static const struct {
        const char *name, *header;
        void (*read)(struct table *table);
    } tables[] = {
        { "links.csv", LINKS_HEADER, read_links },
        { "connections.csv", CONNECTIONS_HEADER, read_connections },
        { "traffic.csv", TRAFFIC_HEADER, read_traffic },
    };
    for (size_t i = 0; i < ARRAY_LENGTH(tables); i++) {
        struct table table;
        cleanup_free char *path = fs_path("%s/%s", folder, tables[i].name);
        if (csv_open(&table.csv, path, tables[i].header, err) < 0)
            return -1;
        if (read_runs(&table, set, tables[i].read, err) < 0) {
            csv_abandon(&table.csv);
            return -1;
        }
        if (csv_close(&table.csv, err) < 0)
            return -1;
    }
    return 0;
}
