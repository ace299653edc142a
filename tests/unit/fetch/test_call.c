/* tests/unit/fetch/test_call.c
 *
 * One request at a time, at a real socket: what goes out, what comes back, what is refused.
 */
#include "base/buf.h"
#include "unit/fetch/world.h"

/* --- what goes out --------------------------------------------------------------------------------------------------*/

static void test_get(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /list",
                     (struct script_answer){.headers = "X-Test: yes\nx-other: 1", .body = "[1,2]"});
    struct answer answer = world_get(world, "/list?limit=2");
    assert_ok(answer);
    assert_int_equal(answer.status, 200);
    assert_string_equal(answer.body, "[1,2]");
    assert_string_equal(answer.header, "yes");
    assert_string_equal(answer.reason, "");

    const struct script_request *request = script_server_request(world->server, 0);
    assert_string_equal(request->target, "/list?limit=2");
    assert_string_equal(request->method, "GET");
    assert_text(script_request_header(request, "User-Agent"), "Skein/" SKEIN_VERSION);
    assert_text(script_request_header(request, "Accept-Encoding"), "gzip");
    assert_true(text_empty(script_request_header(request, "Cookie")));
    assert_true(text_empty(script_request_header(request, "Content-Type")));
    assert_null(script_server_request(world->server, 1));
}

static void test_post(void **state)
{
    struct world *world = *state;
    const struct fetch_header headers[] = {
        {TEXT("Content-Type"), TEXT("application/json")},
        {TEXT("Authorization"), TEXT("DPoP abc")},
        {TEXT("X-Empty"), TEXT("")},
    };
    script_server_on(world->server, "POST /write", (struct script_answer){.status = 201, .body = "{}"});
    char body[] = "{\"a\":1}";
    struct answer answer;
    world_send(world,
               (struct fetch_request){.method = "POST",
                                      .url = world_url(world, "/write"),
                                      .headers = headers,
                                      .n_headers = ARRAY_LEN(headers),
                                      .body = text_of(body)},
               &answer);
    memset(body, 'x', sizeof body - 1); /* was copied */
    assert_true(world_until(world, &answer.done, PATIENCE_MS));
    assert_ok(answer);
    assert_int_equal(answer.status, 201);
    const struct script_request *request = script_server_request(world->server, 0);
    assert_text(request->body, "{\"a\":1}");
    assert_text(script_request_header(request, "Content-Type"), "application/json");
    assert_text(script_request_header(request, "Authorization"), "DPoP abc");
    assert_text(script_request_header(request, "Content-Length"), "7");
    assert_true(text_empty(script_request_header(request, "Expect")));
    assert_non_null(strstr(request->head, "X-Empty:"));
}

static void test_large_post_goes_out_without_asking_first(void **state)
{
    struct world *world = *state;
    size_t len = 2 * MIB;
    CLEANUP_FREE char *body = malloc(len);
    assert_non_null(body);
    memset(body, 'b', len);
    script_server_on(world->server, "POST /", (struct script_answer){.status = 204});
    struct answer answer =
        world_ask(world, (struct fetch_request){.method = "POST", .url = world_url(world, "/"), .body = {body, len}});
    assert_ok(answer);
    assert_int_equal(script_server_request(world->server, 0)->body.len, len);
    assert_true(text_empty(script_request_header(script_server_request(world->server, 0), "Expect")));
}

static void test_other_methods(void **state)
{
    struct world *world = *state;
    static const char *const methods[] = {"PUT", "DELETE", "PATCH", "POST"};
    for (size_t i = 0; i < ARRAY_LEN(methods); i++) {
        char pattern[32];
        snprintf(pattern, sizeof pattern, "%s /", methods[i]);
        script_server_on(world->server, pattern, (struct script_answer){.body = methods[i]});
        struct answer answer =
            world_ask(world, (struct fetch_request){.method = methods[i], .url = world_url(world, "/")});
        assert_ok(answer);
        assert_string_equal(answer.body, methods[i]);
        assert_text(script_request_header(script_server_request(world->server, i), "Content-Length"), "0");
    }
    script_server_on(world->server, "HEAD /", (struct script_answer){.headers = "X-Test: head"});
    struct answer answer = world_ask(world, (struct fetch_request){.method = "HEAD", .url = world_url(world, "/")});
    assert_ok(answer);
    assert_string_equal(answer.header, "head");
}

