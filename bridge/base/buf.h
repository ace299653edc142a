/* bridge/base/buf.h
 *
 * A growing buffer with a maximum: the only way text grows in Skein (the idea is curl's dynbuf).
 *
 * A buffer that would pass its maximum, or finds no memory, frees nothing and keeps what it held; the call that failed
 * returns E_TOO_LARGE or E_NOMEM, and `failed` stays set until the buffer is cleared, so that who adds many pieces can
 * look once, at the end. Bytes are always followed by a NUL that does not count, so buf_string() can go to a
 * C library.
 */
#ifndef SKEIN_BASE_BUF_H
#define SKEIN_BASE_BUF_H

#include "base/text.h"

struct buf {
    char *data;  /* owned; NULL until the first byte */
    size_t len;  /* bytes in use */
    size_t size; /* bytes allocated */
    size_t max;  /* bytes it may ever hold */
    bool failed; /* something was not added: what it holds is not whole */
};

void buf_init(struct buf *buf, size_t max);
void buf_release(struct buf *buf); /* frees; the buffer can be used again with the same maximum */
void buf_clear(struct buf *buf);   /* forgets the bytes, keeps the memory */

int buf_add(struct buf *buf, struct text t);
int buf_add_byte(struct buf *buf, char byte);
int buf_printf(struct buf *buf, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Adds n bytes that the caller fills at ret_at, before the buffer changes again: what libraries write into memory. */
int buf_extend(struct buf *buf, size_t n, char **ret_at);

/* Drops all behind the first len bytes: takes back what was added. Does nothing where there is less. */
void buf_truncate(struct buf *buf, size_t len);

/* Drops the first n bytes (all, where n is larger): for stream parsers. */
void buf_drop(struct buf *buf, size_t n);

static inline struct text buf_text(const struct buf *buf)
{
    return (struct text){buf->data, buf->len};
}

/* NUL-terminated, also when empty. Valid until the buffer changes. */
static inline const char *buf_string(const struct buf *buf)
{
    return buf->data ? buf->data : "";
}

#endif
