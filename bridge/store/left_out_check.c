/* bridge/store/left_out_check.c
 *
 * left-out.log against the rows.
 *
 * The last word about each wish counts. Where that line was replayed already (the database notes how far), the row must
 * say the same; behind that place a line may be without its row: its step failed, or a server writes it just now, and the
 * next start replays it. No row is ever without a line: the line is on disk before the row is.
 *
 * The file is read after the transaction began, so it is never older than the rows.
 */
#include "store/left_out_check.h"

#include "base/cleanup.h"
#include "store/inside.h"
#include "store/left_out_line.h"
#include "store/left_out_set.h"
#include "store/wishes.h"

#include <string.h>

/* One line, as what it says of one hash (and member), or of one member alone. */
struct word {
    struct keyed_hash hash; /* zero: of the member alone */
    struct id member;       /* none: leave me out */
    size_t place;           /* of the line; the later counts */
    off_t end;              /* of the line, in bytes */
    bool wished;
};

struct words {
    struct word *words; /* owned */
    size_t n;
    size_t room;
};

struct comparing {
    struct checking *checking;
    struct words wishes;    /* opt-outs and shields */
    struct words unshields; /* members who took all shields back */
    struct left_out_note note;
    struct left_out_set rows;
    size_t cut;      /* bytes behind the last line's end */
    size_t known;    /* opt-outs that have a row and a line */
    uint64_t missed; /* lines that were replayed, and the rows say otherwise */
    uint64_t waiting;
};

static void comparing_release(struct comparing *self)
{
    free(self->wishes.words);
    free(self->unshields.words);
    left_out_set_release(&self->rows);
}

/* --- the last word ---------------------------------------------------------------------------------------------------- */

static int add(struct words *self, const struct word *word)
{
    if (self->n == self->room) {
        size_t room = self->room ? 2 * self->room : 256;
        struct word *grown = reallocarray(self->words, room, sizeof *grown);
        if (!grown)
            return E_NOMEM;
        self->words = grown;
        self->room = room;
    }
    self->words[self->n++] = *word;
    return 0;
}

static int take_line(void *context, const struct left_out_line *line, off_t end)
{
    struct comparing *self = context;
    struct word word = {.hash = line->hash,
                        .member = line->member,
                        .place = (size_t)self->checking->n++,
                        .end = end,
                        .wished = line->word == LEFT_OUT_OPT_OUT || line->word == LEFT_OUT_SHIELD};
    return add(line->word == LEFT_OUT_UNSHIELD ? &self->unshields : &self->wishes, &word);
}

static int compare_subject(const void *a, const void *b)
{
    const struct word *left = a;
    const struct word *right = b;
    int order = memcmp(left->hash.bytes, right->hash.bytes, sizeof left->hash.bytes);
    return order ? order : memcmp(left->member.chars, right->member.chars, sizeof left->member.chars);
}

static int compare_word(const void *a, const void *b)
{
    const struct word *left = a;
    const struct word *right = b;
    int order = compare_subject(a, b);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

/* Of each subject the last word alone; sorted. */
static void keep_last(struct words *self)
{
    size_t kept = 0;
    if (self->n > 0)
        qsort(self->words, self->n, sizeof *self->words, compare_word);
    for (size_t i = 0; i < self->n; i++)
        if (i + 1 == self->n || compare_subject(&self->words[i], &self->words[i + 1]) != 0)
            self->words[kept++] = self->words[i];
    self->n = kept;
}

/* A shield that its member took back later. */
static void take_back(const struct words *unshields, struct word *word)
{
    struct word key = {.member = word->member};
    if (unshields->n == 0)
        return;
    const struct word *last = bsearch(&key, unshields->words, unshields->n, sizeof *unshields->words, compare_subject);
    if (!last || last->place < word->place)
        return;
    word->wished = false;
    word->end = last->end;
}

/* --- the rows --------------------------------------------------------------------------------------------------------- */

static int compare_hash(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct keyed_hash));
}

static int has_row(struct comparing *self, const struct word *word, bool *ret_has, struct err *err)
{
    if (word->member.chars[0])
        return shield_has(self->checking->db, &word->hash, &word->member, ret_has, err);
    *ret_has = self->rows.n > 0 &&
               bsearch(&word->hash, self->rows.hashes, self->rows.n, sizeof *self->rows.hashes, compare_hash) != NULL;
    self->known += *ret_has;
    return 0;
}

static int compare_rows(struct comparing *self, struct err *err)
{
    for (size_t i = 0; i < self->wishes.n; i++) {
        struct word *word = &self->wishes.words[i];
        bool has = false;
        take_back(&self->unshields, word);
        int failed = has_row(self, word, &has, err);
        if (failed)
            return failed;
        if (has == word->wished)
            continue;
        if (self->note.fits && word->end <= self->note.bytes)
            self->missed++;
        else
            self->waiting++;
    }
    return 0;
}

static void tell(struct comparing *self, const char *path)
{
    struct checking *checking = self->checking;
    if (self->note.size < self->note.bytes)
        check_damage(checking, "%s is shorter than it was when Skein last started: put back the copy that you kept",
                     path);
    if (self->missed > 0)
        check_damage(checking,
                     "%s: %llu of its wishes are not in the database, which has seen these lines; restore the last "
                     "backup, and the next start replays them",
                     path, (unsigned long long)self->missed);
    if (self->rows.n > self->known)
        check_damage(
            checking,
            "%s: %zu wishes of the database have no line in it, so lines were lost; put back the copy that you "
            "kept",
            path, self->rows.n - self->known);
}

static int compare(struct checking *checking, void *context, struct err *err)
{
    struct comparing *self = context;
    CLEANUP_FREE char *path = path_in(store_folder(checking->store), LEFT_OUT_FILE);
    if (!path)
        return err_set(err, E_NOMEM, "no memory for a path");
    int failed = left_out_set_load(&self->rows, checking->db, store_keys(checking->store), err);
    if (!failed)
        failed = left_out_note(checking->db, path, &self->note, err);
    if (!failed)
        failed = left_out_walk(path, take_line, self, &self->cut, err);
    if (failed == E_NOMEM)
        err_set(err, failed, "no memory for the lines of %s", path);
    if (failed)
        return failed;
    keep_last(&self->wishes);
    keep_last(&self->unshields);
    failed = compare_rows(self, err);
    if (!failed)
        tell(self, path);
    return failed;
}

int left_out_compare(struct checking *checking, struct err *err)
{
    CLEANUP(comparing_release) struct comparing self = {.checking = checking};
    const struct check_report *report = checking->report;
    int failed = check_part(checking, "lines of " LEFT_OUT_FILE, compare, &self, err);
    if (!failed && self.waiting > 0)
        report->looked(report->context, "wishes that the next start takes in", self.waiting, 0);
    if (!failed && self.cut > 0)
        report->looked(report->context, "bytes of a line that a crash cut", self.cut, 0);
    return failed;
}