static void test_connections_are_kept(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    for (int i = 0; i < 5; i++)
        assert_ok(world_get(world, "/"));
    assert_int_equal(script_server_connections(world->server), 1);
}

static void test_environment_proxies_are_ignored(void **state)
{
    struct world *world = *state;
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    struct answer answer = world_get(world, "/");
    unsetenv("http_proxy");
    unsetenv("ALL_PROXY");
    assert_ok(answer);
}

static void test_counts_by_label(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /good", (struct script_answer){.body = "x"});
    script_server_on(world->server, "GET /bad", (struct script_answer){.status = 500});
    for (int i = 0; i < 3; i++)
        world_ask(world, (struct fetch_request){.url = world_url(world, "/good"), .label = "good"});
    world_ask(world, (struct fetch_request){.url = world_url(world, "/bad"), .label = "bad", .tries_max = 3});
    const struct fetch_count *counts;
    assert_int_equal(fetch_counts(world->fetch, &counts), 2);
    assert_string_equal(counts[0].label, "good");
    assert_int_equal(counts[0].requests, 3);
    assert_int_equal(counts[0].repeated, 0);
    assert_int_equal(counts[0].failed, 0);
    assert_string_equal(counts[1].label, "bad");
    assert_int_equal(counts[1].requests, 3);
    assert_int_equal(counts[1].repeated, 2);
    assert_int_equal(counts[1].failed, 1);
}

/* --- what comes back ------------------------------------------------------------------------------------------------*/

static void test_statuses_that_are_answers(void **state)
{
    struct world *world = *state;
    static const int statuses[] = {200, 204, 304, 400, 401, 403, 404, 410, 501};
    for (size_t i = 0; i < ARRAY_LEN(statuses); i++) {
        char path[16];
        char pattern[32];
        snprintf(path, sizeof path, "/%d", statuses[i]);
        snprintf(pattern, sizeof pattern, "GET %s", path);
        script_server_on(world->server, pattern,
                         (struct script_answer){.status = statuses[i],
                                                .body = statuses[i] == 204 || statuses[i] == 304 ? "" : "why"});
        struct answer answer = world_get(world, path);
        assert_ok(answer);
        assert_int_equal(answer.status, statuses[i]);
        assert_int_equal(script_server_hits(world->server, pattern), 1);
    }
}

static void test_ways_to_send_a_body(void **state)
{
    struct world *world = *state;
    static const enum script_how ways[] = {SCRIPT_LENGTH, SCRIPT_CHUNKED, SCRIPT_UNTIL_CLOSE};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        script_server_forget(world->server);
        script_server_on(world->server, "GET /",
                         (struct script_answer){
                             .headers = "X-Test: t", .body = "0123456789", .body_repeat = 100000, .how = ways[i]});
        struct answer answer = world_get(world, "/");
        assert_ok(answer);
        assert_int_equal(answer.body_len, 100000);
        assert_memory_equal(answer.body, "01234567890123456789", 20);
        assert_string_equal(answer.header, "t");
    }
}

