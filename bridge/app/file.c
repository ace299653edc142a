/* bridge/app/file.c
 *
 * Writing files.
 */
#include "app/file.h"

#include <errno.h>
#include <stdio.h>

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
