/* tests/unit/fetch/test_names.c
 *
 * From a name to a connection: looked up, vetted, pinned; TXT records; and DNS servers that do not answer.
 */
#include "unit/fetch/world.h"

#define PUBLIC  "198.41.0.4"
#define PUBLIC6 "2001:503:ba3e::2:30"

static int set_up(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world_open(world, &(struct fetch_options){.allow_loopback = true, .detour = TEXT("server")});
    script_server_on(world->server, "GET pds.test/", (struct script_answer){.body = "pds"});
    *state = world;
    return 0;
}

static int tear_down(void **state)
{
    world_close(*state);
    free(*state);
    return 0;
}

static struct answer ask(struct world *world, const char *url)
{
    return world_ask(world, (struct fetch_request){.url = text_of(url)});
}

/* --- addresses ------------------------------------------------------------------------------------------------------*/

static void test_a_name_is_looked_up_once_and_pinned(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "pds.test", SCRIPT_A, PUBLIC);
    script_dns_add(world->dns, "pds.test", SCRIPT_AAAA, PUBLIC6);
    for (int i = 0; i < 3; i++) {
        struct answer answer = ask(world, "https://PDS.test/?q=1");
        assert_ok(answer);
        assert_string_equal(answer.body, "pds");
    }
    assert_string_equal(script_server_request(world->server, 0)->host, "pds.test");
    assert_string_equal(script_server_request(world->server, 0)->target, "/?q=1");
    assert_int_equal(script_dns_hits(world->dns, "pds.test", SCRIPT_A), 1);
    assert_int_equal(script_dns_hits(world->dns, "pds.test", SCRIPT_AAAA), 1);
    assert_int_equal(script_dns_hits(world->dns, NULL, 0), 2); /* no search domains */
    assert_int_equal(world_count(world, FETCH_ADDRESS_LABEL).requests, 1);
}

static void test_aliases_are_followed(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "pds.test", SCRIPT_CNAME, "real.test");
    script_dns_add(world->dns, "real.test", SCRIPT_A, PUBLIC);
    assert_ok(ask(world, "https://pds.test/"));
}

static void test_a_name_that_leads_inside_is_refused(void **state)
{
    struct world *world = *state;
    static const struct {
        enum script_dns_type type;
        const char *value;
    } inside[] = {
        {SCRIPT_A, "127.0.0.1"},
        {SCRIPT_A, "10.0.0.1"},
        {SCRIPT_A, "169.254.169.254"},
        {SCRIPT_A, "0.0.0.0"},
        {SCRIPT_AAAA, "::1"},
        {SCRIPT_AAAA, "fd00::1"},
        {SCRIPT_AAAA, "fe80::1"},
        {SCRIPT_AAAA, "64:ff9b::7f00:1"},
        {SCRIPT_AAAA, "::ffff:127.0.0.1"},
        {SCRIPT_A, "192.168.1.1"},
    };
    for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
        char name[32];
        char url[64];
        snprintf(name, sizeof name, "case-%zu.test", i);
        snprintf(url, sizeof url, "https://%s/", name);
        script_dns_add(world->dns, name, SCRIPT_A, PUBLIC); /* one good address does not save the name */
        script_dns_add(world->dns, name, inside[i].type, inside[i].value);
        struct answer answer = ask(world, url);
        assert_int_equal(answer.code, E_FORBIDDEN);
        assert_says(answer, name);
    }
    assert_int_equal(script_server_connections(world->server), 0);
}

static int64_t ahead_ms;

static int64_t wall_ahead(void *context)
{
    (void)context;
    return clock_wall(&clock_system) + ahead_ms;
}

static int64_t monotonic_ahead(void *context)
{
    (void)context;
    return clock_monotonic(&clock_system) + ahead_ms;
}

