/* The command line: what a subcommand is, and how its options are read. */
#ifndef LABCTL_COMMAND_H
#define LABCTL_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "labctl/error.h"

/* An option of a subcommand: a flag sets a bool, one with a value a const char *. */
struct command_option {
    const char *name;  /* without the dashes */
    char letter;       /* short form, or 0 */
    const char *value; /* what the value is called in the help, or NULL for a flag */
    const char *help;
    size_t offset; /* of the bool or const char * in the options struct */
};

struct command {
    const char *name;
    const char *arguments; /* for the usage line: "FILE..." */
    const char *summary;   /* one line */
    const char *details;   /* for `labctl COMMAND --help`; may be NULL */
    const struct command_option *options;
    size_t option_count;
    const char *list_option; /* name of the one that may be given several times: its values are
                                joined by commas. NULL: of every option the last one counts */
    int min_arguments, max_arguments; /* max -1: any number */
    /* Run it; `options` is a zeroed struct of options_size bytes, filled from the command
     * line. Returns an exit status, or -1 with err set. */
    int (*run)(int argc, char **argv, const void *options, struct lab_error *err);
    size_t options_size;
};

/* The one renderer of errors: "labctl: MESSAGE" on standard error. */
void command_print_error(const struct lab_error *err);

extern const struct command command_run;
extern const struct command command_check;
extern const struct command command_report;
extern const struct command command_doctor;
extern const struct command command_shell;
extern const struct command command_rerun;
extern const struct command command_compare;

/* Read the options and run the command; argv[0] is the command's name. Returns an exit
 * status, or -1 with err set. */
int command_execute(const struct command *command, int argc, char **argv, struct lab_error *err);

#endif