static void test_broken_answers(void **state)
{
    struct world *world = *state;
    static const struct {
        struct script_answer answer;
        int code;
        size_t hits; /* 4: tried again; 1: would not get better */
    } cases[] = {
        {{.how = SCRIPT_CLOSE}, E_UNAVAILABLE, 4},
        {{.how = SCRIPT_RESET}, E_UNAVAILABLE, 4},
        {{.body = "0123456789", .how = SCRIPT_CUT}, E_UNAVAILABLE, 4},
        {{.body = "SSH-2.0-OpenSSH_9.2\r\n", .how = SCRIPT_RAW}, E_PROTOCOL, 1},
        {{.headers = "Content-Encoding: gzip", .body = "no gzip"}, E_PROTOCOL, 1},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct world own;
        world_open(&own, NULL); /* a circuit of its own */
        script_server_on(own.server, "GET /", cases[i].answer);
        struct answer answer = world_get(&own, "/");
        if (answer.code != cases[i].code)
            fail_msg("case %zu: %s, %s", i, err_word(answer.code), answer.reason);
        assert_says(answer, "127.0.0.1");
        assert_int_equal(script_server_hits(own.server, NULL), cases[i].hits);
        world_close(&own);
    }
    (void)world;
}

static void test_too_large(void **state)
{
    struct world *world = *state;
    static const enum script_how ways[] = {SCRIPT_LENGTH, SCRIPT_CHUNKED, SCRIPT_UNTIL_CLOSE};
    for (size_t i = 0; i < ARRAY_LEN(ways); i++) {
        script_server_forget(world->server);
        script_server_on(world->server, "GET /fits",
                         (struct script_answer){.body = "x", .body_repeat = 1000, .how = ways[i]});
        script_server_on(world->server, "GET /over",
                         (struct script_answer){.body = "x", .body_repeat = 1001, .how = ways[i]});
        script_server_on(world->server, "GET /huge",
                         (struct script_answer){.body = "x", .body_repeat = 200 * MIB, .how = ways[i]});
        struct fetch_request request = {.url = world_url(world, "/fits"), .response_max = 1000};
        struct answer answer = world_ask(world, request);
        assert_ok(answer);
        assert_int_equal(answer.body_len, 1000);
        request.url = world_url(world, "/over");
        answer = world_ask(world, request);
        assert_int_equal(answer.code, E_TOO_LARGE);
        assert_says(answer, "1000 bytes");
        request.url = world_url(world, "/huge");
        request.response_max = 0;
        answer = world_ask(world, request);
        assert_int_equal(answer.code, E_TOO_LARGE);
        assert_int_equal(script_server_hits(world->server, "GET /huge"), i + 1); /* no second try */
    }
}

