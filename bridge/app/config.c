/* bridge/app/config.c
 *
 * The table of settings, and reading them.
 */
#include "app/config.h"

#include "app/hide_password.h"
#include "app/nearest.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "base/log.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#define ENVIRONMENT_PREFIX TEXT("SKEIN_")

/* Checks a value; on refusal returns what it should have been, for "listen: <what>, not '<value>'". NULL: good. */
typedef const char *setting_check_fn(struct text value);

struct setting_row {
    const char *name;
    const char *otherwise; /* the default */
    setting_check_fn *check;
    const char *meaning;
};

/* --- what values may be ------------------------------------------------------------------------------------------ */

static const char *check_flag(struct text value)
{
    return text_equal(value, TEXT("0")) || text_equal(value, TEXT("1")) ? NULL : "0 or 1";
}

static const char *check_url(struct text value)
{
    bool https = text_starts(value, TEXT("https://")) && value.len > 8;
    bool http = text_starts(value, TEXT("http://")) && value.len > 7;
    return (https || http) && !text_ends(value, TEXT("/"))
               ? NULL
               : "a URL such as https://example.org, without a slash at its end";
}

static const char *check_resolver(struct text value)
{
    return text_equal(value, TEXT("dns")) || !check_url(value) ? NULL
                                                               : "dns, or the URL of a server that resolves handles";
}

static const char *check_domains(struct text value)
{
    return text_find_byte(value, '/', 0) == TEXT_NOWHERE ? NULL : "domains such as bsky.social, separated by commas";
}

static const char *check_folder(struct text value)
{
    return text_empty(value) ? "the path of a folder" : NULL;
}

static const char *check_database(struct text value)
{
    static const struct text starts[] = {TEXT_INIT("sqlite:"), TEXT_INIT("postgres://"), TEXT_INIT("postgresql://")};
    for (size_t i = 0; i < ARRAY_LEN(starts); i++)
        if (text_starts(value, starts[i]) && value.len > starts[i].len)
            return NULL;
    return text_empty(value) ? NULL : "sqlite:PATH, or postgres://USER@HOST/NAME, or nothing";
}

static const char *check_listen(struct text value)
{
    uint64_t port;
    size_t colon = value.len;
    while (colon > 0 && value.data[colon - 1] != ':')
        colon--;
    bool good = colon > 1 && text_to_u64(text_slice(value, colon, value.len), &port) && port <= 65535;
    return good ? NULL : "an address and a port such as 127.0.0.1:8080 or [::1]:8080";
}

static const char *check_workers(struct text value)
{
    uint64_t n;
    return text_to_u64(value, &n) && n >= 1 && n <= 64 ? NULL : "a whole number from 1 to 64";
}

static const char *check_level(struct text value)
{
    enum log_level level;
    return log_level_of(value, &level) ? NULL : "error, warn, info or debug";
}

static const char *check_format(struct text value)
{
    enum log_format format;
    return log_format_of(value, &format) ? NULL : "text or json";
}

static const char *check_synchronous(struct text value)
{
    return text_equal(value, TEXT("full")) || text_equal(value, TEXT("off")) ? NULL : "full or off";
}

static const char *check_anything(struct text value)
{
    (void)value;
    return NULL;
}

static const struct setting_row rows[SETTINGS] = {
    [SETTING_LISTEN] = {"listen", "127.0.0.1:8080", check_listen, "address and port that serve answers on"},
    [SETTING_DATA] = {"data", "./data", check_folder, "the folder of the database and the keys"},
    [SETTING_DATABASE] = {"database", "", check_database,
                          "where the database is: sqlite:PATH or postgres://USER@HOST/NAME; empty: skein.db in data"},
    [SETTING_BLUESKY_APPVIEW] = {"bluesky_appview", "https://public.api.bsky.app", check_url,
                                 "the server asked for Bluesky profiles and search"},
    [SETTING_PLC] = {"plc", "https://plc.directory", check_url, "the directory of did:plc identities"},
    [SETTING_HANDLE_DOMAINS] = {"handle_domains", "bsky.social", check_domains,
                                "domains under which handles are guessed"},
    [SETTING_HANDLE_RESOLVER] = {"handle_resolver", "dns", check_resolver,
                                 "how a handle is resolved: dns, or the URL of a server's resolveHandle"},
    [SETTING_ALLOW_LOOPBACK] = {"allow_loopback", "0", check_flag,
                                "1 lets requests out reach 127.0.0.1 over plain http: for tests only"},
    [SETTING_WORKERS] = {"workers", "4", check_workers, "threads for work that takes the processor"},
    [SETTING_LOG_LEVEL] = {"log_level", "warn", check_level, "the least important events that are logged"},
    [SETTING_LOG_FORMAT] = {"log_format", "text", check_format, "how a line of the log looks: text or json"},
    [SETTING_TEST_DNS_SERVERS] = {"test_dns_servers", "", check_anything,
                                  "name servers asked instead of the system's; only with allow_loopback=1"},
    [SETTING_TEST_SYNCHRONOUS] = {"test_synchronous", "full", check_synchronous,
                                  "off: a power cut may lose what was promised; only with allow_loopback=1"},
};

