/* tests/unit/bluesky/test_account_sign_in.c
 *
 * Signing in at a scripted PDS: who it is, where the password goes, and each refusal by its name.
 */
#include "base/json.h"
#include "unit/bluesky/account_stage.h"

static void test_with_a_handle(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, CREATE, (struct script_answer){.body = SESSION("1")});
    struct signed_in told = sign_in(stage, " @Alice.test ", "pw \"\\ \xC3\xA9", "ABCDE-12345");
    assert_int_equal(told.refusal, SIGN_IN_DONE);
    assert_text(told.account->id, ALICE);
    assert_text(told.account->handle, "alice.test");
    assert_string_equal(told.account->network, "bluesky");
    stage->account = told.account;
    CLEANUP_JSON json_t *root = json_from_text(request_of(stage, "createSession", 0)->body, NULL);
    assert_text(json_text_at(root, "identifier"), ALICE);
    assert_text(json_text_at(root, "password"), "pw \"\\ \xC3\xA9");
    assert_text(json_text_at(root, "authFactorToken"), "ABCDE-12345");
}

static void test_with_a_did(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, CREATE, (struct script_answer){.body = SESSION("1")});
    struct signed_in told = sign_in(stage, ALICE, "pw-alice", NULL);
    assert_int_equal(told.refusal, SIGN_IN_DONE);
    stage->account = told.account;
    CLEANUP_JSON json_t *root = json_from_text(request_of(stage, "createSession", 0)->body, NULL);
    assert_null(json_object_get(root, "authFactorToken"));
}

static void test_refusals(void **state)
{
    struct stage *stage = *state;
    static const struct {
        struct script_answer answer;
        enum account_refusal refusal;
    } cases[] = {
        {{.status = 401, .body = ERROR("AuthenticationRequired")}, SIGN_IN_PASSWORD},
        {{.status = 401, .body = ERROR("AuthFactorTokenRequired")}, SIGN_IN_CODE},
        {{.status = 400, .body = ERROR("InvalidToken")}, SIGN_IN_CODE},
        {{.status = 401, .body = ERROR("AccountTakedown")}, SIGN_IN_TAKEN_DOWN},
        {{.body = "{\"did\":\"" ALICE "\",\"accessJwt\":\"a\",\"refreshJwt\":\"b\",\"active\":false,"
                  "\"status\":\"deactivated\"}"},
         SIGN_IN_DEACTIVATED},
        {{.body = "{\"did\":\"" ALICE "\",\"accessJwt\":\"a\",\"refreshJwt\":\"b\",\"active\":false,"
                  "\"status\":\"suspended\"}"},
         SIGN_IN_SUSPENDED},
        {{.body = "{\"did\":\"" BOB "\",\"accessJwt\":\"a\",\"refreshJwt\":\"b\"}"}, SIGN_IN_AWAY},
        {{.body = "{\"did\":\"" ALICE "\",\"accessJwt\":\"a\\r\\nX: y\",\"refreshJwt\":\"b\"}"}, SIGN_IN_AWAY},
        {{.body = "<html>"}, SIGN_IN_AWAY},
        {{.status = 404, .body = "no such page"}, SIGN_IN_AWAY},
        {{.status = 501, .body = ERROR("MethodNotImplemented")}, SIGN_IN_AWAY},
        {{.status = 500}, SIGN_IN_AWAY},
        {{.how = SCRIPT_CLOSE}, SIGN_IN_AWAY},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        script_server_on(stage->world.server, CREATE, cases[i].answer);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(sign_in(stage, "alice.test", "pw-alice", NULL).refusal, cases[i].refusal);
    assert_int_equal(script_server_hits(stage->world.server, CREATE), ARRAY_LEN(cases)); /* each once */
}

static void test_too_many_tries(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, CREATE, (struct script_answer){.status = 429, .headers = "Retry-After: 289"});
    struct signed_in told = sign_in(stage, "alice.test", "pw-alice", NULL);
    assert_int_equal(told.refusal, SIGN_IN_WAIT);
    assert_true(told.until_ms > clock_wall(&clock_system) + 200 * SECOND_MS);
}

static void test_nobody(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, "GET /xrpc/com.atproto.identity.resolveHandle",
                     (struct script_answer){.status = 400, .body = ERROR("HandleNotFound")});
    assert_int_equal(sign_in(stage, "nobody.test", "pw", NULL).refusal, SIGN_IN_NOBODY);
    assert_int_equal(sign_in(stage, "alice@mail.example", "pw", NULL).refusal, SIGN_IN_NOBODY);
    assert_int_equal(sign_in(stage, "", "pw", NULL).refusal, SIGN_IN_NOBODY);
    assert_int_equal(script_server_hits(stage->world.server, CREATE), 0);
}

/* The password goes nowhere before the handle is known to be the account's, both ways. */
static void test_a_handle_that_the_account_does_not_name(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, "GET /xrpc/com.atproto.identity.resolveHandle?handle=mallory.test",
                     (struct script_answer){.body = "{\"did\":\"" ALICE "\"}"});
    assert_int_equal(sign_in(stage, "mallory.test", "pw-alice", NULL).refusal, SIGN_IN_NOBODY);
    assert_int_equal(script_server_hits(stage->world.server, CREATE), 0);
}

static void test_a_directory_that_is_down(void **state)
{
    struct stage *stage = *state;
    script_server_on(stage->world.server, "GET /" BOB, (struct script_answer){.status = 500});
    assert_int_equal(sign_in(stage, BOB, "pw", NULL).refusal, SIGN_IN_AWAY);
}

static void test_cancelled(void **state)
{
    struct stage *stage = *state;
    const struct network *network = bluesky_network(stage->bluesky);
    struct account_credentials credentials = {TEXT("alice.test"), TEXT("pw-alice"), TEXT("")};
    struct signed_in told = {0};
    script_server_on(stage->world.server, CREATE, (struct script_answer){.how = SCRIPT_NEVER});
    account_sign_in_cancel(network, account_sign_in(network, &credentials, keep_signed_in, &told));
    struct account_sign_in *later = account_sign_in(network, &credentials, keep_signed_in, &told);
    while (script_server_hits(stage->world.server, CREATE) == 0)
        world_sleep(&stage->world, 5);
    account_sign_in_cancel(network, later);
    world_sleep(&stage->world, 20);
    assert_int_equal(told.times, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up_outside, tear_down)
        TEST(test_with_a_handle),
        TEST(test_with_a_did),
        TEST(test_refusals),
        TEST(test_too_many_tries),
        TEST(test_nobody),
        TEST(test_a_handle_that_the_account_does_not_name),
        TEST(test_a_directory_that_is_down),
        TEST(test_cancelled),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
