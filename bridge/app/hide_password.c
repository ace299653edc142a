/* bridge/app/hide_password.c
 *
 * Hiding errs on the side of too much: an "@" in a password that should have been written %40 must not show its rest.
 */
#include "app/hide_password.h"

#include "base/err.h"

#define STARS TEXT("***")

static size_t find_last(struct text t, char byte)
{
    size_t at = t.len;
    while (at > 0 && t.data[at - 1] != byte)
        at--;
    return at > 0 ? at - 1 : TEXT_NOWHERE;
}

/* "postgres://user:secret@host/name" */
static void add_head(struct text head, struct buf *out)
{
    size_t scheme = text_find(head, TEXT("://"), 0);
    size_t colon = scheme == TEXT_NOWHERE ? TEXT_NOWHERE : text_find_byte(head, ':', scheme + 3);
    size_t at = find_last(head, '@');
    if (colon == TEXT_NOWHERE || at == TEXT_NOWHERE || at < colon) {
        buf_add(out, head);
        return;
    }
    buf_add(out, text_slice(head, 0, colon + 1));
    buf_add(out, STARS);
    buf_add(out, text_slice(head, at, head.len));
}

/* "sslmode=require&password=secret" */
static void add_parameters(struct text parameters, struct buf *out)
{
    struct text one;
    for (char before = '?'; text_cut(&parameters, '&', &one); before = '&') {
        size_t equals = text_find_byte(one, '=', 0);
        bool secret = equals != TEXT_NOWHERE && text_ends_fold(text_slice(one, 0, equals), TEXT("password"));
        buf_add_byte(out, before);
        buf_add(out, secret ? text_slice(one, 0, equals + 1) : one);
        if (secret)
            buf_add(out, STARS);
    }
}

int hide_password(struct text address, struct buf *out)
{
    /* A "?" before the last "@" belongs to a password that was not escaped. */
    size_t at = find_last(address, '@');
    size_t question = text_find_byte(address, '?', at == TEXT_NOWHERE ? 0 : at);
    add_head(text_slice(address, 0, question), out);
    if (question != TEXT_NOWHERE)
        add_parameters(text_slice(address, question + 1, address.len), out);
    return out->failed ? E_NOMEM : 0;
}