static const char *const origin_words[] = {
    [FROM_DEFAULT] = "default", [FROM_FILE] = "file", [FROM_ENVIRONMENT] = "environment", [FROM_OPTION] = "option"};

/* The value as people may see it; what has to be hidden is hidden in `room`, which the caller releases. */
static struct text shown(enum setting setting, struct text value, struct buf *room)
{
    buf_init(room, LIMIT_SETTINGS);
    if (setting != SETTING_DATABASE)
        return value;
    return hide_password(value, room) == 0 ? buf_text(room) : TEXT("***");
}

/* --- setting ----------------------------------------------------------------------------------------------------- */

static bool setting_of(struct text name, enum setting *ret_setting)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        if (text_equal(name, text_of(rows[i].name))) {
            *ret_setting = (enum setting)i;
            return true;
        }
    }
    return false;
}

static const char *nearest_setting(struct text name)
{
    const char *names[SETTINGS];
    for (size_t i = 0; i < SETTINGS; i++)
        names[i] = rows[i].name;
    return nearest_word(name, names, SETTINGS);
}

int config_set(struct config *config, struct text name, struct text value, enum setting_origin origin, struct err *err)
{
    enum setting setting;
    if (!setting_of(name, &setting))
        return err_set(err, E_USAGE, "there is no setting '%.*s'; the nearest is '%s' (skein config lists them all)",
                       TEXT_ARG(name), nearest_setting(name));
    const char *wanted = rows[setting].check(value);
    if (wanted) {
        CLEANUP(buf_release) struct buf room;
        struct text seen = shown(setting, value, &room);
        return err_set(err, E_USAGE, "%s must be %s, not '%.*s'", rows[setting].name, wanted, TEXT_ARG(seen));
    }
    if (!arena_text(&config->arena, value, &config->values[setting]))
        return err_set(err, E_NOMEM, "no memory for settings");
    config->origins[setting] = origin;
    return 0;
}

static int read_line(struct config *config, struct text line, struct err *err)
{
    line = text_trim(line);
    if (text_empty(line) || line.data[0] == '#')
        return 0;
    size_t equals = text_find_byte(line, '=', 0);
    if (equals == TEXT_NOWHERE)
        return err_set(err, E_USAGE, "a line must read 'name = value'");
    return config_set(config, text_trim(text_slice(line, 0, equals)), text_trim(text_slice(line, equals + 1, line.len)),
                      FROM_FILE, err);
}

static void file_close_at(FILE **file)
{
    if (*file)
        fclose(*file);
}

static int read_file(struct config *config, const char *path, struct err *err)
{
    CLEANUP(file_close_at) FILE *file = fopen(path, "re");
    CLEANUP_FREE char *line = NULL;
    size_t size = 0;
    ssize_t len;
    if (!file)
        return err_set_system(err, errno, "the settings file %s cannot be opened", path);
    for (unsigned number = 1; (len = getline(&line, &size, file)) >= 0; number++) {
        int rc = read_line(config, (struct text){line, (size_t)len}, err);
        if (rc < 0) {
            err_prefix(err, "%s, line %u: ", path, number);
            return rc;
        }
    }
    return ferror(file) ? err_set_system(err, errno, "the settings file %s cannot be read", path) : 0;
}

