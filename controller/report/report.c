#include "report/report.h"

#include <errno.h>

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/answer.h"
#include "report/groups.h"
#include "report/latex.h"
#include "report/page/page.h"
#include "report/page/page_data.h"
#include "report/plots.h"
#include "report/run_set.h"
#include "report/sample_tables.h"
#include "report/tables.h"

/* What the steps of a report share. */
struct report {
    struct run_set set;
    struct run_groups groups;
    const char *folder; /* that it is written to */
    unsigned parts;
};

static bool wants(const struct report *report, unsigned parts)
{
    return (report->parts & parts) != 0;
}

/* --- the data of the page --------------------------------------------------- */

/* Read the logs run by run, into the table of transfers and the page's data at once. Detail
 * stays only of runs that get plots of their own, so that memory does not grow with the rest. */
static int read_runs(struct report *report, struct transfers *transfers, struct page_data *data,
                     struct lab_error *err)
{
    for (size_t i = 0; i < report->set.count; i++) {
        struct report_run *run = &report->set.runs[i];
        if (transfers_read(transfers, run, err) < 0)
            return -1;
        if (data)
            page_data_add(data, run);
        if (!run->plotted || !wants(report, REPORT_PLOTS))
            run_detail_clear(&run->detail);
    }
    return 0;
}

static int read_logs(struct report *report, struct page_data *data, struct lab_error *err)
{
    struct transfers transfers;
    if (transfers_open(&transfers, wants(report, REPORT_CSV) ? report->folder : NULL, err) < 0)
        return -1;
    if (read_runs(report, &transfers, data, err) == 0)
        return transfers_close(&transfers, err);
    transfers_abandon(&transfers);
    return -1;
}

static int write_json(const struct report *report, FILE *data, struct lab_error *err)
{
    cleanup_free char *path = fs_path("%s/report.json", report->folder);
    cleanup_fclose FILE *out = fopen(path, "we");
    char buffer[65536];
    size_t got;
    rewind(data);
    while (out && (got = fread(buffer, 1, sizeof(buffer), data)) > 0)
        fwrite(buffer, 1, got, out);
    if (!out || fflush(out) != 0 || ferror(out))
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot write %s", path);
    return 0;
}

static int write_page(const struct report *report, FILE *data, struct lab_error *err)
{
    struct answer headline;
    cleanup_free char *path = fs_path("%s/index.html", report->folder);
    int failed = answer_compose(&headline, &report->groups.groups[0], err);
    if (failed == 0)
        failed = page_write(path, &headline, data, err);
    answer_clear(&headline);
    return failed;
}

/* The page needs its data whole before its text; they wait in a file without a name. */
static int write_with_data(struct report *report, struct lab_error *err)
{
    cleanup_fclose FILE *file = tmpfile();
    if (!file)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot make a temporary file");
    struct page_data *data =
        page_data_begin(file, &report->set, &report->groups, report->folder, err);
    if (!data)
        return -1;
    int failed = read_logs(report, data, err);
    if (failed == 0)
        page_data_end(data);
    page_data_free(data);
    if (failed == 0 && (fflush(file) != 0 || ferror(file)))
        failed = lab_error_errno(err, LAB_ERR_IO, errno, "cannot write a temporary file");
    if (failed == 0 && wants(report, REPORT_JSON))
        failed = write_json(report, file, err);
    if (failed == 0 && wants(report, REPORT_HTML))
        failed = write_page(report, file, err);
    return failed;
}

/* --- the parts -------------------------------------------------------------- */

static int write_all(struct report *report, FILE *notes, struct report_outcome *outcome,
                     struct lab_error *err)
{
    if (fs_make_dirs(report->folder, err) < 0 ||
        groups_build(&report->groups, &report->set, err) < 0)
        return -1;
    if (wants(report, REPORT_CSV) && (tables_write(&report->set, report->folder, err) < 0 ||
                                      sample_tables_write(&report->set, report->folder, err) < 0))
        return -1;
    int failed = 0;
    if (wants(report, REPORT_HTML | REPORT_JSON))
        failed = write_with_data(report, err);
    else if (wants(report, REPORT_CSV | REPORT_PLOTS))
        failed = read_logs(report, NULL, err);
    cleanup_free char *table = fs_path("%s/table.tex", report->folder);
    if (failed == 0 && wants(report, REPORT_LATEX))
        failed = latex_write(&report->groups, table, err);
    if (failed < 0 || !wants(report, REPORT_PLOTS))
        return failed;
    cleanup_free char *plots = fs_path("%s/plots", report->folder);
    return plots_write(&report->set, &report->groups, plots, notes, &outcome->plots, err);
}

static int refuse_nothing(const struct report_outcome *outcome, const char *root,
                          struct lab_error *err)
{
    if (outcome->passed_over)
        return lab_error_set(err, LAB_ERR_IO, "no run below %s can be read; passed over: %zu", root,
                             outcome->passed_over);
    return lab_error_set(err, LAB_ERR_USAGE, "no run directory below %s", root);
}

int report_write(const char *const *roots, size_t count, const char *output_dir, unsigned parts,
                 FILE *notes, struct report_outcome *outcome, struct lab_error *err)
{
    struct report report = { .folder = output_dir, .parts = parts };
    *outcome = (struct report_outcome){ 0 };
    int failed = run_set_load(&report.set, roots, count, output_dir, notes, err);
    outcome->runs = report.set.count;
    outcome->passed_over = report.set.left_out;
    for (size_t i = 0; i < report.set.count; i++)
        outcome->trials += report.set.runs[i].results->trial_count;
    if (failed == 0 && report.set.count == 0)
        failed = refuse_nothing(outcome, count ? roots[0] : "nothing", err);
    if (failed == 0)
        failed = write_all(&report, notes, outcome, err);
    groups_clear(&report.groups);
    run_set_clear(&report.set);
    return failed;
}
