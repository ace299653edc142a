/* bridge/app/config.h
 *
 * Settings: one table of names, defaults and meanings; values from the default, a file, the environment, an option.
 *
 * Later sources win: default, then `name = value` lines of the file, then SKEIN_NAME in the environment, then an option
 * --name of the command. Values are checked when they are set, so who reads them need not.
 */
#ifndef SKEIN_APP_CONFIG_H
#define SKEIN_APP_CONFIG_H

#include "base/arena.h"
#include "base/buf.h"
#include "base/err.h"

enum setting {
    SETTING_LISTEN,
    SETTING_DATA,
    SETTING_DATABASE,
    SETTING_BLUESKY_APPVIEW,
    SETTING_PLC,
    SETTING_HANDLE_DOMAINS,
    SETTING_HANDLE_RESOLVER,
    SETTING_ALLOW_LOOPBACK,
    SETTING_WORKERS,
    SETTING_LOG_LEVEL,
    SETTING_LOG_FORMAT,
    SETTING_TEST_DNS_SERVERS,
    SETTING_TEST_SYNCHRONOUS,
    SETTINGS
};

enum setting_origin { FROM_DEFAULT, FROM_FILE, FROM_ENVIRONMENT, FROM_OPTION };

struct config {
    struct arena arena; /* owns the values */
    struct text values[SETTINGS];
    enum setting_origin origins[SETTINGS];
};

/* Defaults, the file (NULL: none), the environment. E_USAGE or E_IO with a sentence that says where and what to do.
 * config_release in either case. */
int config_load(struct config *config, const char *file, struct err *err);
void config_release(struct config *config);

/* Sets one by its name ("handle_domains"). An unknown name is E_USAGE, with the nearest known one in the sentence. */
int config_set(struct config *config, struct text name, struct text value, enum setting_origin origin, struct err *err);

struct text config_text(const struct config *config, enum setting setting);
bool config_flag(const struct config *config, enum setting setting);       /* settings of 0 or 1 */
uint64_t config_number(const struct config *config, enum setting setting); /* settings of whole numbers */

/* The parts of a list setting ("a, b c"), views into the config. Returns how many; at most max. */
size_t config_list(const struct config *config, enum setting setting, struct text *ret_parts, size_t max);

const char *config_name(enum setting setting);

/* Every setting with its value, where it came from, its default and meaning, as `skein config` shows them. Passwords are
 * hidden, there and in every sentence about a setting. */
int config_print(const struct config *config, struct buf *out);
int config_print_json(const struct config *config, struct buf *out); /* a JSON line for each */

#endif
