/* tests/unit/linkage/test_promises.c
 *
 * What must hold for any list: decisions do not depend on order, and who hid is not found (promise 4 of the product).
 */
#include "base/cleanup.h"
#include "lib/seeded.h"
#include "run.h"

/* Two words that nobody is called by, with something between: "bredal krinok". */
static struct text invented(struct seeded *random, struct arena *arena, const char *between)
{
    char words[2][7];
    for (size_t w = 0; w < 2; w++) {
        for (size_t i = 0; i < 6; i += 2) {
            words[w][i] = "bdfgklmnprstv"[seeded_below(random, 13)];
            words[w][i + 1] = "aeiou"[seeded_below(random, 5)];
        }
        words[w][6] = '\0';
    }
    return text_of(arena_printf(arena, "%s%s%s", words[0], between, words[1]));
}

static struct text under_domain(struct arena *arena, struct text label)
{
    return text_of(arena_printf(arena, "%.*s.bsky.social", TEXT_ARG(label)));
}

#define ORDER_PEOPLE   40
#define ORDER_PROFILES 120

/* Profiles that are near one or another of the people: the same handle, with a digit, on a domain; half of them share the
 * name. Ids are all different. */
static void make_crowd(struct seeded *random, struct arena *arena, struct x_account people[ORDER_PEOPLE],
                       struct profile profiles[ORDER_PROFILES])
{
    for (size_t i = 0; i < ORDER_PEOPLE; i++) {
        people[i] = (struct x_account){.name = invented(random, arena, " ")};
        people[i].handle = invented(random, arena, seeded_below(random, 2) ? "" : "_");
    }
    for (size_t i = 0; i < ORDER_PROFILES; i++) {
        const struct x_account *x = &people[seeded_below(random, ORDER_PEOPLE)];
        struct handle_keys handle;
        assert_int_equal(handle_keys_make(arena, x->handle, &handle), 0);
        const char *made =
            arena_printf(arena, "%.*s%zu.bsky.social", TEXT_ARG(handle.squeezed), seeded_below(random, 4));
        if (seeded_below(random, 2))
            made = arena_printf(arena, "%.*s.org", TEXT_ARG(handle.squeezed));
        profiles[i] = profile_of(made, "", "", "");
        profiles[i].id = text_of(arena_printf(arena, "did:%zu", i));
        profiles[i].name = seeded_below(random, 2) ? x->name : invented(random, arena, " ");
    }
}

static void check_same(const struct match *a, const struct match *b)
{
    assert_int_equal(a->best.state, b->best.state);
    assert_int_equal(a->n_others, b->n_others);
    assert_true(!a->best.profile == !b->best.profile);
    if (a->best.profile) {
        assert_true(text_equal(a->best.profile->id, b->best.profile->id));
        assert_float_equal(a->best.p, b->best.p, 1e-9);
    }
    for (size_t i = 0; i < a->n_others; i++)
        assert_true(text_equal(a->others[i].profile->id, b->others[i].profile->id));
}

/* The same people and profiles in another order come to the same decisions. */
static void test_order_does_not_matter(void **state)
{
    struct seeded random = seeded_start("order of arrival");
    static struct run there;
    static struct run back;
    (void)state;
    for (int round = 0; round < 30; round++) {
        CLEANUP(arena_release) struct arena arena;
        struct x_account people[ORDER_PEOPLE];
        struct profile profiles[ORDER_PROFILES];
        arena_init(&arena, (size_t)1 << 22);
        make_crowd(&random, &arena, people, profiles);
        run_start(&there);
        run_start(&back);
        for (size_t i = 0; i < ORDER_PEOPLE; i++) {
            (void)look_for(&there, people[i]);
            (void)look_for(&back, people[ORDER_PEOPLE - 1 - i]);
        }
        for (size_t i = 0; i < ORDER_PROFILES; i++) {
            show(&there, profiles[i]);
            show(&back, profiles[ORDER_PROFILES - 1 - i]);
        }
        decide(&there);
        decide(&back);
        for (size_t i = 0; i < ORDER_PEOPLE; i++)
            check_same(&there.matches[i], &back.matches[ORDER_PEOPLE - 1 - i]);
        run_end(&there);
        run_end(&back);
    }
}