/* An unknown SKEIN_ variable may belong to a wrapper script, so it is warned of, not refused. */
static int read_variable(struct config *config, struct text variable, struct err *err)
{
    char name[64];
    enum setting setting;
    size_t equals = text_find_byte(variable, '=', 0);
    if (!text_starts(variable, ENVIRONMENT_PREFIX) || equals == TEXT_NOWHERE)
        return 0;
    struct text suffix = text_slice(variable, ENVIRONMENT_PREFIX.len, equals);
    if (suffix.len >= sizeof name)
        return 0;
    for (size_t i = 0; i < suffix.len; i++)
        name[i] = byte_lower(suffix.data[i]);
    struct text lower = {name, suffix.len};
    if (!setting_of(lower, &setting)) {
        log_line(LOG_WARN, "app", "SKEIN_%.*s is no setting of this version and has no effect; the nearest is '%s'",
                 TEXT_ARG(suffix), nearest_setting(lower));
        return 0;
    }
    int rc = config_set(config, lower, text_slice(variable, equals + 1, variable.len), FROM_ENVIRONMENT, err);
    if (rc < 0)
        err_prefix(err, "in the environment: ");
    return rc;
}

/* Settings for tests may weaken what protects people, so they go with the switch that says this is a test. */
static int check_test_settings(const struct config *config, struct err *err)
{
    if (config_flag(config, SETTING_ALLOW_LOOPBACK))
        return 0;
    for (size_t i = 0; i < SETTINGS; i++)
        if (text_starts(text_of(rows[i].name), TEXT("test_")) &&
            !text_equal(config->values[i], text_of(rows[i].otherwise)))
            return err_set(err, E_USAGE, "%s is for tests and works only with allow_loopback = 1", rows[i].name);
    return 0;
}

int config_load(struct config *config, const char *file, struct err *err)
{
    *config = (struct config){0};
    arena_init(&config->arena, LIMIT_SETTINGS);
    for (size_t i = 0; i < SETTINGS; i++)
        config->values[i] = text_of(rows[i].otherwise);
    int rc = file ? read_file(config, file, err) : 0;
    for (char **variable = environ; rc == 0 && variable && *variable; variable++)
        rc = read_variable(config, text_of(*variable), err);
    return rc < 0 ? rc : check_test_settings(config, err);
}

void config_release(struct config *config)
{
    arena_release(&config->arena);
}

/* --- reading ----------------------------------------------------------------------------------------------------- */

struct text config_text(const struct config *config, enum setting setting)
{
    return config->values[setting];
}

bool config_flag(const struct config *config, enum setting setting)
{
    return text_equal(config->values[setting], TEXT("1"));
}

uint64_t config_number(const struct config *config, enum setting setting)
{
    uint64_t value = 0;
    text_to_u64(config->values[setting], &value); /* checked when it was set */
    return value;
}

size_t config_list(const struct config *config, enum setting setting, struct text *ret_parts, size_t max)
{
    struct text value = config->values[setting];
    size_t n = 0;
    size_t start = 0;
    for (size_t i = 0; i <= value.len && n < max; i++) {
        if (i < value.len && value.data[i] != ',' && !byte_is_space(value.data[i]))
            continue;
        if (i > start)
            ret_parts[n++] = text_slice(value, start, i);
        start = i + 1;
    }
    return n;
}

const char *config_name(enum setting setting)
{
    return rows[setting].name;
}

int config_print(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        CLEANUP(buf_release) struct buf room;
        struct text value = shown((enum setting)i, config->values[i], &room);
        buf_printf(out, "# %s", rows[i].meaning);
        if (config->origins[i] != FROM_DEFAULT)
            buf_printf(out, " (from the %s; default: %s)", origin_words[config->origins[i]],
                       *rows[i].otherwise ? rows[i].otherwise : "none");
        buf_printf(out, "\n%s = %.*s\n\n", rows[i].name, TEXT_ARG(value));
    }
    return out->failed ? E_NOMEM : 0;
}

int config_print_json(const struct config *config, struct buf *out)
{
    for (size_t i = 0; i < SETTINGS; i++) {
        CLEANUP(buf_release) struct buf room;
        struct text value = shown((enum setting)i, config->values[i], &room);
        CLEANUP_JSON json_t *row =
            json_pack("{ss so ss ss ss}", "name", rows[i].name, "value", json_from_view(value), "from",
                      origin_words[config->origins[i]], "default", rows[i].otherwise, "meaning", rows[i].meaning);
        if (!row || json_write(row, out) < 0)
            return E_NOMEM;
        buf_add_byte(out, '\n');
    }
    return out->failed ? E_NOMEM : 0;
}
