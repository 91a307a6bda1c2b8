#include "experiment/arguments.h"

#include <arpa/inet.h>
#include <stdlib.h>

#include "base/fs.h"

void arguments_add(struct arguments *arguments, char *word)
{
    char **words = realloc(arguments->words, (arguments->count + 2) * sizeof(*words));
    if (!words)
        abort();
    words[arguments->count++] = word;
    words[arguments->count] = NULL;
    arguments->words = words;
}

void arguments_add_option(struct arguments *arguments, const char *name, char *value)
{
    arguments_add(arguments, fs_path("--%s", name));
    arguments_add(arguments, value);
}

char *arguments_format_address(struct in_addr address)
{
    char text[INET_ADDRSTRLEN];
    return fs_path("%s", inet_ntop(AF_INET, &address, text, sizeof(text)));
}
