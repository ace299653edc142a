/* bridge/base/buf.c
 *
 * Bounded buffers.
 */
#include "base/buf.h"

#include "base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 64

void buf_init(struct buf *buf, size_t max)
{
    *buf = (struct buf){.max = max};
}

void buf_release(struct buf *buf)
{
    free(buf->data);
    buf_init(buf, buf->max);
}

void buf_clear(struct buf *buf)
{
    buf->len = 0;
    buf->failed = false;
    if (buf->data)
        buf->data[0] = '\0';
}

static int fail(struct buf *buf, int code)
{
    buf->failed = true;
    return code;
}

static int reserve(struct buf *buf, size_t more)
{
    if (more > buf->max - buf->len)
        return fail(buf, E_TOO_LARGE);
    size_t needed = buf->len + more + 1;
    if (needed <= buf->size)
        return 0;
    size_t size = buf->size ? buf->size : FIRST_SIZE;
    while (size < needed)
        size *= 2;
    char *data = realloc(buf->data, size);
    if (!data)
        return fail(buf, E_NOMEM);
    buf->data = data;
    buf->size = size;
    return 0;
}

int buf_extend(struct buf *buf, size_t n, char **ret_at)
{
    int rc = reserve(buf, n);
    if (rc < 0)
        return rc;
    *ret_at = buf->data + buf->len;
    buf->len += n;
    buf->data[buf->len] = '\0';
    return 0;
}

int buf_add(struct buf *buf, struct text t)
{
    char *at;
    int rc = buf_extend(buf, t.len, &at);
    if (rc == 0 && t.len > 0)
        memcpy(at, t.data, t.len);
    return rc;
}

int buf_add_byte(struct buf *buf, char byte)
{
    return buf_add(buf, (struct text){&byte, 1});
}

int buf_printf(struct buf *buf, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int wanted = vsnprintf(NULL, 0, format, args);
    va_end(args);
    if (wanted < 0)
        return fail(buf, E_BAD_INPUT);
    int rc = reserve(buf, (size_t)wanted);
    if (rc < 0)
        return rc;
    va_start(args, format);
    vsnprintf(buf->data + buf->len, (size_t)wanted + 1, format, args);
    va_end(args);
    buf->len += (size_t)wanted;
    return 0;
}

void buf_truncate(struct buf *buf, size_t len)
{
    if (len >= buf->len)
        return;
    buf->len = len;
    buf->data[len] = '\0';
}

void buf_drop(struct buf *buf, size_t n)
{
    if (!buf->data)
        return;
    if (n > buf->len)
        n = buf->len;
    memmove(buf->data, buf->data + n, buf->len - n + 1);
    buf->len -= n;
}
