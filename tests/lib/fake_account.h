/* tests/lib/fake_account.h
 *
 * An account that is signed in, in memory, behind refollow/hand.h: it commits late, loses answers, refuses, asks to wait,
 * and lets requests arrive whose sender has died.
 *
 * Every call goes through `fate`, which the test sets: what becomes of the request, and of the answer. The account itself
 * outlives whoever used it, as a real one does.
 */
#ifndef SKEIN_TESTS_LIB_FAKE_ACCOUNT_H
#define SKEIN_TESTS_LIB_FAKE_ACCOUNT_H

#include "loop/loop.h"
#include "refollow/hand.h"

#define FAKE_RECORDS_MAX  1024
#define FAKE_REQUESTS_MAX 512

enum fake_fate {
    FAKE_WORKS,       /* written, where its condition holds, and answered */
    FAKE_ANSWER_LOST, /* the same, and nobody hears of it */
    FAKE_HELD,        /* on its way until fake_account_deliver; no answer */
    FAKE_DROPPED,     /* never arrives; no answer */
    FAKE_WAITS,       /* refused: too much */
    FAKE_SIGNED_OUT,
};

struct fake_request {
    enum batch_doing doing;
    struct text head;
    struct round_follow *writes; /* in the account's arena */
    size_t n;
    bool gone;
};

struct fake_account {
    struct hand hand;
    struct loop *loop; /* borrowed */
    struct arena arena;

    struct text head;
    unsigned heads;
    unsigned keys;
    struct round_follow records[FAKE_RECORDS_MAX];
    size_t n_records;
    struct fake_request requests[FAKE_REQUESTS_MAX];
    size_t n_requests;
    struct text refuses; /* this profile's follow is never taken; empty: all are */
    int64_t until_ms;    /* what FAKE_WAITS says */
    int64_t points;      /* follows that may be written now; -1: not said */
    bool heedless;       /* it does not look at the head that a request names */

    /* Set by the test; NULL: everything works. `looks`: it is a look, of which only FAKE_WORKS, FAKE_DROPPED, FAKE_WAITS
     * and FAKE_SIGNED_OUT make sense. */
    enum fake_fate (*fate)(void *context, bool looks);
    void (*before_answer)(void *context); /* on the loop, right before each answer; may be NULL */
    void *context;

    struct fake_call *call; /* under way */
    unsigned looks;
    unsigned writes; /* requests that arrived */
};

void fake_account_init(struct fake_account *account, struct loop *loop);
void fake_account_release(struct fake_account *account);

/* A follow by the member's own hand; a post (the head moves). */
void fake_account_follow(struct fake_account *account, struct text profile);
void fake_account_post(struct fake_account *account);

/* Lets a held request arrive; false: there is none. `which` counts the held ones from 0, modulo their number. */
bool fake_account_deliver(struct fake_account *account, size_t which);

size_t fake_account_count(const struct fake_account *account, struct text profile);
bool fake_account_has(const struct fake_account *account, struct text rkey);

#endif
