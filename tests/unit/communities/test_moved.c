/* tests/unit/communities/test_moved.c
 *
 * Who has moved: whose word counts, what looking came to, and who is not there at all.
 */
#include "communities/moved.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/asked_as.h"
#include "graph/fact_blob.h"
#include "graph/id_set.h"
#include "lib/check.h"
#include "lib/graph_place.h"
#include "store/left_out_set.h"
#include "store/pairs.h"
#include "store/wishes.h"

#include <stdlib.h>
#include <string.h>

enum { ADA, BO, CLEO, DAN, N_PEOPLE };

static const char *const handles[N_PEOPLE] = {"ada", "bo", "cleo", "dan"};

struct world {
    struct graph_place place;
    struct numbers *numbers;
    struct arena arena;
    struct id flock;
    struct id herd;
    struct id alice; /* of the flock */
    uint32_t x[N_PEOPLE];
    struct err err;
};

#define well(world, call)                                                                                              \
    do {                                                                                                               \
        if ((call) != 0)                                                                                               \
            fail_msg("%s", (world)->err.text);                                                                         \
    } while (0)

static void put_list(struct world *world, const struct id *owner, const char *kind, const uint32_t *numbers, size_t n)
{
    CLEANUP(id_set_release) struct id_set set;
    CLEANUP(buf_release) struct buf blob;
    id_set_init(&set);
    buf_init(&blob, MIB);
    for (size_t i = 0; i < n; i++)
        assert_int_equal(id_set_add(&set, numbers[i]), 0);
    assert_int_equal(id_set_sort(&set), 0);
    assert_int_equal(id_set_encode(&set, &blob), 0);
    struct follow_set_row row = {.owner = *owner,
                                 .kind = text_of(kind),
                                 .source = TEXT("csv"),
                                 .day = TEXT("2024-11-14"),
                                 .n = (uint32_t)set.n,
                                 .ids = buf_text(&blob),
                                 .import = *owner};
    well(world, follow_set_put(world->place.db, &row, &world->err));
}

static void say(struct world *world, const struct id *owner, uint32_t number, const char *handle)
{
    CLEANUP(buf_release) struct buf blob;
    struct id import = graph_place_id(&world->place);
    struct fact fact = {.number = number, .account = {.handle = text_of(handle), .name = text_of(handle)}};
    buf_init(&blob, MIB);
    assert_int_equal(fact_blob_write(&fact, 1, &blob, NULL), 0);
    graph_place_facts(&world->place, &import, owner, "2024-11-14", 1, buf_text(&blob));
}

static struct id put_community(struct world *world, const char *slug)
{
    struct community_row row = {.id = graph_place_id(&world->place),
                                .slug = text_of(slug),
                                .name = text_of(slug),
                                .state = TEXT(COMMUNITY_OPEN)};
    well(world, community_put(world->place.db, &row, &world->err));
    return row.id;
}

/* The flock's roster is Ada, Bo and Cleo; Alice follows Ada and Dan. */
static int make_world(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    graph_place_make(&world->place);
    world->numbers = numbers_new();
    arena_init(&world->arena, 256 * MIB);
    struct store_listener lane = numbers_listener(world->numbers);
    well(world, db_begin(world->place.db, &world->err));
    for (size_t i = 0; i < N_PEOPLE; i++) {
        struct x_account account = {.id = 100 + i};
        well(world, numbers_give(world->numbers, world->place.db, &account, 1, &world->x[i], &world->err));
    }
    well(world, db_commit(world->place.db, &world->err));
    lane.committed(lane.context);
    world->flock = put_community(world, "flock");
    world->herd = put_community(world, "herd");
    struct member_row alice = {
        .id = graph_place_id(&world->place), .x_handle = TEXT("alice"), .origin = TEXT(MEMBER_FROM_TERMINAL)};
    world->alice = alice.id;
    well(world, member_put(world->place.db, &alice, &world->err));
    well(world, membership_put(world->place.db, &world->flock, &alice.id, "member", 1, &world->err));
    put_list(world, &world->flock, "roster", world->x, 3);
    put_list(world, &world->herd, "roster", world->x, 3);
    put_list(world, &world->alice, "following", (const uint32_t[]){world->x[ADA], world->x[DAN]}, 2);
    for (size_t i = 0; i < 3; i++) {
        say(world, &world->flock, world->x[i], handles[i]);
        say(world, &world->herd, world->x[i], handles[i]);
    }
    say(world, &world->alice, world->x[ADA], handles[ADA]);
    say(world, &world->alice, world->x[DAN], handles[DAN]);
    *state = world;
    return 0;
}

static int remove_world(void **state)
{
    struct world *world = *state;
    arena_release(&world->arena);
    numbers_free(world->numbers);
    graph_place_remove(&world->place);
    free(world);
    return 0;
}

