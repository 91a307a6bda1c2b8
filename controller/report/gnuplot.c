#include "report/gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"

/* Longest title drawn, in characters: what fits a plot's width. */
#define TITLE_MAX 88

static const char *const suffixes[] = { "gp", "dat", "svg", "png" };

/* --- text ----------------------------------------------------------------- */

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/* Copy at most `max` characters, with `instead` for each of those in `unwanted`, and
 * replacements for control characters and what is no UTF-8; what is cut off is told by an
 * ellipsis. */
static void put_text(FILE *out, const char *text, size_t max, const char *unwanted,
                     const char *instead)
{
    bool cut = count_characters(text) > max;
    for (size_t count = 0; *text && count + cut < max; count++) {
        unsigned char byte = (unsigned char)*text;
        size_t length = utf8_length((const unsigned char *)text);
        if (byte < 0x20 || byte == 0x7f)
            fputc(' ', out);
        else if (length == 0)
            fputc('?', out);
        else if (length == 1 && strchr(unwanted, byte))
            fputs(instead, out);
        else
            fwrite(text, 1, length, out);
        text += length ? length : 1;
    }
    if (cut)
        fputs("\xe2\x80\xa6", out);
}

/* Nothing is special between single quotes but the quote itself, for which a typographic
 * apostrophe stands: gnuplot takes a doubled quote only in some places. */
void gnuplot_quote(FILE *script, const char *text, size_t max)
{
    fputc('\'', script);
    put_text(script, text, max, "'", "\xe2\x80\x99");
    fputc('\'', script);
}

/* A quoted cell has no way to hold a quote, and a backslash would begin an escape. */
void gnuplot_title(FILE *script, const char *title, size_t max)
{
    fputs(title ? "title " : "notitle", script);
    if (title)
        gnuplot_quote(script, title, max);
}

void gnuplot_cell(FILE *data, const char *text, size_t max)
{
    fputc('"', data);
    put_text(data, text, max, "\"\\", "'");
    fputc('"', data);
}

/* --- files ---------------------------------------------------------------- */

static char *path_of(const char *folder, const char *name, const char *suffix)
{
    return fs_path("%s/%s.%s", folder, name, suffix);
}

static void remove_file(const char *folder, const char *name, const char *suffix)
{
    cleanup_free char *path = path_of(folder, name, suffix);
    unlink(path);
}

static void remove_pictures(const char *folder, const char *name)
{
    remove_file(folder, name, "svg");
    remove_file(folder, name, "png");
}

static FILE *create(const struct plot *plot, const char *suffix, struct lab_error *err)
{
    cleanup_free char *path = path_of(plot->folder, plot->name, suffix);
    FILE *file = fopen(path, "we");
    if (!file)
        lab_error_errno(err, LAB_ERR_IO, errno, "cannot create %s", path);
    return file;
}

int plot_begin(struct plot *plot, const char *folder, const char *name, struct lab_error *err)
{
    *plot = (struct plot){ .folder = fs_path("%s", folder), .name = fs_path("%s", name) };
    plot->script = create(plot, "gp", err);
    plot->data = plot->script ? create(plot, "dat", err) : NULL;
    if (plot->data)
        return 0;
    plot_abandon(plot);
    return -1;
}

static void release(struct plot *plot)
{
    if (plot->script)
        fclose(plot->script);
    if (plot->data)
        fclose(plot->data);
    free(plot->folder);
    free(plot->name);
    *plot = (struct plot){ 0 };
}

void plot_abandon(struct plot *plot)
{
    for (size_t i = 0; i < ARRAY_LENGTH(suffixes); i++)
        remove_file(plot->folder, plot->name, suffixes[i]);
    release(plot);
}

/* --- the script ----------------------------------------------------------- */

/* The look of every plot: plain axes at the left and the bottom, a faint grid. */
static const char *const look[] = {
    "set encoding utf8",
    "set border 3 linecolor rgb '#404040'",
    "set tics nomirror out textcolor rgb '#202020'",
    "set grid linecolor rgb '#dcdcdc' linetype 1 linewidth 0.6",
    NULL,
};

static void put_lines(FILE *script, const char *const *lines)
{
    for (; *lines; lines++)
        fprintf(script, "%s\n", *lines);
}

void plot_put_frame(struct plot *plot, const struct plot_frame *frame)
{
    FILE *script = plot->script;
    fprintf(script, GNUPLOT_FIRST_LINE "\n", plot->name);
    put_lines(script, look);
    fputs("set title ", script);
    gnuplot_quote(script, frame->title, TITLE_MAX);
    if (frame->subtitle) {
        fputs(".\"\\n\".", script);
        gnuplot_quote(script, frame->subtitle, TITLE_MAX);
    }
    fputs(" noenhanced\n", script);
    put_lines(script, frame->options);
    fprintf(script,
            "do for [format in 'svg png'] {\n"
            "if (format eq 'svg') {\n"
            "    set terminal svg noenhanced size %d,%d font 'sans,13' background 'white'\n"
            "} else {\n"
            "    set terminal pngcairo noenhanced size %d,%d font 'sans,13' fontscale 1.5 \\\n"
            "        linewidth 2 pointscale 2 dashlength 0.5 background 'white'\n"
            "}\n"
            "set output '%s.'.format\n",
            frame->width, frame->height, 2 * frame->width, 2 * frame->height, plot->name);
}

