/* tests/unit/bluesky/test_account.c
 *
 * An account at a scripted PDS: looks in pages, and what is told of a write for whatever the server does with it.
 */
#include "base/json.h"
#include "unit/bluesky/account_stage.h"

static const struct account_follow two[] = {{TEXT_INIT("3aaaaaaaaaaaa"), TEXT_INIT(BOB), 1700000000000},
                                            {TEXT_INIT("3aaaaaaaaaaab"), TEXT_INIT("did:plc:x"), 0}};

static const struct script_answer commit = {.body = "{\"commit\":{\"cid\":\"head-2\",\"rev\":\"r\"},\"results\":[]}"};

static enum account_outcome write_two(struct stage *stage)
{
    return write_follows(stage, ACCOUNT_FOLLOW, two, ARRAY_LEN(two)).answer.outcome;
}

static void script(struct stage *stage, const char *pattern, struct script_answer answer)
{
    script_server_on(stage->world.server, pattern, answer);
}

/* --- looks ----------------------------------------------------------------------------------------------------------*/

#define RECORD(rkey, did)                                                                                              \
    "{\"uri\":\"at://" ALICE "/app.bsky.graph.follow/" rkey "\",\"cid\":\"c\",\"value\":{\"subject\":\"" did "\"}}"

static void test_a_look_in_pages(void **state)
{
    struct stage *stage = *state;
    script(stage, HEAD, (struct script_answer){.body = "{\"cid\":\"head-1\",\"rev\":\"r\"}"});
    script(stage, RECORDS, (struct script_answer){.body = "{\"records\":[" RECORD("k3", BOB) "],\"cursor\":\"k3\"}"});
    script(stage, RECORDS, (struct script_answer){.body = "{\"records\":[],\"cursor\":\"k&2\"}"});
    script(stage, RECORDS,
           (struct script_answer){.body = "{\"records\":[" RECORD("k1", "did:plc:x") ",{\"uri\":\"at://a/b/k0\"}]}"});
    struct seen seen = look(stage);
    assert_int_equal(seen.view.trouble, ACCOUNT_FINE);
    assert_text(seen.view.head, "head-1");
    assert_int_equal(seen.view.n_follows, 3);
    assert_text(seen.view.follows[0].rkey, "k3");
    assert_text(seen.view.follows[0].subject, BOB);
    assert_text(seen.view.follows[1].rkey, "k1");
    assert_text(seen.view.follows[2].rkey, "k0");
    assert_true(text_empty(seen.view.follows[2].subject));
    assert_int_equal(seen.view.points, -1);
    assert_non_null(strstr(request_of(stage, "listRecords", 0)->target, "collection=app.bsky.graph.follow&limit=100"));
    assert_non_null(strstr(request_of(stage, "listRecords", 2)->target, "&cursor=k%262"));
}

static void test_the_head_is_read_first(void **state)
{
    struct stage *stage = *state;
    script(stage, HEAD, (struct script_answer){.body = "{\"cid\":\"head-1\"}", .delay_ms = 30});
    script(stage, RECORDS, (struct script_answer){.body = "{\"records\":[]}"});
    assert_int_equal(look(stage).view.trouble, ACCOUNT_FINE);
    assert_true(request_of(stage, "listRecords", 0)->at_ms >= request_of(stage, "getLatestCommit", 0)->at_ms + 25);
}

static void test_cursors_that_go_round(void **state)
{
    struct stage *stage = *state;
    static const char *const round[] = {"a", "b", "c", "d", "b", "c", "d", "b", "c", "d", "b", "c", "d"};
    static char bodies[ARRAY_LEN(round)][64];
    script(stage, HEAD, (struct script_answer){.body = "{\"cid\":\"head-1\"}"});
    for (size_t i = 0; i < ARRAY_LEN(round); i++) {
        snprintf(bodies[i], sizeof bodies[i], "{\"records\":[],\"cursor\":\"%s\"}", round[i]);
        script(stage, RECORDS, (struct script_answer){.body = bodies[i]});
    }
    assert_int_equal(look(stage).view.trouble, ACCOUNT_AWAY);
    assert_true(script_server_hits(stage->world.server, RECORDS) < ARRAY_LEN(round));
}

