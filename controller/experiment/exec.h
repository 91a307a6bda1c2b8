/* The model "exec": words of a command, and what their placeholders stand for. */
#ifndef LABCTL_EXEC_H
#define LABCTL_EXEC_H

#include "base/template.h"
#include "experiment/experiment.h"

/* Whether a text can be typed into a shell on a terminal, as Mininet does: line feed is the
 * one control character that can. Returns 0, or -1 with LAB_ERR_INVALID. */
int exec_check_text(const char *text, struct lab_error *err);

/* Whether a word can be typed, and all its placeholders are known. Returns 0, or -1 with
 * LAB_ERR_INVALID. */
int exec_check_word(const char *text, struct lab_error *err);

/* Put the experiment's folder, an absolute path, where the words say {folder}, so that they
 * mean the same in the record of a run, which is in another folder. */
int exec_place_words(char **words, const char *folder, struct lab_error *err);

/* A list of words that ends with NULL; NULL is an empty one. */
void exec_free_words(char **words);

#endif
