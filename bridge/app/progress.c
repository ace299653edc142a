/* bridge/app/progress.c
 *
 * The progress line.
 */
#include "app/progress.h"

#include <stdio.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BAR_CELLS       24
#define INTERVAL_MS     100
#define COLUMNS_DEFAULT 100
#define COLUMNS_LEAST   40

void progress_init(struct progress *progress)
{
    *progress = (struct progress){.shown = isatty(STDERR_FILENO) == 1};
}

void progress_show(struct progress *progress, const char *doing, size_t done, size_t all)
{
    int64_t now = clock_monotonic(&clock_system);
    if (!progress->shown || (all == 0 && done == 0))
        return;
    if (doing == progress->doing && now - progress->last_ms < INTERVAL_MS)
        return;
    progress->doing = doing;
    progress->last_ms = now;
    if (all == 0) {
        fprintf(stderr, "\r\033[K%s: %zu", doing, done);
        fflush(stderr);
        return;
    }
    char bar[BAR_CELLS + 1];
    for (size_t i = 0; i < BAR_CELLS; i++)
        bar[i] = i < done * BAR_CELLS / all ? '#' : '.';
    bar[BAR_CELLS] = '\0';
    fprintf(stderr, "\r\033[K%s [%s] %zu of %zu", doing, bar, done, all);
    fflush(stderr);
}

void progress_end(struct progress *progress)
{
    if (progress->shown && progress->doing)
        fprintf(stderr, "\r\033[K");
    progress->doing = NULL;
}

size_t progress_columns(void)
{
    struct winsize size;
    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS_DEFAULT;
    return size.ws_col < COLUMNS_LEAST ? COLUMNS_LEAST : size.ws_col;
}
