#include "commands/signals.h"

#include <stddef.h>

#include "labctl/cleanup.h"

volatile sig_atomic_t signals_stop;

static const int stop_signals[] = { SIGINT, SIGTERM, SIGHUP };

static void note_signal(int number)
{
    signals_stop = number;
}

void signals_catch(void)
{
    struct sigaction action = { .sa_handler = note_signal }, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LENGTH(stop_signals); i++) {
        sigaction(stop_signals[i], &action, &before);
        if (stop_signals[i] == SIGHUP && before.sa_handler == SIG_IGN)
            sigaction(stop_signals[i], &before, NULL);
    }
}

void signals_block(sigset_t *before)
{
    sigset_t blocked;
    sigemptyset(&blocked);
    for (size_t i = 0; i < ARRAY_LENGTH(stop_signals); i++)
        sigaddset(&blocked, stop_signals[i]);
    sigprocmask(SIG_BLOCK, &blocked, before);
}