/* A list that is not whole must not pass for one. */
static void test_a_page_that_fails_fails_the_look(void **state)
{
    struct stage *stage = *state;
    static const struct script_answer bad[] = {{.status = 500},
                                               {.how = SCRIPT_CUT, .body = "{\"records\":[]}"},
                                               {.body = "<html>"},
                                               {.body = "{\"records\":[{\"uri\":\"\"}]}"},
                                               {.status = 400, .body = ERROR("InvalidRequest")}};
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        script_server_forget(stage->world.server);
        script(stage, HEAD, (struct script_answer){.body = "{\"cid\":\"head-1\"}"});
        script(stage, RECORDS, (struct script_answer){.body = "{\"records\":[],\"cursor\":\"k\"}"});
        script(stage, RECORDS, bad[i]);
        struct seen seen = look(stage);
        assert_int_equal(seen.view.trouble, ACCOUNT_AWAY);
        assert_int_equal(seen.view.n_follows, 0);
        world_sleep(&stage->world, 60); /* the probe of a circuit that opened */
    }
}

static void test_a_look_at_an_account_that_is_closed(void **state)
{
    struct stage *stage = *state;
    static const char *const errors[] = {ERROR("RepoTakendown"), ERROR("RepoDeactivated"), ERROR("RepoSuspended"),
                                         ERROR("RepoNotFound")};
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        script(stage, HEAD, (struct script_answer){.status = 400, .body = errors[i]});
    for (size_t i = 0; i < ARRAY_LEN(errors); i++)
        assert_int_equal(look(stage).view.trouble, ACCOUNT_CLOSED);
}

static void test_a_look_that_is_one_too_many(void **state)
{
    struct stage *stage = *state;
    script(stage, HEAD, (struct script_answer){.status = 429, .headers = "Retry-After: 600"});
    struct seen seen = look(stage);
    assert_int_equal(seen.view.trouble, ACCOUNT_WAIT);
    assert_true(seen.view.until_ms > clock_wall(&clock_system) + 500 * SECOND_MS);
}

static void test_a_look_that_is_cancelled(void **state)
{
    struct stage *stage = *state;
    struct seen seen = {0};
    script(stage, HEAD, (struct script_answer){.how = SCRIPT_NEVER});
    assert_int_equal(stage->account->ops->look(stage->account->self, &stage->arena, keep_view, &seen), 0);
    world_sleep(&stage->world, 20);
    stage->account->ops->cancel(stage->account->self);
    stage->account->ops->cancel(stage->account->self);
    world_sleep(&stage->world, 20);
    assert_false(seen.done);
}

/* --- writes ---------------------------------------------------------------------------------------------------------*/

static void test_a_write(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, commit);
    assert_int_equal(write_two(stage), FOLLOWS_WRITTEN);
    const struct script_request *request = request_of(stage, "applyWrites", 0);
    assert_text(script_request_header(request, "Authorization"), "Bearer access-1");
    CLEANUP_JSON json_t *root = json_from_text(request->body, NULL);
    assert_text(json_text_at(root, "repo"), ALICE);
    assert_text(json_text_at(root, "swapCommit"), "head-1");
    const json_t *writes = json_object_get(root, "writes");
    assert_int_equal(json_array_size(writes), 2);
    const json_t *first = json_array_get(writes, 0);
    assert_text(json_text_at(first, "$type"), "com.atproto.repo.applyWrites#create");
    assert_text(json_text_at(first, "collection"), "app.bsky.graph.follow");
    assert_text(json_text_at(first, "rkey"), "3aaaaaaaaaaaa");
    const json_t *value = json_object_get(first, "value");
    assert_text(json_text_at(value, "$type"), "app.bsky.graph.follow");
    assert_text(json_text_at(value, "subject"), BOB);
    assert_text(json_text_at(value, "createdAt"), "2023-11-14T22:13:20.000Z");
    int64_t created_ms;
    assert_true(
        clock_parse(json_text_at(json_object_get(json_array_get(writes, 1), "value"), "createdAt"), &created_ms));
    assert_true(llabs((long long)(created_ms - clock_wall(&clock_system))) < MINUTE_MS);
}

