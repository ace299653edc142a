/* bridge/graph/fact_blob.c
 *
 * Facts to bytes and back.
 */
#include "graph/fact_blob.h"

#include "base/cleanup.h"
#include "graph/by_number.h"
#include "graph/varint.h"

#include <stdlib.h>

#define BLOB_VERSION 1

/* What an entry has: the day, then the texts in this order. Above them two bits each for enum known. */
#define HAS_DAY         1u
#define HAS_TEXT(i)     (2u << (i))
#define VERIFIED_SHIFT  6
#define PROTECTED_SHIFT 8
#define ALL_BITS        1023u
#define TEXTS           5

static void texts_of(const struct x_account *account, struct text ret_texts[TEXTS])
{
    ret_texts[0] = account->handle;
    ret_texts[1] = account->name;
    ret_texts[2] = account->bio;
    ret_texts[3] = account->website;
    ret_texts[4] = account->location;
}

/* --- writing ------------------------------------------------------------------------------------------------------- */

static int write_entry(const struct fact *fact, uint32_t number_before, uint32_t day_before, struct buf *out)
{
    struct text texts[TEXTS];
    char head[3 * VARINT_MAX];
    uint32_t bits = fact->day != day_before ? HAS_DAY : 0;
    texts_of(&fact->account, texts);
    for (unsigned i = 0; i < TEXTS; i++)
        bits |= text_empty(texts[i]) ? 0 : HAS_TEXT(i);
    bits |= (uint32_t)fact->account.is_verified << VERIFIED_SHIFT;
    bits |= (uint32_t)fact->account.is_protected << PROTECTED_SHIFT;

    char *at = varint_put(varint_put(head, fact->number - number_before), bits);
    if (bits & HAS_DAY)
        at = varint_put(at, fact->day);
    int rc = buf_add(out, (struct text){head, (size_t)(at - head)});
    for (unsigned i = 0; i < TEXTS && rc == 0; i++) {
        if (text_empty(texts[i]))
            continue;
        if (texts[i].len > UINT32_MAX)
            return E_TOO_LARGE;
        rc = buf_add(out, (struct text){head, (size_t)(varint_put(head, (uint32_t)texts[i].len) - head)});
        if (rc == 0)
            rc = buf_add(out, texts[i]);
    }
    return rc;
}

static int write_entries(const struct fact *facts, const struct by_number *order, size_t n, struct buf *out,
                         size_t *ret_n)
{
    uint32_t number = 0;
    uint32_t day = 0;
    size_t written = 0;
    int rc = buf_add_byte(out, BLOB_VERSION);
    for (size_t i = 0; i < n && rc == 0; i++) {
        const struct fact *fact = &facts[order[i].what];
        if (fact->number == number) /* said twice; the first stays */
            continue;
        rc = write_entry(fact, number, day, out);
        number = fact->number;
        day = fact->day;
        written++;
    }
    if (ret_n)
        *ret_n = written;
    return rc;
}

int fact_blob_write(const struct fact *facts, size_t n, struct buf *out, size_t *ret_n)
{
    size_t before = out->len;
    if (n > UINT32_MAX)
        return E_TOO_LARGE;
    CLEANUP_FREE struct by_number *order = calloc(n > 0 ? n : 1, 2 * sizeof *order);
    if (!order)
        return E_NOMEM;
    for (size_t i = 0; i < n; i++)
        order[i] = (struct by_number){.number = facts[i].number, .what = (uint32_t)i};
    by_number_sort(order, order + n, n);
    int rc = write_entries(facts, order, n, out, ret_n);
    if (rc < 0)
        buf_truncate(out, before);
    return rc;
}

/* --- reading ------------------------------------------------------------------------------------------------------- */

int fact_reader_init(struct fact_reader *reader, struct text blob, struct err *err)
{
    if (text_empty(blob) || blob.data[0] != BLOB_VERSION)
        return err_set(err, E_BAD_INPUT, "facts are in a form that this version of Skein does not know");
    *reader = (struct fact_reader){.rest = text_slice(blob, 1, blob.len)};
    return 0;
}

static bool take_text(struct text *rest, struct text *ret_text)
{
    uint32_t len;
    if (!varint_take(rest, &len) || len == 0 || len > rest->len)
        return false;
    *ret_text = text_slice(*rest, 0, len);
    *rest = text_slice(*rest, len, rest->len);
    return true;
}

static bool take_known(uint32_t bits, unsigned shift, enum known *ret_known)
{
    uint32_t known = bits >> shift & 3;
    if (known > KNOWN_NO)
        return false;
    *ret_known = (enum known)known;
    return true;
}

static bool take_texts(struct text *rest, uint32_t bits, struct x_account *account)
{
    struct text *const texts[TEXTS] = {&account->handle, &account->name, &account->bio, &account->website,
                                       &account->location};
    for (unsigned i = 0; i < TEXTS; i++)
        if (bits & HAS_TEXT(i) && !take_text(rest, texts[i]))
            return false;
    return true;
}

static bool take_entry(struct fact_reader *reader, struct fact *fact)
{
    uint32_t step;
    uint32_t bits;
    if (!varint_take(&reader->rest, &step) || step == 0 || step > UINT32_MAX - reader->number ||
        !varint_take(&reader->rest, &bits) || bits > ALL_BITS)
        return false;
    *fact = (struct fact){.number = reader->number + step, .day = reader->day};
    return (!(bits & HAS_DAY) || varint_take(&reader->rest, &fact->day)) &&
           take_known(bits, VERIFIED_SHIFT, &fact->account.is_verified) &&
           take_known(bits, PROTECTED_SHIFT, &fact->account.is_protected) &&
           take_texts(&reader->rest, bits, &fact->account);
}

int fact_reader_next(struct fact_reader *reader, struct fact *ret_fact, struct err *err)
{
    struct fact fact;
    if (text_empty(reader->rest))
        return 0;
    if (!take_entry(reader, &fact))
        return err_set(err, E_BAD_INPUT, "facts are damaged behind account number %u", (unsigned)reader->number);
    reader->number = fact.number;
    reader->day = fact.day;
    *ret_fact = fact;
    return 1;
}
