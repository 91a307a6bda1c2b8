/* labctl: the command table, and the only place that exits. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "commands/command.h"
#include "labctl/cleanup.h"
#include "labctl/error.h"

static const struct command *const commands[] = {
    &command_run,    &command_rerun,  &command_check, &command_compare,
    &command_report, &command_doctor, &command_shell,
};

static void print_help(FILE *out)
{
    fputs("labctl runs network experiments on an emulated network and times them.\n\n"
          "Usage: labctl COMMAND [OPTION]... [ARGUMENT]...\n\nCommands:\n",
          out);
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
        fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\nOptions:\n"
          "  -h, --help     show this help; labctl COMMAND --help tells more of a command\n"
          "  -V, --version  show the version\n\n"
          "Try:\n"
          "  labctl run experiments/cs6.json\n"
          "  labctl report output/\n",
          out);
}

static const struct command *find_command(const char *name)
{
    for (size_t i = 0; i < ARRAY_LENGTH(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

static bool is_either(const char *word, const char *one, const char *other)
{
    return strcmp(word, one) == 0 || strcmp(word, other) == 0;
}

static int run_command_line(int argc, char **argv, struct lab_error *err)
{
    if (argc < 2) {
        print_help(stderr);
        return 2;
    }
    if (is_either(argv[1], "-h", "--help") || (argc == 2 && strcmp(argv[1], "help") == 0)) {
        print_help(stdout);
        return 0;
    }
    if (is_either(argv[1], "-V", "--version")) {
        puts("labctl " LABCTL_VERSION);
        return 0;
    }
    const struct command *command = find_command(argv[1]);
    if (!command)
        return lab_error_set(err, LAB_ERR_USAGE, "there is no command '%s'; see labctl --help",
                             argv[1]);
    return command_execute(command, argc - 1, argv + 1, err);
}

/* One renderer for every error: "labctl: MESSAGE", its further lines as they are. */
static int render_error(const struct lab_error *err)
{
    command_print_error(err);
    return lab_error_exit_status(err->code);
}

int main(int argc, char **argv)
{
    struct lab_error err = LAB_ERROR_INIT;
    umask(umask(0) & ~(mode_t)S_IRWXU); /* what we make we must be able to read and write */
    int status = run_command_line(argc, argv, &err);
    if (status < 0)
        status = render_error(&err);
    if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0) {
        fputs("labctl: cannot write to standard output\n", stderr);
        status = 1;
    }
    return status;
}
