#include "report/tables.h"

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/csv.h"

#define RUNS_HEADER                                                                                \
    "run,experiment,model,start,trial,status,error_code,error_message,server,server_exit,"         \
    "clients,clients_ok,file_bytes,file_sha256,makespan_s,mean_s,spread_s,start_skew_s,"           \
    "bound_fluid_s,bound_framed_s,bound_binding,efficiency,log_lines_passed_over,"                 \
    "jain_index,verdict,reasons"

#define HOSTS_HEADER                                                                               \
    TABLE_ROW_BEGIN "host,address,status,error_code,error_message,bytes,start_s,"                  \
                    "finish_s,goodput_bps,verified,exit,bad_blocks,expected"

#define FAULTS_HEADER TABLE_ROW_BEGIN "fault,kind,node,planned,reached,at_s,up_bps,down_bps,reason"

void table_begin_row(struct csv *csv, const struct report_run *run,
                     const struct trial_result *trial)
{
    csv_text(csv, run->path);
    csv_text(csv, run->results->experiment);
    csv_text(csv, model_name(run->results->model));
    csv_count(csv, trial->trial);
}

static void put_error(struct csv *csv, const struct result_error *error)
{
    csv_text(csv, error->message ? lab_error_name(error->code) : NULL);
    csv_text(csv, error->message);
}

/* All in one cell: "cpu_busy: the processors ...; start_skew: ..." */
static void put_reasons(struct csv *csv, const struct trial_result *trial)
{
    char *text = fs_path("%s", "");
    for (size_t i = 0; i < trial->reason_count; i++) {
        cleanup_free char *before = text;
        text = fs_path("%s%s%s: %s", before, i ? "; " : "", trial->reasons[i].code,
                       trial->reasons[i].message);
    }
    csv_text(csv, text);
    free(text);
}

static void put_trial(struct csv *csv, const struct report_run *run,
                      const struct trial_result *trial)
{
    uint64_t ok = 0;
    for (size_t i = 0; i < trial->host_count; i++)
        ok += trial->hosts[i].status == RESULT_OK;
    csv_text(csv, run->path);
    csv_text(csv, run->results->experiment);
    csv_text(csv, model_name(run->results->model));
    csv_text(csv, start_name(run->results->start));
    csv_count(csv, trial->trial);
    csv_text(csv, result_status_name(trial->status));
    put_error(csv, &trial->error);
    csv_text(csv, trial->server);
    csv_exit(csv, trial->server_exit);
    csv_count(csv, trial->host_count);
    csv_count(csv, ok);
    csv_count(csv, trial->file_bytes);
    csv_text(csv, trial->file_sha256);
    csv_seconds(csv, trial->makespan_s);
    csv_seconds(csv, trial->mean_s);
    csv_seconds(csv, trial->spread_s);
    csv_seconds(csv, trial->start_skew_s);
    csv_seconds(csv, trial->bound.fluid_s);
    csv_seconds(csv, trial->bound.framed_s);
    csv_text(csv, binding_name(trial->bound.binding));
    csv_ratio(csv, trial->efficiency);
    csv_count(csv, trial->damage.malformed + trial->damage.too_long + trial->damage.partial);
    csv_ratio(csv, trial->jain_index);
    csv_text(csv, verdict_name(trial->verdict));
    put_reasons(csv, trial);
    csv_end_row(csv);
}

static void put_hosts(struct csv *csv, const struct report_run *run,
                      const struct trial_result *trial)
{
    for (size_t i = 0; i < trial->host_count; i++) {
        const struct host_result *host = &trial->hosts[i];
        table_begin_row(csv, run, trial);
        csv_text(csv, host->host);
        csv_text(csv, host->address);
        csv_text(csv, result_status_name(host->status));
        put_error(csv, &host->error);
        csv_count(csv, host->bytes);
        csv_seconds(csv, host->start_s);
        csv_seconds(csv, host->finish_s);
        csv_count(csv, host->goodput_bps);
        csv_bool(csv, host->verified);
        csv_exit(csv, host->exit);
        csv_count(csv, host->bad_blocks);
        csv_bool(csv, host->expected);
        csv_end_row(csv);
    }
}

static void put_faults(struct csv *csv, const struct report_run *run,
                       const struct trial_result *trial)
{
    for (size_t i = 0; i < trial->fault_count; i++) {
        const struct fault_result *fault = &trial->faults[i];
        table_begin_row(csv, run, trial);
        csv_count(csv, fault->fault);
        csv_text(csv, fault_event_name(fault->kind));
        csv_text(csv, fault->node);
        csv_text(csv, fault->planned);
        csv_bool(csv, fault->reached);
        csv_seconds(csv, fault->at_s);
        csv_rate(csv, fault->up_bps);
        csv_rate(csv, fault->down_bps);
        csv_text(csv, fault->reason);
        csv_end_row(csv);
    }
}

static int write_table(const struct run_set *set, const char *folder, const char *name,
                       const char *header,
                       void (*put)(struct csv *csv, const struct report_run *run,
                                   const struct trial_result *trial),
                       struct lab_error *err)
{
    struct csv csv;
    cleanup_free char *path = fs_path("%s/%s", folder, name);
    if (csv_open(&csv, path, header, err) < 0)
        return -1;
    for (size_t i = 0; i < set->count; i++)
        for (size_t k = 0; k < set->runs[i].results->trial_count; k++)
            put(&csv, &set->runs[i], &set->runs[i].results->trials[k]);
    return csv_close(&csv, err);
}

int tables_write(const struct run_set *set, const char *folder, struct lab_error *err)
{
    if (write_table(set, folder, "runs.csv", RUNS_HEADER, put_trial, err) < 0)
        return -1;
    if (write_table(set, folder, "hosts.csv", HOSTS_HEADER, put_hosts, err) < 0)
        return -1;
    return write_table(set, folder, "faults.csv", FAULTS_HEADER, put_faults, err);
}