/* "ok" as gzip. */
static const char gzip_ok[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xcb\xcf\x06\x00\x47\xdd\xdc\x79\x02\x00\x00\x00";

/* Ten MiB of zeros, squeezed by zlib to 10 KiB; written by the test itself, as stored blocks would not be a bomb. */
static size_t make_bomb(unsigned char *out, size_t size)
{
    /* A deflate stream with one block of fixed codes: one zero byte, then matches of 258 bytes at distance 1, each of
     * which is code 285 (8 bits, 1100 0101) and distance code 0 (5 bits). Bits are packed from the lowest. */
    static const unsigned char head[] = {0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    size_t at = sizeof head;
    unsigned long bits = 0;
    unsigned n = 0;
    memcpy(out, head, at);
#define PUT(value, count)                                                                                              \
    do {                                                                                                               \
        bits |= (unsigned long)(value) << n;                                                                           \
        n += (count);                                                                                                  \
        while (n >= 8) {                                                                                               \
            out[at++] = (unsigned char)bits;                                                                           \
            bits >>= 8;                                                                                                \
            n -= 8;                                                                                                    \
        }                                                                                                              \
    } while (0)
    PUT(1, 1);    /* the last block */
    PUT(1, 2);    /* of fixed codes */
    PUT(0x0C, 8); /* literal 0: 0011 0000, first bit first */
    while (at + 16 < size) {
        PUT(0xA3, 8); /* 285: 1100 0101 */
        PUT(0, 5);
    }
    PUT(0, 7); /* end of block */
    PUT(0, 7);
#undef PUT
    return at;
}

static void test_gzip_is_decoded_and_counted_after_decoding(void **state)
{
    struct world *world = *state;
    static unsigned char bomb[16384];
    size_t bomb_len = make_bomb(bomb, sizeof bomb);
    script_server_on(
        world->server, "GET /ok",
        (struct script_answer){.headers = "Content-Encoding: gzip", .body = gzip_ok, .body_len = sizeof gzip_ok - 1});
    script_server_on(
        world->server, "GET /bomb",
        (struct script_answer){.headers = "Content-Encoding: gzip", .body = (const char *)bomb, .body_len = bomb_len});
    struct answer answer = world_get(world, "/ok");
    assert_ok(answer);
    assert_string_equal(answer.body, "ok");
    answer = world_get(world, "/bomb");
    assert_int_equal(answer.code, E_TOO_LARGE);
    assert_true(answer.body_len <= LIMIT_RESPONSE);
    assert_true(answer.body_len > bomb_len); /* it was one */
}

static void test_too_many_header_bytes(void **state)
{
    struct world *world = *state;
    CLEANUP(buf_release) struct buf lines;
    buf_init(&lines, MIB);
    for (int i = 0; i < 70; i++)
        assert_int_equal(buf_printf(&lines, "X-Filler-%d: %01000d\n", i, i), 0);
    script_server_on(world->server, "GET /", (struct script_answer){.headers = buf_string(&lines)});
    struct answer answer = world_get(world, "/");
    assert_int_equal(answer.code, E_TOO_LARGE);
}

static void test_headers_of_the_last_answer_only(void **state)
{
    struct world *world = *state;
    script_server_on(world->server, "GET /",
                     (struct script_answer){.body = "HTTP/1.1 103 Early Hints\r\nX-Test: early\r\n\r\n"
                                                    "HTTP/1.1 200 OK\r\nX-TEST:   last \r\nX-Test: second\r\n"
                                                    "Transfer-Encoding: chunked\r\nTrailer: X-Test\r\n\r\n"
                                                    "2\r\nok\r\n0\r\nX-Trailer: late\r\n\r\n",
                                            .how = SCRIPT_RAW});
    struct answer answer = world_get(world, "/");
    assert_ok(answer);
    assert_string_equal(answer.body, "ok");
    assert_string_equal(answer.header, "last");
}

/* --- what is refused before anything goes out -----------------------------------------------------------------------*/

static void test_refused_urls(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *url;
        int code;
    } cases[] = {
        {"http://example.com/", E_FORBIDDEN},
        {"https://10.0.0.1/", E_FORBIDDEN},
        {"https://user@bsky.social/", E_FORBIDDEN},
        {"https://intranet/", E_FORBIDDEN},
        {"nonsense", E_BAD_INPUT},
        {"", E_BAD_INPUT},
        {"http://0.0.0.0:80/", E_FORBIDDEN},
        {"https://bsky.social:444/", E_FORBIDDEN},
        {"https://a.localhost/", E_FORBIDDEN},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer answer = world_ask(world, (struct fetch_request){.url = text_of(cases[i].url)});
        assert_int_equal(answer.code, cases[i].code);
        assert_true(strlen(answer.reason) > 10);
        assert_int_equal(answer.status, 0);
    }
    assert_int_equal(script_dns_hits(world->dns, NULL, 0), 0);
}

static void test_loopback_needs_the_option(void **state)
{
    struct world own;
    (void)state;
    world_open(&own, &(struct fetch_options){.allow_loopback = false});
    script_server_on(own.server, "GET /", (struct script_answer){.body = "x"});
    struct answer answer = world_get(&own, "/");
    assert_int_equal(answer.code, E_FORBIDDEN);
    answer = world_ask(&own, (struct fetch_request){.url = TEXT("https://localhost/")});
    assert_int_equal(answer.code, E_FORBIDDEN);
    assert_int_equal(script_server_connections(own.server), 0);
    world_close(&own);
}

static void test_localhost_is_never_looked_up(void **state)
{
    struct world *world = *state;
    char url[64];
    snprintf(url, sizeof url, "http://localhost:%u/", script_server_port(world->server));
    script_server_on(world->server, "GET /", (struct script_answer){.body = "x"});
    assert_ok(world_ask(world, (struct fetch_request){.url = text_of(url)}));
    assert_int_equal(script_dns_hits(world->dns, NULL, 0), 0);
}

static void test_headers_cannot_be_smuggled(void **state)
{
    struct world *world = *state;
    static const struct fetch_header cases[] = {
        {TEXT("X"), TEXT("a\r\nY: b")}, {TEXT("X"), TEXT("a\nY: b")}, {TEXT("X: y\r\nZ"), TEXT("a")},
        {TEXT("X Y"), TEXT("a")},       {TEXT(""), TEXT("a")},        {TEXT("X"), TEXT("a\0b")},
        {TEXT("X:"), TEXT("a")},
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct answer answer = world_ask(
            world, (struct fetch_request){.url = world_url(world, "/"), .headers = &cases[i], .n_headers = 1});
        assert_int_equal(answer.code, E_BAD_INPUT);
    }
    assert_int_equal(script_server_hits(world->server, NULL), 0);
}

static void test_a_body_over_the_limit(void **state)
{
    struct world *world = *state;
    size_t len = LIMIT_REQUEST + 1;
    CLEANUP_FREE char *body = calloc(1, len);
    assert_non_null(body);
    struct answer answer =
        world_ask(world, (struct fetch_request){.method = "POST", .url = world_url(world, "/"), .body = {body, len}});
    assert_int_equal(answer.code, E_TOO_LARGE);
}

static void test_detours_are_for_loopback_alone(void **state)
{
    static const struct fetch_options bad[] = {
        {.allow_loopback = false, .detour = TEXT("127.0.0.1:80")},
        {.allow_loopback = true, .detour = TEXT("10.0.0.1:80")},
        {.allow_loopback = true, .detour = TEXT("127.0.0.1")},
        {.allow_loopback = true, .detour = TEXT("127.0.0.1:0")},
        {.allow_loopback = true, .detour = TEXT("localhost:80")},
    };
    struct world *world = *state;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
        struct err err = {0};
        assert_null(fetch_new(world->loop, &bad[i], &err));
        assert_int_equal(err.code, E_BAD_INPUT);
    }
}