/* Promise 4: 500 people who took another name and handle and say nothing of the old ones. Every profile is put before
 * every account, as a search might do; nobody may appear, not even as possible. */
static void test_who_changed_name_and_handle_is_not_found(void **state)
{
    struct seeded random = seeded_start("who hid");
    CLEANUP(arena_release) struct arena arena;
    static struct run run;
    (void)state;
    arena_init(&arena, (size_t)1 << 24);
    run_start(&run);
    for (size_t i = 0; i < 500; i++) {
        struct x_account x = {.name = invented(&random, &arena, " ")};
        x.handle = invented(&random, &arena, "");
        x.bio = TEXT("Birds, maps, tea. Turku.");
        (void)look_for(&run, x);
        struct text handle = under_domain(&arena, invented(&random, &arena, ""));
        struct profile profile = profile_of("", "", "Birds, maps, tea. Turku.", "");
        profile.id = handle;
        profile.handle = handle;
        profile.name = invented(&random, &arena, " ");
        show(&run, profile);
    }
    for (size_t i = 0; i < 500; i++)
        for (size_t k = 0; k < 500; k += 7)
            assert_int_equal(
                linkage_propose(run.linkage, i, profile_index_keys(run.index, (uint32_t)((i + k) % 500))->profile->id),
                0);
    decide(&run);
    for (size_t i = 0; i < 500; i++) {
        assert_int_equal(run.matches[i].best.state, PAIR_NONE);
        assert_int_equal(run.matches[i].n_others, 0);
    }
    run_end(&run);
}

/* Promise 4: 200 people with a fan account and a private account on either side, who go by the same first name on both.
 * No fan account may be joined with a private one, nor the other way. */
static void test_fan_and_private_accounts_are_never_joined(void **state)
{
    struct seeded random = seeded_start("fan and private");
    CLEANUP(arena_release) struct arena arena;
    static struct run run;
    (void)state;
    static const char *const firsts[] = {"Anna", "Maria", "Emma", "Lena", "Sara", "Mia", "Jo", "Kim"};
    arena_init(&arena, (size_t)1 << 24);
    run_start(&run);
    for (size_t i = 0; i < 200; i++) {
        struct text first = text_of(firsts[seeded_below(&random, ARRAY_LEN(firsts))]);
        struct text own = invented(&random, &arena, "");
        struct text fan = invented(&random, &arena, "_");
        struct handle_keys keys;
        assert_int_equal(handle_keys_make(&arena, fan, &keys), 0);
        (void)look_for(&run, (struct x_account){.handle = own, .name = first});
        (void)look_for(&run, (struct x_account){.handle = fan, .name = first, .bio = TEXT("fan account")});
        struct profile profile = profile_of("", "", "Tea.", "");
        profile.name = first;
        profile.id = text_of(arena_printf(&arena, "own%zu", i));
        profile.handle = text_of(arena_printf(&arena, "%.*s.bsky.social", TEXT_ARG(own)));
        show(&run, profile);
        profile.bio = TEXT("fan account");
        profile.id = text_of(arena_printf(&arena, "fan%zu", i));
        profile.handle = text_of(arena_printf(&arena, "%.*s.bsky.social", TEXT_ARG(keys.squeezed)));
        show(&run, profile);
    }
    for (size_t i = 0; i < 400; i++) { /* a search by the name brings up the other account of the same person */
        const char *id = arena_printf(&arena, "%s%zu", i % 2 ? "own" : "fan", i / 2);
        assert_int_equal(linkage_propose(run.linkage, i, text_of(id)), 0);
    }
    decide(&run);
    for (size_t i = 0; i < 400; i++) {
        const char *wanted = i % 2 ? "fan" : "own";
        const struct match *match = &run.matches[i];
        assert_non_null(match->best.profile);
        assert_true(text_starts(match->best.profile->id, text_of(wanted)));
        for (size_t k = 0; k < match->n_others; k++)
            assert_true(text_starts(match->others[k].profile->id, text_of(wanted)));
    }
    run_end(&run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_who_changed_name_and_handle_is_not_found),
        cmocka_unit_test(test_fan_and_private_accounts_are_never_joined),
    };
    return cmocka_run_group_tests_name("linkage.promises", tests, NULL, NULL);
}
