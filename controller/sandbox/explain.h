/* Why a sandbox is refused, and how to mend it. */
#ifndef LABCTL_SANDBOX_EXPLAIN_H
#define LABCTL_SANDBOX_EXPLAIN_H

#include <stdbool.h>

#include "labctl/error.h"

/* What this machine says of user namespaces. A setting that it does not have is -1. */
struct sandbox_facts {
    bool root;                /* the effective user is root */
    long max_user_namespaces; /* sysctl user.max_user_namespaces */
    long unprivileged_userns; /* sysctl kernel.unprivileged_userns_clone (Debian) */
    long apparmor_restrict;   /* sysctl kernel.apparmor_restrict_unprivileged_userns (Ubuntu) */
};

void explain_read_facts(struct sandbox_facts *facts);

/* Making the namespaces failed with `errnum`. Sets err to LAB_ERR_UNSUPPORTED; returns -1. */
int explain_clone(int errnum, const struct sandbox_facts *facts, struct lab_error *err);

/* The namespaces are there, but `what` ("mounting /proc") failed in them. Likewise. */
int explain_setup(const char *what, int errnum, const struct sandbox_facts *facts,
                  struct lab_error *err);

#endif
