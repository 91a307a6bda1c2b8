/* The commands of a plan. */
#ifndef LABCTL_PLAN_COMMANDS_H
#define LABCTL_PLAN_COMMANDS_H

#include "experiment/plan.h"

/* Fill in plan->commands and plan->command_count. */
int plan_commands(struct plan *plan, struct lab_error *err);

#endif
