/* bridge/model/batch.h
 *
 * A batch: the follows that are made for one member on one network, and what became of each.
 */
#ifndef SKEIN_MODEL_BATCH_H
#define SKEIN_MODEL_BATCH_H

#include "base/text.h"

/*     planned ─> running ─┬─> done ──────┐
 *        │        │   ▲   │              ├─ undo ─> running ─> undone
 *        │        ▼   │   └─> cancelled ─┘
 *        │       paused ──────────▲
 *        └────────────────────────┘                                       */
enum batch_state { BATCH_PLANNED, BATCH_RUNNING, BATCH_PAUSED, BATCH_DONE, BATCH_CANCELLED, BATCH_UNDONE };

/* What a batch does while it runs. */
enum batch_doing { BATCH_FOLLOW, BATCH_UNDO };

enum batch_pace { PACE_GENTLE, PACE_BRISK };

enum item_state {
    ITEM_PLANNED,  /* never sent, or what was sent can no longer be written */
    ITEM_SENDING,  /* its key is stored, and it may have gone out: nobody knows yet */
    ITEM_DONE,     /* its record was read back */
    ITEM_THERE,    /* the member followed them already */
    ITEM_LEFT_OUT, /* not followed any more: they wish to be left out, or the pair was rejected meanwhile */
    ITEM_REFUSED,  /* the network does not take it */
    ITEM_UNDONE,   /* its record is gone again */
};
#define ITEM_STATES 7

const char *batch_state_word(enum batch_state state); /* "planned", "running", ... */
bool batch_state_of(struct text word, enum batch_state *ret_state);
const char *batch_doing_word(enum batch_doing doing); /* "follow", "undo" */
bool batch_doing_of(struct text word, enum batch_doing *ret_doing);
const char *batch_pace_word(enum batch_pace pace); /* "gentle", "brisk" */
bool batch_pace_of(struct text word, enum batch_pace *ret_pace);
const char *item_state_word(enum item_state state); /* "planned", "sending", "done", "there", "left_out", ... */
bool item_state_of(struct text word, enum item_state *ret_state);

#endif