static void test_records_that_are_removed(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, commit);
    assert_int_equal(write_follows(stage, ACCOUNT_UNFOLLOW, two, 2).answer.outcome, FOLLOWS_WRITTEN);
    CLEANUP_JSON json_t *root = json_from_text(request_of(stage, "applyWrites", 0)->body, NULL);
    const json_t *first = json_array_get(json_object_get(root, "writes"), 0);
    assert_text(json_text_at(first, "$type"), "com.atproto.repo.applyWrites#delete");
    assert_text(json_text_at(first, "rkey"), "3aaaaaaaaaaaa");
    assert_null(json_object_get(first, "value"));
}

static void test_a_write_of_nothing_and_of_too_much(void **state)
{
    struct stage *stage = *state;
    struct told told = {0};
    script(stage, WRITE, commit);
    assert_int_equal(write_follows(stage, ACCOUNT_FOLLOW, NULL, 0).answer.outcome, FOLLOWS_WRITTEN);
    CLEANUP_JSON json_t *root = json_from_text(request_of(stage, "applyWrites", 0)->body, NULL);
    assert_true(json_is_array(json_object_get(root, "writes")));
    assert_int_equal(stage->account->slice_max, 200);
    assert_int_equal(
        stage->account->ops->write(stage->account->self, ACCOUNT_FOLLOW, TEXT("h"), two, 201, keep_answer, &told),
        E_TOO_LARGE);
}

static void test_what_a_refusal_means(void **state)
{
    struct stage *stage = *state;
    static const struct {
        struct script_answer answer;
        enum account_outcome outcome;
    } cases[] = {
        {{.status = 400, .body = ERROR("InvalidSwap")}, FOLLOWS_HEAD_MOVED},
        {{.status = 400, .body = ERROR("InvalidRequest")}, FOLLOWS_REFUSED},
        {{.status = 413, .body = ERROR("PayloadTooLargeError")}, FOLLOWS_REFUSED},
        {{.status = 401, .body = ERROR("AccountTakedown")}, FOLLOWS_CLOSED},
        {{.status = 401, .body = ERROR("AccountDeactivated")}, FOLLOWS_CLOSED},
        {{.status = 403, .body = ERROR("AccountNotFound")}, FOLLOWS_CLOSED},
        {{.status = 403, .body = ERROR("ScopeMissingError")}, FOLLOWS_CLOSED},
        {{.status = 501, .body = ERROR("MethodNotImplemented")}, FOLLOWS_CLOSED},
        {{.status = 401, .body = ERROR("AuthMissing")}, FOLLOWS_SIGNED_OUT},
        {{.status = 400, .body = ERROR("InvalidToken")}, FOLLOWS_SIGNED_OUT},
        {{.status = 403, .body = "<html>are you human?"}, FOLLOWS_UNKNOWN},
        {{.status = 400}, FOLLOWS_UNKNOWN},
        {{.status = 302, .headers = "Location: /"}, FOLLOWS_UNKNOWN},
        {{.body = "{}"}, FOLLOWS_UNKNOWN},
        {{.body = "<html>welcome"}, FOLLOWS_UNKNOWN},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        script(stage, WRITE, cases[i].answer);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(write_two(stage), cases[i].outcome);
    assert_int_equal(script_server_hits(stage->world.server, WRITE), ARRAY_LEN(cases)); /* each once */
}

/* The server had it, and nobody knows what it did: told so, and not sent again. */
static void test_a_doubt_is_sent_once(void **state)
{
    struct stage *stage = *state;
    static const struct script_answer doubts[] = {
        {.how = SCRIPT_CLOSE},
        {.how = SCRIPT_RESET},
        {.how = SCRIPT_CUT, .body = "{\"commit\":{\"cid\":\"head-2\"}}"},
        {.status = 500, .body = ERROR("InternalServerError")},
        {.how = SCRIPT_RAW, .body = "nonsense\r\n\r\n"},
    };
    for (size_t i = 0; i < ARRAY_LEN(doubts); i++) {
        size_t before = script_server_hits(stage->world.server, WRITE);
        script_server_forget(stage->world.server);
        script(stage, WRITE, doubts[i]);
        assert_int_equal(write_two(stage), FOLLOWS_UNKNOWN);
        assert_int_equal(script_server_hits(stage->world.server, WRITE), before + 1);
    }
}

static void test_a_503_that_names_a_time_is_a_doubt(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, (struct script_answer){.status = 503, .headers = "Retry-After: 300"});
    assert_int_equal(write_two(stage), FOLLOWS_UNKNOWN);
}

