/* The model "exec": words of a command, and what their placeholders stand for. */
#ifndef LABCTL_EXEC_H
#define LABCTL_EXEC_H

#include "base/template.h"
#include "experiment/experiment.h"

/* Whether all placeholders of a word are known. Returns 0, or -1 with LAB_ERR_INVALID. */
int exec_check_word(const char *text, struct lab_error *err);

/* A list of words that ends with NULL; NULL is an empty one. */
void exec_free_words(char **words);

#endif
