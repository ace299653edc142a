/* tests/unit/fetch/test_redirect.c
 *
 * Redirects, and requests that are signed anew at each try: what may go where.
 */
#include "base/buf.h"
#include "unit/fetch/world.h"

/* --- redirects ------------------------------------------------------------------------------------------------------*/

static void test_redirects_are_errors_unless_asked_for(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.status = 302, .headers = "Location: /there"});
    struct answer answer = world_get(world, "/");
    assert_int_equal(answer.code, E_PROTOCOL);
    assert_int_equal(answer.status, 302);
    assert_int_equal(script_server_hits(world->server, NULL), 1);
}

static void test_redirects_are_followed_and_vetted(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *location;
        int code;
    } cases[] = {
        {"/there", 0},
        {"there", 0},
        {"https://10.0.0.1/", E_FORBIDDEN},
        {"http://example.com/", E_FORBIDDEN},
        {"https://169.254.169.254/latest/", E_FORBIDDEN},
        {"file:///etc/passwd", E_FORBIDDEN},
        {"https://u:p@example.com/", E_FORBIDDEN},
        {"/", E_PROTOCOL}, /* for ever */
        {"", E_PROTOCOL},
    };
    script_server_on(world->server, "GET /there", (struct script_answer){.body = "here"});
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char headers[128];
        char path[16];
        char pattern[32];
        snprintf(path, sizeof path, i == 7 ? "/" : "/%zu", i);
        snprintf(pattern, sizeof pattern, "GET %s", path);
        snprintf(headers, sizeof headers, "Location: %s", cases[i].location);
        script_server_on(world->server, pattern, (struct script_answer){.status = 307, .headers = headers});
        struct answer answer =
            world_ask(world, (struct fetch_request){.url = world_url(world, path), .follow_redirects = true});
        if (answer.code != cases[i].code)
            fail_msg("%s: %s, %s", cases[i].location, err_word(answer.code), answer.reason);
        if (answer.code == 0)
            assert_string_equal(answer.body, "here");
    }
    assert_int_equal(script_server_hits(world->server, "GET /"), 1 + LIMIT_REDIRECTS);
}

static void test_redirected_secrets_stay_at_home(void **state)
{
    struct world *world = *state;
    struct script_server *other = script_server_new(world->uv);
    const struct fetch_header headers[] = {{TEXT("authorization"), TEXT("DPoP secret")},
                                           {TEXT("DPoP"), TEXT("proof")},
                                           {TEXT("Accept"), TEXT("text/plain")}};
    char location[128];
    snprintf(location, sizeof location, "Location: %s", script_server_url(other, "/far"));
    script_server_on(world->server, "GET /near", (struct script_answer){.status = 302, .headers = "Location: /nearer"});
    script_server_on(world->server, "GET /nearer", (struct script_answer){.status = 302, .headers = location});
    script_server_on(other, "GET /far", (struct script_answer){.body = "x"});
    struct answer answer = world_ask(world, (struct fetch_request){.url = world_url(world, "/near"),
                                                                   .headers = headers,
                                                                   .n_headers = ARRAY_LEN(headers),
                                                                   .follow_redirects = true});
    assert_ok(answer);
    assert_text(script_request_header(script_server_request(world->server, 1), "Authorization"), "DPoP secret");
    const struct script_request *far = script_server_request(other, 0);
    assert_true(text_empty(script_request_header(far, "Authorization")));
    assert_true(text_empty(script_request_header(far, "DPoP")));
    assert_text(script_request_header(far, "Accept"), "text/plain");
    script_server_close(other);
}

static int sign(struct fetch_attempt *attempt, void *context)
{
    (void)context;
    return fetch_attempt_header(attempt, TEXT("DPoP"), TEXT("proof"));
}

