/* tests/unit/crypto/test_keys.c
 *
 * Boxes open for who sealed them and for nobody else; hashes are found again; and both have a form that never changes.
 */
#include "crypto/keys.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HASH_LINE "hash 000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define SEAL_ONE  "seal 1 202122232425262728292a2b2c2d2e2f303132333435363738393a3b3c3d3e3f\n"
#define SEAL_TWO  "seal 2 404142434445464748494a4b4c4d4e4f505152535455565758595a5b5c5d5e5f\n"
#define BOX_MAX   (1 << 20)

/* "a fact", bound to "row 1", sealed with SEAL_ONE under the nonce 00 01 ... 17. Computed from
 * draft-irtf-cfrg-xchacha-03 and RFC 8439, without libsodium. */
static const char known_box[] = "0101000000"
                                "000102030405060708090a0b0c0d0e0f1011121314151617"
                                "d629e290564c2c0a621f943a7679be803fe36506f04d";

CLEANUP_POINTER(struct keys, keys_free)

static struct keys *keys_of(const char *content)
{
    char folder[] = "/tmp/skein-keys-XXXXXX";
    char path[64];
    struct keys *keys = NULL;
    struct err err = {0};
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/" KEYS_FILE, folder);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, strlen(content)), strlen(content));
    close(fd);
    assert_int_equal(keys_open(folder, NULL, &keys, &err), 0);
    unlink(path);
    rmdir(folder);
    return keys;
}

static void unhex(const char *hex, struct buf *out)
{
    for (; hex[0] && hex[1]; hex += 2) {
        char pair[3] = {hex[0], hex[1], '\0'};
        buf_add_byte(out, (char)strtoul(pair, NULL, 16));
    }
}

static void what_is_sealed_opens(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("boxes of any length");
    CLEANUP(keys_free_at) struct keys *keys = keys_of(HASH_LINE SEAL_ONE);
    for (size_t round = 0; round < 200; round++) {
        CLEANUP(buf_release) struct buf plain;
        CLEANUP(buf_release) struct buf box;
        CLEANUP(buf_release) struct buf open;
        buf_init(&plain, BOX_MAX);
        buf_init(&box, BOX_MAX);
        buf_init(&open, BOX_MAX);
        seeded_text(&seeded, &plain, seeded_below(&seeded, 2000));
        buf_add(&box, TEXT("before"));
        buf_add(&open, TEXT("before"));
        assert_int_equal(keys_seal(keys, &random_system, buf_text(&plain), TEXT("row"), &box), 0);
        assert_int_equal(box.len, 6 + plain.len + SEAL_OVERHEAD);
        struct text sealed = text_slice(buf_text(&box), 6, box.len);
        assert_int_equal(keys_box_number(sealed), 1);
        assert_int_equal(keys_unseal(keys, sealed, TEXT("row"), &open, NULL), 0);
        assert_true(text_equal(text_slice(buf_text(&open), 6, open.len), buf_text(&plain)));
    }
}

static void a_box_that_was_touched_does_not_open(void **state)
{
    (void)state;
    CLEANUP(keys_free_at) struct keys *keys = keys_of(HASH_LINE SEAL_ONE SEAL_TWO);
    CLEANUP(buf_release) struct buf box;
    CLEANUP(buf_release) struct buf open;
    struct err err = {0};
    buf_init(&box, BOX_MAX);
    buf_init(&open, BOX_MAX);
    assert_int_equal(keys_seal(keys, &random_system, TEXT("who follows whom"), TEXT("import 1"), &box), 0);
    for (size_t bit = 0; bit < box.len * 8; bit++) {
        box.data[bit / 8] = (char)(box.data[bit / 8] ^ 1 << bit % 8);
        assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT("import 1"), &open, &err), E_BAD_INPUT);
        assert_true(err.text[0] != '\0');
        assert_int_equal(open.len, 0);
        box.data[bit / 8] = (char)(box.data[bit / 8] ^ 1 << bit % 8);
    }
    for (size_t len = 0; len < box.len; len++)
        assert_int_equal(keys_unseal(keys, (struct text){box.data, len}, TEXT("import 1"), &open, &err), E_BAD_INPUT);
    assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT("import 2"), &open, &err), E_BAD_INPUT);
    assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT_NONE, &open, &err), E_BAD_INPUT);
    assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT("import 1"), &open, &err), 0);
    assert_text(buf_text(&open), "who follows whom");
}

static void a_full_buffer_is_left_as_it_was(void **state)
{
    (void)state;
    CLEANUP(keys_free_at) struct keys *keys = keys_of(HASH_LINE SEAL_ONE);
    CLEANUP(buf_release) struct buf box;
    CLEANUP(buf_release) struct buf small;
    struct err err = {0};
    buf_init(&box, BOX_MAX);
    buf_init(&small, 10);
    assert_int_equal(keys_seal(keys, &random_system, TEXT("eleven bytes"), TEXT_NONE, &small), E_TOO_LARGE);
    assert_int_equal(small.len, 0);
    assert_int_equal(keys_seal(keys, &random_system, TEXT("eleven bytes"), TEXT_NONE, &box), 0);
    assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT_NONE, &small, &err), E_TOO_LARGE);
    assert_int_equal(small.len, 0);
}

