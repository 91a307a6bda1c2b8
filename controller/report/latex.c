#include "report/latex.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/units.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "report/answer.h"
#include "report/figures.h"

void latex_put_text(FILE *out, const char *text)
{
    static const struct {
        char character;
        const char *instead;
    } special[] = {
        { '\\', "\\textbackslash{}" },   { '~', "\\textasciitilde{}" },
        { '<', "\\textless{}" },         { '^', "\\textasciicircum{}" },
        { '>', "\\textgreater{}" },      { '|', "\\textbar{}" },
        { '"', "\\textquotedbl{}" },     { '\n', " " },
        { '\'', "\\textquotesingle{}" }, { '[', "{[}" }, /* after \\ it would begin a length */
    };
    const unsigned char *s = (const unsigned char *)text;
    while (*s) {
        size_t length = utf8_length(s), i = 0;
        while (i < ARRAY_LENGTH(special) && special[i].character != (char)*s)
            i++;
        if (i < ARRAY_LENGTH(special))
            fputs(special[i].instead, out);
        else if (length == 0 || *s < 0x20 || *s == 0x7f)
            fputc('?', out);
        else if (strchr("#$%&_{}", *s))
            fprintf(out, "\\%c", *s);
        else
            fwrite(s, 1, length, out);
        s += length ? length : 1;
    }
}

/* A cell; a dash where there is no figure. */
static void put_number(FILE *out, int decimals, double value)
{
    if (isnan(value))
        fputs(" & --", out);
    else
        fprintf(out, " & %.*f", decimals, value);
}

/* How many decimals leave a time three significant digits: milliseconds at least, and
 * nanoseconds at most, which is as far as they go. */
static int decimals_of(double seconds)
{
    if (!(seconds > 0))
        return 3;
    return (int)fmin(9, fmax(3, 2 - floor(log10(seconds))));
}

static void put_seconds(FILE *out, double seconds)
{
    put_number(out, decimals_of(seconds), seconds);
}

static void put_interval(FILE *out, double low, double high)
{
    int decimals = decimals_of(low);
    if (isnan(low))
        fputs(" & --", out);
    else
        fprintf(out, " & [%.*f, %.*f]", decimals, low, decimals, high);
}

static void put_run(FILE *out, const struct run_group *group, const struct report_run *run)
{
    struct run_figures f = run_figures(run);
    char size[UNITS_TEXT_MAX];
    cleanup_free char *label = answer_run_label(group, run);
    uint64_t bytes = run->results->trial_count ? run->results->trials[0].file_bytes : 0;
    latex_put_text(out, label);
    fprintf(out, " & %zu & %s & %zu", run->experiment->client_count,
            units_format_amount(bytes, size, sizeof(size)), f.makespan_s.n);
    put_seconds(out, f.makespan_s.median);
    put_interval(out, f.makespan_s.ci_low, f.makespan_s.ci_high);
    put_seconds(out, f.makespan_s.mean);
    put_seconds(out, f.makespan_s.n > 1 ? f.makespan_s.stdev : NAN);
    put_seconds(out, f.bound_s > 0 ? f.bound_s : NAN); /* 0: nothing binds */
    put_number(out, 2, f.efficiency);
    put_number(out, 3, f.jain);
    fputs(" \\\\\n", out);
}

static void put_table(FILE *out, const struct run_groups *groups)
{
    fputs("% Made by labctl report. Needs \\usepackage{booktabs}. n: trials that count;\n"
          "% CI: 95% confidence interval of the median; bound: theoretical lower bound, headers\n"
          "% counted; eff.: bound / makespan; J: Jain's index of the hosts' goodputs.\n"
          "\\begin{tabular}{lrrrrrrrrrr}\n\\toprule\n"
          " & & & & \\multicolumn{5}{c}{makespan (s)} & & \\\\\n\\cmidrule(lr){5-9}\n"
          "run & clients & file & $n$ & median & 95\\,\\% CI & mean & s.d. & bound & eff. & $J$ "
          "\\\\\n",
          out);
    for (size_t i = 0; i < groups->count; i++) {
        fputs("\\midrule\n", out);
        for (size_t k = 0; k < groups->groups[i].count; k++)
            put_run(out, &groups->groups[i], groups->groups[i].runs[k]);
    }
    fputs("\\bottomrule\n\\end{tabular}\n", out);
}

int latex_write(const struct run_groups *groups, const char *path, struct lab_error *err)
{
    cleanup_free char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return lab_error_memory(err);
    put_table(out, groups);
    if (fclose(out) != 0 || !text)
        return lab_error_memory(err);
    return fs_write_file(path, text, length, err);
}