static void test_signed_requests_are_not_redirected_away(void **state)
{
    struct world *world = *state;
    struct script_server *other = script_server_new(world->uv);
    char location[128];
    snprintf(location, sizeof location, "Location: %s", script_server_url(other, "/far"));
    script_server_on(world->server, "GET /", (struct script_answer){.status = 302, .headers = location});
    struct answer answer = world_ask(
        world, (struct fetch_request){.url = world_url(world, "/"), .follow_redirects = true, .before_attempt = sign});
    assert_int_equal(answer.code, E_PROTOCOL);
    assert_int_equal(script_server_hits(other, NULL), 0);
    script_server_close(other);
}

static void test_posts_are_not_redirected(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "POST /", (struct script_answer){.status = 307, .headers = "Location: /there"});
    struct answer answer = world_ask(
        world, (struct fetch_request){.method = "POST", .url = world_url(world, "/"), .follow_redirects = true});
    assert_int_equal(answer.code, E_PROTOCOL);
    assert_int_equal(script_server_hits(world->server, NULL), 1);
}

/* --- before_attempt -------------------------------------------------------------------------------------------------*/

struct signer {
    struct answer answer; /* first: the context is also done's */
    unsigned tries;
};

static int number_the_try(struct fetch_attempt *attempt, void *context)
{
    struct signer *signer = context;
    char value[16];
    snprintf(value, sizeof value, "proof-%u", ++signer->tries);
    if (fetch_attempt_header(attempt, TEXT("DPoP"), TEXT("first thought")) < 0)
        return E_NOMEM;
    if (fetch_attempt_header(attempt, TEXT("Bad"), TEXT("a\r\nb: c")) != E_BAD_INPUT)
        return E_BUG;
    return fetch_attempt_header(attempt, TEXT("dpop"), text_of(value));
}

static void test_each_try_is_signed_anew(void **state)
{
    struct world *world = *state;
    struct signer signer = {.tries = 0};
    const struct fetch_header stale = {TEXT("DPoP"), TEXT("stale")};
    script_server_on(world->server, "GET /", (struct script_answer){.status = 502});
    script_server_on(world->server, "GET /", (struct script_answer){.how = SCRIPT_CLOSE});
    script_server_on(world->server, "GET /", (struct script_answer){.body = "signed"});
    world_send(world,
               (struct fetch_request){
                   .url = world_url(world, "/"), .headers = &stale, .n_headers = 1, .before_attempt = number_the_try},
               &signer.answer);
    assert_int_equal(signer.tries, 0); /* never from inside fetch_send */
    assert_true(world_until(world, &signer.answer.done, PATIENCE_MS));
    assert_ok(signer.answer);
    assert_int_equal(signer.tries, 3);
    for (size_t i = 0; i < 3; i++) {
        char proof[16];
        snprintf(proof, sizeof proof, "proof-%zu", i + 1);
        const struct script_request *request = script_server_request(world->server, i);
        assert_true(text_equal(script_request_header(request, "DPoP"), text_of(proof)));
        assert_null(strstr(request->head, "stale"));
        assert_null(strstr(request->head, "thought"));
        assert_null(strstr(request->head, "Bad"));
    }
}

static int refuse_to_sign(struct fetch_attempt *attempt, void *context)
{
    (void)attempt;
    (void)context;
    return E_BUSY;
}

static void test_a_try_that_cannot_be_signed_ends_the_call(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    struct answer answer =
        world_ask(world, (struct fetch_request){.url = world_url(world, "/"), .before_attempt = refuse_to_sign});
    assert_int_equal(answer.code, E_BUSY);
    assert_int_equal(script_server_hits(world->server, NULL), 0);
    assert_ok(world_get(world, "/")); /* its slot is free again */
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_redirects_are_errors_unless_asked_for),
        TEST(test_redirects_are_followed_and_vetted),
        TEST(test_redirected_secrets_stay_at_home),
        TEST(test_signed_requests_are_not_redirected_away),
        TEST(test_posts_are_not_redirected),
        TEST(test_each_try_is_signed_anew),
        TEST(test_a_try_that_cannot_be_signed_ends_the_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
