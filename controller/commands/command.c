#include "commands/command.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "base/utf8.h"
#include "labctl/cleanup.h"

static void print_option(const struct command_option *option)
{
    char left[40];
    char letter[8] = "    ";
    if (option->letter)
        snprintf(letter, sizeof(letter), "-%c, ", option->letter);
    snprintf(left, sizeof(left), "%s--%s%s%s", letter, option->name, option->value ? " " : "",
             option->value ? option->value : "");
    printf("  %-22s %s\n", left, option->help);
}

static void print_help(const struct command *command)
{
    printf("Usage: labctl %s [OPTION]...%s%s\n\n%s.\n", command->name,
           command->arguments[0] ? " " : "", command->arguments, command->summary);
    if (command->details)
        printf("\n%s\n", command->details);
    printf("\nOptions:\n");
    for (size_t i = 0; i < command->option_count; i++)
        print_option(&command->options[i]);
    printf("  -h, --help             show this help\n");
}

#define OPTIONS_MAX 16

/* The getopt tables of a command: its long options, and its letters. */
static void make_getopt(const struct command *command, struct option longs[OPTIONS_MAX + 2],
                        char letters[2 * OPTIONS_MAX + 4])
{
    char *letter = letters;
    *letter++ = ':';
    *letter++ = 'h';
    size_t n = 0;
    for (; n < command->option_count && n < OPTIONS_MAX; n++) {
        const struct command_option *option = &command->options[n];
        longs[n] = (struct option){ option->name, option->value ? required_argument : no_argument,
                                    NULL, 256 + (int)n };
        if (!option->letter)
            continue;
        *letter++ = option->letter;
        if (option->value)
            *letter++ = ':';
    }
    longs[n] = (struct option){ "help", no_argument, NULL, 'h' };
    longs[n + 1] = (struct option){ 0 };
    *letter = '\0';
}

static const struct command_option *find_option(const struct command *command, int code)
{
    for (size_t i = 0; i < command->option_count; i++)
        if (code == 256 + (int)i || (code == command->options[i].letter && code))
            return &command->options[i];
    return NULL;
}

/* `joined` keeps the value of the list option, of which all count. */
static void store_option(const struct command *command, const struct command_option *option,
                         void *options, char **joined)
{
    char *target = (char *)options + option->offset;
    if (option->value && command->list_option && strcmp(option->name, command->list_option) == 0) {
        char *longer = *joined ? fs_path("%s,%s", *joined, optarg) : fs_path("%s", optarg);
        free(*joined);
        *(const char **)target = *joined = longer;
    } else if (option->value) {
        *(const char **)target = optarg;
    } else {
        *(bool *)target = true;
    }
}

static int complain_option(const struct command *command, int code, char **argv,
                           struct lab_error *err)
{
    const char *word = argv[optind - 1];
    char letter[3] = { '-', (char)optopt, '\0' };
    if (optopt > 0 && optopt < 256 && strncmp(word, "--", 2) != 0)
        word = letter;
    return lab_error_set(err, LAB_ERR_USAGE,
                         code == ':' ? "option %s needs a value; see labctl %s --help"
                                     : "unknown option %s; see labctl %s --help",
                         word, command->name);
}

/* Returns 0, or 1 when help was asked for and given, or -1 with err set. */
static int read_options(const struct command *command, int argc, char **argv, void *options,
                        char **joined, struct lab_error *err)
{
    struct option longs[OPTIONS_MAX + 2];
    char letters[2 * OPTIONS_MAX + 4];
    make_getopt(command, longs, letters);
    opterr = 0;
    optind = 1;
    for (;;) {
        int code = getopt_long(argc, argv, letters, longs, NULL);
        if (code == -1)
            return 0;
        if (code == 'h') {
            print_help(command);
            return 1;
        }
        const struct command_option *option = find_option(command, code);
        if (!option)
            return complain_option(command, code, argv, err);
        store_option(command, option, options, joined);
    }
}

void command_print_error(const struct lab_error *err)
{
    fputs("labctl: ", stderr);
    utf8_print(stderr, err->message);
    fputc('\n', stderr);
}

int command_execute(const struct command *command, int argc, char **argv, struct lab_error *err)
{
    cleanup_free void *options = calloc(1, command->options_size + 1);
    if (!options)
        return lab_error_memory(err);
    cleanup_free char *joined = NULL;
    int status = read_options(command, argc, argv, options, &joined, err);
    if (status != 0)
        return status > 0 ? 0 : -1;
    int count = argc - optind;
    if (count < command->min_arguments)
        return lab_error_set(err, LAB_ERR_USAGE, "%s is missing; see labctl %s --help",
                             command->arguments, command->name);
    if (command->max_arguments >= 0 && count > command->max_arguments)
        return lab_error_set(err, LAB_ERR_USAGE, "did not expect '%s'; see labctl %s --help",
                             argv[optind + command->max_arguments], command->name);
    return command->run(count, argv + optind, options, err);
}
