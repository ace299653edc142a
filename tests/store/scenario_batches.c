/* tests/store/scenario_batches.c
 *
 * The scenario's batches and their items.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "store/batches.h"
#include "store/scenario.h"

#define NETWORK TEXT("bluesky")
#define ACCOUNT TEXT("did:test:me")

static struct batch_row batch_of(unsigned number, enum batch_state state)
{
    return (struct batch_row){.id = scenario_id(number),
                              .member = scenario_id(11),
                              .community = scenario_id(1),
                              .network = NETWORK,
                              .account = ACCOUNT,
                              .handle = TEXT("me.test"),
                              .state = state,
                              .pace = PACE_BRISK,
                              .doubt = TEXT("bafy"),
                              .due_ms = 1,
                              .created_ms = SCENARIO_NOW,
                              .changed_ms = SCENARIO_NOW + number};
}

static void put_items(struct scenario *scenario)
{
    static const enum item_state states[] = {ITEM_SENDING, ITEM_PLANNED, ITEM_DONE, ITEM_UNDONE, ITEM_DONE};
    static const char *const profiles[] = {"did:test:e", "did:test:a", "did:test:B", "did:test:d", "did:test:c"};
    for (unsigned i = 0; i < ARRAY_LEN(states); i++) {
        struct batch_item_row item = {.batch = scenario_id(91),
                                      .position = 4 - (int64_t)i,
                                      .x = SCENARIO_X + i,
                                      .profile = text_of(profiles[i]),
                                      .rkey = states[i] == ITEM_PLANNED ? TEXT_NONE : text_of(profiles[i]),
                                      .state = ITEM_PLANNED};
        TELL(batch_item_put, &item);
        item.state = states[i];
        item.why = TEXT("\xe2\x82\xac");
        item.sent_ms = states[i] == ITEM_PLANNED ? 0 : SCENARIO_NOW + i;
        item.done_ms = states[i] == ITEM_DONE ? SCENARIO_NOW + i : 0;
        item.undone_ms = states[i] == ITEM_UNDONE ? SCENARIO_NOW + i : 0;
        TELL(batch_item_put, &item);
    }
}

void put_batches(struct scenario *scenario)
{
    const enum batch_state states[] = {BATCH_RUNNING, BATCH_DONE, BATCH_PLANNED};
    int64_t n = -1;
    for (unsigned i = 0; i < ARRAY_LEN(states); i++) {
        struct batch_row batch = batch_of(90 + i, states[i]);
        TELL(batch_put, &batch);
        batch.doing = BATCH_UNDO;
        TELL(batch_put, &batch);
    }
    TELL(batch_pause_running, TEXT("sign in again"), SCENARIO_NOW + 200, &n);
    tell_i64(scenario, n);
    put_items(scenario);
}

static void tell_batch(struct scenario *scenario, const struct batch_row *batch)
{
    const struct text texts[] = {id_text(&batch->id),
                                 id_text(&batch->member),
                                 id_text(&batch->community),
                                 batch->network,
                                 batch->account,
                                 batch->handle,
                                 batch->why,
                                 batch->doubt};
    const int64_t numbers[] = {batch->state,  batch->doing,      batch->pace,
                               batch->due_ms, batch->created_ms, batch->changed_ms};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        tell_text(scenario, texts[i]);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        tell_i64(scenario, numbers[i]);
    tell_end(scenario);
}

static void tell_items(struct scenario *scenario, const struct batch_item_row *items, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const int64_t numbers[] = {items[i].position, items[i].x,       items[i].state,
                                   items[i].sent_ms,  items[i].done_ms, items[i].undone_ms};
        tell_text(scenario, id_text(&items[i].batch));
        tell_text(scenario, items[i].profile);
        tell_text(scenario, items[i].rkey);
        tell_text(scenario, items[i].why);
        for (size_t k = 0; k < ARRAY_LEN(numbers); k++)
            tell_i64(scenario, numbers[k]);
        tell_end(scenario);
    }
}

static void read_account(struct scenario *scenario, int64_t since_ms)
{
    struct batch_written written = {0};
    TELL(batch_written_since, NETWORK, ACCOUNT, since_ms, &written);
    tell_i64(scenario, written.follows);
    tell_i64(scenario, written.removals);
    tell_end(scenario);
}

static int tell_profile_id(void *context, struct text profile)
{
    tell_text(context, profile);
    tell_end(context);
    return 0;
}

void read_batches(struct scenario *scenario)
{
    const struct id batch = scenario_id(91), none = scenario_id(99), member = scenario_id(11);
    struct batch_row row = {.due_ms = 0};
    struct batch_row *rows = NULL;
    struct batch_item_row *items = NULL;
    int64_t counts[ITEM_STATES];
    size_t n = 0;
    TELL(batch_get, &batch, &scenario->arena, &row);
    tell_batch(scenario, &row);
    TELL(batch_get, &none, &scenario->arena, &row);
    TELL(batch_list, &member, &scenario->arena, &rows, &n);
    for (size_t i = 0; i < n; i++)
        tell_batch(scenario, &rows[i]);
    TELL(batch_item_list, &batch, &scenario->arena, &items, &n);
    tell_items(scenario, items, n);
    TELL(batch_item_list_in, &batch, ITEM_DONE, 1, &scenario->arena, &items, &n);
    tell_items(scenario, items, n);
    TELL(batch_item_count, &batch, counts);
    for (size_t i = 0; i < ITEM_STATES; i++)
        tell_i64(scenario, counts[i]);
    read_account(scenario, 0);
    read_account(scenario, SCENARIO_NOW + 3);
    read_account(scenario, SCENARIO_NOW + 1000);
    TELL(batch_followed_walk, &member, NETWORK, ACCOUNT, tell_profile_id, scenario);
}

void remove_batches(struct scenario *scenario)
{
    const struct id batch = scenario_id(91);
    TELL(batch_delete, &batch);
    TELL(batch_delete, &batch);
}
