/* bridge/store/server.c
 *
 * Statements of table `server`.
 */
#include "store/server.h"

#include "store/rows.h"

STATEMENT(server_get_sql, "SELECT value FROM server WHERE name = $1");

int server_get(struct db *db, const char *name, struct buf *ret_value, struct err *err)
{
    struct db_rows *rows;
    int result = db_query(db, &server_get_sql, VALUES(db_text(text_of(name))), &rows, err);
    if (result)
        return result;
    result = db_next(rows, err);
    if (result == 1) {
        buf_clear(ret_value);
        result = buf_add(ret_value, db_get_text(rows, 0));
        if (result)
            err_set(err, result, "the row %s of table server is too long", name);
    } else if (result == 0) {
        result = err_set(err, E_NOT_FOUND, "table server has no row %s", name);
    }
    db_done(rows);
    return result;
}

STATEMENT(server_put_sql, "INSERT INTO server (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET "
                          "value = excluded.value");

int server_put(struct db *db, const char *name, struct text value, struct err *err)
{
    return db_run(db, &server_put_sql, VALUES(db_text(text_of(name)), db_text(value)), NULL, err);
}