/* --- what is stored --------------------------------------------------------------------------------------------------- */

struct said {
    struct text scope;
    uint32_t x;
    const char *profile;
    enum pair_state state;
    double p;
    bool other; /* one of the others */
    bool by_people;
};

static void put_pair(struct world *world, const struct said *said)
{
    struct pair_row row = {.scope = said->scope,
                           .x = said->x,
                           .network = TEXT("bluesky"),
                           .profile = text_of(said->profile),
                           .state = said->state,
                           .p = said->p > 0 ? said->p : 0.99,
                           .best = !said->other,
                           .evidence = TEXT("[[\"handle\",\"equal\",3.3]]"),
                           .decided = said->by_people ? TEXT(DECIDED_BY_FILE) : TEXT_NONE};
    well(world, pair_put(world->place.db, &row, &world->err));
}

#define PAIR_OF(world, at, number, of, is, ...)                                                                        \
    put_pair(world, &(struct said){.scope = at, .x = number, .profile = of, .state = is, __VA_ARGS__})

static void put_lookup(struct world *world, int who, struct text scope, enum lookup result, const char *why,
                       int64_t asked_ms)
{
    struct x_account x = {.handle = text_of(handles[who])};
    struct lookup_row row = {.network = TEXT("bluesky"),
                             .x = world->x[who],
                             .asked_as = asked_as(world->place.keys, &x, scope),
                             .result = result,
                             .why = text_of(why),
                             .asked_ms = asked_ms,
                             .next_ms = asked_ms + 1};
    well(world, lookup_put(world->place.db, &row, &world->err));
}

static struct moved_list load(struct world *world, const char *community, const char *as)
{
    struct moved_list list = {.n = 0};
    struct moved_question question = {.numbers = world->numbers,
                                      .keys = world->place.keys,
                                      .community = text_of(community),
                                      .as = text_of(as),
                                      .network = TEXT("bluesky")};
    well(world, moved_load(world->place.db, &question, &world->arena, &list, &world->err));
    for (size_t i = 0; i < list.n; i++)
        assert_ptr_equal(list.matches[i].x, &list.accounts[i]);
    return list;
}

static void assert_best(const struct match *match, enum pair_state state, const char *profile)
{
    assert_string_equal(pair_state_word(match->best.state), pair_state_word(state));
    assert_int_equal(match->lookup, LOOKUP_FOUND);
    assert_true(match->best.profile && text_equal(match->best.profile->id, text_of(profile)));
}

static void assert_nobody(const struct match *match, enum lookup lookup, const char *why)
{
    assert_null(match->best.profile);
    assert_int_equal(match->best.state, PAIR_NONE);
    assert_int_equal(match->n_others, 0);
    assert_string_equal(lookup_word(match->lookup), lookup_word(lookup));
    if (why)
        assert_string_equal(match->why, why);
    else
        assert_null(match->why);
}

#define FLOCK  id_text(&world->flock)
#define ALICE  id_text(&world->alice)
#define UNSEEN "nobody has looked yet"

/* --- tests ------------------------------------------------------------------------------------------------------------ */

static void who_was_not_asked_about_is_told_so(void **state)
{
    struct world *world = *state;
    put_lookup(world, BO, TEXT_NONE, LOOKUP_NOT_FOUND, NULL, 1);
    put_lookup(world, CLEO, TEXT_NONE, LOOKUP_COULD_NOT_LOOK, "the network is down", 1);
    struct moved_list list = load(world, "flock", NULL);
    assert_int_equal(list.n, 3);
    assert_true(text_equal(list.community.slug, TEXT("flock")));
    assert_int_equal(list.numbers[BO], world->x[BO]);
    assert_true(text_equal(list.accounts[BO].handle, TEXT("bo")));
    assert_nobody(&list.matches[ADA], LOOKUP_COULD_NOT_LOOK, UNSEEN);
    assert_nobody(&list.matches[BO], LOOKUP_NOT_FOUND, NULL);
    assert_nobody(&list.matches[CLEO], LOOKUP_COULD_NOT_LOOK, "the network is down");
}

static void pairs_are_told_with_their_evidence(void **state)
{
    struct world *world = *state;
    struct profile ada = {.id = TEXT_INIT("did:ada"), .handle = TEXT_INIT("ada.example"), .name = TEXT_INIT("Ada")};
    well(world, profile_put(world->place.db, TEXT("bluesky"), &ada, 1, &world->err));
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_LIKELY, .p = 0.999);
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada2", PAIR_POSSIBLE, .p = 0.4, .other = true);
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada3", PAIR_POSSIBLE, .p = 0.3, .other = true);
    struct moved_list list = load(world, "flock", NULL);
    const struct match *match = &list.matches[ADA];
    assert_best(match, PAIR_LIKELY, "did:ada");
    assert_true(text_equal(match->best.profile->handle, TEXT("ada.example")));
    assert_int_equal(match->best.n_evidence, 1);
    assert_string_equal(match->best.evidence[0].kind, "handle");
    assert_int_equal(match->n_others, 2);
    assert_true(text_equal(match->others[1].profile->id, TEXT("did:ada3")));
}

