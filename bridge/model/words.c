/* bridge/model/words.c
 *
 * The words under which the enums of the model go in JSON, CSV and the store.
 */
#include "base/cleanup.h"
#include "model/batch.h"
#include "model/pair.h"

static const char *const list_kind_words[] = {
    [LIST_FOLLOWING] = "following", [LIST_FOLLOWERS] = "followers", [LIST_ROSTER] = "roster",
    [LIST_BLOCKS] = "blocks",       [LIST_MUTES] = "mutes",         [LIST_FACTS] = "facts",
};

static const char *const pair_state_words[] = {
    [PAIR_NONE] = "none",     [PAIR_REJECTED] = "rejected",   [PAIR_POSSIBLE] = "possible",
    [PAIR_LIKELY] = "likely", [PAIR_CONFIRMED] = "confirmed", [PAIR_PROVEN] = "proven",
};

static const char *const lookup_words[] = {
    [LOOKUP_NOT_FOUND] = "not_found",
    [LOOKUP_FOUND] = "found",
    [LOOKUP_COULD_NOT_LOOK] = "could_not_look",
};

static const char *const batch_state_words[] = {
    [BATCH_PLANNED] = "planned", [BATCH_RUNNING] = "running",     [BATCH_PAUSED] = "paused",
    [BATCH_DONE] = "done",       [BATCH_CANCELLED] = "cancelled", [BATCH_UNDONE] = "undone",
};

static const char *const batch_doing_words[] = {[BATCH_FOLLOW] = "follow", [BATCH_UNDO] = "undo"};

static const char *const batch_pace_words[] = {[PACE_GENTLE] = "gentle", [PACE_BRISK] = "brisk"};

static const char *const item_state_words[ITEM_STATES] = {
    [ITEM_PLANNED] = "planned",   [ITEM_SENDING] = "sending", [ITEM_DONE] = "done",     [ITEM_THERE] = "there",
    [ITEM_LEFT_OUT] = "left_out", [ITEM_REFUSED] = "refused", [ITEM_UNDONE] = "undone",
};

const char *list_kind_word(enum list_kind kind)
{
    return list_kind_words[kind];
}

const char *pair_state_word(enum pair_state state)
{
    return pair_state_words[state];
}

/* The place of a word in its table; false: it is not there. */
static bool place_of(struct text word, const char *const *words, size_t n, size_t *ret_place)
{
    for (size_t i = 0; i < n; i++) {
        if (text_equal(word, text_of(words[i]))) {
            *ret_place = i;
            return true;
        }
    }
    return false;
}

bool pair_state_of(struct text word, enum pair_state *ret_state)
{
    size_t place = 0;
    if (!place_of(word, pair_state_words, ARRAY_LEN(pair_state_words), &place))
        return false;
    *ret_state = (enum pair_state)place;
    return true;
}

const char *lookup_word(enum lookup lookup)
{
    return lookup_words[lookup];
}

bool lookup_of(struct text word, enum lookup *ret_lookup)
{
    size_t place = 0;
    if (!place_of(word, lookup_words, ARRAY_LEN(lookup_words), &place))
        return false;
    *ret_lookup = (enum lookup)place;
    return true;
}

const char *batch_state_word(enum batch_state state)
{
    return batch_state_words[state];
}

bool batch_state_of(struct text word, enum batch_state *ret_state)
{
    size_t place = 0;
    if (!place_of(word, batch_state_words, ARRAY_LEN(batch_state_words), &place))
        return false;
    *ret_state = (enum batch_state)place;
    return true;
}

const char *batch_doing_word(enum batch_doing doing)
{
    return batch_doing_words[doing];
}

bool batch_doing_of(struct text word, enum batch_doing *ret_doing)
{
    size_t place = 0;
    if (!place_of(word, batch_doing_words, ARRAY_LEN(batch_doing_words), &place))
        return false;
    *ret_doing = (enum batch_doing)place;
    return true;
}

const char *batch_pace_word(enum batch_pace pace)
{
    return batch_pace_words[pace];
}

bool batch_pace_of(struct text word, enum batch_pace *ret_pace)
{
    size_t place = 0;
    if (!place_of(word, batch_pace_words, ARRAY_LEN(batch_pace_words), &place))
        return false;
    *ret_pace = (enum batch_pace)place;
    return true;
}

const char *item_state_word(enum item_state state)
{
    return item_state_words[state];
}

bool item_state_of(struct text word, enum item_state *ret_state)
{
    size_t place = 0;
    if (!place_of(word, item_state_words, ARRAY_LEN(item_state_words), &place))
        return false;
    *ret_state = (enum item_state)place;
    return true;
}
