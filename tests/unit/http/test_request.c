/* tests/unit/http/test_request.c
 *
 * Requests and answers over the wire: what steps see of a request, every kind of reply, and errors.
 */
#include "house.h"

static struct http_prepared *prepared; /* made once the server stands */

struct app {
    int admitted;
};

/* --- routes -------------------------------------------------------------------------------------------------------- */

static int say_all(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct app *app = request->app;
    struct text q = TEXT("none");
    struct buf out;
    buf_init(&out, 4096);
    bool has = http_query(request, "q", &q);
    struct text slug = http_param(request, "slug");
    struct text id = http_param(request, "id");
    struct text agent = http_header(request, "x-agent");
    struct text cookie = http_cookie(request, "session");
    buf_printf(&out, "%s %.*s slug=%.*s id=%.*s q=%d:%.*s agent=%.*s cookie=%.*s host=%.*s body=%.*s admitted=%d",
               request->method, TEXT_ARG(request->path), TEXT_ARG(slug), TEXT_ARG(id), has, TEXT_ARG(q),
               TEXT_ARG(agent), TEXT_ARG(cookie), TEXT_ARG(request->host), TEXT_ARG(request->body), app->admitted);
    if (!text_empty(http_param(request, "nobody")) || !text_empty(http_header(request, "nothing")))
        return E_BUG;
    int result = http_reply_buf(request, 200, "text/plain; charset=utf-8", &out);
    buf_release(&out);
    return result;
}

static int think(struct op *op)
{
    uint64_t *sum = http_request_of(op)->state;
    for (uint64_t i = 0; i < 1000; i++)
        *sum += i;
    return OP_NEXT;
}

static int say_sum(struct op *op)
{
    struct http_request *request = http_request_of(op);
    uint64_t *sum = request->state;
    CLEANUP_JSON json_t *value = json_pack("{s:I}", "sum", (json_int_t)*sum);
    return http_reply_json(request, 201, value);
}

static int rest(struct op *op)
{
    op_resume(op);
    return op_wait(op, 1000);
}

static int say_page(struct op *op)
{
    return http_reply_prepared(http_request_of(op), prepared);
}

static int say_headers(struct op *op)
{
    struct http_request *request = http_request_of(op);
    if (http_reply_header(request, "Cache-Control", TEXT("max-age=60")) ||
        http_reply_header(request, "Set-Cookie", TEXT("a=1")) || http_reply_header(request, "Set-Cookie", TEXT("b=2")))
        return E_BUG;
    if (http_reply_header(request, "X-Bad", TEXT("a\r\nX-Evil: 1")) != E_BUG ||
        http_reply_header(request, "X Bad", TEXT("a")) != E_BUG || http_reply_header(request, "", TEXT("a")) != E_BUG)
        return E_NOMEM;
    return http_reply(request, 200, "text/html", TEXT("<p>"));
}

static int say_no(struct op *op)
{
    return http_reply_error(http_request_of(op), 422, "bad_handle", "\"@\" is no handle \xff", "handles");
}

static int go_wrong(struct op *op)
{
    struct http_request *request = http_request_of(op);
    static const int codes[] = {E_NOT_FOUND, E_BAD_INPUT, E_BUG, E_TIMEOUT};
    uint64_t which = 0;
    http_reply(request, 200, "text/plain", TEXT("an answer that an error overtakes"));
    text_to_u64(http_param(request, "id"), &which);
    return err_set(&op->err, codes[which % 4], "row %llu of the secret table", (unsigned long long)which);
}

static int forget_to_answer(struct op *op)
{
    (void)op;
    return OP_NEXT;
}

static int empty(struct op *op)
{
    return http_reply(http_request_of(op), 204, NULL, TEXT_NONE);
}

static int say_peer(struct op *op)
{
    struct http_request *request = http_request_of(op);
    struct sockaddr_storage peer;
    char words[INET6_ADDRSTRLEN] = "?";
    if (http_peer(request, &peer) && peer.ss_family == AF_INET)
        inet_ntop(AF_INET, &((struct sockaddr_in *)&peer)->sin_addr, words, sizeof words);
    return http_reply(request, 200, "text/plain", text_of(words));
}

static const struct op_step all_steps[] = {STEP(say_all, ON_LOOP), STEP_END};
static const struct op_step sum_steps[] = {STEP(think, ON_CPU), STEP(rest, ON_LOOP), STEP(think, ON_LOOP),
                                           STEP(say_sum, ON_CPU), STEP_END};
