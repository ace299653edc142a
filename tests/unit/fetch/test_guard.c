/* tests/unit/fetch/test_guard.c
 *
 * The wall: which addresses and names may be asked.
 */
#include "base/cleanup.h"
#include "fetch/guard.h"
#include "lib/check.h"

#include <string.h>

static const char *what_is(const char *shown)
{
    struct address address;
    assert_true(address_parse(text_of(shown), &address));
    return address_not_public(&address);
}

static void test_public_addresses_pass(void **state)
{
    static const char *const public[] = {
        "1.1.1.1",         "8.8.8.8",         "9.255.255.255",
        "11.0.0.0",        "100.63.255.255",  "100.128.0.0",
        "126.255.255.255", "128.0.0.1",       "169.253.255.255",
        "169.255.0.0",     "172.15.255.255",  "172.32.0.0",
        "191.255.255.255", "192.0.1.0",       "192.0.3.0",
        "192.88.98.255",   "192.88.100.0",    "192.167.255.255",
        "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
        "198.51.99.255",   "198.51.101.0",    "203.0.112.255",
        "203.0.114.0",     "223.255.255.255", "2606:4700:4700::1111",
        "2a00:1450::1",    "2001:200::1",     "2001:db7:ffff::1",
        "2003::1",         "3ffe:ffff::1",    "3fff:1000::1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(public); i++)
        if (what_is(public[i]))
            fail_msg("%s is taken for %s", public[i], what_is(public[i]));
}

static void test_every_other_address_is_refused(void **state)
{
    static const char *const closed[] = {
        "0.0.0.0",
        "0.255.255.255",
        "10.0.0.0",
        "10.255.255.255",
        "100.64.0.0",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.255",
        "169.254.0.1",
        "169.254.169.254",
        "172.16.0.0",
        "172.31.255.255",
        "192.0.0.0",
        "192.0.0.255",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.0.1",
        "192.168.255.255",
        "198.18.0.0",
        "198.19.255.255",
        "198.51.100.7",
        "203.0.113.7",
        "224.0.0.1",
        "239.255.255.255",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::2",
        "::7f00:1",
        "::ffff:1.1.1.1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::1.1.1.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::1",
        "100::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "febf::1",
        "fec0::1",
        "ff02::1",
        "2001::1",
        "2001:2::1",
        "2001:10::1",
        "2001:20::1",
        "2001:1ff:ffff::1",
        "2001:db8::1",
        "2002::1",
        "2002:7f00:1::",
        "3fff::1",
        "3fff:fff::1",
        "4000::1",
        "5f00::1",
        "1fff::1",
        "8000::1",
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(closed); i++)
        if (!what_is(closed[i]))
            fail_msg("%s passes", closed[i]);
}

/* Every edge of every block once more, by counting: the public share of IPv4 is what the registry leaves. */
static bool is_public(uint32_t block)
{
    struct address address = {
        .bytes = {(unsigned char)(block >> 16), (unsigned char)(block >> 8), (unsigned char)block, 1}};
    return address_not_public(&address) == NULL;
}

/* Every /24 where a rule is finer than a /16, one /24 of each /16 elsewhere. */
static bool is_ruled_finely(uint32_t first)
{
    return first == 192 || first == 198 || first == 203;
}

static void test_share_of_ipv4_that_is_public(void **state)
{
    uint64_t public = 0;
    (void)state;
    for (uint32_t first = 0; first < 256; first++) {
        uint32_t step = is_ruled_finely(first) ? 1 : 256;
        for (uint32_t block = first << 16; block < (first + 1) << 16; block += step)
        public += is_public(block) ? step : 0;
    }
    /* 2^24 blocks of 256; 0/8, 10/8, 127/8: 3 * 2^16; 100.64/10: 2^14; 169.254/16, 192.168/16: 2 * 2^8; 172.16/12: 2^12;
     * 198.18/15: 2^9; 192.0.0, 192.0.2, 192.88.99, 198.51.100, 203.0.113: 5; 224/3: 2^21. */
    assert_int_equal(public, (1U << 24) - 3 * (1U << 16) - (1U << 14) - 2 * (1U << 8) - (1U << 12) - (1U << 9) - 5 -
                                 (1U << 21));
}

static void test_loopback_and_nothing_else_is_lifted(void **state)
{
    static const struct {
        const char *shown;
        bool loopback;
    } cases[] = {
        {"127.0.0.1", true},
        {"127.9.8.7", true},
        {"::1", true},
        {"::ffff:127.0.0.1", false},
        {"0.0.0.0", false},
        {"::", false},
        {"10.0.0.1", false},
        {"169.254.169.254", false},
        {"fe80::1", false},
        {"::2", false},
        {"64:ff9b::7f00:1", false},
    };
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct address address;
        struct err err = {0};
        assert_true(address_parse(text_of(cases[i].shown), &address));
        assert_int_equal(address_is_loopback(&address), cases[i].loopback);
        assert_int_equal(guard_address(&address, TEXT("host.test"), true, &err), cases[i].loopback ? 0 : E_FORBIDDEN);
        assert_int_equal(guard_address(&address, TEXT("host.test"), false, &err), E_FORBIDDEN);
        assert_non_null(strstr(err.text, "host.test leads to "));
        assert_non_null(strstr(err.text, cases[i].shown));
    }
}

