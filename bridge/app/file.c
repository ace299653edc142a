/* bridge/app/file.c
 *
 * Opening and writing files.
 */
#include "app/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

int file_source_open(struct file_source *file, const char *path, struct err *err)
{
    file->fd = open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0 && errno == ENOENT)
        return err_set(err, E_NOT_FOUND, "there is no such file");
    if (file->fd < 0)
        return err_set_system(err, errno, "the file cannot be opened");
    return fd_source_init(&file->bytes, file->fd, err);
}

void file_source_release(struct file_source *file)
{
    if (file->fd >= 0)
        close(file->fd);
    file->fd = -1;
}

int file_write(const char *path, struct text content, struct err *err)
{
    FILE *file = fopen(path, "we");
    if (!file)
        return err_set_system(err, errno, "%s cannot be written", path);
    bool written = fwrite(content.data, 1, content.len, file) == content.len;
    if (fclose(file) != 0 || !written)
        return err_set_system(err, errno, "%s cannot be written", path);
    return 0;
}
