/* labctl doctor: what this machine can and cannot do, and how to mend it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/units.h"
#include "commands/command.h"
#include "commands/programs.h"
#include "experiment/plan.h"
#include "labctl/cleanup.h"
#include "sandbox/sandbox.h"
#include "topology/network.h"

/* A check returns 0, with a few words in `found`, or -1 with err set: what is missing,
 * what for, and the mend. */
#define FOUND_MAX 120

struct check {
    const char *name;
    bool needed; /* for every run; the others are for some runs, or for the report */
    int (*look)(char found[FOUND_MAX], struct lab_error *err);
};

/* --- inside a sandbox ------------------------------------------------------- */

static int probe_shaping(void *arg, struct lab_error *err)
{
    (void)arg;
    return network_probe_shaping(err);
}

static int probe_netem(void *arg, struct lab_error *err)
{
    (void)arg;
    return network_probe_netem(err);
}

/* The whole way that a run goes, for the smallest network there is. */
static int probe_network(void *arg, struct lab_error *err)
{
    (void)arg;
    static const char text[] =
        "{\"name\":\"doctor\",\"topology\":{\"hosts\":1,\"link\":{\"up\":\"10Mbit\"}},"
        "\"workload\":{\"model\":\"cs\",\"file\":{\"size\":1}}}";
    struct experiment *experiment = experiment_parse("doctor", text, strlen(text), err);
    if (!experiment)
        return -1;
    struct plan *plan = plan_build(experiment, err);
    struct network *network = plan ? network_build(plan, 0, err) : NULL;
    int result = network ? 0 : -1;
    network_free(network);
    plan_free(plan);
    experiment_free(experiment);
    return result;
}

/* --- the checks ------------------------------------------------------------- */

static int look_sandbox(char found[FOUND_MAX], struct lab_error *err)
{
    snprintf(found, FOUND_MAX, "namespaces can be made%s",
             geteuid() == 0 ? " (by root)" : " without rights");
    return sandbox_probe(err);
}

static int look_shaping(char found[FOUND_MAX], struct lab_error *err)
{
    snprintf(found, FOUND_MAX, "the kernel shapes links (TBF)");
    return sandbox_call(probe_shaping, NULL, 0, err);
}

static int look_network(char found[FOUND_MAX], struct lab_error *err)
{
    snprintf(found, FOUND_MAX,
             "Mininet " LABCTL_MININET_VERSION " on Python " LABCTL_PYTHON_VERSION
             " built a network and took it down");
    return sandbox_call(probe_network, NULL, 0, err);
}

static int look_programs(char found[FOUND_MAX], struct lab_error *err)
{
    cleanup_free char *folder = programs_find(err);
    if (!folder)
        return -1;
    snprintf(found, FOUND_MAX, "in %.100s", folder);
    return 0;
}

/* --- where run directories go ------------------------------------------------- */

/* Less of these is too little for any run, or for some: six hosts that keep a file of 50 MB take
 * 350 MB, and a trial makes about four files for each host. */
#define ROOM_LEAST    (1ull << 20)
#define ROOM_ENOUGH   (1ull << 30)
#define INODES_LEAST  32u
#define INODES_ENOUGH 10000u

#define MEND_ROOM " (mend: make room, or name another place with --output)"

/* The folder that run directories are made in, or that output/ would be made in. */
static const char *output_place(void)
{
    return access("output", F_OK) == 0 ? "output" : ".";
}

static int refuse_room(const struct statvfs *fs, uint64_t bytes, uint64_t inodes,
                       struct lab_error *err)
{
    uint64_t room = (uint64_t)fs->f_bavail * fs->f_frsize;
    char text[UNITS_TEXT_MAX];
    if (room < bytes)
        return lab_error_set(err, LAB_ERR_IO, "%s left where output/ is" MEND_ROOM,
                             units_format_amount(room, text, sizeof(text)));
    if (fs->f_files > 0 && fs->f_favail < inodes) /* some file systems do not count them */
        return lab_error_set(err, LAB_ERR_IO, "%llu inodes left where output/ is" MEND_ROOM,
                             (unsigned long long)fs->f_favail);
    return 0;
}

