#include "commands/sweep_progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "labctl/event_writer.h"

#define REDRAW_NS  200000000ull  /* between drawings on a terminal */
#define PLAIN_NS   5000000000ull /* between plain lines */
#define OVERHEAD_S 1.0           /* a trial's network and programs, until one was timed */
#define LINE_TEXT  512

void sweep_progress_begin(struct sweep_progress *progress, const struct sweep *sweep,
                          const struct cell *cells, size_t count, unsigned jobs, bool quiet)
{
    const char *term = getenv("TERM");
    *progress = (struct sweep_progress){
        .sweep = sweep,
        .cells = cells,
        .count = count,
        .jobs = jobs,
        .quiet = quiet,
        .terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0,
    };
}

/* --- what is told --------------------------------------------------------- */

/* Trials of a cell that are still to come, as far as is known. */
static unsigned left_of(const struct cell *cell)
{
    unsigned planned = cell->warmup + cell->planned;
    return cell->given_up || cell->done >= planned ? 0 : planned - cell->done;
}

double sweep_progress_time_to_go(const struct sweep_progress *progress)
{
    double spent = 0, expected = 0, known = 0, guessed = 0;
    for (size_t i = 0; i < progress->count; i++) {
        const struct cell *cell = &progress->cells[i];
        spent += cell->spent_s;
        expected += cell->timed * (OVERHEAD_S + cell->bound_s);
        if (cell->timed > 0)
            known += left_of(cell) * cell->spent_s / cell->timed;
        else
            guessed += left_of(cell) * (OVERHEAD_S + cell->bound_s);
    }
    return (known + guessed * (expected > 0 ? spent / expected : 1)) / progress->jobs;
}

static const char *format_duration(double seconds, char *buf, size_t size)
{
    if (seconds < 90)
        snprintf(buf, size, "%.0f s", seconds);
    else if (seconds < 90 * 60)
        snprintf(buf, size, "%.0f min", seconds / 60);
    else
        snprintf(buf, size, "%.1f h", seconds / 3600);
    return buf;
}

static void format_line(const struct sweep_progress *progress, char line[LINE_TEXT])
{
    unsigned done = 0, failed = 0, left = 0;
    char time[32];
    for (size_t i = 0; i < progress->count; i++) {
        done += progress->cells[i].done;
        failed += progress->cells[i].failed;
        left += left_of(&progress->cells[i]);
    }
    snprintf(line, LINE_TEXT, "%s: %u of %u trials done, %u failed, %u left, about %s to go",
             progress->sweep->name, done, done + left, failed, left,
             format_duration(sweep_progress_time_to_go(progress), time, sizeof(time)));
}

/* --- showing -------------------------------------------------------------- */

static void erase(struct sweep_progress *progress)
{
    if (progress->drawn)
        fprintf(stderr, "\033[%uA\033[J", progress->drawn);
    progress->drawn = 0;
}

/* One line, cut to the terminal's width, so that it never takes two. */
static void draw_line(struct sweep_progress *progress, const char *text)
{
    struct winsize window = { 0 };
    ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    int columns = window.ws_col > 20 ? window.ws_col : 80;
    cleanup_free char *line = strndup(text, (size_t)columns - 1);
    utf8_print(stderr, line ? line : "");
    fputc('\n', stderr);
    progress->drawn++;
}

static void draw(struct sweep_progress *progress, const char *line)
{
    erase(progress);
    draw_line(progress, line);
    for (size_t i = 0; i < progress->count; i++) {
        if (progress->cells[i].running == 0)
            continue;
        char text[LINE_TEXT];
        cleanup_free char *label = sweep_label(progress->sweep, progress->cells[i].number);
        snprintf(text, sizeof(text), "  running: cell %u, %s", progress->cells[i].number, label);
        draw_line(progress, text);
    }
}

void sweep_progress_show(struct sweep_progress *progress, bool trial_ended)
{
    char line[LINE_TEXT];
    uint64_t now = event_now();
    uint64_t pause = progress->terminal ? REDRAW_NS : PLAIN_NS;
    if (progress->quiet || now - progress->shown_ns < pause ||
        (!progress->terminal && !trial_ended))
        return;
    progress->shown_ns = now;
    format_line(progress, line);
    if (progress->terminal)
        draw(progress, line);
    else
        fprintf(stderr, "%s\n", line);
    fflush(stderr);
}

void sweep_progress_tell(struct sweep_progress *progress, const struct cell *cell,
                         const char *message)
{
    if (progress->quiet)
        return;
    if (progress->terminal)
        erase(progress);
    cleanup_free char *label = sweep_label(progress->sweep, cell->number);
    fprintf(stderr, "%s: cell %u (", progress->sweep->name, cell->number);
    utf8_print(stderr, label);
    fputs("): ", stderr);
    utf8_print(stderr, message);
    fputc('\n', stderr);
}

void sweep_progress_end(struct sweep_progress *progress)
{
    if (progress->terminal && !progress->quiet) {
        erase(progress);
        fflush(stderr);
    }
}
