#include "commands/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/units.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"
#include "labctl/event_writer.h"

#define REDRAW_NS     100000000ull  /* between drawings on a terminal */
#define PLAIN_NS      2000000000ull /* between plain lines */
#define RATE_NS       500000000ull  /* span that a rate is taken over */
#define BAR_WIDTH     24
#define LINES_DEFAULT 24
#define LINE_MAX_TEXT 256

struct host_view {
    uint64_t bytes;
    enum host_state state;
    uint64_t mark_ns, mark_bytes; /* where the rate is counted from */
    double bits_per_second;
};

struct progress {
    const struct experiment *experiment;
    uint64_t file_bytes;
    bool terminal;
    enum run_phase phase;
    unsigned trial;
    bool warmup;
    uint64_t phase_ns; /* when it began */
    uint64_t shown_ns; /* when something was last shown */
    unsigned drawn;    /* lines on the terminal that are ours */
    struct host_view hosts[];
};

struct progress *progress_begin(const struct experiment *experiment, uint64_t file_bytes,
                                bool quiet)
{
    if (quiet)
        return NULL;
    struct progress *progress =
        calloc(1, sizeof(*progress) + experiment->client_count * sizeof(progress->hosts[0]));
    if (!progress)
        return NULL;
    const char *term = getenv("TERM");
    progress->experiment = experiment;
    progress->file_bytes = file_bytes;
    progress->terminal = isatty(STDERR_FILENO) && term && strcmp(term, "dumb") != 0;
    return progress;
}

/* --- words ---------------------------------------------------------------- */

static const char *phase_words(const struct progress *progress)
{
    static const char *const words[] = {
        [PHASE_NETWORK] = "building the network",        [PHASE_FILE] = "reading the file",
        [PHASE_START] = "starting the programs",         [PHASE_TRANSFER] = "transfer",
        [PHASE_VERIFY] = "verifying the received files",
    };
    return words[progress->phase];
}

static void format_title(const struct progress *progress, char *buf, size_t size)
{
    const struct experiment *experiment = progress->experiment;
    if (progress->trial == 0)
        snprintf(buf, size, "%s", experiment->name);
    else
        snprintf(buf, size, "%s, %s %u of %u", experiment->name,
                 progress->warmup ? "warm-up" : "trial", progress->trial,
                 progress->warmup ? experiment->warmup : experiment->trials);
}

static bool is_done(const struct host_view *host)
{
    return host->state == HOST_FINISHED || host->state == HOST_ENDED;
}

static double share_of(const struct progress *progress, uint64_t bytes)
{
    return progress->file_bytes ? (double)bytes / (double)progress->file_bytes : 0;
}

/* --- plain lines ------------------------------------------------------------ */

static void print_plain(struct progress *progress)
{
    char title[LINE_MAX_TEXT];
    size_t clients = progress->experiment->client_count, done = 0;
    double share = 0;
    for (size_t i = 0; i < clients; i++) {
        done += is_done(&progress->hosts[i]);
        share += share_of(progress, progress->hosts[i].bytes) / (double)clients;
    }
    format_title(progress, title, sizeof(title));
    if (progress->phase == PHASE_TRANSFER)
        fprintf(stderr, "%s: %.0f%%, %zu of %zu hosts done\n", title, 100 * share, done, clients);
    else
        fprintf(stderr, "%s: %s\n", title, phase_words(progress));
}

/* --- a drawing on a terminal ------------------------------------------------- */

static void erase(struct progress *progress)
{
    if (progress->drawn)
        fprintf(stderr, "\033[%uA\033[J", progress->drawn);
    progress->drawn = 0;
}

/* One line, cut to the terminal's width, so that it never takes two. */
static void draw_line(struct progress *progress, unsigned columns, const char *text)
{
    fprintf(stderr, "%.*s\n", (int)columns - 1, text);
    progress->drawn++;
}

static const char *state_words(enum host_state state)
{
    static const char *const words[] = {
        [HOST_STARTING] = "starting", [HOST_WAITING] = "waiting", [HOST_RUNNING] = "",
        [HOST_FINISHED] = "done",     [HOST_ENDED] = "done",      [HOST_FAILED] = "failed",
    };
    return words[state];
}