/* The name answers with a public address first and with one of ours later. */
static void test_rebinding(void **state)
{
    static const struct clock turned = {.wall_ms = wall_ahead, .monotonic_ms = monotonic_ahead};
    struct world own;
    (void)state;
    world_open(&own, &(struct fetch_options){.allow_loopback = true, .detour = TEXT("server"), .clock = &turned});
    script_server_on(own.server, "GET pds.test/", (struct script_answer){.body = "pds"});
    script_dns_ttl(own.dns, 0);
    script_dns_add(own.dns, "pds.test", SCRIPT_A, PUBLIC);
    assert_ok(ask(&own, "https://pds.test/"));
    script_dns_remove(own.dns, "pds.test");
    script_dns_add(own.dns, "pds.test", SCRIPT_A, "127.0.0.1");
    assert_ok(ask(&own, "https://pds.test/")); /* still pinned to what was vetted */
    assert_int_equal(script_dns_hits(own.dns, "pds.test", SCRIPT_A), 1);
    ahead_ms += LIMIT_ADDRESS_LEAST_MS;
    assert_int_equal(ask(&own, "https://pds.test/").code, E_FORBIDDEN);
    assert_int_equal(script_dns_hits(own.dns, "pds.test", SCRIPT_A), 2);
    world_close(&own);
}

static void test_no_such_name(void **state)
{
    struct world *world = *state;
    struct answer answers[5];
    for (size_t i = 0; i < ARRAY_LEN(answers); i++)
        world_send(world, (struct fetch_request){.url = TEXT("https://nobody.test/")}, &answers[i]);
    for (size_t i = 0; i < ARRAY_LEN(answers); i++) {
        assert_true(world_until(world, &answers[i].done, PATIENCE_MS));
        assert_int_equal(answers[i].code, E_NOT_FOUND);
        assert_says(answers[i], "nobody.test does not exist");
    }
    assert_int_equal(script_dns_hits(world->dns, "nobody.test", SCRIPT_A), 1); /* one answer for all */
    script_dns_add(world->dns, "nobody.test", SCRIPT_TXT, "only text");
    struct answer answer = ask(world, "https://nobody.test/");
    assert_int_equal(answer.code, E_NOT_FOUND);
}

static void test_the_nth_look_up_fails(void **state)
{
    struct world *world = *state;
    static const enum script_dns_how hows[] = {SCRIPT_DNS_SERVFAIL, SCRIPT_DNS_REFUSED};
    for (size_t i = 0; i < ARRAY_LEN(hows); i++) {
        for (size_t n = 1; n <= 3; n++) {
            char name[32];
            char url[64];
            snprintf(name, sizeof name, "nth-%zu-%zu.test", i, n);
            snprintf(url, sizeof url, "https://%s/", name);
            script_dns_add(world->dns, name, SCRIPT_A, PUBLIC);
            script_dns_fail(world->dns, name, hows[i], 4 * n); /* two questions, each asked twice */
            struct answer answer =
                world_ask(world, (struct fetch_request){.method = "POST", .url = text_of(url), .tries_max = 4});
            assert_ok(answer); /* a POST too: nothing had been sent */
            assert_int_equal(answer.status, 404);
        }
    }
}

static void test_look_ups_that_keep_failing(void **state)
{
    struct world *world = *state;
    script_dns_fail(world->dns, "broken.test", SCRIPT_DNS_SERVFAIL, SCRIPT_DNS_EVER);
    struct answer answer = ask(world, "https://broken.test/");
    assert_int_equal(answer.code, E_UNAVAILABLE);
    assert_says(answer, "broken.test could not be looked up");
    assert_says(answer, "(4 tries)");
}

static void test_one_half_of_an_answer_is_enough(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "pds.test", SCRIPT_AAAA, PUBLIC6); /* no A record */
    assert_ok(ask(world, "https://pds.test/"));
}

static void test_a_redirect_to_a_name_is_looked_up_and_vetted(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "pds.test", SCRIPT_A, PUBLIC);
    script_dns_add(world->dns, "inside.test", SCRIPT_A, "10.1.2.3");
    script_dns_add(world->dns, "outside.test", SCRIPT_A, PUBLIC);
    script_server_on(world->server, "GET pds.test/in",
                     (struct script_answer){.status = 301, .headers = "Location: https://inside.test/"});
    script_server_on(world->server, "GET pds.test/out",
                     (struct script_answer){.status = 301, .headers = "Location: https://outside.test/x"});
    script_server_on(world->server, "GET outside.test/x", (struct script_answer){.body = "outside"});
    struct answer answer =
        world_ask(world, (struct fetch_request){.url = TEXT("https://pds.test/in"), .follow_redirects = true});
    assert_int_equal(answer.code, E_FORBIDDEN);
    answer = world_ask(world, (struct fetch_request){.url = TEXT("https://pds.test/out"), .follow_redirects = true});
    assert_ok(answer);
    assert_string_equal(answer.body, "outside");
    assert_int_equal(script_server_hits(world->server, "GET inside.test/"), 0);
}