static void test_addresses_are_read_strictly(void **state)
{
    static const char *const broken[] = {
        "",      "1.2.3",  "1.2.3.4.5", "256.1.1.1", "1.2.3.4 ",          "01.2.3.4", "0x7f.1",
        "127.1", "::1%lo", "[::1]",     ":::",       "1:2:3:4:5:6:7:8:9", "example",  "127.0.0.1/8"};
    struct address address;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(broken); i++)
        assert_false(address_parse(text_of(broken[i]), &address));
    assert_false(address_parse((struct text){"1.2.3.4\0x", 9}, &address));
    assert_false(address_parse((struct text){"1.2.3.4\0", 8}, &address));
}

static void test_address_of_sockaddr(void **state)
{
    struct sockaddr_in v4 = {.sin_family = AF_INET, .sin_addr.s_addr = 0x0100007F};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
    struct sockaddr other = {.sa_family = AF_UNIX};
    struct address address;
    char shown[ADDRESS_TEXT_MAX];
    (void)state;
    assert_true(address_of_sockaddr((const struct sockaddr *)&v4, &address));
    address_print(&address, shown);
    assert_string_equal(shown, "127.0.0.1");
    assert_true(address_of_sockaddr((const struct sockaddr *)&v6, &address));
    address_print(&address, shown);
    assert_string_equal(shown, "::1");
    assert_false(address_of_sockaddr(&other, &address));
}

static void test_names(void **state)
{
    static const char *const good[] = {"bsky.social",
                                       "a.b",
                                       "xn--80ak6aa92e.com",
                                       "x.a1",
                                       "3com.example-site.org",
                                       "puffball.us-east.host.bsky.network",
                                       "alice.test"};
    static const char *const bad[] = {
        "",
        "localhost",
        "intranet",
        ".",
        "a.",
        ".a",
        "a..b",
        "-a.com",
        "a-.com",
        "a.-b",
        "under_score.com",
        "A.com",
        "a b.com",
        "a.com/",
        "a@b.com",
        "1.2.3.4.5",
        "10.0.0.256",
        "a.0x7f",
        "a.1",
        "printer.local",
        "box.lan",
        "pi.home",
        "x.localdomain",
        "api.internal",
        "10.in-addr.arpa",
        "a.invalid",
        "a.onion",
        "a.example",
        "foo.localhost",
        "a.alt",
        "hr.corp",
        "\xC3\xBC.de",
        "a%2eb.com",
        "a\n.com",
    };
    struct err err;
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(good); i++)
        if (guard_name(text_of(good[i]), &err) < 0)
            fail_msg("%s: %s", good[i], err.text);
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (guard_name(text_of(bad[i]), &err) != E_FORBIDDEN)
            fail_msg("\"%s\" passes", bad[i]);
    assert_int_equal(guard_name((struct text){"a\0b.com", 7}, &err), E_FORBIDDEN);
}

static void test_names_have_lengths(void **state)
{
    char name[300];
    (void)state;
    memset(name, 'a', sizeof name);
    for (size_t i = 60; i < sizeof name; i += 61)
        name[i] = '.';
    assert_int_equal(guard_name((struct text){name, 253}, NULL), 0);
    assert_int_equal(guard_name((struct text){name, 254}, NULL), E_FORBIDDEN);
    memset(name, 'a', 70);
    name[63] = '.';
    assert_int_equal(guard_name((struct text){name, 70}, NULL), 0);
    name[63] = 'a';
    name[64] = '.';
    assert_int_equal(guard_name((struct text){name, 70}, NULL), E_FORBIDDEN);
}

static void test_record_names_may_have_underscores(void **state)
{
    (void)state;
    assert_int_equal(guard_record_name(TEXT("_atproto.alice.test"), NULL), 0);
    assert_int_equal(guard_name(TEXT("_atproto.alice.test"), NULL), E_FORBIDDEN);
    assert_int_equal(guard_record_name(TEXT("_atproto.router.local"), NULL), E_FORBIDDEN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_public_addresses_pass),
        cmocka_unit_test(test_every_other_address_is_refused),
        cmocka_unit_test(test_share_of_ipv4_that_is_public),
        cmocka_unit_test(test_loopback_and_nothing_else_is_lifted),
        cmocka_unit_test(test_addresses_are_read_strictly),
        cmocka_unit_test(test_address_of_sockaddr),
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_names_have_lengths),
        cmocka_unit_test(test_record_names_may_have_underscores),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