static void test_too_much(void **state)
{
    struct stage *stage = *state;
    char headers[128];
    int64_t reset_s = clock_wall(&clock_system) / SECOND_MS + 400;
    snprintf(headers, sizeof headers, "RateLimit-Limit: 5000\nRateLimit-Remaining: 0\nRateLimit-Reset: %lld",
             (long long)reset_s);
    script(stage, WRITE, (struct script_answer){.status = 429, .headers = headers, .body = ERROR("RateLimitExceeded")});
    struct told told = write_follows(stage, ACCOUNT_FOLLOW, two, 2);
    assert_int_equal(told.answer.outcome, FOLLOWS_WAIT);
    assert_true(llabs((long long)(told.answer.until_ms - reset_s * SECOND_MS)) < 5 * SECOND_MS);
    assert_int_equal(write_two(stage), FOLLOWS_WAIT); /* not even sent before it */
    assert_int_equal(script_server_hits(stage->world.server, WRITE), 1);
}

static void test_points_that_are_left(void **state)
{
    struct stage *stage = *state;
    char headers[128];
    snprintf(headers, sizeof headers, "RateLimit-Remaining: 100\nRateLimit-Reset: %lld",
             (long long)(clock_wall(&clock_system) / SECOND_MS + 400));
    script(stage, HEAD, (struct script_answer){.body = "{\"cid\":\"head-1\"}"});
    script(stage, RECORDS, (struct script_answer){.body = "{\"records\":[]}"});
    script(stage, WRITE, (struct script_answer){.headers = headers, .body = commit.body});
    assert_int_equal(write_two(stage), FOLLOWS_WRITTEN);
    assert_int_equal(look(stage).view.points, 33);
}

/* --- nothing was sent -----------------------------------------------------------------------------------------------*/

/* An account whose server is at this port, which is another one than the directory's. */
static void sign_in_at_port(struct stage *stage, unsigned port, struct script_server **ret_pds)
{
    char pds[64];
    snprintf(pds, sizeof pds, "http://127.0.0.1:%u", port);
    add_document(stage, BOB, "bob.test", pds);
    script_server_on(*ret_pds, CREATE,
                     (struct script_answer){.body = "{\"did\":\"" BOB
                                                    "\",\"accessJwt\":\"access-b\",\"refreshJwt\":\"refresh-b\"}"});
    struct signed_in told = sign_in(stage, BOB, "pw-bob", NULL);
    assert_non_null(told.account);
    account_free(stage->account);
    stage->account = told.account;
}

static void test_a_server_that_is_gone_heard_of_nothing(void **state)
{
    struct stage *stage = *state;
    struct script_server *pds = script_server_new(stage->world.uv);
    sign_in_at_port(stage, script_server_port(pds), &pds);
    script_server_close(pds);
    world_sleep(&stage->world, 10);
    struct told told = write_follows(stage, ACCOUNT_FOLLOW, two, 2);
    assert_int_equal(told.answer.outcome, FOLLOWS_WAIT);
    assert_int_equal(told.answer.until_ms, 0);
}