static const struct op_step page_steps[] = {STEP(say_page, ON_LOOP), STEP_END};
static const struct op_step header_steps[] = {STEP(say_headers, ON_LOOP), STEP_END};
static const struct op_step no_steps[] = {STEP(say_no, ON_LOOP), STEP_END};
static const struct op_step fail_steps[] = {STEP(go_wrong, ON_LOOP), STEP_END};
static const struct op_step forget_steps[] = {STEP(forget_to_answer, ON_LOOP), STEP_END};
static const struct op_step empty_steps[] = {STEP(empty, ON_LOOP), STEP_END};
static const struct op_step peer_steps[] = {STEP(say_peer, ON_LOOP), STEP_END};

static const struct http_route routes[] = {
    {"GET", "/all/:slug/of/:id", all_steps, HTTP_BODY_NONE, 0, 0},
    {"POST", "/all/:slug/of/:id", all_steps, HTTP_BODY_WHOLE, 100000, 0},
    {"GET", "/sum", sum_steps, HTTP_BODY_NONE, 0, sizeof(uint64_t)},
    {"GET", "/page", page_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/headers", header_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/no", no_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/fail/:id", fail_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/forget", forget_steps, HTTP_BODY_NONE, 0, 0},
    {"DELETE", "/empty", empty_steps, HTTP_BODY_NONE, 0, 0},
    {"GET", "/peer", peer_steps, HTTP_BODY_NONE, 0, 0},
};

static int admit(struct http_request *request)
{
    struct app *app = request->app;
    if (request->route || text_equal(request->host, TEXT("evil")))
        return http_reply_error(request, 421, "wrong_host", "this is not my name", NULL);
    if (text_equal(request->host, TEXT("broken")))
        return E_FORBIDDEN;
    app->admitted++;
    return 0;
}

static struct app app;
static const struct http_header own_headers[] = {{"Strict-Transport-Security", "max-age=1"},
                                                 {"X-Frame-Options", "SAMEORIGIN"}};
static const struct http_header page_headers[] = {{"ETag", "\"1\""}, {"Content-Security-Policy", "default-src 'self'"}};
static const struct http_options options = {.routes = routes,
                                            .n_routes = ARRAY_LEN(routes),
                                            .headers = own_headers,
                                            .n_headers = ARRAY_LEN(own_headers),
                                            .app = &app,
                                            .admit = admit,
                                            .idle_ms = 200};
static struct house house;

static int set_up(void **state)
{
    (void)state;
    app = (struct app){0};
    house_open(&house, &options);
    prepared =
        http_prepare(house.http, 200, "text/html", TEXT("<!doctype html>"), page_headers, ARRAY_LEN(page_headers));
    assert_non_null(prepared);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    house_close(&house);
    http_prepared_free(prepared);
    return 0;
}

#define GET(path) "GET " path " HTTP/1.1\r\nHost: h\r\n\r\n"

/* --- tests --------------------------------------------------------------------------------------------------------- */

static void steps_see_the_request(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house,
                                     "POST /all/s%20%C3%A9/of/7?x=&q=a%26b+c HTTP/1.1\r\nHOST: h:8\r\nx-Agent:  me \r\n"
                                     "Cookie: other=1; session=abc\r\nContent-Length: 4\r\n\r\nbody",
                                     &heard);
    assert_int_equal(answer.status, 200);
    assert_text(answer.body, "POST /all/s \xc3\xa9/of/7 slug=s \xc3\xa9 id=7 q=1:a&b c agent=me cookie=abc host=h:8 "
                             "body=body admitted=1");
    assert_text(header_heard(&answer, "content-type"), "text/plain; charset=utf-8");
}

static void a_long_address_and_a_large_head_are_taken(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    CLEANUP(buf_release) struct buf request;
    buf_init(&request, 1 << 16);
    buf_printf(&request, "GET /all/%0*d/of/7?q=%0*d HTTP/1.1\r\nHost: h\r\n", 600, 1, 400, 2);
    for (int i = 0; i < 10; i++)
        buf_printf(&request, "X-Long-%d: %0*d\r\n", i, 900, i);
    buf_add(&request, TEXT("X-Agent: me\r\n\r\n"));
    struct answer_heard answer = ask(&house, buf_string(&request), &heard);
    assert_int_equal(answer.status, 200);
    assert_true(text_find(answer.body, TEXT("agent=me"), 0) != TEXT_NOWHERE);
    assert_true(answer.body.len > 1600);
}