/* Without a detour a public address is really connected to; here nothing routes there, or nobody answers. What matters:
 * a name that is vetted never reaches the server on loopback. */
static void test_loopback_is_no_way_around_the_dns(void **state)
{
    struct world own;
    (void)state;
    world_open(&own, &(struct fetch_options){.allow_loopback = true});
    script_dns_add(own.dns, "rebound.test", SCRIPT_A, "127.0.0.1");
    struct answer answer = ask(&own, "https://rebound.test/");
    assert_int_equal(answer.code, E_FORBIDDEN); /* allow_loopback is for addresses and localhost, not for names */
    world_close(&own);
}

/* --- TXT ------------------------------------------------------------------------------------------------------------*/

struct records {
    bool done;
    int times;
    int code;
    size_t count;
    char first[600];
    char second[64];
    char reason[ERR_TEXT_MAX];
};

static void keep_records(void *context, const struct fetch_txt *txt)
{
    struct records *records = context;
    records->done = true;
    records->times++;
    records->code = txt->code;
    records->count = txt->n_records;
    snprintf(records->reason, sizeof records->reason, "%s", txt->reason);
    if (txt->n_records > 0)
        snprintf(records->first, sizeof records->first, "%.*s", TEXT_ARG(txt->records[0]));
    if (txt->n_records > 1)
        snprintf(records->second, sizeof records->second, "%.*s", TEXT_ARG(txt->records[1]));
}

static struct records ask_txt(struct world *world, const char *name, int64_t deadline_ms)
{
    struct records records = {0};
    assert_non_null(fetch_txt(world->fetch, text_of(name), deadline_ms, keep_records, &records));
    assert_false(records.done); /* never from inside */
    assert_true(world_until(world, &records.done, PATIENCE_MS));
    assert_int_equal(records.times, 1);
    return records;
}

static void test_txt(void **state)
{
    struct world *world = *state;
    char longer[501];
    memset(longer, 'x', 500);
    longer[500] = '\0';
    script_dns_add(world->dns, "_atproto.alice.test", SCRIPT_TXT, longer);
    script_dns_add(world->dns, "_atproto.alice.test", SCRIPT_TXT, "did=did:plc:abc");
    struct records records = ask_txt(world, "_atproto.alice.test", 0);
    assert_int_equal(records.code, 0);
    assert_int_equal(records.count, 2);
    assert_string_equal(records.first, longer); /* came in two pieces */
    assert_string_equal(records.second, "did=did:plc:abc");
    assert_int_equal(world_count(world, FETCH_TXT_LABEL).requests, 1);
}

static void test_txt_bytes_are_repaired(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "_atproto.odd.test", SCRIPT_TXT, "did=\xFF\xC0");
    struct records records = ask_txt(world, "_atproto.odd.test", 0);
    assert_int_equal(records.code, 0);
    assert_string_equal(records.first, "did=\xEF\xBF\xBD\xEF\xBF\xBD");
}

static void test_txt_that_is_not_there(void **state)
{
    struct world *world = *state;
    struct records records = ask_txt(world, "_atproto.nobody.test", 0);
    assert_int_equal(records.code, E_NOT_FOUND);
    script_dns_add(world->dns, "_atproto.other.test", SCRIPT_A, PUBLIC);
    assert_int_equal(ask_txt(world, "_atproto.other.test", 0).code, E_NOT_FOUND);
    assert_int_equal(world_count(world, FETCH_TXT_LABEL).failed, 0); /* an answer, if a sad one */
}

