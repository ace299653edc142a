/* tests/unit/linkage/run.h
 *
 * A run of linkage over made-up people.
 */
#ifndef SKEIN_TESTS_UNIT_LINKAGE_RUN_H
#define SKEIN_TESTS_UNIT_LINKAGE_RUN_H

#include "lib/check.h"
#include "linkage/decide.h"
#include "people.h"

/* A run over a few accounts. */
struct run {
    struct profile_index *index;
    struct linkage *linkage;
    struct x_account accounts[600];
    size_t n;
    struct match matches[600];
};

static inline void run_start(struct run *run)
{
    run->n = 0;
    run->index = profile_index_new(&people_space);
    assert_non_null(run->index);
    run->linkage = linkage_new(&(struct linkage_options){.index = run->index, .now_ms = PEOPLE_NOW});
    assert_non_null(run->linkage);
}

static inline void run_end(struct run *run)
{
    linkage_free(run->linkage);
    profile_index_free(run->index);
}

static inline size_t look_for(struct run *run, struct x_account x)
{
    size_t number;
    run->accounts[run->n] = x;
    assert_int_equal(linkage_add(run->linkage, &run->accounts[run->n], &number), 0);
    assert_int_equal(number, run->n);
    return run->n++;
}

static inline void show(struct run *run, struct profile profile)
{
    assert_int_equal(profile_index_add(run->index, &profile, PROFILE_ASKED_BY_HANDLE), 0);
}

static inline void decide(struct run *run)
{
    assert_int_equal(linkage_decide(run->linkage, run->matches), 0);
}

#endif
