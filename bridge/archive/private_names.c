/* bridge/archive/private_names.c
 *
 * Names of files that stay closed.
 */
#include "archive/private_names.h"

#include "base/cleanup.h"

/* How the names of such data files begin (manifest.js of archives of 2020 to 2026). */
static const char *const beginnings[] = {
    "account-creation-ip", "contact", "device-token", "direct-message", "email-address", "grok-chat", "ip-audit",
    "key-registry",        "message", "ni-devices",   "phone-number",   "sso",
};

/* Does the word end where the name goes on with no letter, or with the s of a plural? */
static bool word_ends(struct text rest)
{
    if (rest.len > 1 && byte_lower(rest.data[0]) == 's')
        rest = text_slice(rest, 1, rest.len);
    return rest.len == 0 || !byte_is_letter(rest.data[0]);
}

bool private_name(struct text path)
{
    size_t base = path.len;
    while (base > 0 && path.data[base - 1] != '/' && path.data[base - 1] != '\\')
        base--;
    struct text name = text_slice(path, base, path.len);
    if (!text_ends_fold(name, TEXT(".js")) && !text_ends_fold(name, TEXT(".json")))
        return false;
    for (size_t i = 0; i < ARRAY_LEN(beginnings); i++) {
        struct text beginning = text_of(beginnings[i]);
        if (text_starts_fold(name, beginning) && word_ends(text_slice(name, beginning.len, name.len)))
            return true;
    }
    return false;
}
