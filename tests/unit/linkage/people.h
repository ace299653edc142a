/* tests/unit/linkage/people.h
 *
 * Made-up people for the tests of linkage.
 */
#ifndef SKEIN_TESTS_UNIT_LINKAGE_PEOPLE_H
#define SKEIN_TESTS_UNIT_LINKAGE_PEOPLE_H

#include "base/clock.h"
#include "linkage/normalise.h"
#include "model/profile.h"
#include "model/x_account.h"

#define PEOPLE_NOW INT64_C(1795392000000) /* 2026-11-22 */

static const struct text people_domains[] = {{"bsky.social", 11}};
static const struct handle_space people_space = {.domains = people_domains, .n_domains = 1, .are_domains = true};

static inline struct x_account x_of(const char *handle, const char *name, const char *bio, const char *website)
{
    return (struct x_account){
        .handle = text_of(handle), .name = text_of(name), .bio = text_of(bio), .website = text_of(website)};
}

/* Seen in full: two years old, some hundred posts. The id is made of the handle. */
static inline struct profile profile_of(const char *handle, const char *name, const char *bio, const char *website)
{
    return (struct profile){.id = text_of(handle),
                            .handle = text_of(handle),
                            .name = text_of(name),
                            .bio = text_of(bio),
                            .website = text_of(website),
                            .created_ms = PEOPLE_NOW - 700 * DAY_MS,
                            .followers = 120,
                            .follows = 150,
                            .posts = 400,
                            .detailed = true};
}

#endif
