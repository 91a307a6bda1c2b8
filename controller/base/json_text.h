/* Finding places in the text of a JSON document that is known to be valid. cJSON keeps
 * no positions; an error message needs a line. */
#ifndef LABCTL_JSON_TEXT_H
#define LABCTL_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* The root value. */
const char *json_text_start(const char *text);

/* Child `index` of the object or array at `container`: its key when it has one and
 * `want_key`, else its value. */
const char *json_text_child(const char *container, size_t index, bool want_key);

/* Line and column, from 1, of a place in `text`. */
void json_text_position(const char *text, const char *place, size_t *line, size_t *column);

#endif
