/* bridge/store/postgres_words.c
 *
 * What PostgreSQL's refusals mean to us, and how they are said.
 *
 * Of an error only SQLSTATE and the primary message are used: DETAIL and CONTEXT hold values of rows, which are people's
 * data. Of an address that is wrong nothing is repeated: a password with a letter that ought to have been escaped ends
 * up in the host, the port or the name of the database.
 */
#include "base/clock.h"
#include "base/limits.h"
#include "loop/op.h"
#include "store/postgres.h"

#include <string.h>

/* --- the address ---------------------------------------------------------------------------------------------------- */

/* One "@" at most, before the first "/": otherwise a part of the password would pass for something else. */
static bool password_is_escaped(struct text address)
{
    size_t start = text_find(address, TEXT("://"), 0) + 3;
    struct text place = text_slice(address, start, text_find_byte(address, '?', start));
    size_t at = text_find_byte(place, '@', 0);
    if (at == TEXT_NOWHERE)
        return true;
    return text_find_byte(place, '/', 0) > at && text_find_byte(place, '@', at + 1) == TEXT_NOWHERE;
}

int postgres_address_check(const char *address, struct err *err)
{
    char *words = NULL;
    PQconninfoOption *options = PQconninfoParse(address, &words);
    bool understood = options != NULL && password_is_escaped(text_of(address));
    PQconninfoFree(options);
    PQfreemem(words);
    if (understood)
        return 0;
    return err_set(err, E_BAD_INPUT,
                   "the address of the database cannot be read: write postgres://USER:PASSWORD@HOST:PORT/NAME; in a "
                   "password @ is written %%40, : %%3A, / %%2F, ? %%3F and %% %%25");
}

/* --- words ---------------------------------------------------------------------------------------------------------- */

#define WORDS_MAX 320

/* On one line, without white space at its ends. */
static void flatten(struct text words, char ret_line[WORDS_MAX])
{
    struct text rest = text_trim(words);
    size_t len = 0;
    for (size_t i = 0; i < rest.len && len + 1 < WORDS_MAX; i++) {
        char byte = byte_is_space(rest.data[i]) ? ' ' : rest.data[i];
        if (byte != ' ' || (len > 0 && ret_line[len - 1] != ' '))
            ret_line[len++] = byte;
    }
    ret_line[text_floor_utf8((struct text){ret_line, len}, WORDS_MAX - 1).len] = '\0';
}

int postgres_refusal(const PGconn *connection, struct err *err)
{
    char words[WORDS_MAX];
    const char *password = PQpass(connection);
    flatten(text_of(PQerrorMessage(connection)), words);
    if (password && password[0] && strstr(words, password))
        return err_set(err, E_UNAVAILABLE, "PostgreSQL cannot be reached (its words would repeat the password)");
    return err_set(err, E_UNAVAILABLE, "PostgreSQL cannot be reached: %s", words);
}

/* --- failures ------------------------------------------------------------------------------------------------------- */

/* By SQLSTATE or its beginning (PostgreSQL 15, appendix A); the first that fits. `words`: the server's may follow. */
static const struct meaning {
    const char *state;
    int code;
    bool words;
    const char *sentence;
} meanings[] = {
    {"40001", OP_AGAIN, false, "the database asks to begin again"},
    {"40P01", OP_AGAIN, false, "the database asks to begin again"},
    {"53100", E_IO, false, "the disk is full: PostgreSQL cannot grow; make room and try again"},
    {"53", E_UNAVAILABLE, true, "PostgreSQL lacks something"},
    {"54", E_TOO_LARGE, true, "a value is larger than the database takes"},
    {"55P03", E_BUSY, false, "a table is locked by another session; try again"},
    {"55006", E_BUSY, true, "something is held by another session"},
    {"57", E_UNAVAILABLE, true, "PostgreSQL ends"},
    {"58", E_IO, true, "PostgreSQL cannot use a file"},
    {"XX001", E_IO, true, "the database is damaged: put a backup in its place"},
    {"XX002", E_IO, true, "an index of the database is damaged: REINDEX makes it new"},
    {"42501", E_FORBIDDEN, true, "the role that Skein signs in as lacks a right"},
    {"25006", E_UNAVAILABLE, true, "PostgreSQL takes no writes"},
    {"22", E_BUG, false, "a value is not what the statement takes it for"},
    {"", E_BUG, true, "PostgreSQL refuses it"},
};

static const struct meaning *meaning_of(const char *state)
{
    size_t i = 0;
    while (strncmp(state, meanings[i].state, strlen(meanings[i].state)) != 0)
        i++;
    return &meanings[i];
}

/* libpq's own words go on over several lines with what may have been the reason. */
static int lost(const struct postgres *self, const char *words, struct err *err)
{
    char line[WORDS_MAX];
    struct text said = text_of(words ? words : PQerrorMessage(self->connection));
    flatten(text_slice(said, 0, text_find_byte(said, '\n', 0)), line);
    return err_set(err, E_UNAVAILABLE, "the connection to PostgreSQL was lost (%s); Skein connects again by itself",
                   line);
}

/* A statement that was told to stop: by us, by an administrator, or by the clock. */
static int stopped(const struct postgres *self, struct err *err)
{
    if (clock_monotonic(&clock_system) - self->began_ms >= LIMIT_POSTGRES_STATEMENT_MS)
        return err_set(err, E_TIMEOUT, "PostgreSQL did not finish within %d s", LIMIT_POSTGRES_STATEMENT_MS / 1000);
    return err_set(err, E_CANCELLED, "the database was told to stop");
}

int postgres_failure(const struct postgres *self, const PGresult *result, struct err *err)
{
    char line[WORDS_MAX];
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    if (postgres_is_lost(self))
        return lost(self, words, err);
    if (!state)
        return err_set(err, E_BUG, "libpq refuses it: %s", PQerrorMessage(self->connection));
    if (strcmp(state, "57014") == 0)
        return stopped(self, err);
    const struct meaning *meaning = meaning_of(state);
    int code = meaning->code;
    if (self->db.access == DB_READER && code == OP_AGAIN)
        code = E_BUSY;
    if (self->db.access == DB_READER && strcmp(state, "25006") == 0)
        code = E_BUG;
    if (!meaning->words)
        return err_set(err, code, "%s", meaning->sentence);
    flatten(text_of(words), line);
    return err_set(err, code, "%s: %s", meaning->sentence, line);
}
