/* The signals that ask labctl to stop: Ctrl-C, an end in good order, a closed terminal. */
#ifndef LABCTL_SIGNALS_H
#define LABCTL_SIGNALS_H

#include <signal.h>

/* The last of them that came, or 0. */
extern volatile sig_atomic_t signals_stop;

/* From now on they only set signals_stop. A hangup that is ignored stays so (nohup). */
void signals_catch(void);

/* Hold them back, so that none comes between a look at signals_stop and a wait: ppoll() with
 * `before` lets them in. The child of a sandbox frees itself of the mask. */
void signals_block(sigset_t *before);

#endif