struct deaf {
    uv_tcp_t listener;
    uv_tcp_t peer;
    uv_timer_t timer;
    int accepted;
};

static void hang_up(uv_timer_t *timer)
{
    struct deaf *deaf = timer->data;
    uv_tcp_close_reset(&deaf->peer, NULL);
}

static void accept_one(uv_stream_t *listener, int status)
{
    struct deaf *deaf = listener->data;
    assert_int_equal(status, 0);
    assert_int_equal(deaf->accepted++, 0); /* nobody comes again */
    uv_tcp_init(listener->loop, &deaf->peer);
    assert_int_equal(uv_accept(listener, (uv_stream_t *)&deaf->peer), 0);
    uv_timer_start(&deaf->timer, hang_up, 100, 0);
}

/* Bytes left us, and nobody can say whether they were read: a doubt, though here we know better. */
static void test_a_connection_cut_before_the_request_is_read(void **state)
{
    struct stage *stage = *state;
    struct script_server *pds = script_server_new(stage->world.uv);
    unsigned port = script_server_port(pds);
    struct deaf deaf = {0};
    struct sockaddr_in address;
    sign_in_at_port(stage, port, &pds);
    script_server_close(pds);
    world_sleep(&stage->world, 10);
    uv_tcp_init(stage->world.uv, &deaf.listener);
    uv_timer_init(stage->world.uv, &deaf.timer);
    deaf.listener.data = &deaf;
    deaf.timer.data = &deaf;
    uv_ip4_addr("127.0.0.1", (int)port, &address);
    assert_int_equal(uv_tcp_bind(&deaf.listener, (const struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&deaf.listener, 4, accept_one), 0);
    assert_int_equal(write_two(stage), FOLLOWS_UNKNOWN);
    assert_int_equal(deaf.accepted, 1);
    uv_close((uv_handle_t *)&deaf.listener, NULL);
    uv_close((uv_handle_t *)&deaf.timer, NULL);
    world_sleep(&stage->world, 10);
}

/* --- tokens ---------------------------------------------------------------------------------------------------------*/

static void test_an_expired_token_is_renewed_once(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, (struct script_answer){.status = 400, .body = ERROR("ExpiredToken")});
    script(stage, WRITE, commit);
    script(stage, REFRESH, (struct script_answer){.body = SESSION("2")});
    assert_int_equal(write_two(stage), FOLLOWS_WRITTEN);
    assert_text(script_request_header(request_of(stage, "refreshSession", 0), "Authorization"), "Bearer refresh-1");
    const struct script_request *again = request_of(stage, "applyWrites", 1);
    assert_text(script_request_header(again, "Authorization"), "Bearer access-2");
    assert_true(text_equal(again->body, request_of(stage, "applyWrites", 0)->body));
    assert_int_equal(write_two(stage), FOLLOWS_WRITTEN);
    assert_text(script_request_header(request_of(stage, "applyWrites", 2), "Authorization"), "Bearer access-2");
    assert_int_equal(script_server_hits(stage->world.server, REFRESH), 1);
}

static void test_a_renewed_token_that_is_expired(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, (struct script_answer){.status = 400, .body = ERROR("ExpiredToken")});
    script(stage, REFRESH, (struct script_answer){.body = SESSION("2")});
    assert_int_equal(write_two(stage), FOLLOWS_SIGNED_OUT);
    assert_int_equal(script_server_hits(stage->world.server, WRITE), 2);
    assert_int_equal(script_server_hits(stage->world.server, REFRESH), 1);
}

