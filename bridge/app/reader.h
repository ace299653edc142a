/* bridge/app/reader.h
 *
 * What commands that read have in common: the store beside whoever owns it, a connection that only reads, the numbers.
 *
 * Such a command asks nobody: it opens the database read-only, beside a running server too, and sees one state of it.
 */
#ifndef SKEIN_APP_READER_H
#define SKEIN_APP_READER_H

#include "app/command.h"
#include "graph/numbers.h"

struct reader {
    struct store *store;     /* owned */
    struct db *db;           /* owned */
    struct numbers *numbers; /* owned; NULL before reader_load */
};

/* Where the settings say that the store is. The texts live as long as the settings. */
struct store_options reader_options(const struct invocation *invocation);

/* Opens the store; no transaction is begun. E_NOT_FOUND where nothing is stored yet, and store_open's errors; each with a
 * sentence. reader_release in any case. */
int reader_open(struct reader *reader, const struct invocation *invocation, struct err *err);

/* Begins the transaction in which everything is read, and loads the numbers of X accounts. */
int reader_load(struct reader *reader, struct err *err);

void reader_release(struct reader *reader);

enum reader_format { READER_TEXT, READER_JSON };

/* The option --format of commands that print text or JSON lines. */
int reader_read_format(const struct invocation *invocation, enum reader_format *ret_format, struct err *err);

/* The option --community, which must be given. */
int reader_read_community(const struct invocation *invocation, struct text *ret_slug, struct err *err);

/* The option --network: its name, and what people call it (may be NULL). This version has bluesky alone. */
int reader_read_network(const struct invocation *invocation, const char **ret_name, const char **ret_title,
                        struct err *err);

#endif
