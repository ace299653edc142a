/* bridge/app/progress.h
 *
 * One line on stderr that says how far a command is: on a terminal only, gone when the command is done.
 */
#ifndef SKEIN_APP_PROGRESS_H
#define SKEIN_APP_PROGRESS_H

#include "base/clock.h"

struct progress {
    bool shown; /* stderr is a terminal */
    int64_t last_ms;
    const char *doing; /* static; of the line on the screen */
};

void progress_init(struct progress *progress);

/* At most ten lines a second; a new `doing` is always shown. */
void progress_show(struct progress *progress, const char *doing, size_t done, size_t all);

/* Takes the line away. */
void progress_end(struct progress *progress);

#endif
