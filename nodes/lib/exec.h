/* Running a command of the user's as a server or a client: the model "exec". */
#ifndef NODES_EXEC_H
#define NODES_EXEC_H

#include "lib/node.h"

/* The bodies of exec_server and exec_client (struct node_program, run). */
int exec_server_run(struct node *node, struct lab_error *err);
int exec_client_run(struct node *node, struct lab_error *err);

#endif
