/* bridge/network/network.h
 *
 * What every network that people moved to must do for Skein, behind one table of functions.
 *
 * matching and refollow know networks by this header alone; adding one is a room beside bluesky/ and a line in app.
 * Here are the questions that anybody may ask; what an account can do that signed in is in network/account.h.
 *
 * Questions are asynchronous: `done` is called exactly once, later, from the loop, unless the question is cancelled.
 * Profiles of an answer are made in the arena that the asker gave and live as long as it. Everything here is for the
 * loop thread.
 */
#ifndef SKEIN_NETWORK_NETWORK_H
#define SKEIN_NETWORK_NETWORK_H

#include "base/arena.h"
#include "base/err.h"
#include "linkage/normalise.h"
#include "model/profile.h"
#include "model/x_account.h"
#include "network/account.h"

struct network_question; /* one under way */

/* What came of asking. code 0: the network answered, and whoever is not among the profiles is not there. Any other
 * code: could not look, for the reason in one clause ("public.api.bsky.app asked us to wait until 12:30 UTC"). */
struct network_answer {
    int code;
    const char *reason;                    /* borrowed until the callback returns; NULL where code is 0 */
    const struct profile *const *profiles; /* the array is borrowed; what it points to lives in the arena */
    size_t n;
};
typedef void network_done_fn(void *context, const struct network_answer *answer);

/* Whether the network's directory agrees that this handle and this id belong together, both ways. */
enum network_identity { IDENTITY_AGREES, IDENTITY_DIFFERS, IDENTITY_COULD_NOT_LOOK };
typedef void network_identity_fn(void *context, enum network_identity identity);

struct network_ops {
    /* May this be asked for? One actor that could not exist here can spoil the answer for all of its question. Pure. */
    bool (*is_actor)(struct text actor);

    /* Profiles of these actors (handles or ids), at most profiles_max. NULL without memory (done is not called). */
    struct network_question *(*profiles)(void *self, const struct text *actors, size_t n, struct arena *arena,
                                         network_done_fn *done, void *context);

    /* The first `limit` profiles that the network's own search finds; they lack website and counts. */
    struct network_question *(*search)(void *self, struct text words, size_t limit, struct arena *arena,
                                       network_done_fn *done, void *context);

    struct network_question *(*identity)(void *self, const struct profile *profile, network_identity_fn *done,
                                         void *context);

    void (*cancel)(struct network_question *question);

    /* As account_sign_in; NULL, both: nobody can sign in here. */
    struct account_sign_in *(*sign_in)(void *self, const struct account_credentials *credentials,
                                       account_signed_in_fn *done, void *context);
    void (*sign_in_cancel)(struct account_sign_in *sign_in);
};

struct network {
    const char *name;            /* static, stable: "bluesky" in options, JSON and the store */
    const char *title;           /* static, for people: "Bluesky" */
    size_t profiles_max;         /* actors in one question */
    struct handle_space handles; /* how handles here are built, and under which domains they are guessed */
    const struct network_ops *ops;
    void *self; /* owned by whoever made the network */
};

/* Rules that hold on every network: #noskein in a bio is obeyed. Adds marks; called by networks on every profile. */
void network_apply_rules(struct profile *profile);

/* The word #noskein stands in this bio: its owner wishes not to be paired. ASCII case does not matter. */
bool network_bio_opts_out(struct text bio);

/* Why nobody may or can be asked about this X account, as one static clause; NULL: nothing forbids it. */
const char *network_reason_not_to_ask(const struct x_account *x);

#endif
