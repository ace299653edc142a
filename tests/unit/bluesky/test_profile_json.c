/* tests/unit/bluesky/test_profile_json.c
 *
 * What the AppView says of accounts, in the shapes of app.bsky.actor.defs.
 */
#include "base/cleanup.h"
#include "bluesky/profile_json.h"
#include "lib/check.h"

struct fixture {
    struct arena arena;
    const struct profile **profiles;
    size_t n;
    struct err err;
};

static int read(struct fixture *fixture, const char *body, const char *member)
{
    *fixture = (struct fixture){0};
    arena_init(&fixture->arena, 1 << 20);
    return profiles_from_json(text_of(body), member, true, &fixture->arena, &fixture->profiles, &fixture->n,
                              &fixture->err);
}

static void test_a_detailed_profile(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(read(&fixture,
                          "{\"profiles\":[{\"did\":\"did:plc:aaaabbbbccccddddeeeeffff\",\"handle\":\"ada.example.org\","
                          "\"displayName\":\"Ada Qu\\u00e9\",\"description\":\"Maps.\\nOn X as "
                          "@ada_q\",\"website\":\"https://ada.example.org\","
                          "\"createdAt\":\"2023-07-01T10:00:00.000Z\",\"indexedAt\":\"2024-01-01T00:00:00.000Z\","
                          "\"followersCount\":12,"
                          "\"followsCount\":34,\"postsCount\":56,\"labels\":[],\"viewer\":{\"muted\":false},"
                          "\"verification\":{\"verifications\":[],\"verifiedStatus\":\"valid\","
                          "\"trustedVerifierStatus\":\"none\"}}]}",
                          "profiles"),
                     0);
    assert_int_equal(fixture.n, 1);
    const struct profile *profile = fixture.profiles[0];
    assert_text(profile->id, "did:plc:aaaabbbbccccddddeeeeffff");
    assert_text(profile->handle, "ada.example.org");
    assert_text(profile->name, "Ada Qué");
    assert_text(profile->website, "https://ada.example.org");
    assert_int_equal(profile->followers, 12);
    assert_int_equal(profile->follows, 34);
    assert_int_equal(profile->posts, 56);
    assert_true(profile->created_ms == INT64_C(1688205600000));
    assert_int_equal(profile->marks, PROFILE_VERIFIED);
    assert_true(profile->detailed);
    arena_release(&fixture.arena);
}

static void test_a_sparse_hit(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(
        read(&fixture, "{\"actors\":[{\"did\":\"did:plc:a\",\"handle\":\"a.test\"}],\"cursor\":\"x\"}", "actors"), 0);
    assert_int_equal(fixture.n, 1);
    assert_text(fixture.profiles[0]->name, "");
    assert_true(fixture.profiles[0]->followers == PROFILE_COUNT_UNKNOWN);
    assert_true(fixture.profiles[0]->created_ms == PROFILE_DATE_UNKNOWN);
    arena_release(&fixture.arena);
}

static const struct {
    const char *json; /* members of an account */
    unsigned marks;
} marked[] = {
    {"\"handle\":\"a.test\",\"labels\":[{\"val\":\"impersonation\",\"src\":\"did:plc:l\"}]", PROFILE_IMPERSONATION},
    {"\"handle\":\"a.test\",\"labels\":[{\"val\":\"spam\"},{\"val\":\"!hide\"}]", PROFILE_SPAM | PROFILE_HIDDEN},
    {"\"handle\":\"a.test\",\"labels\":[{\"val\":\"spam\",\"neg\":true}]", 0},
    {"\"handle\":\"a.test\",\"labels\":[{\"val\":\"!no-unauthenticated\",\"src\":\"did:plc:a\"}]", PROFILE_NO_PUBLIC},
    {"\"handle\":\"a.test\",\"labels\":[{\"val\":\"!takedown\"},{\"val\":\"cats\"},7,null]", PROFILE_TAKEN_DOWN},
    {"\"handle\":\"handle.invalid\"", PROFILE_HANDLE_INVALID},
    {"\"handle\":\"ada.mastodon.example.ap.brid.gy\"", PROFILE_MIRROR},
    {"\"handle\":\"a.test\",\"description\":\"hello #NoSkein\"", PROFILE_LEAVE_ME_OUT},
    {"\"handle\":\"a.test\",\"description\":\"#noskeins are fine\"", 0},
    {"\"handle\":\"a.test\",\"verification\":{\"verifiedStatus\":\"invalid\"}", 0},
};

static void test_marks(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(marked); i++) {
        struct fixture fixture;
        char body[512];
        snprintf(body, sizeof body, "{\"profiles\":[{\"did\":\"did:plc:a\",%s}]}", marked[i].json);
        assert_int_equal(read(&fixture, body, "profiles"), 0);
        assert_int_equal(fixture.n, 1);
        assert_int_equal(fixture.profiles[0]->marks, marked[i].marks);
        arena_release(&fixture.arena);
    }
}

static void test_unusable_items_are_left_out(void **state)
{
    (void)state;
    struct fixture fixture;
    assert_int_equal(
        read(&fixture,
             "{\"profiles\":[{\"did\":\"did:plc:a\"},{\"handle\":\"b.test\"},null,\"x\","
             "{\"did\":\"plc:a\",\"handle\":\"c.test\"},{\"did\":\"did:web:d.test\",\"handle\":\"d.test\"}]}",
             "profiles"),
        0);
    assert_int_equal(fixture.n, 1);
    assert_text(fixture.profiles[0]->id, "did:web:d.test");
    arena_release(&fixture.arena);
}

static void test_other_answers_are_errors(void **state)
{
    (void)state;
    const char *const bodies[] = {"", "<html>", "{}", "[]", "{\"profiles\":{}}", "{\"profiles\":[", "null"};
    for (size_t i = 0; i < ARRAY_LEN(bodies); i++) {
        struct fixture fixture;
        assert_int_equal(read(&fixture, bodies[i], "profiles"), E_PROTOCOL);
        assert_true(fixture.err.text[0] != '\0');
        arena_release(&fixture.arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_detailed_profile),
        cmocka_unit_test(test_a_sparse_hit),
        cmocka_unit_test(test_marks),
        cmocka_unit_test(test_unusable_items_are_left_out),
        cmocka_unit_test(test_other_answers_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
