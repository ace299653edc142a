/* tests/unit/app/test_config.c
 *
 * Settings from default, file and environment, and what is said of wrong ones.
 */
#include "app/config.h"
#include "app/hide_password.h"
#include "base/cleanup.h"
#include "base/log.h"
#include "lib/check.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static char path[] = "/tmp/skein-config-XXXXXX";

static int load(struct config *config, const char *file_content, struct err *err)
{
    const char *file = NULL;
    if (file_content) {
        FILE *out = fopen(path, "we");
        fputs(file_content, out);
        fclose(out);
        file = path;
    }
    *err = (struct err){0};
    return config_load(config, file, err);
}

static void test_defaults(void **state)
{
    (void)state;
    struct config config;
    struct err err;
    assert_int_equal(load(&config, NULL, &err), 0);
    assert_text(config_text(&config, SETTING_LISTEN), "127.0.0.1:8080");
    assert_text(config_text(&config, SETTING_BLUESKY_APPVIEW), "https://public.api.bsky.app");
    assert_text(config_text(&config, SETTING_PLC), "https://plc.directory");
    assert_text(config_text(&config, SETTING_HANDLE_RESOLVER), "dns");
    assert_false(config_flag(&config, SETTING_ALLOW_LOOPBACK));
    config_release(&config);
}

static void test_later_sources_win(void **state)
{
    (void)state;
    struct config config;
    struct err err;
    setenv("SKEIN_LISTEN", "127.0.0.1:3", 1);
    assert_int_equal(load(&config, "# a comment\n\n  listen = 127.0.0.1:2  \nworkers=8\n", &err), 0);
    assert_text(config_text(&config, SETTING_LISTEN), "127.0.0.1:3");
    assert_int_equal(config_number(&config, SETTING_WORKERS), 8);
    assert_int_equal(config_set(&config, TEXT("listen"), TEXT("[::1]:4"), FROM_OPTION, &err), 0);
    assert_text(config_text(&config, SETTING_LISTEN), "[::1]:4");
    unsetenv("SKEIN_LISTEN");
    config_release(&config);
}

static const struct {
    const char *file;
    const char *sentence; /* what the end of it reads */
} wrong[] = {
    {"lisen = 127.0.0.1:1\n",
     "line 1: there is no setting 'lisen'; the nearest is 'listen' (skein config lists them all)"},
    {"\nlisten 127.0.0.1:1\n", "line 2: a line must read 'name = value'"},
    {"listen = 8080\n", "listen must be an address and a port such as 127.0.0.1:8080 or [::1]:8080, not '8080'"},
    {"listen = 127.0.0.1:99999\n", "or [::1]:8080, not '127.0.0.1:99999'"},
    {"workers = 0\n", "workers must be a whole number from 1 to 64, not '0'"},
    {"plc = plc.directory\n", "plc must be a URL such as https://example.org, without a slash at its end, not "
                              "'plc.directory'"},
    {"allow_loopback = yes\n", "allow_loopback must be 0 or 1, not 'yes'"},
    {"data =\n", "data must be the path of a folder, not ''"},
    {"database = mysql://u:secret@h/d\n",
     "database must be sqlite:PATH, or postgres://USER@HOST/NAME, or nothing, not 'mysql://u:***@h/d'"},
    {"database = sqlite:\n", "or nothing, not 'sqlite:'"},
    {"log_level = loud\n", "log_level must be error, warn, info or debug, not 'loud'"},
    {"test_dns_servers = 127.0.0.1:53\n", "test_dns_servers is for tests and works only with allow_loopback = 1"},
    {"allow_loopback = 1\ntest_synchronous = sometimes\n", "test_synchronous must be full or off, not 'sometimes'"},
    {"test_synchronous = off\n", "test_synchronous is for tests and works only with allow_loopback = 1"},
};

static void test_wrong_values_say_what_and_where(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(wrong); i++) {
        struct config config;
        struct err err;
        assert_int_equal(load(&config, wrong[i].file, &err), E_USAGE);
        if (!text_ends(text_of(err.text), text_of(wrong[i].sentence)))
            fail_msg("'%s' does not end in '%s'", err.text, wrong[i].sentence);
        config_release(&config);
    }
}

