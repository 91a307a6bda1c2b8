/* The record of faults, joins and expectations. Used by experiment_json.c alone. */
#ifndef LABCTL_FAULTS_JSON_H
#define LABCTL_FAULTS_JSON_H

#include <cjson/cJSON.h>

#include "experiment/experiment.h"

/* Add "faults", "join" and "expect" to the record. */
void faults_add_json(cJSON *root, const struct experiment *experiment);

#endif
