/* bridge/app/progress.h
 *
 * The terminal: one line on stderr that says how far a command is (gone when the command is done), and how wide it is.
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

/* At most ten lines a second; a new `doing` is always shown. all 0: nobody knows of how many; then `done` is just said. */
void progress_show(struct progress *progress, const char *doing, size_t done, size_t all);

/* Takes the line away. */
void progress_end(struct progress *progress);

/* How wide results may be: as the terminal on stdout, at least 40; 100 where it is none. */
size_t progress_columns(void);

#endif
