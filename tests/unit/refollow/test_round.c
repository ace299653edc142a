/* tests/unit/refollow/test_round.c
 *
 * "Exactly once" as a property: rounds against a model of a network on which requests arrive late, twice, or never, while
 * the server dies at any place and the member follows and posts by hand. Whatever the schedule: in the end everybody of
 * the batch is followed by exactly one record, nobody else is, and undo leaves none of ours and all of theirs.
 *
 * The same schedules on a network that does not heed the condition must break the promise: so the test can fail.
 */
#include "refollow/round.h"

#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/seeded.h"

#include <string.h>

#define PEOPLE_MAX  12
#define RECORDS_MAX 512
#define FLYING_MAX  256
#define ROUNDS_MAX  4000
#define MEMORY_MAX  ((size_t)64 << 20)

/* --- the model of a network ------------------------------------------------------------------------------------------- */

struct request {
    struct text swap;
    bool removes;
    struct round_follow writes[PEOPLE_MAX];
    size_t n;
    bool gone;
};

struct world {
    struct seeded seeded;
    struct arena arena;
    bool heedless; /* the network does not look at swapCommit */
    bool gentle;   /* no faults any more */

    unsigned heads;
    struct text head;
    struct round_follow records[RECORDS_MAX];
    size_t n_records;
    struct request flying[FLYING_MAX];
    size_t n_flying;

    /* What is stored. */
    enum batch_doing doing;
    struct batch_item_row items[PEOPLE_MAX];
    const char *left_out[PEOPLE_MAX];
    size_t n;
    struct text doubt;
    unsigned keys;
    int refused; /* place of who is refused; -1: nobody */
    unsigned crashes;
    unsigned lost;
};

static bool chance(struct world *world, size_t one_in)
{
    return !world->gentle && seeded_below(&world->seeded, one_in) == 0;
}

static struct text word(struct world *world, const char *what, unsigned n)
{
    const char *made = arena_printf(&world->arena, "%s%u", what, n);
    assert_non_null(made);
    return text_of(made);
}

static void move_head(struct world *world)
{
    world->head = word(world, "head", ++world->heads);
}

static size_t find_key(const struct world *world, struct text rkey)
{
    for (size_t i = 0; i < world->n_records; i++)
        if (text_equal(world->records[i].rkey, rkey))
            return i;
    return SIZE_MAX;
}

static unsigned count_subject(const struct world *world, struct text profile)
{
    unsigned n = 0;
    for (size_t i = 0; i < world->n_records; i++)
        n += text_equal(world->records[i].profile, profile);
    return n;
}

static void add_record(struct world *world, struct round_follow record)
{
    assert_true(world->n_records < RECORDS_MAX);
    world->records[world->n_records++] = record;
}

static void remove_record(struct world *world, size_t place)
{
    assert_true(place < world->n_records);
    world->records[place] = world->records[--world->n_records];
}

static bool stands_in(const struct world *world, const struct request *request)
{
    for (size_t i = 0; i < request->n; i++)
        if ((find_key(world, request->writes[i].rkey) != SIZE_MAX) != request->removes)
            return true;
    return false;
}

/* All or nothing, as applyWrites: a key that is taken, or not there to be removed, is an internal error. */
static enum write_outcome deliver(struct world *world, struct request *request)
{
    request->gone = true;
    for (size_t i = 0; i < request->n; i++)
        if (!request->removes && world->refused >= 0 &&
            text_equal(request->writes[i].profile, world->items[world->refused].profile))
            return WRITE_REFUSED;
    if (!world->heedless && !text_equal(request->swap, world->head))
        return WRITE_HEAD_MOVED;
    if (stands_in(world, request))
        return WRITE_UNKNOWN;
    for (size_t i = 0; i < request->n; i++) {
        if (request->removes)
            remove_record(world, find_key(world, request->writes[i].rkey));
        else
            add_record(world, request->writes[i]);
    }
    move_head(world);
    return WRITE_DONE;
}

static void deliver_one(struct world *world)
{
    size_t waiting = 0;
    for (size_t i = 0; i < world->n_flying; i++)
        waiting += !world->flying[i].gone;
    if (waiting == 0)
        return;
    size_t chosen = seeded_below(&world->seeded, waiting);
    for (size_t i = 0; i < world->n_flying; i++)
        if (!world->flying[i].gone && chosen-- == 0) {
            deliver(world, &world->flying[i]);
            return;
        }
}