static void test_txt_that_could_not_be_looked_at(void **state)
{
    struct world *world = *state;
    static const struct {
        enum script_dns_how how;
        int code;
    } cases[] = {{SCRIPT_DNS_SERVFAIL, E_UNAVAILABLE},
                 {SCRIPT_DNS_REFUSED, E_UNAVAILABLE},
                 {SCRIPT_DNS_NXDOMAIN, E_NOT_FOUND},
                 {SCRIPT_DNS_SILENT, E_TIMEOUT}};
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char name[48];
        snprintf(name, sizeof name, "_atproto.fails-%zu.test", i);
        script_dns_add(world->dns, name, SCRIPT_TXT, "did=did:plc:abc");
        script_dns_fail(world->dns, name, cases[i].how, SCRIPT_DNS_EVER);
        struct records records = ask_txt(world, name, 200);
        assert_int_equal(records.code, cases[i].code);
        assert_says(records, name);
    }
    script_dns_add(world->dns, "_atproto.garbage.test", SCRIPT_TXT, "x");
    script_dns_fail(world->dns, "_atproto.garbage.test", SCRIPT_DNS_GARBAGE, SCRIPT_DNS_EVER);
    struct records records = ask_txt(world, "_atproto.garbage.test", 200);
    assert_true(records.code == E_TIMEOUT || records.code == E_UNAVAILABLE);
}

static void test_txt_names_are_guarded(void **state)
{
    struct world *world = *state;
    static const char *const names[] = {
        "", "intranet", "_atproto.printer.local", "_atproto.a b.com", "_atproto..com", "4.3.2.1.in-addr.arpa"};
    for (size_t i = 0; i < ARRAY_LEN(names); i++)
        assert_int_equal(ask_txt(world, names[i], 0).code, E_FORBIDDEN);
    struct records refused = {0};
    fetch_cancel(fetch_txt(world->fetch, TEXT("intranet"), 0, keep_records, &refused));
    world_sleep(world, 5);
    assert_false(refused.done);
    assert_int_equal(script_dns_hits(world->dns, NULL, 0), 0);
}

/* --- a DNS server that never answers --------------------------------------------------------------------------------*/

enum { LOOK_UPS = 50 };

struct silence {
    struct world *world;
    struct answer answers[LOOK_UPS];
    struct fetch_call *calls[LOOK_UPS];
    struct records records[LOOK_UPS];
    struct fetch_call *txt_calls[LOOK_UPS];
    bool cancelled[LOOK_UPS]; /* both of that place */
    uv_timer_t timer;
    int step;
    int64_t closing_since;
    int64_t closing_ms;
};

static void silence_is_over(void *context)
{
    struct silence *silence = context;
    silence->closing_ms = world_now() - silence->closing_since;
    script_server_close(silence->world->server);
    script_dns_close(silence->world->dns);
}

static void next_step(uv_timer_t *timer)
{
    struct silence *silence = timer->data;
    struct fetch *fetch = silence->world->fetch;
    switch (silence->step++) {
    case 0:
        for (size_t i = 0; i < LOOK_UPS; i++) {
            char url[64];
            snprintf(url, sizeof url, "https://silent-%zu.test/", i);
            silence->calls[i] =
                world_send(silence->world, (struct fetch_request){.url = text_of(url), .deadline_ms = 300 + (int64_t)i},
                           &silence->answers[i]);
            snprintf(url, sizeof url, "_atproto.silent-%zu.test", i);
            silence->txt_calls[i] = fetch_txt(fetch, text_of(url), 300, keep_records, &silence->records[i]);
        }
        break;
    case 1: /* where the machine stood still meanwhile, some have ended, and there is nothing left to cancel */
        for (size_t i = 0; i < LOOK_UPS; i += 2) {
            if (silence->answers[i].done || silence->records[i].done)
                continue;
            fetch_cancel(silence->calls[i]);
            fetch_cancel(silence->txt_calls[i]);
            silence->cancelled[i] = true;
        }
        break;
    case 5: /* 500 ms later: everyone was told; what c-ares still asks is let go of */
        silence->closing_since = world_now();
        fetch_close(fetch, silence_is_over, silence);
        uv_timer_stop(timer);
        uv_close((uv_handle_t *)timer, NULL);
        break;
    default:
        break;
    }
}

