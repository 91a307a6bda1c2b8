/* One plot: a gnuplot script and its data, side by side in a folder, and the pictures that
 * gnuplot makes of them. The script names its files relative to that folder, so that a
 * person can change it and run `gnuplot NAME.gp` there.
 *
 * Names and titles come from experiment files and may hold anything. They go into a script
 * or a data file through gnuplot_quote() and gnuplot_cell() only, and text is never read as
 * markup, so no name can become a command. No shell is involved. */
#ifndef LABCTL_GNUPLOT_H
#define LABCTL_GNUPLOT_H

#include <stddef.h>
#include <stdio.h>

#include "labctl/error.h"

struct plot {
    FILE *script, *data;
    char *folder, *name; /* NAME.gp, NAME.dat, NAME.svg, NAME.png */
};

/* First line of every script: tells it from a copy under another name. */
#define GNUPLOT_FIRST_LINE "# Draw again, in this folder: gnuplot %s.gp"

/* What is common to all plots. */
struct plot_frame {
    const char *title, *subtitle; /* subtitle may be NULL */
    int width, height;            /* pixels of the SVG; the PNG has twice as many */
    const char *const *options;   /* gnuplot commands, NULL-terminated */
};

/* Begin a plot. The script is written up to the plot command; what is put there next, by
 * the caller, is `plot ...` and then plot_end(). Returns 0, or -1 with err set; after 0,
 * plot_end() or plot_abandon(). */
int plot_begin(struct plot *plot, const char *folder, const char *name, struct lab_error *err);

/* Write the head of the script: title, look, terminals. Called once the data is known. */
void plot_put_frame(struct plot *plot, const struct plot_frame *frame);

/* Finish the script and its data; older pictures are removed. Returns 0, or -1 with err set. */
int plot_end(struct plot *plot, struct lab_error *err);

/* Have gnuplot draw the finished plots NAME of a folder, as many at once as there are
 * processors. Of a plot that fails no picture is left behind. Returns how many were drawn; err is
 * the first problem, or LAB_ERR_NONE: LAB_ERR_UNSUPPORTED when there is no gnuplot, or one
 * without the terminals, and then no others are tried. */
size_t gnuplot_draw(const char *folder, const char *const *names, size_t count,
                    struct lab_error *err);

/* Drop the plot and remove all of its files. */
void plot_abandon(struct plot *plot);

/* `text` as a gnuplot string constant, cut to `max` characters; control characters and
 * what is no UTF-8 are replaced. */
void gnuplot_quote(FILE *script, const char *text, size_t max);

/* What the key says of a curve; nothing of one whose title is NULL. */
void gnuplot_title(FILE *script, const char *title, size_t max);

/* `text` as one quoted cell of a data file. */
void gnuplot_cell(FILE *data, const char *text, size_t max);

#endif