/* What others do meanwhile: late requests arrive, the member posts, or follows somebody (also of the batch) by hand. */
static void meanwhile(struct world *world)
{
    while (chance(world, 3))
        deliver_one(world);
    if (chance(world, 12))
        move_head(world);
    if (chance(world, 25)) {
        struct text who = world->items[seeded_below(&world->seeded, world->n)].profile;
        if (count_subject(world, who) == 0) {
            add_record(world, (struct round_follow){word(world, "hand", ++world->keys), who});
            move_head(world);
        }
    }
}

/* --- rounds ------------------------------------------------------------------------------------------------------------ */

static int new_key(void *context, struct arena *arena, struct text *ret_rkey)
{
    struct world *world = context;
    (void)arena;
    *ret_rkey = word(world, "key", ++world->keys);
    return 0;
}

static bool dies(struct world *world)
{
    bool so = chance(world, 9);
    world->crashes += so;
    return so;
}

static struct request *make_request(struct world *world, const struct round *round)
{
    assert_true(world->n_flying < FLYING_MAX);
    struct request *request = &world->flying[world->n_flying++];
    *request = (struct request){.swap = round->head, .removes = round->doing == BATCH_UNDO, .n = round->n_slice};
    for (size_t i = 0; i < round->n_slice; i++) {
        const struct batch_item_row *item = &round->items[round->slice[i]];
        assert_false(text_empty(item->rkey));
        request->writes[i] = (struct round_follow){item->rkey, item->profile};
    }
    return request;
}

/* The request goes out; what the server hears of it. */
static enum write_outcome send(struct world *world, const struct round *round)
{
    struct request *request = make_request(world, round);
    if (chance(world, 4)) { /* it is on its way, for ever or until somebody lets it go */
        world->lost++;
        return WRITE_UNKNOWN;
    }
    if (chance(world, 8)) {
        request->gone = true;
        return seeded_below(&world->seeded, 2) ? WRITE_WAIT : WRITE_UNKNOWN;
    }
    enum write_outcome outcome = deliver(world, request);
    if (!chance(world, 4))
        return outcome;
    world->lost++;
    return WRITE_UNKNOWN;
}

static void store(struct world *world, const struct round *round)
{
    for (size_t i = 0; i < world->n; i++)
        if (round->changed[i])
            world->items[i] = round->items[i];
}

/* One round, or the part of it until the server dies. Returns whether the batch is over. */
static bool run_round(struct world *world, size_t *slice_max)
{
    struct batch_item_row items[PEOPLE_MAX];
    struct round_follow follows[RECORDS_MAX];
    memcpy(items, world->items, sizeof items);
    struct round round = {.doing = world->doing,
                          .items = items,
                          .n = world->n,
                          .left_out = world->left_out,
                          .doubt = world->doubt,
                          .head = world->head,
                          .follows = follows,
                          .slice_max = *slice_max,
                          .now_ms = 1,
                          .arena = &world->arena,
                          .new_key = new_key,
                          .context = world};
    meanwhile(world);
    memcpy(follows, world->records, sizeof follows);
    round.n_follows = world->n_records;
    meanwhile(world);
    assert_int_equal(round_look(&round), 0);
    if (dies(world))
        return false;
    store(world, &round);
    if (round.over)
        return true;
    world->doubt = round.head;
    if (dies(world))
        return false;
    meanwhile(world);
    enum write_outcome outcome = send(world, &round);
    meanwhile(world);
    if (dies(world))
        return false;
    round_answer(&round, outcome, TEXT("refused"), 2);
    store(world, &round);
    *slice_max = outcome == WRITE_REFUSED && *slice_max > 1 ? *slice_max / 2 : 1 + seeded_below(&world->seeded, 6);
    return false;
}

static void run_to_end(struct world *world)
{
    size_t slice_max = 1 + seeded_below(&world->seeded, 6);
    bool over = false;
    for (unsigned rounds = 0; !over; rounds++) {
        assert_true(rounds < ROUNDS_MAX);
        world->gentle = rounds > 60;
        if (chance(world, 40) && world->refused < 0)
            world->left_out[seeded_below(&world->seeded, world->n)] = "hid";
        over = run_round(world, &slice_max);
    }
    world->gentle = false;
}

