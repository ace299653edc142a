/* bridge/refollow/settle.h
 *
 * What becomes of one item: after a look at the account, and after the answer to a request.
 *
 * Pure, and the heart of "exactly once" (the argument stands in migrations/sqlite/0002_batches.sql). Everything that
 * could be doubtful is settled by looking, never by remembering: so a crash needs no path of its own.
 */
#ifndef SKEIN_REFOLLOW_SETTLE_H
#define SKEIN_REFOLLOW_SETTLE_H

#include "model/batch.h"

/* What stands under the item's record key. */
enum key_look {
    KEY_ABSENT,
    KEY_OURS,   /* the follow that the item is about */
    KEY_OTHERS, /* another record: the key must be chosen anew */
};

/* What a look tells of an item. The head was read first, then the follows. */
struct item_look {
    enum key_look key;
    bool followed; /* the account follows this profile, under whatever key */
    bool alive;    /* the head is still the one that the last request named: it may be written yet */
    bool left_out; /* they wish not to be followed this way, or the pair was rejected */
};

struct item_settled {
    enum item_state state;
    bool drop_key;
    bool open; /* to be sent: followed, or removed where the batch is undone */
};

struct item_settled settle_look(enum batch_doing doing, enum item_state state, const struct item_look *look);

/* What came of a request. */
enum write_outcome {
    WRITE_DONE,       /* all of it is written */
    WRITE_HEAD_MOVED, /* not written: the head was not the one named */
    WRITE_UNKNOWN,    /* it may be written, now or later */
    WRITE_REFUSED,    /* not written: the network does not take what stands in it */
    WRITE_WAIT,       /* not written: too much within too short a time */
    WRITE_SIGNED_OUT, /* not written: sign in again */
    WRITE_CLOSED,     /* not written: the account may not write at all */
};
#define WRITE_OUTCOMES 7

/* `alone`: the item was the only one of the request. */
enum item_state settle_answer(enum batch_doing doing, enum write_outcome outcome, bool alone);

#endif
