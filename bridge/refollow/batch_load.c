/* bridge/refollow/batch_load.c
 *
 * What a round begins with: the batch as it is stored, and who of it must not be followed by now.
 */
#include "refollow/inside.h"
#include "refollow/pace.h"
#include "store/left_out_set.h"
#include "store/pairs.h"
#include "store/wishes.h"

static const char why_rejected[] = "is somebody else, as was decided meanwhile";

/* --- load --------------------------------------------------------------------------------------------------------------- */

static int ask_opted_out(struct batch_run *run, struct db *db, const struct batch_item_row *item, bool *ret_out)
{
    const struct keys *keys = store_keys(run->options.store);
    const struct numbers *numbers = run->options.numbers;
    struct keyed_hash hash;
    uint64_t id = 0;
    left_out_hash_profile(keys, run->options.hand->network, item->profile, &hash);
    int failed = opt_out_has(db, &hash, ret_out, &run->op.err);
    if (failed || *ret_out || !numbers)
        return failed;
    numbers_ids(numbers, &item->x, 1, &id);
    if (id == 0)
        return 0;
    left_out_hash_x_id(keys, id, &hash);
    return opt_out_has(db, &hash, ret_out, &run->op.err);
}

/* What was decided since the plan: the member's own word goes before their community's. */
static int ask_rejected(struct batch_run *run, struct db *db, const struct batch_item_row *item, bool *ret_out)
{
    const struct text scopes[] = {id_text(&run->batch.member), id_text(&run->batch.community)};
    for (size_t i = 0; i < ARRAY_LEN(scopes); i++) {
        struct pair_row pair;
        int failed =
            pair_get(db, scopes[i], run->batch.network, item->x, item->profile, &run->arena, &pair, &run->op.err);
        if (failed == E_NOT_FOUND)
            continue;
        if (!failed)
            *ret_out = pair.state == PAIR_REJECTED;
        return failed;
    }
    return 0;
}

static int find_why_not(struct batch_run *run, struct db *db, const struct batch_item_row *item, const char **ret_why)
{
    bool out = false, rejected = false;
    int failed = ask_opted_out(run, db, item, &out);
    if (!failed && !out)
        failed = ask_rejected(run, db, item, &rejected);
    *ret_why = out ? batch_why_gone : rejected ? why_rejected : NULL;
    return failed;
}

/* Only those who may be in this round's slice are asked about: the rest are when it is their turn. */
static bool may_be_sent(const struct batch_run *run, const struct batch_item_row *item, size_t *planned)
{
    if (run->batch.doing == BATCH_UNDO)
        return false;
    return item->state == ITEM_SENDING || (item->state == ITEM_PLANNED && (*planned)++ < run->slice_max);
}

static int find_left_out(struct batch_run *run, struct db *db)
{
    struct round *round = &run->round;
    size_t planned = 0;
    run->left_out = ARENA_ARRAY(&run->arena, const char *, round->n + 1);
    if (!run->vetted)
        run->vetted = ARENA_ARRAY(&run->op.arena, unsigned char, round->n + 1);
    if (!run->left_out || !run->vetted)
        return no_memory(run);
    for (size_t i = 0; i < round->n; i++) {
        if (!may_be_sent(run, &round->items[i], &planned))
            continue;
        int failed = find_why_not(run, db, &round->items[i], &run->left_out[i]);
        if (failed)
            return failed;
        if (!run->left_out[i] && run->vetted[i] == VET_UNKNOWN)
            run->vetted[i] = VET_WANTED;
    }
    return 0;
}

static int load_pace(struct batch_run *run, struct db *db)
{
    struct pace_past past;
    int64_t now_ms = now_of(run);
    const struct batch_row *batch = &run->batch;
    int failed = batch_written_since(db, batch->network, batch->account, now_ms - HOUR_MS, &past.hour, &run->op.err);
    if (!failed)
        failed = batch_written_since(db, batch->network, batch->account, now_ms - DAY_MS, &past.day, &run->op.err);
    if (!failed)
        run->room = pace_room(pace_limits(batch->pace, batch->doing), batch->doing, &past, &run->wait_ms);
    return failed;
}

static int check_account(struct batch_run *run)
{
    const struct hand *hand = run->options.hand;
    if (text_equal(run->batch.network, text_of(hand->network)) && text_equal(run->batch.account, hand->account))
        return 0;
    return err_set(&run->op.err, E_FORBIDDEN,
                   "the batch %s is for %.*s, and another account is signed in; sign in with that one",
                   run->options.batch.chars, TEXT_ARG(run->batch.handle));
}

int batch_load(struct op *op)
{
    struct batch_run *run = run_of(op);
    struct db *db = op->lane;
    arena_release(&run->arena);
    arena_init(&run->arena, LIMIT_OPERATION_ARENA);
    run->round = (struct round){.arena = &run->arena};
    run->view = (struct hand_view){.trouble = HAND_FINE};
    int failed = batch_get(db, &run->options.batch, &run->arena, &run->batch, &op->err);
    if (!failed)
        failed = check_account(run);
    if (!failed)
        failed = batch_item_list(db, &run->options.batch, &run->arena, &run->round.items, &run->round.n, &op->err);
    if (!failed)
        failed = find_left_out(run, db);
    return failed ? failed : load_pace(run, db);
}