static void make_world(struct world *world, uint64_t seed, bool heedless)
{
    memset(world, 0, sizeof *world);
    world->seeded = (struct seeded){seed};
    arena_init(&world->arena, MEMORY_MAX);
    world->heedless = heedless;
    move_head(world);
    world->n = 1 + seeded_below(&world->seeded, PEOPLE_MAX);
    world->refused = seeded_below(&world->seeded, 4) ? -1 : (int)seeded_below(&world->seeded, world->n);
    for (size_t i = 0; i < world->n; i++)
        world->items[i] =
            (struct batch_item_row){.position = (int64_t)i, .profile = word(world, "person", (unsigned)i)};
    add_record(world, (struct round_follow){TEXT("hand-before"), TEXT("somebody else")});
    if (seeded_below(&world->seeded, 3) == 0)
        add_record(world, (struct round_follow){TEXT("hand-first"), world->items[0].profile});
}

static void deliver_all(struct world *world)
{
    for (size_t i = 0; i < world->n_flying; i++)
        deliver_one(world);
}

/* --- the promises ------------------------------------------------------------------------------------------------------- */

/* What is wrong; NULL: nothing. */
static const char *wrong_after_follow(const struct world *world)
{
    for (size_t i = 0; i < world->n; i++) {
        const struct batch_item_row *item = &world->items[i];
        unsigned n = count_subject(world, item->profile);
        bool ours = !text_empty(item->rkey) && find_key(world, item->rkey) != SIZE_MAX;
        if (n > 1)
            return "somebody is followed twice";
        if (item->state == ITEM_DONE && !ours)
            return "said to be done, and is not there";
        if (item->state == ITEM_THERE && (n != 1 || ours))
            return "said to be there before, and is not";
        if (item->state == ITEM_LEFT_OUT && ours)
            return "somebody was followed who is left out";
        if (item->state == ITEM_REFUSED && ours)
            return "said to be refused, and is there";
        if (item->state == ITEM_PLANNED || item->state == ITEM_SENDING)
            return "the batch ended before everybody had an end";
    }
    return count_subject(world, TEXT("somebody else")) == 1 ? NULL : "a follow of theirs is gone";
}

static const char *wrong_after_undo(const struct world *world)
{
    for (size_t i = 0; i < world->n_records; i++)
        if (text_starts(world->records[i].rkey, TEXT("key")))
            return "a follow of ours is left after undo";
    for (size_t i = 0; i < world->n; i++)
        if (world->items[i].state == ITEM_DONE || world->items[i].state == ITEM_SENDING)
            return "undone, and an item does not say so";
    return count_subject(world, TEXT("somebody else")) == 1 ? NULL : "undo took a follow that is not ours";
}

struct tally {
    unsigned broken;
    unsigned crashes;
    unsigned lost;
    const char *why;
};

/* One schedule: the batch to its end, or undone in the midst of it; then undone, whatever it was. */
static void run_schedule(uint64_t seed, bool heedless, struct tally *tally)
{
    static struct world world; /* large */
    make_world(&world, seed, heedless);
    const char *why = NULL;
    if (seeded_below(&world.seeded, 4) == 0) {
        size_t slice_max = 4;
        for (size_t rounds = seeded_below(&world.seeded, 6); rounds > 0; rounds--)
            run_round(&world, &slice_max);
    } else {
        run_to_end(&world);
        deliver_all(&world);
        why = wrong_after_follow(&world);
    }
    if (!why) {
        world.doing = BATCH_UNDO;
        run_to_end(&world);
        deliver_all(&world);
        why = wrong_after_undo(&world);
    }
    tally->crashes += world.crashes;
    tally->lost += world.lost;
    if (why) {
        tally->broken++;
        tally->why = why;
        if (!heedless)
            print_message("schedule %llu: %s\n", (unsigned long long)seed, why);
    }
    arena_release(&world.arena);
}

#define SCHEDULES 20000

static void everybody_exactly_once(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("everybody is followed exactly once, whatever dies when");
    struct tally tally = {0};
    for (unsigned i = 0; i < SCHEDULES; i++)
        run_schedule(seeded_next(&seeded), false, &tally);
    print_message("%u schedules, %u deaths, %u answers lost\n", SCHEDULES, tally.crashes, tally.lost);
    assert_int_equal(tally.broken, 0);
    assert_true(tally.crashes > SCHEDULES && tally.lost > SCHEDULES);
}

static void without_the_condition_it_breaks(void **state)
{
    (void)state;
    struct seeded seeded = seeded_start("a network that does not heed the condition");
    struct tally tally = {0};
    for (unsigned i = 0; i < SCHEDULES / 20; i++)
        run_schedule(seeded_next(&seeded), true, &tally);
    print_message("%u of %u schedules broke: %s\n", tally.broken, SCHEDULES / 20, tally.why ? tally.why : "");
    assert_true(tally.broken > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_exactly_once),
        cmocka_unit_test(without_the_condition_it_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
