/* Commands of the model "exec": the user's, run by exec_server and exec_client. */
#ifndef LABCTL_PLAN_EXEC_H
#define LABCTL_PLAN_EXEC_H

#include "experiment/arguments.h"
#include "experiment/plan.h"

/* Options of exec_server, and the user's command after "--". */
void plan_exec_server(struct arguments *arguments, const struct experiment *experiment);

/* Likewise of exec_client, for client `i` (index into experiment->clients). */
void plan_exec_client(struct arguments *arguments, const struct experiment *experiment, size_t i);

#endif