/* The longest turn of one round, in microseconds. */
static int64_t round_of_silence(void)
{
    static struct silence silence;
    static struct world world;
    struct loop_hold hold;
    silence = (struct silence){.world = &world};
    world_open(&world, NULL);
    script_dns_fail(world.dns, NULL, SCRIPT_DNS_SILENT, SCRIPT_DNS_EVER);
    uv_timer_init(world.uv, &silence.timer);
    silence.timer.data = &silence;
    uv_timer_start(&silence.timer, next_step, 10, 120);
    assert_int_equal(loop_run(world.loop), 0);
    loop_hold(world.loop, &hold);
    print_message("longest turn %lld us of %llu turns; closed after %lld ms\n", (long long)hold.max_us,
                  (unsigned long long)hold.turns, (long long)silence.closing_ms);
    assert_true(silence.closing_ms < 1000);
    for (size_t i = 0; i < LOOK_UPS; i++) {
        assert_int_equal(silence.answers[i].times, silence.cancelled[i] ? 0 : 1);
        assert_int_equal(silence.records[i].times, silence.cancelled[i] ? 0 : 1);
        if (silence.cancelled[i])
            continue;
        assert_int_equal(silence.answers[i].code, E_TIMEOUT);
        assert_says(silence.answers[i], "no DNS server answered in time for silent-");
        assert_int_equal(silence.records[i].code, E_TIMEOUT);
    }
    loop_free(world.loop);
    return hold.max_us;
}

/* A host that pauses the whole machine holds a turn up as well, and the kernel here counts that as ours: so there are
 * three rounds. What our own turns take, they take in each. */
static void test_a_silent_server_never_holds_the_loop(void **state)
{
    int64_t longest_us = INT64_MAX;
    (void)state;
    for (int round = 0; round < 3 && longest_us >= LOOP_HOLD_GOAL_US; round++)
        longest_us = round_of_silence();
    assert_true(longest_us < LOOP_HOLD_GOAL_US);
}

static void test_close_in_the_middle_of_look_ups(void **state)
{
    struct world *world = *state;
    static struct answer answers[LOOK_UPS];
    static struct records records[LOOK_UPS];
    script_dns_fail(world->dns, NULL, SCRIPT_DNS_SILENT, SCRIPT_DNS_EVER);
    for (size_t i = 0; i < LOOK_UPS; i++) {
        char name[64];
        snprintf(name, sizeof name, "https://silent-%zu.test/", i);
        world_send(world, (struct fetch_request){.url = text_of(name)}, &answers[i]);
        records[i] = (struct records){0};
        snprintf(name, sizeof name, "_atproto.silent-%zu.test", i);
        assert_non_null(fetch_txt(world->fetch, text_of(name), 0, keep_records, &records[i]));
    }
    world_sleep(world, 20);
    int64_t start = world_now();
    world_close_fetch(world);
    assert_true(world_now() - start < 1000);
    for (size_t i = 0; i < LOOK_UPS; i++) {
        assert_int_equal(answers[i].times, 0);
        assert_int_equal(records[i].times, 0);
    }
}

/* Cancelled after every number of turns: while asked, when answered but not yet told. */
static void test_cancel_look_ups_at_every_moment(void **state)
{
    struct world *world = *state;
    script_dns_add(world->dns, "_atproto.alice.test", SCRIPT_TXT, "did=did:plc:abc");
    for (int turns = 0; turns < 12; turns++) {
        struct records records = {0};
        struct fetch_call *call = fetch_txt(world->fetch, TEXT("_atproto.alice.test"), 0, keep_records, &records);
        for (int i = 0; i < turns && !records.done; i++)
            uv_run(world->uv, UV_RUN_ONCE);
        int times = records.times;
        if (!records.done)
            fetch_cancel(call);
        world_sleep(world, 1);
        assert_int_equal(records.times, times);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
        TEST(test_a_name_is_looked_up_once_and_pinned),
        TEST(test_aliases_are_followed),
        TEST(test_a_name_that_leads_inside_is_refused),
        TEST(test_rebinding),
        TEST(test_no_such_name),
        TEST(test_the_nth_look_up_fails),
        TEST(test_look_ups_that_keep_failing),
        TEST(test_one_half_of_an_answer_is_enough),
        TEST(test_a_redirect_to_a_name_is_looked_up_and_vetted),
        TEST(test_loopback_is_no_way_around_the_dns),
        TEST(test_txt),
        TEST(test_txt_bytes_are_repaired),
        TEST(test_txt_that_is_not_there),
        TEST(test_txt_that_could_not_be_looked_at),
        TEST(test_txt_names_are_guarded),
        cmocka_unit_test(test_a_silent_server_never_holds_the_loop),
        TEST(test_close_in_the_middle_of_look_ups),
        TEST(test_cancel_look_ups_at_every_moment),
#undef TEST
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