static void test_a_missing_file_is_named(void **state)
{
    (void)state;
    struct config config;
    struct err err = {0};
    assert_int_equal(config_load(&config, "/nowhere/skein.conf", &err), E_IO);
    assert_string_equal(err.text, "the settings file /nowhere/skein.conf cannot be opened: No such file or directory");
    config_release(&config);
}

static void test_lists(void **state)
{
    (void)state;
    struct config config;
    struct err err;
    struct text parts[4];
    assert_int_equal(load(&config, "handle_domains = bsky.social, , example.org\ta.test\n", &err), 0);
    assert_int_equal(config_list(&config, SETTING_HANDLE_DOMAINS, parts, ARRAY_LEN(parts)), 3);
    assert_text(parts[0], "bsky.social");
    assert_text(parts[2], "a.test");
    assert_int_equal(config_list(&config, SETTING_HANDLE_DOMAINS, parts, 2), 2);
    config_release(&config);
}

static const struct {
    const char *address;
    const char *shown;
} addresses[] = {
    {"", ""},
    {"sqlite:/srv/skein.db", "sqlite:/srv/skein.db"},
    {"postgres://skein@db.example:5432/skein", "postgres://skein@db.example:5432/skein"},
    {"postgres://skein:s3cret@db.example:5432/skein", "postgres://skein:***@db.example:5432/skein"},
    {"postgresql://skein:s3/c?r@et@db/skein?sslmode=require", "postgresql://skein:***@db/skein?sslmode=require"},
    {"postgres:///skein?host=/run&password=s3cret&user=skein", "postgres:///skein?host=/run&password=***&user=skein"},
    {"postgres://db/skein?sslPassword=s3cret", "postgres://db/skein?sslPassword=***"},
};

static void test_passwords_are_hidden(void **state)
{
    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(addresses); i++) {
        CLEANUP(buf_release) struct buf out;
        buf_init(&out, 1024);
        assert_int_equal(hide_password(text_of(addresses[i].address), &out), 0);
        assert_string_equal(buf_string(&out), addresses[i].shown);
    }
}

static void test_settings_are_shown_without_passwords(void **state)
{
    CLEANUP(buf_release) struct buf out;
    struct config config;
    struct err err;
    (void)state;
    buf_init(&out, 1 << 16);
    assert_int_equal(load(&config, "database = postgres://skein:s3cret@db/skein\n", &err), 0);
    assert_text(config_text(&config, SETTING_DATABASE), "postgres://skein:s3cret@db/skein");
    assert_int_equal(config_print(&config, &out), 0);
    assert_int_equal(config_print_json(&config, &out), 0);
    assert_non_null(strstr(buf_string(&out), "database = postgres://skein:***@db/skein\n"));
    assert_non_null(strstr(buf_string(&out), "\"value\":\"postgres://skein:***@db/skein\""));
    assert_null(strstr(buf_string(&out), "s3cret"));
    config_release(&config);
}

static void test_print_can_be_read_again(void **state)
{
    (void)state;
    struct config config;
    struct config again;
    struct err err;
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, 1 << 16);
    assert_int_equal(load(&config, "allow_loopback = 1\ntest_dns_servers = 127.0.0.1:5353\n", &err), 0);
    assert_int_equal(config_print(&config, &out), 0);
    assert_int_equal(load(&again, buf_string(&out), &err), 0);
    for (int i = 0; i < SETTINGS; i++)
        assert_true(text_equal(config_text(&config, (enum setting)i), config_text(&again, (enum setting)i)));
    config_release(&config);
    config_release(&again);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_later_sources_win),
        cmocka_unit_test(test_wrong_values_say_what_and_where),
        cmocka_unit_test(test_a_missing_file_is_named),
        cmocka_unit_test(test_lists),
        cmocka_unit_test(test_passwords_are_hidden),
        cmocka_unit_test(test_settings_are_shown_without_passwords),
        cmocka_unit_test(test_print_can_be_read_again),
    };
    close(mkstemp(path));
    int failed = cmocka_run_group_tests(tests, NULL, NULL);
    unlink(path);
    return failed;
}