static void test_a_session_that_cannot_be_renewed(void **state)
{
    struct stage *stage = *state;
    static const struct {
        struct script_answer answer;
        enum account_outcome outcome;
    } cases[] = {
        {{.status = 400, .body = ERROR("ExpiredToken")}, FOLLOWS_SIGNED_OUT},
        {{.status = 400, .body = ERROR("InvalidToken")}, FOLLOWS_SIGNED_OUT},
        {{.status = 401, .body = ERROR("AccountTakedown")}, FOLLOWS_CLOSED},
        {{.body = "{\"did\":\"" BOB "\",\"accessJwt\":\"a\",\"refreshJwt\":\"b\"}"}, FOLLOWS_WAIT},
        {{.body = "{\"did\":\"" ALICE "\",\"accessJwt\":\"a\\n\",\"refreshJwt\":\"b\"}"}, FOLLOWS_WAIT},
        {{.status = 403, .body = "<html>"}, FOLLOWS_WAIT},
        {{.how = SCRIPT_CLOSE}, FOLLOWS_WAIT}, /* the write itself was refused before */
    };
    script(stage, WRITE, (struct script_answer){.status = 400, .body = ERROR("ExpiredToken")});
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        script(stage, REFRESH, cases[i].answer);
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        assert_int_equal(write_two(stage), cases[i].outcome);
    assert_int_equal(script_server_hits(stage->world.server, WRITE), ARRAY_LEN(cases));
}

/* --- the rest -------------------------------------------------------------------------------------------------------*/

static void test_a_write_that_is_cancelled(void **state)
{
    struct stage *stage = *state;
    struct told told = {0};
    script(stage, WRITE, (struct script_answer){.how = SCRIPT_NEVER});
    assert_int_equal(
        stage->account->ops->write(stage->account->self, ACCOUNT_FOLLOW, TEXT("h"), two, 2, keep_answer, &told), 0);
    world_sleep(&stage->world, 20);
    account_free(stage->account);
    stage->account = NULL;
    world_sleep(&stage->world, 20);
    assert_int_equal(told.times, 0);
}

static void free_in_answer(void *context, const struct account_answer *answer)
{
    struct stage *stage = context;
    (void)answer;
    account_free(stage->account);
    stage->account = NULL;
}

static void test_an_account_freed_in_its_answer(void **state)
{
    struct stage *stage = *state;
    script(stage, WRITE, commit);
    assert_int_equal(
        stage->account->ops->write(stage->account->self, ACCOUNT_FOLLOW, TEXT("h"), two, 2, free_in_answer, stage), 0);
    for (int i = 0; i < 1000 && stage->account; i++)
        world_sleep(&stage->world, 5);
    assert_null(stage->account);
}

static void test_new_keys(void **state)
{
    struct stage *stage = *state;
    struct text before = TEXT("");
    for (int i = 0; i < 2000; i++) {
        struct text rkey;
        assert_int_equal(stage->account->ops->new_key(stage->account->self, &stage->arena, &rkey), 0);
        assert_true(text_compare(before, rkey) < 0);
        before = rkey;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_look_in_pages),
        TEST(test_the_head_is_read_first),
        TEST(test_cursors_that_go_round),
        TEST(test_a_page_that_fails_fails_the_look),
        TEST(test_a_look_at_an_account_that_is_closed),
        TEST(test_a_look_that_is_one_too_many),
        TEST(test_a_look_that_is_cancelled),
        TEST(test_a_write),
        TEST(test_records_that_are_removed),
        TEST(test_a_write_of_nothing_and_of_too_much),
        TEST(test_what_a_refusal_means),
        TEST(test_a_doubt_is_sent_once),
        TEST(test_a_503_that_names_a_time_is_a_doubt),
        TEST(test_too_much),
        TEST(test_points_that_are_left),
        TEST(test_a_server_that_is_gone_heard_of_nothing),
        TEST(test_a_connection_cut_before_the_request_is_read),
        TEST(test_an_expired_token_is_renewed_once),
        TEST(test_a_renewed_token_that_is_expired),
        TEST(test_a_session_that_cannot_be_renewed),
        TEST(test_a_write_that_is_cancelled),
        TEST(test_an_account_freed_in_its_answer),
        TEST(test_new_keys),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
