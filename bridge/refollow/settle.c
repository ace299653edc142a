/* bridge/refollow/settle.c
 *
 * The two tables, as switches over every state: a new state does not compile until it has its line here.
 */
#include "refollow/settle.h"

static struct item_settled settled(enum item_state state)
{
    return (struct item_settled){.state = state};
}

static struct item_settled open_as(enum item_state state)
{
    return (struct item_settled){.state = state, .open = true};
}

/* It is not followed by us, and nothing on its way can change that. */
static struct item_settled settle_unsent(const struct item_look *look)
{
    if (look->followed)
        return settled(ITEM_THERE);
    if (look->left_out)
        return settled(ITEM_LEFT_OUT);
    struct item_settled result = open_as(ITEM_PLANNED);
    result.drop_key = look->key == KEY_OTHERS;
    return result;
}

/* It may be on its way. Where the head stands still, it is sent again under the same key and condition: one of the two
 * is written, and the other never. Who must not be followed is not sent again; some other write moves the head. */
static struct item_settled settle_sending(const struct item_look *look)
{
    if (!look->alive || look->key == KEY_OTHERS) /* a request with a key that is taken is refused as a whole */
        return settle_unsent(look);
    return look->left_out ? settled(ITEM_SENDING) : open_as(ITEM_SENDING);
}

static struct item_settled settle_follow(enum item_state state, const struct item_look *look)
{
    switch (state) {
    case ITEM_PLANNED:
        return settle_unsent(look);
    case ITEM_SENDING:
        return settle_sending(look);
    case ITEM_DONE:
    case ITEM_THERE:
    case ITEM_LEFT_OUT:
    case ITEM_REFUSED:
    case ITEM_UNDONE:
        break;
    }
    return settled(state);
}

/* Nothing is followed any more; what may be on its way stays in doubt until the head has moved. */
static struct item_settled settle_undo(enum item_state state, const struct item_look *look)
{
    switch (state) {
    case ITEM_SENDING:
        return settled(look->alive && look->key == KEY_ABSENT ? ITEM_SENDING : ITEM_PLANNED);
    case ITEM_DONE:
        return settled(ITEM_UNDONE);
    case ITEM_PLANNED:
    case ITEM_THERE:
    case ITEM_LEFT_OUT:
    case ITEM_REFUSED:
    case ITEM_UNDONE:
        break;
    }
    return settled(state);
}

struct item_settled settle_look(enum batch_doing doing, enum item_state state, const struct item_look *look)
{
    if (look->key == KEY_OURS)
        return doing == BATCH_UNDO ? open_as(ITEM_DONE) : settled(ITEM_DONE);
    return doing == BATCH_UNDO ? settle_undo(state, look) : settle_follow(state, look);
}

enum item_state settle_answer(enum batch_doing doing, enum write_outcome outcome, bool alone)
{
    /* A removal that was not written left the record where it was. */
    enum item_state before = doing == BATCH_UNDO ? ITEM_DONE : ITEM_SENDING;
    switch (outcome) {
    case WRITE_DONE:
        return doing == BATCH_UNDO ? ITEM_UNDONE : ITEM_DONE;
    case WRITE_REFUSED:
        return doing == BATCH_FOLLOW && alone ? ITEM_REFUSED : before;
    case WRITE_HEAD_MOVED:
    case WRITE_UNKNOWN:
    case WRITE_WAIT:
    case WRITE_SIGNED_OUT:
    case WRITE_CLOSED:
        break;
    }
    return before;
}
