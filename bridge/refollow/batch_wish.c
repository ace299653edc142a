/* bridge/refollow/batch_wish.c
 *
 * The changes as a table: a row for each wish, a column for each state.
 */
#include "refollow/batch_wish.h"

#include "base/cleanup.h"

static const char *const words[] = {[WISH_START] = "start",
                                    [WISH_PAUSE] = "pause",
                                    [WISH_RESUME] = "resume",
                                    [WISH_CANCEL] = "cancel",
                                    [WISH_UNDO] = "undo"};

const char *batch_wish_word(enum batch_wish wish)
{
    return words[wish];
}

bool batch_wish_of(struct text word, enum batch_wish *ret_wish)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++) {
        if (text_equal(word, text_of(words[i]))) {
            *ret_wish = (enum batch_wish)i;
            return true;
        }
    }
    return false;
}

#define BIT(state) (1u << (state))

/* From which states each wish is heard. */
static const unsigned heard[] = {
    [WISH_START] = BIT(BATCH_PLANNED) | BIT(BATCH_RUNNING) | BIT(BATCH_PAUSED),
    [WISH_PAUSE] = BIT(BATCH_RUNNING) | BIT(BATCH_PAUSED),
    [WISH_RESUME] = BIT(BATCH_PLANNED) | BIT(BATCH_RUNNING) | BIT(BATCH_PAUSED),
    [WISH_CANCEL] = BIT(BATCH_PLANNED) | BIT(BATCH_RUNNING) | BIT(BATCH_PAUSED) | BIT(BATCH_CANCELLED),
    [WISH_UNDO] = BIT(BATCH_RUNNING) | BIT(BATCH_PAUSED) | BIT(BATCH_DONE) | BIT(BATCH_CANCELLED),
};

static int refuse(const struct batch_row *batch, enum batch_wish wish, const char *so, struct err *err)
{
    return err_set(err, E_FORBIDDEN, "the batch %s cannot be told to %s: it is %s", batch->id.chars, words[wish], so);
}

int batch_wish_apply(struct batch_row *batch, enum batch_wish wish, struct err *err)
{
    if (!(heard[wish] & BIT(batch->state)))
        return refuse(batch, wish, batch_state_word(batch->state), err);
    if (wish == WISH_CANCEL && batch->doing == BATCH_UNDO)
        return refuse(batch, wish, "being undone", err);
    switch (wish) {
    case WISH_START:
    case WISH_RESUME:
        batch->state = BATCH_RUNNING;
        batch->why = TEXT_NONE;
        break;
    case WISH_PAUSE:
        if (batch->state == BATCH_RUNNING)
            batch->why = TEXT("you paused it");
        batch->state = BATCH_PAUSED;
        break;
    case WISH_CANCEL:
        batch->state = BATCH_CANCELLED;
        batch->why = TEXT_NONE;
        break;
    case WISH_UNDO:
        batch->state = BATCH_RUNNING;
        batch->doing = BATCH_UNDO;
        batch->due_ms = 0;
        batch->why = TEXT_NONE;
        break;
    }
    return 0;
}

int batch_wish_store(struct db *db, const struct id *id, enum batch_wish wish, int64_t now_ms, struct arena *arena,
                     struct batch_row *ret_batch, struct err *err)
{
    struct batch_row batch;
    int failed = batch_get(db, id, arena, &batch, err);
    if (!failed)
        failed = batch_wish_apply(&batch, wish, err);
    if (failed)
        return failed;
    batch.changed_ms = now_ms;
    failed = batch_put(db, &batch, err);
    if (!failed && ret_batch)
        *ret_batch = batch;
    return failed;
}

int batch_pause_at_start(struct db *db, int64_t now_ms, int64_t *ret_n, struct err *err)
{
    return batch_pause_running(db, TEXT(BATCH_WHY_SIGN_IN), now_ms, ret_n, err);
}