static void draw_host(struct progress *progress, unsigned columns, size_t client)
{
    const struct host_view *host = &progress->hosts[client];
    const char *name = progress->experiment->hosts[progress->experiment->clients[client].host].name;
    char line[LINE_MAX_TEXT], bar[BAR_WIDTH + 1], bytes[UNITS_TEXT_MAX], rate[UNITS_TEXT_MAX] = "";
    double share = is_done(host) ? 1 : share_of(progress, host->bytes);
    int filled = (int)(share * BAR_WIDTH);
    for (int i = 0; i < BAR_WIDTH; i++)
        bar[i] = i < filled ? '#' : '.';
    bar[BAR_WIDTH] = '\0';
    if (host->state == HOST_RUNNING)
        units_format_rate((uint64_t)host->bits_per_second, rate, sizeof(rate));
    snprintf(line, sizeof(line), "  %-9s %s %3.0f%% %10s  %13s%s", name, bar, 100 * share,
             units_format_amount(host->bytes, bytes, sizeof(bytes)), rate,
             state_words(host->state));
    draw_line(progress, columns, line);
}

static void draw(struct progress *progress)
{
    struct winsize window = { 0 };
    ioctl(STDERR_FILENO, TIOCGWINSZ, &window);
    unsigned rows = window.ws_row > 4 ? window.ws_row : LINES_DEFAULT;
    unsigned columns = window.ws_col > 20 ? window.ws_col : 80;
    size_t clients = progress->experiment->client_count;
    size_t listed = clients <= rows - 3 ? clients : rows - 4;
    char title[LINE_MAX_TEXT], line[2 * LINE_MAX_TEXT];

    erase(progress);
    format_title(progress, title, sizeof(title));
    snprintf(line, sizeof(line), "%s: %s, %.1f s", title, phase_words(progress),
             (double)(event_now() - progress->phase_ns) / 1e9);
    draw_line(progress, columns, line);
    if (progress->trial == 0)
        return;
    for (size_t i = 0; i < listed; i++)
        draw_host(progress, columns, i);
    size_t done = 0;
    for (size_t i = listed; i < clients; i++)
        done += is_done(&progress->hosts[i]);
    if (listed < clients) {
        snprintf(line, sizeof(line), "  and %zu more, %zu of them done", clients - listed, done);
        draw_line(progress, columns, line);
    }
}

static void show(struct progress *progress, bool now)
{
    uint64_t time = event_now();
    uint64_t pause = progress->terminal ? REDRAW_NS : PLAIN_NS;
    if (!now && time - progress->shown_ns < pause)
        return;
    progress->shown_ns = time;
    if (progress->terminal)
        draw(progress);
    else
        print_plain(progress);
    fflush(stderr);
}

/* --- messages --------------------------------------------------------------- */

static void take_host(struct progress *progress, const struct host_progress *news)
{
    if (news->client >= progress->experiment->client_count)
        return;
    struct host_view *host = &progress->hosts[news->client];
    host->bytes = news->bytes;
    host->state = (enum host_state)news->state;
    if (host->mark_ns == 0 || news->t_ns < host->mark_ns) {
        host->mark_ns = news->t_ns;
        host->mark_bytes = news->bytes;
    } else if (news->t_ns - host->mark_ns >= RATE_NS) {
        host->bits_per_second =
            8e9 * (double)(news->bytes - host->mark_bytes) / (double)(news->t_ns - host->mark_ns);
        host->mark_ns = news->t_ns;
        host->mark_bytes = news->bytes;
    }
}

static void take_trial_end(struct progress *progress, const struct lab_error *error)
{
    if (error->code == LAB_ERR_NONE)
        return;
    if (progress->terminal)
        erase(progress);
    fprintf(stderr, "%s: ", progress->experiment->name);
    utf8_print(stderr, error->message);
    fputc('\n', stderr);
}

void progress_update(struct progress *progress, const struct message *message)
{
    if (!progress)
        return;
    switch (message->kind) {
    case MESSAGE_PHASE:
        progress->phase = message->phase;
        progress->phase_ns = event_now();
        if (progress->terminal || message->phase == PHASE_NETWORK)
            show(progress, true);
        break;
    case MESSAGE_TRIAL:
        progress->trial = message->trial.number;
        progress->warmup = message->trial.warmup;
        memset(progress->hosts, 0, progress->experiment->client_count * sizeof(progress->hosts[0]));
        break;
    case MESSAGE_HOSTS:
        for (uint32_t i = 0; i < message->hosts.count; i++)
            take_host(progress, &message->hosts.at[i]);
        show(progress, false);
        break;
    case MESSAGE_TRIAL_END:
        take_trial_end(progress, &message->error);
        break;
    case MESSAGE_END:
        break;
    }
}

void progress_end(struct progress *progress)
{
    if (progress && progress->terminal) {
        erase(progress);
        fflush(stderr);
    }
    free(progress);
}
