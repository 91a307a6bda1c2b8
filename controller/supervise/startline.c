#include "supervise/startline.h"

#include <stdlib.h>
#include <string.h>

#include "base/fs.h"
#include "labctl/cleanup.h"

/* In single quotes every byte stands for itself but the quote, which is written as '\''. */
char *startline_quote(const char *text)
{
    size_t quotes = 0;
    for (const char *s = text; *s; s++)
        quotes += *s == '\'';
    char *quoted = malloc(strlen(text) + 3 * quotes + 3);
    if (!quoted)
        abort();
    char *at = quoted;
    *at++ = '\'';
    for (const char *s = text; *s; s++) {
        if (*s == '\'')
            at = stpcpy(at, "'\\''");
        else
            *at++ = *s;
    }
    *at++ = '\'';
    *at = '\0';
    return quoted;
}

char *startline_log(const struct plan_command *command, const char *suffix)
{
    return fs_path("%s/%s.%s.%s", PLAN_LOG_DIR, command->node, command->program, suffix);
}

/* The program's path and its arguments as shell words. */
static char *quote_command(const struct plan_command *command, const char *nodes_dir)
{
    cleanup_free char *path = fs_path("%s/%s", nodes_dir, command->argv[0]);
    char *words = startline_quote(path);
    for (char **argument = command->argv + 1; *argument; argument++) {
        cleanup_free char *word = startline_quote(*argument);
        cleanup_free char *before = words;
        words = fs_path("%s %s", before, word);
    }
    return words;
}

static char *quote_log(const struct plan_command *command, const char *suffix)
{
    cleanup_free char *path = startline_log(command, suffix);
    return startline_quote(path);
}

/* `set -m` gives the job a process group of its own, so that it can be ended with all that
 * it may have started. The shell in it outlives a SIGTERM to the group, to write down what
 * became of the program, which does not inherit the trap. */
char *startline_make(const struct plan_command *command, const char *trial_dir,
                     const char *nodes_dir)
{
    cleanup_free char *dir = startline_quote(trial_dir);
    cleanup_free char *words = quote_command(command, nodes_dir);
    cleanup_free char *out = quote_log(command, "jsonl");
    cleanup_free char *log = quote_log(command, "log");
    cleanup_free char *exit = quote_log(command, "exit");
    return fs_path("set -m; (trap : TERM; cd %s && { %s </dev/null >%s 2>%s; echo $? >%s; }) & "
                   "echo " STARTLINE_MARK "$!; set +m",
                   dir, words, out, log, exit);
}

pid_t startline_job(const char *output)
{
    const char *mark = strstr(output, STARTLINE_MARK);
    long number = mark ? strtol(mark + strlen(STARTLINE_MARK), NULL, 10) : 0;
    return number > 1 ? (pid_t)number : -1;
}
