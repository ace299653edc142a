/* tests/unit/crypto/test_key_file.c
 *
 * The file of the keys: made once, never replaced, and refused with a sentence where it cannot be trusted.
 */
#include "crypto/keys.h"

#include "base/cleanup.h"
#include "lib/check.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define HEX  "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
#define HASH "hash " HEX "\n"
#define SEAL "seal 1 " HEX "\n"

CLEANUP_POINTER(struct keys, keys_free)

struct place {
    char folder[32];
    char file[40];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    snprintf(place->folder, sizeof place->folder, "/tmp/skein-keys-XXXXXX");
    assert_non_null(mkdtemp(place->folder));
    snprintf(place->file, sizeof place->file, "%s/" KEYS_FILE, place->folder);
    *state = place;
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->file);
    int rc = rmdir(place->folder); /* fails where a file was left behind */
    free(place);
    return rc;
}

static void put(const struct place *place, const char *content, mode_t mode)
{
    unlink(place->file);
    int fd = open(place->file, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
}

static void a_file_is_made_once(void **state)
{
    const struct place *place = *state;
    CLEANUP(keys_free_at) struct keys *made = NULL;
    CLEANUP(keys_free_at) struct keys *again = NULL;
    char first[KEYS_FINGERPRINT];
    char second[KEYS_FINGERPRINT];
    struct stat before;
    struct stat after;
    struct err err = {0};

    assert_int_equal(keys_open(place->folder, NULL, &made, &err), E_NOT_FOUND);
    assert_non_null(strstr(err.text, place->file));
    assert_null(made);
    assert_int_equal(keys_open(place->folder, &random_system, &made, &err), 0);
    assert_int_equal(stat(place->file, &before), 0);
    assert_int_equal(before.st_mode & 07777, 0600);
    assert_int_equal(before.st_nlink, 1);
    assert_int_equal(keys_open(place->folder, &random_system, &again, &err), 0);
    assert_int_equal(stat(place->file, &after), 0);
    assert_int_equal(before.st_ino, after.st_ino);
    assert_int_equal(keys_seal_number(made), 1);
    keys_fingerprint(made, first);
    keys_fingerprint(again, second);
    assert_string_equal(first, second);
}

static void *open_keys(void *folder)
{
    struct keys *keys = NULL;
    return keys_open(folder, &random_system, &keys, NULL) == 0 ? keys : NULL;
}

/* Whoever is first, all end with the same keys. */
static void two_who_make_it_at_once_agree(void **state)
{
    struct place *place = *state;
    for (unsigned round = 0; round < 50; round++) {
        pthread_t threads[4];
        char first[KEYS_FINGERPRINT] = "";
        unlink(place->file);
        for (size_t i = 0; i < ARRAY_LEN(threads); i++)
            assert_int_equal(pthread_create(&threads[i], NULL, open_keys, place->folder), 0);
        for (size_t i = 0; i < ARRAY_LEN(threads); i++) {
            void *keys;
            char fingerprint[KEYS_FINGERPRINT];
            assert_int_equal(pthread_join(threads[i], &keys), 0);
            assert_non_null(keys);
            keys_fingerprint(keys, fingerprint);
            keys_free(keys);
            if (i == 0)
                memcpy(first, fingerprint, sizeof first);
            assert_string_equal(fingerprint, first);
        }
    }
}

static const struct {
    const char *content;
    const char *said;
} damaged[] = {
    {"", "holds no hash key"},
    {"# only words\n", "holds no hash key"},
    {HASH, "holds no seal key"},
    {SEAL, "holds no hash key"},
    {HASH "\n# words\nseal 1 " HEX "0\n", "line 4"},
    {HASH "seal 1 xx" HEX "\n", "line 2"},
    {HASH "seal 1 0001\n", "line 2"},
    {HASH "seal 0 " HEX "\n", "line 2 has no number"},
    {HASH "seal 4294967296 " HEX "\n", "line 2 has no number"},
    {HASH "seal " HEX "\n", "line 2 has no number"},
    {HASH "seal 1\n", "line 2"},
    {HASH SEAL SEAL, "line 3 has the number of a line above"},
    {HASH HASH SEAL, "line 2 is a second hash key"},
    {"hash 00\n" SEAL, "line 1"},
    {"hash\n" SEAL, "line 1"},
    {HASH SEAL "sael 2 " HEX "\n", "line 3"},
};

static void a_damaged_line_is_named(void **state)
{
    const struct place *place = *state;
    for (size_t i = 0; i < ARRAY_LEN(damaged); i++) {
        struct keys *keys = NULL;
        struct err err = {0};
        put(place, damaged[i].content, 0600);
        assert_int_equal(keys_open(place->folder, &random_system, &keys, &err), E_BAD_INPUT);
        assert_null(keys);
        if (!strstr(err.text, damaged[i].said) || !strstr(err.text, place->file) || strstr(err.text, "0001"))
            fail_msg("case %zu: %s", i, err.text);
    }
}

static void comments_blanks_and_line_ends_are_fine(void **state)
{
    const struct place *place = *state;
    CLEANUP(keys_free_at) struct keys *keys = NULL;
    put(place, "# words\r\n\r\n  " HASH "\r\nseal 7 " HEX "\r\nseal 3 " HEX, 0600);
    assert_int_equal(keys_open(place->folder, NULL, &keys, NULL), 0);
    assert_int_equal(keys_seal_number(keys), 7);
}

static void too_much_is_refused(void **state)
{
    const struct place *place = *state;
    struct keys *keys = NULL;
    struct err err = {0};
    CLEANUP(buf_release) struct buf content;
    buf_init(&content, 1 << 20);
    buf_add(&content, TEXT(HASH));
    for (unsigned i = 1; i <= 33; i++)
        buf_printf(&content, "seal %u " HEX "\n", i);
    put(place, buf_string(&content), 0600);
    assert_int_equal(keys_open(place->folder, NULL, &keys, &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "line 34 is one seal key too many"));
    for (unsigned i = 0; i < 1000; i++)
        buf_add(&content, TEXT("# many words and more\n"));
    put(place, buf_string(&content), 0600);
    assert_int_equal(keys_open(place->folder, NULL, &keys, &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "too large"));
}

static void what_others_may_read_is_refused(void **state)
{
    const struct place *place = *state;
    static const mode_t modes[] = {0640, 0604, 0620, 0602, 0610, 0666};
    for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
        struct keys *keys = NULL;
        struct err err = {0};
        put(place, HASH SEAL, modes[i]);
        assert_int_equal(keys_open(place->folder, NULL, &keys, &err), E_BAD_INPUT);
        assert_non_null(strstr(err.text, "chmod 600"));
    }
}