/* The newest key seals, whatever its line; boxes of the older open as long as its line is there. */
static void keys_rotate(void **state)
{
    (void)state;
    CLEANUP(keys_free_at) struct keys *one = keys_of(HASH_LINE SEAL_ONE);
    CLEANUP(keys_free_at) struct keys *both = keys_of(SEAL_TWO HASH_LINE SEAL_ONE);
    CLEANUP(keys_free_at) struct keys *two = keys_of(HASH_LINE SEAL_TWO);
    CLEANUP(buf_release) struct buf old;
    CLEANUP(buf_release) struct buf new;
    CLEANUP(buf_release) struct buf open;
    struct err err = {0};
    buf_init(&old, BOX_MAX);
    buf_init(&new, BOX_MAX);
    buf_init(&open, BOX_MAX);
    assert_int_equal(keys_seal_number(one), 1);
    assert_int_equal(keys_seal_number(both), 2);
    assert_int_equal(keys_seal(one, &random_system, TEXT("old"), TEXT("row"), &old), 0);
    assert_int_equal(keys_seal(both, &random_system, TEXT("new"), TEXT("row"), &new), 0);
    assert_int_equal(keys_box_number(buf_text(&old)), 1);
    assert_int_equal(keys_box_number(buf_text(&new)), 2);
    assert_int_equal(keys_unseal(both, buf_text(&old), TEXT("row"), &open, &err), 0);
    assert_int_equal(keys_unseal(two, buf_text(&new), TEXT("row"), &open, &err), 0);
    assert_text(buf_text(&open), "oldnew");
    assert_int_equal(keys_unseal(two, buf_text(&old), TEXT("row"), &open, &err), E_BAD_INPUT);
    assert_non_null(strstr(err.text, "key 1"));
}

static void a_box_of_another_hand_opens(void **state)
{
    (void)state;
    CLEANUP(keys_free_at) struct keys *keys = keys_of(HASH_LINE SEAL_ONE);
    CLEANUP(buf_release) struct buf box;
    CLEANUP(buf_release) struct buf open;
    buf_init(&box, BOX_MAX);
    buf_init(&open, BOX_MAX);
    unhex(known_box, &box);
    assert_int_equal(keys_unseal(keys, buf_text(&box), TEXT("row 1"), &open, NULL), 0);
    assert_text(buf_text(&open), "a fact");
}

/* Known answers from Python's hashlib: blake2b(about + b"\0" + what, digest_size=32, key=bytes(range(32))). */
static void hashes_never_change(void **state)
{
    (void)state;
    static const struct {
        const char *about;
        const char *what;
        const char *hash;
    } known[] = {
        {"x-handle", "jane", "2746cf2546d4745e3d84f2d711caed5ac0d00c386a8ebfbc2d586c847c092632"},
        {"x-id", "jane", "2ba56acdfaf7511cb159b90286ad92e486806dcbad8722ea05072836807741a9"},
        {"x-id", "", "e151b6138f1b3cb3489740a2ad9a9c13248a3ae6e94207e424d76561026aae6b"},
    };
    CLEANUP(keys_free_at) struct keys *keys = keys_of(HASH_LINE SEAL_ONE);
    for (size_t i = 0; i < ARRAY_LEN(known); i++) {
        CLEANUP(buf_release) struct buf wanted;
        struct keyed_hash hash;
        buf_init(&wanted, KEYED_HASH_SIZE);
        unhex(known[i].hash, &wanted);
        keys_hash(keys, known[i].about, text_of(known[i].what), &hash);
        assert_int_equal(wanted.len, sizeof hash.bytes);
        assert_memory_equal(hash.bytes, wanted.data, sizeof hash.bytes);
    }
}

static void the_fingerprint_is_of_the_hash_key(void **state)
{
    (void)state;
    CLEANUP(keys_free_at) struct keys *one = keys_of(HASH_LINE SEAL_ONE);
    CLEANUP(keys_free_at) struct keys *two = keys_of(SEAL_TWO SEAL_ONE HASH_LINE);
    char first[KEYS_FINGERPRINT];
    char second[KEYS_FINGERPRINT];
    keys_fingerprint(one, first);
    keys_fingerprint(two, second);
    assert_string_equal(first, "45166baa782e5a99");
    assert_string_equal(second, first);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_sealed_opens),
        cmocka_unit_test(a_box_that_was_touched_does_not_open),
        cmocka_unit_test(a_full_buffer_is_left_as_it_was),
        cmocka_unit_test(keys_rotate),
        cmocka_unit_test(a_box_of_another_hand_opens),
        cmocka_unit_test(hashes_never_change),
        cmocka_unit_test(the_fingerprint_is_of_the_hash_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
