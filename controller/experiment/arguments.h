/* Building an argument list that ends with NULL. Memory that is gone ends the program, as
 * fs_path() does. */
#ifndef LABCTL_ARGUMENTS_H
#define LABCTL_ARGUMENTS_H

#include <netinet/in.h>
#include <stddef.h>

struct arguments {
    char **words; /* owned; NULL-terminated */
    size_t count;
};

/* Append a word, which is taken over. */
void arguments_add(struct arguments *arguments, char *word);

/* Append "--name" and a value, which is taken over. */
void arguments_add_option(struct arguments *arguments, const char *name, char *value);

/* An address as text. Caller frees. */
char *arguments_format_address(struct in_addr address);

#endif
