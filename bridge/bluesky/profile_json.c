/* bridge/bluesky/profile_json.c
 *
 * Reads what the AppView says of an account, field by field; what is missing stays unknown.
 */
#include "bluesky/profile_json.h"

#include "base/clock.h"
#include "network/network.h"

/* A hidden label counts where it stands, not who set it: the AppView sends the labels of the labelers that it trusts
 * by default and the account's own. */
static const struct {
    const char *label;
    unsigned mark;
} label_marks[] = {
    {"impersonation", PROFILE_IMPERSONATION},
    {"spam", PROFILE_SPAM},
    {"!hide", PROFILE_HIDDEN},
    {"!takedown", PROFILE_TAKEN_DOWN},
    {"!no-unauthenticated", PROFILE_NO_PUBLIC},
    {"bot", PROFILE_BOT},
};

static unsigned marks_of_labels(const json_t *labels)
{
    unsigned marks = 0;
    size_t index;
    json_t *label;
    json_array_foreach((json_t *)labels, index, label)
    {
        if (json_true_at(label, "neg"))
            continue; /* takes a label back */
        struct text value = json_text_at(label, "val");
        for (size_t i = 0; i < ARRAY_LEN(label_marks); i++)
            if (text_equal(value, text_of(label_marks[i].label)))
                marks |= label_marks[i].mark;
    }
    return marks;
}

/* Bridgy Fed's copies: <user>.<host>.ap.brid.gy and <domain>.web.brid.gy. */
static unsigned marks_of_handle(struct text handle)
{
    if (text_equal(handle, TEXT("handle.invalid")))
        return PROFILE_HANDLE_INVALID;
    return text_ends(handle, TEXT(".brid.gy")) ? PROFILE_MIRROR : 0;
}

static unsigned marks_of_verification(const json_t *verification)
{
    return text_equal(json_text_at(verification, "verifiedStatus"), TEXT("valid")) ? PROFILE_VERIFIED : 0;
}

static bool copy_member(struct arena *arena, const json_t *item, const char *name, struct text *ret_text)
{
    return arena_text(arena, json_text_at(item, name), ret_text);
}

static struct profile *profile_from_item(const json_t *item, bool detailed, struct arena *arena)
{
    struct profile *profile = ARENA_NEW(arena, struct profile);
    if (!profile || !copy_member(arena, item, "did", &profile->id) ||
        !copy_member(arena, item, "handle", &profile->handle) ||
        !copy_member(arena, item, "displayName", &profile->name) ||
        !copy_member(arena, item, "description", &profile->bio) ||
        !copy_member(arena, item, "website", &profile->website))
        return NULL;
    profile->detailed = detailed;
    profile->followers = json_i64_at(item, "followersCount", PROFILE_COUNT_UNKNOWN);
    profile->follows = json_i64_at(item, "followsCount", PROFILE_COUNT_UNKNOWN);
    profile->posts = json_i64_at(item, "postsCount", PROFILE_COUNT_UNKNOWN);
    if (!clock_parse(json_text_at(item, "createdAt"), &profile->created_ms))
        profile->created_ms = PROFILE_DATE_UNKNOWN;
    profile->marks = marks_of_labels(json_object_get(item, "labels")) | marks_of_handle(profile->handle) |
                     marks_of_verification(json_object_get(item, "verification"));
    network_apply_rules(profile);
    return profile;
}

static bool item_is_usable(const json_t *item)
{
    return text_starts(json_text_at(item, "did"), TEXT("did:")) && !text_empty(json_text_at(item, "handle"));
}

int profiles_from_json(struct text body, const char *member, bool detailed, struct arena *arena,
                       const struct profile ***ret_profiles, size_t *ret_n, struct err *err)
{
    CLEANUP_JSON json_t *root = json_from_text(body, err);
    const json_t *items = json_object_get(root, member);
    if (!json_is_array(items))
        return err_set(err, E_PROTOCOL, "its answer has no list \"%s\"", member);
    size_t n = 0;
    const struct profile **profiles = ARENA_ARRAY(arena, const struct profile *, json_array_size(items));
    if (!profiles)
        return err_set(err, E_NOMEM, "no memory for %zu profiles", json_array_size(items));
    for (size_t i = 0; i < json_array_size(items); i++) {
        const json_t *item = json_array_get(items, i);
        if (!item_is_usable(item))
            continue;
        profiles[n] = profile_from_item(item, detailed, arena);
        if (!profiles[n])
            return err_set(err, E_NOMEM, "no memory for a profile");
        n++;
    }
    *ret_profiles = profiles;
    *ret_n = n;
    return 0;
}
