/* tests/lib/fake_network.h
 *
 * A network in memory, for tests of what stands on network/network.h: answers later, from the loop, and remembers every
 * question.
 */
#ifndef SKEIN_TESTS_FAKE_NETWORK_H
#define SKEIN_TESTS_FAKE_NETWORK_H

#include "loop/loop.h"
#include "network/network.h"

#define FAKE_ACTORS_MAX 4096

struct fake_network {
    struct network network;
    struct loop *loop; /* borrowed */

    /* What it knows; set by the test. */
    const struct profile *profiles; /* borrowed, whole */
    size_t n_profiles;
    struct text liar; /* id whose identity differs; empty: none */

    /* How it behaves. Questions count from 1 over all kinds but identity. */
    size_t fail_from;  /* questions from this one on fail; 0: none */
    size_t fail_until; /* and answer again from this one on; 0: never */
    bool no_directory; /* identity cannot be looked up */
    bool never_answer; /* questions stay open until they are cancelled */

    /* What it saw. */
    size_t questions;
    size_t profile_questions;
    size_t searches;
    size_t identities;
    size_t cancelled;
    size_t under_way;
    size_t most_under_way;
    char asked[FAKE_ACTORS_MAX][96]; /* every actor asked for, in order */
    size_t n_asked;
};

/* "fake", 25 profiles a question, handles under "example.test". */
void fake_network_init(struct fake_network *fake, struct loop *loop);

/* How often this actor was asked for. */
size_t fake_network_asked(const struct fake_network *fake, const char *actor);

#endif
