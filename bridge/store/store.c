/* bridge/store/store.c
 *
 * Opening and closing a store.
 *
 * The owner takes, in this order: the folder's lock, the writing connection (with the database's own lock), the schema,
 * the keys, left-out.log. Keys are made only where nothing can have been hashed yet: new ones beside old rows would make
 * everybody who wished to be left out findable again, without a word.
 */
#include "base/cleanup.h"
#include "base/log.h"
#include "store/folder.h"
#include "store/inside.h"
#include "store/schema.h"
#include "store/server.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *path_in(const char *folder, const char *name)
{
    char *path;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* --- the folder ------------------------------------------------------------------------------------------------------ */

static int open_folder(struct store *self, struct err *err)
{
    bool owner = self->role == STORE_OWNER;
    int failed = owner ? folder_make(self->folder, err) : 0;
    if (!failed)
        failed = folder_check_local(self->folder, err);
    if (failed == E_NOT_FOUND)
        return err_set(err, failed, "nothing has been stored yet: there is no folder %s", self->folder);
    if (failed || !owner)
        return failed;
    CLEANUP_FREE char *path = path_in(self->folder, LOCK_FILE);
    if (!path)
        return err_set(err, E_NOMEM, "no memory for a path");
    return folder_lock(path, &self->lock, err);
}

/* --- the keys -------------------------------------------------------------------------------------------------------- */

int store_compare_keys(struct db *db, const struct keys *keys, const char *folder, struct err *err)
{
    char fingerprint[KEYS_FINGERPRINT];
    CLEANUP(buf_release) struct buf noted;
    buf_init(&noted, sizeof fingerprint);
    int failed = server_get(db, SERVER_HASH_KEY, &noted, err);
    if (failed)
        return failed;
    keys_fingerprint(keys, fingerprint);
    if (text_equal(buf_text(&noted), text_of(fingerprint)))
        return 0;
    return err_set(err, E_FORBIDDEN,
                   "%s/" KEYS_FILE
                   " is not the key file that this database's rows were hashed with (its fingerprint is "
                   "%s, theirs %s): put back the one that belongs to it",
                   folder, fingerprint, buf_string(&noted));
}

static int note_keys(struct db *db, void *context, struct err *err)
{
    char fingerprint[KEYS_FINGERPRINT];
    keys_fingerprint(context, fingerprint);
    return server_put(db, SERVER_HASH_KEY, text_of(fingerprint), err);
}

static int open_keys(struct store *self, struct db *db, struct err *err)
{
    CLEANUP(buf_release) struct buf noted;
    buf_init(&noted, KEYS_FINGERPRINT);
    int found = server_get(db, SERVER_HASH_KEY, &noted, err);
    if (found != 0 && (found != E_NOT_FOUND || self->role == STORE_READER))
        return found == E_NOT_FOUND ? err_set(err, found, "nothing has been stored yet") : found;
    bool may_make = found == E_NOT_FOUND && !left_out_written(self->folder);
    int failed = keys_open(self->folder, may_make ? self->random : NULL, &self->keys, err);
    if (failed == E_NOT_FOUND)
        return err_set(err, E_FORBIDDEN,
                       "%s/" KEYS_FILE " is missing, and what is stored was hashed and sealed with its keys: put back "
                       "the copy that you kept",
                       self->folder);
    if (failed)
        return failed;
    return found == 0 ? store_compare_keys(db, self->keys, self->folder, err)
                      : db_transact(db, note_keys, self->keys, err);
}

/* --- opening --------------------------------------------------------------------------------------------------------- */

static int open_owner(struct store *self, struct err *err)
{
    const struct schema_text *texts;
    int failed = db_open(text_of(self->address), DB_WRITER, &self->writer, err);
    if (!failed)
        failed = db_own(self->writer, err);
    if (failed)
        return failed;
    texts = schema_texts(db_kind(self->writer));
    failed = schema_update(self->writer, texts, self->clock, err);
    if (!failed)
        failed = open_keys(self, self->writer, err);
    return failed ? failed : left_out_open(self, err);
}

static int open_reader(struct store *self, struct err *err)
{
    struct db *db;
    int failed = db_open(text_of(self->address), DB_READER, &db, err);
    if (failed == E_NOT_FOUND)
        return err_set(err, failed, "nothing has been stored yet in %s", self->folder);
    if (failed)
        return failed;
    failed = schema_check(db, schema_texts(db_kind(db)), err);
    if (!failed)
        failed = open_keys(self, db, err);
    db_close(db);
    return failed;
}

static struct store *store_new(const struct store_options *options)
{
    struct store *self = calloc(1, sizeof *self);
    if (!self)
        return NULL;
    self->role = options->role;
    self->clock = options->clock ? options->clock : &clock_system;
    self->random = options->random ? options->random : &random_system;
    self->lock = -1;
    self->left_out.fd = -1;
    self->folder = strdup(options->folder);
    if (text_empty(options->database)) {
        if (asprintf(&self->address, "sqlite:%s/" DATABASE_FILE, options->folder) < 0)
            self->address = NULL;
    } else {
        self->address = strndup(options->database.data, options->database.len);
    }
    if (self->folder && self->address)
        return self;
    store_close(self);
    return NULL;
}

int store_open(const struct store_options *options, struct store **ret_store, struct err *err)
{
    struct store *self = store_new(options);
    if (!self)
        return err_set(err, E_NOMEM, "no memory for the store");
    int failed = open_folder(self, err);
    if (!failed)
        failed = self->role == STORE_OWNER ? open_owner(self, err) : open_reader(self, err);
    if (failed) {
        store_close(self);
        return failed;
    }
    if (err)
        *err = (struct err){0}; /* what was missing has been made */
    *ret_store = self;
    return 0;
}

/* The steps that this program carries, as of a database that does not exist. */
static size_t no_steps(const char *address, struct schema_step *ret_steps, size_t max)
{
    bool sqlite = text_starts(text_of(address), TEXT("sqlite:"));
    const struct schema_text *texts = sqlite ? schema_sqlite : schema_postgres;
    size_t n = 0;
    for (; texts[n].number != 0 && n < max; n++)
        ret_steps[n] = (struct schema_step){.number = texts[n].number, .name = texts[n].name};
    return n;
}

int store_schema_look(const struct store_options *options, struct schema_step *ret_steps, size_t max, size_t *ret_n,
                      struct err *err)
{
    struct db *db = NULL;
    struct store *self = store_new(options);
    if (!self)
        return err_set(err, E_NOMEM, "no memory for the store");
    int failed = db_open(text_of(self->address), DB_READER, &db, err);
    if (!failed)
        failed = store_schema(db, ret_steps, max, ret_n, err);
    if (failed == E_NOT_FOUND) {
        *ret_n = no_steps(self->address, ret_steps, max);
        failed = 0;
    }
    db_close(db);
    store_close(self);
    return failed;
}

/* The writer goes last of all connections and makes the last checkpoint; the lock goes after it. */
void store_close(struct store *store)
{
    if (!store)
        return;
    left_out_close(store);
    db_close(store->writer);
    keys_free(store->keys);
    if (store->lock >= 0)
        close(store->lock);
    free(store->folder);
    free(store->address);
    free(store);
}

/* --- what it is ------------------------------------------------------------------------------------------------------ */

const struct keys *store_keys(const struct store *store)
{
    return store->keys;
}

const struct clock *store_clock(const struct store *store)
{
    return store->clock;
}

const struct random_source *store_random(const struct store *store)
{
    return store->random;
}

const char *store_folder(const struct store *store)
{
    return store->folder;
}

int store_connect(struct store *store, enum db_access access, struct db **ret_db, struct err *err)
{
    if (access == DB_WRITER)
        return err_set(err, E_BUG, "one connection writes, and it is the writer lane's");
    return db_open(text_of(store->address), access, ret_db, err);
}

void store_listen(struct store *store, const struct store_listener *listener)
{
    store->listener = *listener;
}
