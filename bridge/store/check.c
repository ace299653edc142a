/* bridge/store/check.c
 *
 * The database's own check, the keys, sealed rows, and numbers that were never given.
 */
#include "store/check.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "store/inside.h"
#include "store/left_out_check.h"
#include "store/rows.h"
#include "store/wishes.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* --- parts ------------------------------------------------------------------------------------------------------------ */

void check_damage(struct checking *checking, const char *format, ...)
{
    char sentence[ERR_TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    checking->damaged++;
    checking->report->damage(checking->report->context, sentence);
}

static bool is_damage(int code)
{
    return code == E_IO || code == E_BAD_INPUT || code == E_TOO_LARGE || code == E_FORBIDDEN || code == E_NOT_FOUND;
}

/* After an error of the database the rest is read in a new transaction, if it must be. */
static int go_on(struct db *db, struct err *err)
{
    if (db_rollback_to(db, NULL) == 0)
        return 0;
    db_rollback(db);
    return db_begin(db, err);
}

int check_part(struct checking *checking, const char *what,
               int (*run)(struct checking *checking, void *context, struct err *err), void *context, struct err *err)
{
    struct err cause = {0};
    checking->n = 0;
    checking->damaged = 0;
    int failed = db_savepoint(checking->db, err);
    if (failed)
        return failed;
    int rc = run(checking, context, &cause);
    if (rc < 0 && !is_damage(rc))
        return err_set(err, rc, "%s: %s", what, cause.text);
    if (rc < 0)
        check_damage(checking, "%s: %s", what, cause.text);
    failed = rc < 0 ? go_on(checking->db, err) : db_release(checking->db, err);
    if (!failed)
        checking->report->looked(checking->report->context, what, checking->n, checking->damaged);
    return failed;
}

/* --- the database ----------------------------------------------------------------------------------------------------- */

static void on_finding(void *context, const char *sentence)
{
    check_damage(context, "the database: %s; restore the last backup", sentence);
}

int check_database(struct checking *checking, struct err *err)
{
    struct err cause = {0};
    checking->damaged = 0;
    int rc = db_check(checking->db, on_finding, checking, &cause);
    if (rc < 0 && !is_damage(rc))
        return err_set(err, rc, "%s", cause.text);
    if (rc < 0)
        on_finding(checking, cause.text);
    checking->report->looked(checking->report->context, "database", 1, checking->damaged);
    return 0;
}

/* --- keys ------------------------------------------------------------------------------------------------------------- */

static int check_keys(struct checking *checking, void *context, struct err *err)
{
    (void)context;
    checking->n = 1;
    return store_compare_keys(checking->db, store_keys(checking->store), store_folder(checking->store), err);
}

struct opening {
    struct checking *checking;
    struct buf plain;
};

static int open_sealed(void *context, const struct sealed_row *row)
{
    struct opening *opening = context;
    char bound_to[ID_LEN + 64];
    struct err err = {0};
    snprintf(bound_to, sizeof bound_to, "%s/%.*s", row->owner.chars, TEXT_ARG(row->kind));
    buf_clear(&opening->plain);
    opening->checking->n++;
    int rc = keys_unseal(store_keys(opening->checking->store), row->box, text_of(bound_to), &opening->plain, &err);
    if (rc == 0 && keys_box_number(row->box) == row->seal_key)
        return 0;
    check_damage(opening->checking, "the sealed row %s: %s", bound_to,
                 rc ? err.text : "it names another seal key than the one that sealed it");
    return 0;
}

static void opening_release(struct opening *opening)
{
    buf_release(&opening->plain);
}

static int check_sealed(struct checking *checking, void *context, struct err *err)
{
    CLEANUP(opening_release) struct opening opening = {.checking = checking};
    (void)context;
    buf_init(&opening.plain, LIMIT_FACTS_ARENA);
    return sealed_walk(checking->db, open_sealed, &opening, err);
}

int check_wishes(struct checking *checking, struct err *err)
{
    int failed = check_part(checking, "key file", check_keys, NULL, err);
    if (!failed)
        failed = check_part(checking, "sealed rows", check_sealed, NULL, err);
    return failed ? failed : left_out_compare(checking, err);
}

/* --- numbers ---------------------------------------------------------------------------------------------------------- */

#define EVERY_ROW     .scans = "`skein check` looks at every row"
#define WRONG(column) "(" column " < 1 OR " column " > $1)"

STATEMENT(check_pair_sql, "SELECT COUNT(*), COUNT(CASE WHEN " WRONG("x") " THEN 1 END) FROM pair", EVERY_ROW);
STATEMENT(check_lookup_sql, "SELECT COUNT(*), COUNT(CASE WHEN " WRONG("x") " THEN 1 END) FROM lookup", EVERY_ROW);
STATEMENT(check_x_public_sql, "SELECT COUNT(*), COUNT(CASE WHEN " WRONG("number") " THEN 1 END) FROM x_public",
          EVERY_ROW);
STATEMENT(check_same_as_sql,
          "SELECT COUNT(*), COUNT(CASE WHEN " WRONG("number") " OR " WRONG("id_number") " THEN 1 END) FROM same_as",
          EVERY_ROW);
STATEMENT(check_member_sql, "SELECT COUNT(*), COUNT(CASE WHEN x_number < 0 OR x_number > $1 THEN 1 END) FROM member",
          EVERY_ROW); /* 0: not known */

static const struct {
    const char *what;
    const struct statement *statement;
} numbered[] = {
    {"pairs", &check_pair_sql},
    {"look-ups", &check_lookup_sql},
    {"X accounts told to everybody", &check_x_public_sql},
    {"handles and whose they were", &check_same_as_sql},
    {"members", &check_member_sql},
};

struct counted {
    int64_t all;
    int64_t wrong;
};

static void read_counted(struct row *row, void *ret_record)
{
    struct counted *counted = ret_record;
    counted->all = row_i64(row);
    counted->wrong = row_i64(row);
}

static const struct row_shape counted_shape = {"check", sizeof(struct counted), read_counted};

struct counting {
    size_t table; /* of numbered */
    uint32_t last;
};

static int count_rows(struct checking *checking, void *context, struct err *err)
{
    const struct counting *counting = context;
    struct counted counted;
    CLEANUP(rows_end)
    struct rows rows = rows_begin(checking->db, numbered[counting->table].statement, VALUES(db_i64(counting->last)),
                                  &counted_shape, NULL, err);
    int rc = rows_only(&rows, &counted);
    if (rc)
        return rc;
    checking->n = (uint64_t)counted.all;
    if (counted.wrong > 0)
        check_damage(checking,
                     "%s: %" PRId64 " of %" PRId64
                     " name an X account that has no number (the last is %u); restore the "
                     "last backup",
                     numbered[counting->table].what, counted.wrong, counted.all, (unsigned)counting->last);
    return 0;
}

int check_numbers(struct checking *checking, uint32_t last, struct err *err)
{
    int failed = 0;
    for (size_t i = 0; !failed && i < ARRAY_LEN(numbered); i++) {
        struct counting counting = {.table = i, .last = last};
        failed = check_part(checking, numbered[i].what, count_rows, &counting, err);
    }
    return failed;
}