/* Member, community, public; what people decided before what linkage thinks. */
static void the_nearest_word_counts(void **state)
{
    struct world *world = *state;
    PAIR_OF(world, SCOPE_PUBLIC, world->x[ADA], "did:public", PAIR_PROVEN, .by_people = true);
    assert_best(&load(world, "flock", NULL).matches[ADA], PAIR_PROVEN, "did:public");
    assert_best(&load(world, "herd", NULL).matches[ADA], PAIR_PROVEN, "did:public");
    PAIR_OF(world, FLOCK, world->x[ADA], "did:linked", PAIR_LIKELY);
    assert_best(&load(world, "flock", NULL).matches[ADA], PAIR_PROVEN, "did:public");
    PAIR_OF(world, FLOCK, world->x[ADA], "did:group", PAIR_CONFIRMED, .by_people = true);
    assert_best(&load(world, "flock", NULL).matches[ADA], PAIR_CONFIRMED, "did:group");
    PAIR_OF(world, ALICE, world->x[ADA], "did:group", PAIR_REJECTED, .by_people = true);
    assert_best(&load(world, "flock", "alice").matches[0], PAIR_PROVEN, "did:public");
    PAIR_OF(world, ALICE, world->x[ADA], "did:mine", PAIR_CONFIRMED, .by_people = true);
    assert_best(&load(world, "flock", "alice").matches[0], PAIR_CONFIRMED, "did:mine");
    assert_best(&load(world, "flock", NULL).matches[ADA], PAIR_CONFIRMED, "did:group");
    assert_best(&load(world, "herd", NULL).matches[ADA], PAIR_PROVEN, "did:public");
}

static void what_was_rejected_is_not_there(void **state)
{
    struct world *world = *state;
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_REJECTED, .by_people = true);
    put_lookup(world, ADA, TEXT_NONE, LOOKUP_FOUND, NULL, 1);
    assert_nobody(&load(world, "flock", NULL).matches[ADA], LOOKUP_COULD_NOT_LOOK, UNSEEN); /* for another one */
    put_lookup(world, ADA, FLOCK, LOOKUP_NOT_FOUND, NULL, 2);
    assert_nobody(&load(world, "flock", NULL).matches[ADA], LOOKUP_NOT_FOUND, NULL);
}

/* A member's word is about what they see: looking was done for the group. */
static void what_a_member_rejected_was_looked_for_all_the_same(void **state)
{
    struct world *world = *state;
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_LIKELY);
    PAIR_OF(world, ALICE, world->x[ADA], "did:ada", PAIR_REJECTED, .by_people = true);
    put_lookup(world, ADA, TEXT_NONE, LOOKUP_FOUND, NULL, 1);
    assert_nobody(&load(world, "flock", "alice").matches[0], LOOKUP_NOT_FOUND, NULL);
    assert_best(&load(world, "flock", NULL).matches[ADA], PAIR_LIKELY, "did:ada");
}

static void a_member_sees_what_their_own_list_brings_up(void **state)
{
    struct world *world = *state;
    PAIR_OF(world, ALICE, world->x[DAN], "did:dan", PAIR_LIKELY);
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_LIKELY);
    PAIR_OF(world, ALICE, world->x[ADA], "did:old", PAIR_LIKELY); /* from before she was on the roster */
    struct moved_list list = load(world, "flock", "alice");
    assert_int_equal(list.n, 2);
    assert_best(&list.matches[0], PAIR_LIKELY, "did:ada");
    assert_best(&list.matches[1], PAIR_LIKELY, "did:dan");
    assert_nobody(&load(world, "herd", NULL).matches[ADA], LOOKUP_COULD_NOT_LOOK, UNSEEN);
}

