/* bridge/imports/watch.c
 *
 * Progress of the reading: noted on the worker, told on the loop.
 *
 * Only the newest is told; a loop that is busy misses some. The record is its own memory, because libuv holds the handle
 * until it says that it is closed.
 */
#include "imports/inside.h"

#include <stdlib.h>
#include <string.h>

#define FILE_MAX 512

struct watch {
    uv_async_t async;
    struct import_run *run; /* borrowed */
    uv_mutex_t mutex;
    struct archive_progress progress; /* its file: a view of `file` */
    char file[FILE_MAX];
};

static void on_progress(uv_async_t *async)
{
    struct watch *watch = async->data;
    const struct import_options *options = &watch->run->options;
    char file[FILE_MAX];
    uv_mutex_lock(&watch->mutex);
    struct archive_progress progress = watch->progress;
    memcpy(file, watch->file, progress.file.len);
    uv_mutex_unlock(&watch->mutex);
    progress.file.data = file;
    options->progress(options->context, &progress);
}

struct watch *watch_new(struct loop *loop, struct import_run *run)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (!watch)
        return NULL;
    if (uv_mutex_init(&watch->mutex) != 0) {
        free(watch);
        return NULL;
    }
    if (uv_async_init(loop_uv(loop), &watch->async, on_progress) != 0) {
        uv_mutex_destroy(&watch->mutex);
        free(watch);
        return NULL;
    }
    watch->async.data = watch;
    watch->run = run;
    return watch;
}

void watch_tell(struct watch *watch, const struct archive_progress *progress)
{
    struct text file = text_floor_utf8(progress->file, FILE_MAX);
    uv_mutex_lock(&watch->mutex);
    watch->progress = *progress;
    watch->progress.file.len = file.len;
    if (file.len > 0)
        memcpy(watch->file, file.data, file.len);
    uv_mutex_unlock(&watch->mutex);
    uv_async_send(&watch->async);
}

static void on_closed(uv_handle_t *handle)
{
    struct watch *watch = handle->data;
    uv_mutex_destroy(&watch->mutex);
    free(watch);
}

void watch_close(struct watch *watch)
{
    if (watch)
        uv_close((uv_handle_t *)&watch->async, on_closed);
}