static void what_is_no_file_is_refused(void **state)
{
    const struct place *place = *state;
    struct keys *keys = NULL;
    struct err err = {0};
    assert_int_equal(mkdir(place->file, 0700), 0);
    assert_int_equal(keys_open(place->folder, &random_system, &keys, &err), E_BAD_INPUT);
    assert_int_equal(rmdir(place->file), 0);
    assert_int_equal(keys_open("/nowhere/at/all", &random_system, &keys, &err), E_IO);
    assert_non_null(strstr(err.text, "/nowhere/at/all"));
}

/* In a process of its own, which gives up what cannot be had back. Returns the exit status. */
static int in_a_child(int (*run)(const struct place *), const struct place *place)
{
    int status = 0;
    pid_t child = fork();
    if (child == 0)
        _exit(run(place));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int without_locked_memory(const struct place *place)
{
    struct rlimit none = {0, 0};
    struct keys *keys = NULL;
    if (setrlimit(RLIMIT_MEMLOCK, &none) < 0 || (geteuid() == 0 && setuid(65534) < 0))
        return 2;
    int rc = keys_open(place->folder, &random_system, &keys, NULL);
    keys_free(keys);
    return rc == 0 ? 0 : 1;
}

static void works_where_memory_cannot_be_locked(void **state)
{
    const struct place *place = *state;
    assert_int_equal(chmod(place->folder, 0777), 0);
    assert_int_equal(in_a_child(without_locked_memory, place), 0);
}

static int on_a_full_disk(const struct place *place)
{
    struct rlimit few = {100, 100}; /* bytes a file may have */
    struct keys *keys = NULL;
    struct err err = {0};
    if (setrlimit(RLIMIT_FSIZE, &few) < 0 || signal(SIGXFSZ, SIG_IGN) == SIG_ERR)
        return 2;
    int rc = keys_open(place->folder, &random_system, &keys, &err);
    return rc == E_IO && !keys && strstr(err.text, strerror(EFBIG)) ? 0 : 1;
}

/* Half a file never gets the name that counts, and nothing is left behind (remove_place looks). */
static void a_full_disk_leaves_nothing(void **state)
{
    const struct place *place = *state;
    assert_int_equal(in_a_child(on_a_full_disk, place), 0);
    assert_int_equal(access(place->file, F_OK), -1);
}

#define AT_A_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, remove_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AT_A_PLACE(a_file_is_made_once),        AT_A_PLACE(two_who_make_it_at_once_agree),
        AT_A_PLACE(a_damaged_line_is_named),    AT_A_PLACE(comments_blanks_and_line_ends_are_fine),
        AT_A_PLACE(too_much_is_refused),        AT_A_PLACE(what_others_may_read_is_refused),
        AT_A_PLACE(what_is_no_file_is_refused), AT_A_PLACE(works_where_memory_cannot_be_locked),
        AT_A_PLACE(a_full_disk_leaves_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