static void one_profile_answers_for_one_account(void **state)
{
    struct world *world = *state;
    PAIR_OF(world, FLOCK, world->x[ADA], "did:same", PAIR_LIKELY, .p = 0.995);
    PAIR_OF(world, FLOCK, world->x[BO], "did:same", PAIR_LIKELY, .p = 0.999);
    struct moved_list list = load(world, "flock", NULL);
    assert_best(&list.matches[ADA], PAIR_POSSIBLE, "did:same");
    assert_non_null(list.matches[ADA].why);
    assert_best(&list.matches[BO], PAIR_LIKELY, "did:same");
    PAIR_OF(world, FLOCK, world->x[ADA], "did:same", PAIR_LIKELY, .p = 0.999);
    list = load(world, "flock", NULL);
    assert_best(&list.matches[ADA], PAIR_POSSIBLE, "did:same");
    assert_best(&list.matches[BO], PAIR_POSSIBLE, "did:same");
    PAIR_OF(world, FLOCK, world->x[CLEO], "did:same", PAIR_CONFIRMED, .by_people = true, .p = 0.5);
    list = load(world, "flock", NULL);
    assert_best(&list.matches[ADA], PAIR_POSSIBLE, "did:same");
    assert_best(&list.matches[CLEO], PAIR_CONFIRMED, "did:same");
    /* And across scopes. */
    PAIR_OF(world, ALICE, world->x[DAN], "did:same", PAIR_LIKELY, .p = 0.9999);
    list = load(world, "flock", "alice");
    assert_best(&list.matches[0], PAIR_POSSIBLE, "did:same");
    assert_best(&list.matches[1], PAIR_LIKELY, "did:same");
}

/* Promise 11: it looks as if nobody were there. */
static void who_wished_to_be_left_out_is_not_there(void **state)
{
    struct world *world = *state;
    struct keyed_hash hash;
    struct profile cleo = {
        .id = TEXT_INIT("did:cleo"), .handle = TEXT_INIT("cleo.example"), .marks = PROFILE_LEAVE_ME_OUT};
    well(world, profile_put(world->place.db, TEXT("bluesky"), &cleo, 1, &world->err));
    for (int who = ADA; who <= CLEO; who++)
        put_lookup(world, who, TEXT_NONE, LOOKUP_FOUND, NULL, 1);
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_LIKELY);
    PAIR_OF(world, FLOCK, world->x[BO], "did:bo", PAIR_LIKELY);
    PAIR_OF(world, FLOCK, world->x[CLEO], "did:cleo", PAIR_LIKELY);
    left_out_hash_x_id(world->place.keys, 100 + ADA, &hash);
    well(world, opt_out_put(world->place.db, &hash, 1, &world->err));
    left_out_hash_profile(world->place.keys, "bluesky", TEXT("did:bo"), &hash);
    well(world, opt_out_put(world->place.db, &hash, 1, &world->err));
    struct moved_list list = load(world, "flock", NULL);
    assert_int_equal(list.n, 2);
    assert_int_equal(list.numbers[0], world->x[BO]);
    assert_nobody(&list.matches[0], LOOKUP_NOT_FOUND, NULL);
    assert_nobody(&list.matches[1], LOOKUP_NOT_FOUND, NULL);
}

/* Lists, pairs and look-ups of one group, confirmed and rejected ones too, show in no other. */
static void a_group_sees_nothing_of_another(void **state)
{
    struct world *world = *state;
    struct moved_list before = load(world, "herd", NULL);
    PAIR_OF(world, FLOCK, world->x[ADA], "did:ada", PAIR_CONFIRMED, .by_people = true);
    PAIR_OF(world, FLOCK, world->x[BO], "did:bo", PAIR_REJECTED, .by_people = true);
    put_lookup(world, ADA, FLOCK, LOOKUP_FOUND, NULL, 1);
    put_lookup(world, BO, FLOCK, LOOKUP_NOT_FOUND, NULL, 1);
    struct moved_list after = load(world, "herd", NULL);
    assert_int_equal(after.n, before.n);
    for (size_t i = 0; i < after.n; i++) {
        assert_nobody(&before.matches[i], LOOKUP_COULD_NOT_LOOK, UNSEEN);
        assert_nobody(&after.matches[i], LOOKUP_COULD_NOT_LOOK, UNSEEN);
    }
}

static void who_is_not_there_is_named(void **state)
{
    struct world *world = *state;
    struct moved_list list;
    struct moved_question question = {
        .numbers = world->numbers, .keys = world->place.keys, .community = TEXT("gone"), .network = TEXT("bluesky")};
    assert_int_equal(moved_load(world->place.db, &question, &world->arena, &list, &world->err), E_NOT_FOUND);
    assert_non_null(strstr(world->err.text, "there is no community \"gone\""));
    question.community = TEXT("herd");
    question.as = TEXT("alice"); /* of the flock */
    assert_int_equal(moved_load(world->place.db, &question, &world->arena, &list, &world->err), E_NOT_FOUND);
    assert_non_null(strstr(world->err.text, "@alice"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, make_world, remove_world)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_was_not_asked_about_is_told_so),
        TEST(pairs_are_told_with_their_evidence),
        TEST(the_nearest_word_counts),
        TEST(what_was_rejected_is_not_there),
        TEST(what_a_member_rejected_was_looked_for_all_the_same),
        TEST(a_member_sees_what_their_own_list_brings_up),
        TEST(one_profile_answers_for_one_account),
        TEST(who_wished_to_be_left_out_is_not_there),
        TEST(a_group_sees_nothing_of_another),
        TEST(who_is_not_there_is_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