/* --- certificates ---------------------------------------------------------------------------------------------------*/

/* Something on the port that does not speak TLS: not reached, tried again. */
static void test_tls_to_a_plain_server(void **state)
{
    struct world *world = *state;
    char url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", script_server_port(world->server));
    struct answer answer =
        world_ask(world, (struct fetch_request){.url = text_of(url), .tries_max = 2, .attempt_ms = 300});
    assert_true(answer.code == E_UNAVAILABLE || answer.code == E_TIMEOUT);
    assert_int_equal(script_server_hits(world->server, NULL), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, world_set_up, world_tear_down)
        TEST(test_get),
        TEST(test_post),
        TEST(test_large_post_goes_out_without_asking_first),
        TEST(test_other_methods),
        TEST(test_connections_are_kept),
        TEST(test_environment_proxies_are_ignored),
        TEST(test_counts_by_label),
        TEST(test_statuses_that_are_answers),
        TEST(test_ways_to_send_a_body),
        TEST(test_broken_answers),
        TEST(test_too_large),
        TEST(test_gzip_is_decoded_and_counted_after_decoding),
        TEST(test_too_many_header_bytes),
        TEST(test_headers_of_the_last_answer_only),
        TEST(test_refused_urls),
        TEST(test_loopback_needs_the_option),
        TEST(test_localhost_is_never_looked_up),
        TEST(test_headers_cannot_be_smuggled),
        TEST(test_a_body_over_the_limit),
        TEST(test_detours_are_for_loopback_alone),
        TEST(test_tls_to_a_plain_server),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
