/* bridge/refollow/round.c
 *
 * A look at every item against two maps of the account's follows, by key and by profile.
 */
#include "refollow/round.h"

#include "base/cleanup.h"
#include "base/map.h"

#include <string.h>

struct known {
    struct map by_key;     /* to struct round_follow */
    struct map by_profile; /* the same */
};

static void known_release(struct known *known)
{
    map_release(&known->by_key);
    map_release(&known->by_profile);
}

static int known_fill(struct known *known, const struct round *round)
{
    for (size_t i = 0; i < round->n_follows; i++) {
        const struct round_follow *follow = &round->follows[i];
        if (map_put(&known->by_key, follow->rkey, (void *)follow) < 0 ||
            map_put(&known->by_profile, follow->profile, (void *)follow) < 0)
            return E_NOMEM;
    }
    return 0;
}

static enum key_look look_at_key(const struct known *known, const struct batch_item_row *item)
{
    const struct round_follow *follow = text_empty(item->rkey) ? NULL : map_get(&known->by_key, item->rkey);
    if (!follow)
        return KEY_ABSENT;
    return text_equal(follow->profile, item->profile) ? KEY_OURS : KEY_OTHERS;
}

static void change_state(struct round *round, size_t place, enum item_state state, int64_t now_ms)
{
    struct batch_item_row *item = &round->items[place];
    if (item->state == state)
        return;
    if (state == ITEM_DONE)
        item->done_ms = now_ms;
    if (state == ITEM_UNDONE)
        item->undone_ms = now_ms;
    item->why = TEXT_NONE;
    item->state = state;
    round->changed[place] = 1;
}

static bool is_alive(const struct round *round)
{
    return !text_empty(round->doubt) && text_equal(round->doubt, round->head);
}

/* Who may be on the way goes before who never was: fewer stay in doubt. */
static void take_into_slice(struct round *round, size_t place)
{
    round->n_open++;
    if (round->n_slice < round->slice_max)
        round->slice[round->n_slice++] = place;
}

static bool look_at_item(struct round *round, const struct known *known, size_t place)
{
    struct batch_item_row *item = &round->items[place];
    struct item_look look = {.key = look_at_key(known, item),
                             .followed = map_get(&known->by_profile, item->profile) != NULL,
                             .alive = is_alive(round),
                             .left_out = round->left_out && round->left_out[place] != NULL};
    struct item_settled settled = settle_look(round->doing, item->state, &look);
    change_state(round, place, settled.state, round->now_ms);
    if (settled.state == ITEM_LEFT_OUT && look.left_out)
        item->why = text_of(round->left_out[place]);
    if (settled.drop_key) {
        item->rkey = TEXT_NONE;
        round->changed[place] = 1;
    }
    return settled.open;
}

/* Keys are chosen once. The item counts as sent from here on: whoever dies behind the next commit may have sent it. */
static int reserve(struct round *round, size_t place)
{
    struct batch_item_row *item = &round->items[place];
    if (text_empty(item->rkey) && round->new_key(round->context, round->arena, &item->rkey) < 0)
        return E_NOMEM;
    item->sent_ms = round->now_ms;
    item->state = ITEM_SENDING;
    round->changed[place] = 1;
    return 0;
}

static int fill_slice(struct round *round, const unsigned char *open)
{
    static const enum item_state order[] = {ITEM_SENDING, ITEM_DONE, ITEM_PLANNED};
    for (size_t k = 0; k < ARRAY_LEN(order); k++)
        for (size_t i = 0; i < round->n; i++)
            if (open[i] && round->items[i].state == order[k])
                take_into_slice(round, i);
    for (size_t i = 0; round->doing == BATCH_FOLLOW && i < round->n_slice; i++)
        if (reserve(round, round->slice[i]) < 0)
            return E_NOMEM;
    return 0;
}

static bool anybody_sending(const struct round *round)
{
    for (size_t i = 0; i < round->n; i++)
        if (round->items[i].state == ITEM_SENDING)
            return true;
    return false;
}

int round_look(struct round *round)
{
    CLEANUP(known_release) struct known known;
    map_init(&known.by_key);
    map_init(&known.by_profile);
    round->changed = ARENA_ARRAY(round->arena, unsigned char, round->n + 1);
    round->slice = ARENA_ARRAY(round->arena, size_t, round->n + 1);
    unsigned char *open = ARENA_ARRAY(round->arena, unsigned char, round->n + 1);
    round->n_slice = round->n_open = 0;
    if (!round->changed || !round->slice || !open || known_fill(&known, round) < 0)
        return E_NOMEM;
    for (size_t i = 0; i < round->n; i++)
        open[i] = look_at_item(round, &known, i);
    if (fill_slice(round, open) < 0)
        return E_NOMEM;
    /* An undone batch must stay undone whatever is still on its way, also what counts as refused. */
    bool doubtful = anybody_sending(round) || (round->doing == BATCH_UNDO && is_alive(round));
    round->fence = round->n_slice == 0 && doubtful;
    round->over = round->n_open == 0 && !doubtful;
    return 0;
}

void round_answer(struct round *round, enum write_outcome outcome, struct text why, int64_t now_ms)
{
    memset(round->changed, 0, round->n);
    for (size_t i = 0; i < round->n_slice; i++) {
        size_t place = round->slice[i];
        change_state(round, place, settle_answer(round->doing, outcome, round->n_slice == 1), now_ms);
        if (round->items[place].state == ITEM_REFUSED)
            round->items[place].why = why;
    }
}