/* --- gnuplot -------------------------------------------------------------- */

/* The end of what the child says on its standard error, one line, in `text`. */
static void read_words(int fd, char *text, size_t size)
{
    size_t used = 0;
    ssize_t n;
    char chunk[512];
    while ((n = read(fd, chunk, sizeof(chunk))) > 0 || (n < 0 && errno == EINTR))
        for (ssize_t i = 0; i < n && used + 1 < size; i++)
            text[used++] = chunk[i] == '\n' || chunk[i] == '\t' ? ' ' : chunk[i];
    text[used] = '\0';
}

/* Start `gnuplot SCRIPT` in `folder` without the user's own settings; its standard error is
 * to be read from *words. Returns 0 or an errno. */
static int start_gnuplot(const char *folder, const char *script, pid_t *pid, int *words)
{
    char *const argv[] = { "gnuplot", "--default-settings", (char *)script, NULL };
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) < 0)
        return errno;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 2);
    posix_spawn_file_actions_addchdir_np(&actions, folder);
    int failed = posix_spawnp(pid, "gnuplot", &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(ends[1]);
    if (failed)
        close(ends[0]);
    else
        *words = ends[0];
    return failed;
}

static bool is_drawn(const char *folder, const char *name, const char *suffix)
{
    cleanup_free char *path = path_of(folder, name, suffix);
    struct stat st;
    return stat(path, &st) == 0 && st.st_size > 0;
}

/* A gnuplot that is running. */
struct drawing {
    const char *name;
    pid_t pid;
    int words; /* what it says on its standard error */
};

static int begin_drawing(struct drawing *drawing, const char *folder, const char *name,
                         struct lab_error *err)
{
    cleanup_free char *script = fs_path("%s.gp", name);
    drawing->name = name;
    int failed = start_gnuplot(folder, script, &drawing->pid, &drawing->words);
    if (failed == ENOENT)
        return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                             "gnuplot was not found, so no plot was made (Debian: apt install "
                             "gnuplot-nox)");
    if (failed)
        return lab_error_errno(err, LAB_ERR_IO, failed, "cannot start gnuplot");
    return 0;
}

static int end_drawing(const struct drawing *drawing, const char *folder, struct lab_error *err)
{
    char said[512];
    int status = 0;
    read_words(drawing->words, said, sizeof(said));
    close(drawing->words);
    while (waitpid(drawing->pid, &status, 0) < 0 && errno == EINTR)
        continue;
    if (status == 0 && is_drawn(folder, drawing->name, "svg") &&
        is_drawn(folder, drawing->name, "png"))
        return 0;
    remove_pictures(folder, drawing->name);
    bool terminal = strstr(said, "unknown or ambiguous terminal") != NULL;
    return lab_error_set(err, terminal ? LAB_ERR_UNSUPPORTED : LAB_ERR_IO,
                         "gnuplot could not draw %s/%s.gp: %s", folder, drawing->name, said);
}

int plot_end(struct plot *plot, struct lab_error *err)
{
    fputs("}\nunset output\n", plot->script);
    bool whole = fflush(plot->script) == 0 && fflush(plot->data) == 0;
    remove_pictures(plot->folder, plot->name);
    int failed = whole ? 0
                       : lab_error_errno(err, LAB_ERR_IO, errno, "cannot write %s/%s.gp",
                                         plot->folder, plot->name);
    release(plot);
    return failed;
}

/* --- all plots, on all processors ----------------------------------------- */

#define AT_ONCE_MAX 16

static size_t count_processors(void)
{
    long processors = sysconf(_SC_NPROCESSORS_ONLN);
    return processors < 1 ? 1 : processors > AT_ONCE_MAX ? AT_ONCE_MAX : (size_t)processors;
}

size_t gnuplot_draw(const char *folder, const char *const *names, size_t count,
                    struct lab_error *err)
{
    struct drawing drawings[AT_ONCE_MAX];
    size_t most = count_processors(), begun = 0, ended = 0, drawn = 0;
    bool stopped = false; /* no gnuplot, or one that cannot draw: no use in trying on */
    *err = (struct lab_error)LAB_ERROR_INIT;
    while (ended < begun || (begun < count && !stopped)) {
        struct lab_error problem = LAB_ERROR_INIT;
        int failed;
        if (begun < count && begun - ended < most && !stopped) {
            failed = begin_drawing(&drawings[begun % most], folder, names[begun], &problem);
            stopped = failed;
            begun += !failed;
        } else {
            failed = end_drawing(&drawings[ended++ % most], folder, &problem);
            stopped = stopped || problem.code == LAB_ERR_UNSUPPORTED;
            drawn += !failed;
        }
        if (failed && err->code == LAB_ERR_NONE)
            *err = problem;
    }
    return drawn;
}
