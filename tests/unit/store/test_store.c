/* tests/unit/store/test_store.c
 *
 * Opening a store: one owner, its rights, its keys, and readers beside it.
 */
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/folder.h"
#include "store/inside.h"

#include <linux/magic.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static struct scratch scratch;
static struct err err;

static int make_scratch(void **state)
{
    (void)state;
    err = (struct err){0};
    scratch_make(&scratch);
    return 0;
}

static int remove_scratch(void **state)
{
    (void)state;
    scratch_remove(&scratch);
    return 0;
}

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static int open_as(enum store_role role, struct store **ret_store)
{
    struct store_options options = {.folder = path_of("data"), .role = role};
    return store_open(&options, ret_store, &err);
}

static struct store *must_open(enum store_role role)
{
    struct store *store = NULL;
    err = (struct err){0};
    if (open_as(role, &store) != 0)
        fail_msg("%s", err.text);
    assert_int_equal(err.code, 0); /* nor is anything left of what was looked for and made */
    return store;
}

static mode_t rights_of(const char *name)
{
    struct stat status;
    assert_int_equal(stat(path_of(name), &status), 0);
    return status.st_mode & 0777;
}

/* --- one owner -------------------------------------------------------------------------------------------------------- */

static void an_owner_makes_what_is_missing_for_itself_alone(void **state)
{
    (void)state;
    struct store *store = must_open(STORE_OWNER);
    assert_int_equal(rights_of("data"), 0700);
    const char *files[] = {"data/skein.db", "data/keys", "data/lock", "data/left-out.log", "data/skein.db-lock"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++)
        assert_int_equal(rights_of(files[i]), 0600);
    assert_non_null(store_keys(store));
    assert_string_equal(store_folder(store), path_of("data"));
    store_close(store);
    assert_int_equal(access(path_of("data/skein.db-wal"), F_OK), -1); /* its last checkpoint took the log away */
    store_close(must_open(STORE_OWNER));
}

/* A process that owns the store until it is killed. Returns when it does. */
static pid_t another_owner(void)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct store *store;
        close(ready[0]);
        if (open_as(STORE_OWNER, &store) != 0 || write(ready[1], "1", 1) != 1)
            _exit(1);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    return child;
}

static void a_second_process_is_told_who_owns_it(void **state)
{
    (void)state;
    struct store *store;
    char words[64];
    int status;
    pid_t child = another_owner();
    assert_int_equal(open_as(STORE_OWNER, &store), E_BUSY);
    snprintf(words, sizeof words, "held by process %d", child);
    assert_non_null(strstr(err.text, words));
    store_close(must_open(STORE_READER));
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    store_close(must_open(STORE_OWNER)); /* the kernel has given the lock back */
}

static void two_folders_cannot_own_one_database(void **state)
{
    (void)state;
    struct store *store = must_open(STORE_OWNER);
    struct store *second;
    struct store_options options = {.folder = path_of("other"),
                                    .database = text_of(scratch_name(&scratch, "sqlite:", "data/skein.db")),
                                    .role = STORE_OWNER};
    assert_int_equal(store_open(&options, &second, &err), E_BUSY);
    store_close(store);
    assert_int_equal(store_open(&options, &second, &err), E_FORBIDDEN); /* and its keys are not the database's */
    assert_int_equal(access(path_of("other/keys"), F_OK), -1);
}

/* --- folders ---------------------------------------------------------------------------------------------------------- */

static void a_folder_that_others_may_write_to_is_refused(void **state)
{
    (void)state;
    struct store *store;
    assert_int_equal(mkdir(path_of("data"), 0700), 0);
    mode_t bad[] = {0770, 0707, 0722};
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(chmod(path_of("data"), bad[i]), 0);
        assert_int_equal(open_as(STORE_OWNER, &store), E_FORBIDDEN);
        assert_non_null(strstr(err.text, "chmod 700"));
    }
    assert_int_equal(access(path_of("data/skein.db"), F_OK), -1);
    assert_int_equal(chmod(path_of("data"), 0755), 0); /* what may be seen there are names of files */
    store_close(must_open(STORE_OWNER));
}

static void what_is_no_folder_is_refused(void **state)
{
    (void)state;
    struct store *store;
    scratch_write(path_of("data"), TEXT("a file"));
    assert_int_equal(open_as(STORE_OWNER, &store), E_BAD_INPUT);
    assert_int_equal(unlink(path_of("data")), 0);
    struct store_options deep = {.folder = path_of("a/b"), .role = STORE_OWNER};
    assert_int_equal(store_open(&deep, &store, &err), E_IO);
}