static int look_output(char found[FOUND_MAX], struct lab_error *err)
{
    const char *place = output_place();
    struct stat st;
    struct statvfs fs;
    if (stat(place, &st) < 0 || statvfs(place, &fs) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot look at %s", place);
    if (!S_ISDIR(st.st_mode))
        return lab_error_set(err, LAB_ERR_IO, "%s is no folder (mend: name another with --output)",
                             place);
    if (faccessat(AT_FDCWD, place, R_OK | W_OK | X_OK, AT_EACCESS) < 0)
        return lab_error_set(err, LAB_ERR_IO,
                             "cannot write run directories into %s: %s (mend: go elsewhere, or "
                             "name another place with --output)",
                             place, strerror(errno));
    snprintf(found, FOUND_MAX, "run directories can be written below %s",
             place[0] == '.' ? "this folder" : "output/");
    return refuse_room(&fs, ROOM_LEAST, INODES_LEAST, err);
}

static int look_room(char found[FOUND_MAX], struct lab_error *err)
{
    struct statvfs fs;
    char text[UNITS_TEXT_MAX];
    if (statvfs(output_place(), &fs) < 0)
        return lab_error_errno(err, LAB_ERR_IO, errno, "cannot look at %s", output_place());
    snprintf(found, FOUND_MAX, "%s for received files and logs",
             units_format_amount((uint64_t)fs.f_bavail * fs.f_frsize, text, sizeof(text)));
    return refuse_room(&fs, ROOM_ENOUGH, INODES_ENOUGH, err);
}

/* --- the rest ----------------------------------------------------------------- */

static int look_netem(char found[FOUND_MAX], struct lab_error *err)
{
    snprintf(found, FOUND_MAX, "the kernel delays and loses packets (netem)");
    return sandbox_call(probe_netem, NULL, 0, err);
}

static int look_gnuplot(char found[FOUND_MAX], struct lab_error *err)
{
    cleanup_free char *path = programs_search("gnuplot");
    if (!path)
        return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                             "gnuplot is not installed, so reports have no plots (mend: install "
                             "Debian's gnuplot-nox)");
    snprintf(found, FOUND_MAX, "%.100s", path);
    return 0;
}

static int look_processors(char found[FOUND_MAX], struct lab_error *err)
{
    long count = sysconf(_SC_NPROCESSORS_ONLN);
    snprintf(found, FOUND_MAX, "%ld", count);
    if (count >= 2)
        return 0;
    return lab_error_set(err, LAB_ERR_UNSUPPORTED,
                         "one processor: server and clients share it, so unshaped links show the "
                         "processor's speed (mend: two or more)");
}

static const struct check checks[] = {
    { "sandbox", true, look_sandbox },
    { "node programs", true, look_programs },
    { "network", true, look_network },
    { "output", true, look_output },
    { "room", false, look_room },
    { "rates", false, look_shaping },
    { "delay and loss", false, look_netem },
    { "plots", false, look_gnuplot },
    { "processors", false, look_processors },
};

/* Returns whether the check went well. */
static bool run_check(const struct check *check)
{
    char found[FOUND_MAX] = "";
    struct lab_error err = LAB_ERROR_INIT;
    bool well = check->look(found, &err) == 0;
    printf("%-5s %-15s %s\n",
           well            ? "ok"
           : check->needed ? "FAIL"
                           : "note",
           check->name, well ? found : err.message);
    return well;
}

static int run_doctor(int argc, char **argv, const void *options, struct lab_error *err)
{
    (void)argc;
    (void)argv;
    (void)options;
    bool can_run = true;
    for (size_t i = 0; i < ARRAY_LENGTH(checks); i++) {
        can_run = (run_check(&checks[i]) || !checks[i].needed) && can_run;
        fflush(stdout);
    }
    if (!can_run)
        return lab_error_set(err, LAB_ERR_UNSUPPORTED, "this machine cannot run experiments yet");
    puts("This machine can run experiments.");
    return 0;
}

const struct command command_doctor = {
    .name = "doctor",
    .arguments = "",
    .summary = "Tell what this machine can and cannot do, and how to mend it",
    .details = "Each line is ok, FAIL (no experiment can run) or note (some cannot, or the\n"
               "report lacks something). The exit status is 3 when there is a FAIL. Room for runs\n"
               "is looked for where output/ is or would be made: in the current directory.",
    .min_arguments = 0,
    .max_arguments = 0,
    .run = run_doctor,
};
