/* bridge/network/network.c
 *
 * What holds on every network.
 */
#include "network/network.h"

#define LEAVE_ME_OUT TEXT("#noskein")

static bool word_goes_on(struct text t, size_t at)
{
    if (at >= t.len)
        return false;
    char c = t.data[at];
    return byte_is_letter(c) || byte_is_digit(c) || c == '_' || (unsigned char)c >= 0x80;
}

bool network_bio_opts_out(struct text bio)
{
    size_t at = 0;
    while ((at = text_find_fold(bio, LEAVE_ME_OUT, at)) != TEXT_NOWHERE) {
        at += LEAVE_ME_OUT.len;
        if (!word_goes_on(bio, at))
            return true; /* "#noskeins" is another word */
    }
    return false;
}

const char *network_reason_not_to_ask(const struct x_account *x)
{
    if (network_bio_opts_out(x->bio))
        return "asks to be left out (#noskein)";
    if (x->is_protected == KNOWN_YES)
        return "protected on X: paired only by proof";
    if (text_empty(x->handle) && text_empty(x->name))
        return "only its number is known, no handle yet";
    return NULL;
}

void network_apply_rules(struct profile *profile)
{
    if (network_bio_opts_out(profile->bio))
        profile->marks |= PROFILE_LEAVE_ME_OUT;
}
