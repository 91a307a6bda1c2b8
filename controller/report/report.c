#include "report/report.h"

#include "base/fs.h"
#include "labctl/cleanup.h"
#include "report/plots.h"
#include "report/run_set.h"
#include "report/tables.h"

static int write_all(struct run_set *set, const char *output_dir, FILE *notes,
                     struct report_outcome *outcome, struct lab_error *err)
{
    if (fs_make_dirs(output_dir, err) < 0 || tables_write(set, output_dir, err) < 0 ||
        transfers_write(set, output_dir, err) < 0)
        return -1;
    cleanup_free char *plots = fs_path("%s/plots", output_dir);
    struct plot_count count;
    int failed = plots_write(set, plots, notes, &count, err);
    outcome->plots = count.drawn;
    return failed;
}

static int refuse_nothing(const struct report_outcome *outcome, const char *root,
                          struct lab_error *err)
{
    if (outcome->passed_over)
        return lab_error_set(err, LAB_ERR_IO, "%zu run%s below %s, and none can be read",
                             outcome->passed_over, outcome->passed_over == 1 ? "" : "s", root);
    return lab_error_set(err, LAB_ERR_USAGE, "no run directory below %s", root);
}

int report_write(const char *const *roots, size_t count, const char *output_dir, FILE *notes,
                 struct report_outcome *outcome, struct lab_error *err)
{
    struct run_set set;
    *outcome = (struct report_outcome){ 0 };
    int failed = run_set_load(&set, roots, count, output_dir, notes, err);
    outcome->runs = set.count;
    outcome->passed_over = set.passed_over;
    for (size_t i = 0; i < set.count; i++)
        outcome->trials += set.runs[i].results->trial_count;
    if (failed == 0 && set.count == 0)
        failed = refuse_nothing(outcome, count ? roots[0] : "nothing", err);
    if (failed == 0)
        failed = write_all(&set, output_dir, notes, outcome, err);
    run_set_clear(&set);
    return failed;
}