static void network_file_systems_are_known(void **state)
{
    (void)state;
    const struct text mounts = text_of("36 25 0:31 / /mnt/a rw,nosuid shared:1 - fuse.sshfs user@host: rw,user_id=0\n"
                                       "37 25 0:32 / /mnt/b rw,nosuid - fuse.encfs encfs rw\n"
                                       "38 25 0:3 / /mnt/c rw - fuse.rclone x: rw\n"
                                       "39 25\n"
                                       "40 25 0:40 / /mnt/d - ");
    struct text type;
    assert_string_equal(folder_network_type(NFS_SUPER_MAGIC), "NFS");
    assert_string_equal(folder_network_type((long)(int32_t)CIFS_SUPER_MAGIC), "CIFS"); /* as f_type on 32 bits */
    assert_string_equal(folder_network_type(V9FS_MAGIC), "9P");
    assert_null(folder_network_type(EXT4_SUPER_MAGIC));
    assert_null(folder_network_type(FUSE_SUPER_MAGIC));
    assert_true(folder_network_fuse(mounts, 0, 31, &type));
    assert_text(type, "fuse.sshfs");
    assert_false(folder_network_fuse(mounts, 0, 32, &type));
    assert_true(folder_network_fuse(mounts, 0, 3, &type));
    assert_false(folder_network_fuse(mounts, 1, 31, &type));
    assert_false(folder_network_fuse(mounts, 0, 40, &type));
    assert_false(folder_network_fuse(TEXT_NONE, 0, 31, &type));
}

/* --- keys ------------------------------------------------------------------------------------------------------------- */

static void a_database_and_another_key_file_do_not_go_together(void **state)
{
    (void)state;
    struct store *store;
    store_close(must_open(STORE_OWNER));
    assert_int_equal(rename(path_of("data/keys"), path_of("kept")), 0);
    for (enum store_role role = STORE_OWNER; role <= STORE_READER; role++) {
        assert_int_equal(open_as(role, &store), E_FORBIDDEN);
        assert_non_null(strstr(err.text, "data/keys is missing"));
    }
    assert_int_equal(access(path_of("data/keys"), F_OK), -1); /* new ones would look as if all were well */

    struct store_options other = {.folder = path_of("other"), .role = STORE_OWNER};
    assert_int_equal(store_open(&other, &store, &err), 0);
    store_close(store);
    assert_int_equal(rename(path_of("other/keys"), path_of("data/keys")), 0);
    for (enum store_role role = STORE_OWNER; role <= STORE_READER; role++) {
        assert_int_equal(open_as(role, &store), E_FORBIDDEN);
        assert_non_null(strstr(err.text, "fingerprint"));
    }
    assert_int_equal(rename(path_of("kept"), path_of("data/keys")), 0);
    store_close(must_open(STORE_OWNER));
}

static void keys_are_not_made_anew_where_hashes_are_left(void **state)
{
    (void)state;
    struct store *store;
    store_close(must_open(STORE_OWNER));
    scratch_write(path_of("data/left-out.log"),
                  TEXT("2026-11-26T09:30:00.000Z opt-out "
                       "000102030405060708090a0b0c0d0e0f000102030405060708090a0b0c0d0e0f\n"));
    assert_int_equal(unlink(path_of("data/keys")), 0);
    assert_int_equal(unlink(path_of("data/skein.db")), 0);
    assert_int_equal(open_as(STORE_OWNER, &store), E_FORBIDDEN);
    assert_int_equal(access(path_of("data/keys"), F_OK), -1);
}

/* --- readers ---------------------------------------------------------------------------------------------------------- */

static void a_reader_of_nothing_is_told_so(void **state)
{
    (void)state;
    struct store *store;
    assert_int_equal(open_as(STORE_READER, &store), E_NOT_FOUND);
    assert_int_equal(mkdir(path_of("data"), 0700), 0);
    assert_int_equal(open_as(STORE_READER, &store), E_NOT_FOUND);
    assert_non_null(strstr(err.text, "nothing has been stored yet"));
    scratch_write(path_of("data/skein.db"), TEXT_NONE); /* an owner that was killed right after it made the file */
    assert_int_equal(open_as(STORE_READER, &store), E_NOT_FOUND);
}

static void connections_are_for_reading(void **state)
{
    (void)state;
    struct store *store = must_open(STORE_OWNER);
    struct db *db;
    assert_int_equal(store_connect(store, DB_WRITER, &db, &err), E_BUG);
    assert_int_equal(store_connect(store, DB_READER, &db, &err), 0);
    assert_int_not_equal(db_script(db, TEXT("DELETE FROM server"), &err), 0);
    db_close(db);
    store_close(store);
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make_scratch, remove_scratch)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(an_owner_makes_what_is_missing_for_itself_alone),
        IN_SCRATCH(a_second_process_is_told_who_owns_it),
        IN_SCRATCH(two_folders_cannot_own_one_database),
        IN_SCRATCH(a_folder_that_others_may_write_to_is_refused),
        IN_SCRATCH(what_is_no_folder_is_refused),
        IN_SCRATCH(network_file_systems_are_known),
        IN_SCRATCH(a_database_and_another_key_file_do_not_go_together),
        IN_SCRATCH(keys_are_not_made_anew_where_hashes_are_left),
        IN_SCRATCH(a_reader_of_nothing_is_told_so),
        IN_SCRATCH(connections_are_for_reading),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