static void steps_on_other_threads_answer_too(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house, GET("/sum"), &heard);
    assert_int_equal(answer.status, 201);
    assert_text(answer.body, "{\"sum\":999000}");
    assert_text(header_heard(&answer, "Content-Type"), "application/json");
}

static void every_answer_has_the_security_headers_once(void **state)
{
    (void)state;
    static const char *const requests[] = {GET("/sum"), GET("/page"), GET("/nothing"), GET("/forget"),
                                           "GET x HTTP/1.1\r\n\r\n"};
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        CLEANUP(buf_release) struct buf heard;
        struct answer_heard answer = ask(&house, requests[i], &heard);
        for (size_t h = 0; h < n_http_security_headers; h++) {
            const struct http_header *header = &http_security_headers[h];
            char line[80];
            snprintf(line, sizeof line, "\r\n%s:", header->name);
            size_t first = text_find_fold(answer.head, text_of(line), 0);
            assert_true(first != TEXT_NOWHERE);
            assert_true(text_find_fold(answer.head, text_of(line), first + 1) == TEXT_NOWHERE);
        }
        assert_text(header_heard(&answer, "Strict-Transport-Security"), "max-age=1");
        assert_text(header_heard(&answer, "X-Frame-Options"), "SAMEORIGIN"); /* the server's own wins */
        assert_text(header_heard(&answer, "X-Content-Type-Options"), "nosniff");
    }
}

static void a_reply_may_set_headers_and_replace_ours(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house, GET("/headers"), &heard);
    assert_int_equal(answer.status, 200);
    assert_text(header_heard(&answer, "Cache-Control"), "max-age=60");
    assert_true(text_find(answer.head, TEXT("Set-Cookie: a=1\r\n"), 0) != TEXT_NOWHERE);
    assert_true(text_find(answer.head, TEXT("Set-Cookie: b=2\r\n"), 0) != TEXT_NOWHERE);
    assert_true(text_find(answer.head, TEXT("Evil"), 0) == TEXT_NOWHERE);
}

static void a_prepared_answer_is_sent_again_and_again(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 20);
    for (int i = 0; i < 50; i++) {
        say(fd, GET("/page"));
        struct answer_heard answer = hear_answer(fd, &heard, false);
        assert_text(answer.body, "<!doctype html>");
        assert_text(header_heard(&answer, "ETag"), "\"1\"");
        assert_text(header_heard(&answer, "Content-Security-Policy"), "default-src 'self'");
        buf_drop(&heard, answer.whole);
    }
    close(fd);
    static const struct http_header evil[] = {{"X", "a\r\nb: c"}};
    assert_null(http_prepare(house.http, 200, "text/html", TEXT(""), evil, 1));
}

static void head_is_get_without_the_body(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 20);
    say(fd, "HEAD /page HTTP/1.1\r\nHost: h\r\n\r\nHEAD /all/a/of/b HTTP/1.1\r\nHost: h\r\n\r\n" GET("/peer"));
    struct answer_heard answer = hear_answer(fd, &heard, true);
    assert_text(header_heard(&answer, "Content-Length"), "15");
    buf_drop(&heard, answer.whole);
    answer = hear_answer(fd, &heard, true);
    assert_int_equal(answer.status, 200);
    buf_drop(&heard, answer.whole);
    assert_text(hear_answer(fd, &heard, false).body, "127.0.0.1");
    close(fd);
}

static void errors_have_one_shape(void **state)
{
    (void)state;
    static const struct {
        const char *request;
        unsigned status;
        const char *body;
    } cases[] = {
        {GET("/no"), 422,
         "{\"error\":{\"code\":\"bad_handle\",\"message\":\"\\\"@\\\" is no handle "
         "\xef\xbf\xbd\",\"field\":\"handles\"}}"},
        {GET("/fail/0"), 404,
         "{\"error\":{\"code\":\"not_found\",\"message\":\"row 0 of the secret table\",\"field\":null}}"},
        {GET("/fail/1"), 400,
         "{\"error\":{\"code\":\"bad_input\",\"message\":\"row 1 of the secret table\",\"field\":null}}"},
        {GET("/fail/2"), 500,
         "{\"error\":{\"code\":\"bug\",\"message\":\"this did not work here; the operator's log says "
         "why\",\"field\":null}}"},
        {GET("/fail/3"), 504,
         "{\"error\":{\"code\":\"timeout\",\"message\":\"this did not work here; the operator's log says "
         "why\",\"field\":null}}"},
        {GET("/forget"), 500,
         "{\"error\":{\"code\":\"bug\",\"message\":\"this did not work here; the operator's log says "
         "why\",\"field\":null}}"},
        {"GET /page HTTP/1.1\r\nHost: evil\r\n\r\n", 421,
         "{\"error\":{\"code\":\"wrong_host\",\"message\":\"this is not my name\",\"field\":null}}"},
        {"GET /page HTTP/1.1\r\nHost: broken\r\n\r\n", 403,
         "{\"error\":{\"code\":\"forbidden\",\"message\":\"forbidden\",\"field\":null}}"},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        CLEANUP(buf_release) struct buf heard;
        struct answer_heard answer = ask(&house, cases[i].request, &heard);
        assert_int_equal(answer.status, cases[i].status);
        assert_text(answer.body, cases[i].body);
    }
}

