/* tests/unit/matching/run.h
 *
 * People on a network in memory, and a match run among them.
 */
#ifndef SKEIN_TESTS_MATCHING_RUN_H
#define SKEIN_TESTS_MATCHING_RUN_H

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/fake_network.h"
#include "matching/match_run.h"

#include <stdlib.h>
#include <string.h>

#define PROFILE(did, at, shown, about)                                                                                 \
    {                                                                                                                  \
        .id = {"did:plc:" did, sizeof("did:plc:" did) - 1}, .handle = {at, sizeof(at) - 1},                            \
        .name = {shown, sizeof(shown) - 1}, .bio = {about, sizeof(about) - 1}, .followers = 120, .follows = 200,       \
        .posts = 300, .detailed = true                                                                                 \
    }

static const struct profile people[] = {
    PROFILE("ada", "ada-quillfeather.example.test", "Ada Quillfeather", "Maps. On X as @ada_quillfeather"),
    PROFILE("bo", "bojangleford.example.test", "Bo Jangleford", "I was x.com/bojangleford before"),
    PROFILE("stranger", "cleothorncastle.example.test", "Someone Else Entirely", "no relation"),
    PROFILE("dan", "dan.thistlewick.example", "Dan Thistlewick", "formerly twitter.com/danthistlewick"),
    PROFILE("eve", "evemarrowby.example.test", "Eve Marrowby", "x.com/evemarrowby #noskein"),
    PROFILE("vouched", "quite-another.example.test", "Vouched For", ""),
};

#define X(at, shown)                                                                                                   \
    {                                                                                                                  \
        .handle = {at, sizeof(at) - 1}, .name = { shown, sizeof(shown) - 1 }                                           \
    }

struct fixture {
    struct loop *loop;
    struct fake_network fake;
    struct match_run *run;
    bool done;
};

static inline void set_up(struct fixture *fixture)
{
    memset(fixture, 0, sizeof *fixture);
    fixture->loop = loop_new(NULL, NULL);
    fake_network_init(&fixture->fake, fixture->loop);
    fixture->fake.profiles = people;
    fixture->fake.n_profiles = ARRAY_LEN(people);
}

static inline void on_done(void *context, struct match_run *run)
{
    struct fixture *fixture = context;
    assert_ptr_equal(run, fixture->run);
    assert_false(fixture->done);
    fixture->done = true;
}

static inline const struct match *match_all(struct fixture *fixture, struct match_options options)
{
    struct err err = {0};
    options.network = &fixture->fake.network;
    options.done = on_done;
    options.context = fixture;
    fixture->run = match_run_start(fixture->loop, &options, &err);
    assert_non_null(fixture->run);
    loop_run(fixture->loop);
    assert_true(fixture->done);
    assert_int_equal(match_run_error(fixture->run, NULL), 0);
    return match_run_matches(fixture->run);
}

static inline void tear_down(struct fixture *fixture)
{
    match_run_free(fixture->run);
    assert_int_equal(fixture->fake.under_way, 0);
    loop_free(fixture->loop);
}

static inline void assert_pair(const struct match *match, enum pair_state state, const char *did)
{
    assert_string_equal(pair_state_word(match->best.state), pair_state_word(state));
    assert_non_null(match->best.profile);
    assert_true(text_equal(match->best.profile->id, text_of(did)));
    assert_int_equal(match->lookup, LOOKUP_FOUND);
}

#endif