static void an_address_without_this_method_says_which_it_has(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    struct answer_heard answer = ask(&house, "DELETE /all/a/of/b HTTP/1.1\r\nHost: h\r\n\r\n", &heard);
    assert_int_equal(answer.status, 405);
    assert_text(header_heard(&answer, "Allow"), "GET, HEAD, POST");
}

static void an_answer_may_be_empty(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 20);
    say(fd, "DELETE /empty HTTP/1.1\r\nHost: h\r\n\r\n" GET("/peer"));
    struct answer_heard answer = hear_answer(fd, &heard, true);
    assert_int_equal(answer.status, 204);
    assert_true(text_empty(header_heard(&answer, "Content-Type")));
    buf_drop(&heard, answer.whole);
    assert_int_equal(hear_answer(fd, &heard, false).status, 200);
    close(fd);
}

static void pipelined_requests_are_answered_in_order(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf heard;
    int fd = dial(&house);
    buf_init(&heard, 1 << 20);
    for (int i = 0; i < 40; i++) {
        char request[128] = GET("/sum");
        if (i % 2)
            snprintf(request, sizeof request, "GET /all/s/of/%d HTTP/1.1\r\nHost: h\r\n\r\n", i);
        say(fd, request);
    }
    for (int i = 0; i < 40; i++) {
        char id[16];
        struct answer_heard answer = hear_answer(fd, &heard, false);
        snprintf(id, sizeof id, "id=%d ", i);
        assert_int_equal(answer.status, i % 2 ? 200 : 201);
        assert_int_equal(text_find(answer.body, text_of(id), 0) != TEXT_NOWHERE, i % 2);
        buf_drop(&heard, answer.whole);
    }
    close(fd);
}

static void many_connections_at_once(void **state)
{
    (void)state;
    int fds[200];
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        fds[i] = dial(&house);
        say(fds[i], GET("/sum"));
    }
    for (size_t i = 0; i < ARRAY_LEN(fds); i++) {
        CLEANUP(buf_release) struct buf heard;
        buf_init(&heard, 1 << 20);
        assert_text(hear_answer(fds[i], &heard, false).body, "{\"sum\":999000}");
        close(fds[i]);
    }
}

static bool nobody(const struct http_counts *counts)
{
    return counts->connections == 0;
}

static void counts_are_kept_by_class(void **state)
{
    (void)state;
    static const char *const requests[] = {GET("/sum"), GET("/page"), GET("/no"), GET("/forget")};
    for (size_t i = 0; i < ARRAY_LEN(requests); i++) {
        CLEANUP(buf_release) struct buf heard;
        ask(&house, requests[i], &heard);
    }
    house_until(&house, nobody);
    struct http_counts counts = house_counts(&house);
    assert_int_equal(counts.requests, 4);
    assert_int_equal(counts.by_class[2], 2);
    assert_int_equal(counts.by_class[4], 1);
    assert_int_equal(counts.by_class[5], 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        TEST(steps_see_the_request),
        TEST(a_long_address_and_a_large_head_are_taken),
        TEST(steps_on_other_threads_answer_too),
        TEST(every_answer_has_the_security_headers_once),
        TEST(a_reply_may_set_headers_and_replace_ours),
        TEST(a_prepared_answer_is_sent_again_and_again),
        TEST(head_is_get_without_the_body),
        TEST(errors_have_one_shape),
        TEST(an_address_without_this_method_says_which_it_has),
        TEST(an_answer_may_be_empty),
        TEST(pipelined_requests_are_answered_in_order),
        TEST(many_connections_at_once),
        TEST(counts_are_kept_by_class),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
