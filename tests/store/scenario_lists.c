/* tests/store/scenario_lists.c
 *
 * The scenario's imports, follow sets, facts, and X accounts.
 */
#include "base/cleanup.h"
#include "lib/check.h"
#include "store/lists.h"
#include "store/scenario.h"

#include <string.h>

/* --- lists ---------------------------------------------------------------------------------------------------------- */

void put_lists(struct scenario *scenario)
{
    const struct import_row imports[] = {
        {scenario_id(21), scenario_id(11), scenario_id(1), TEXT("received"), SCENARIO_NOW, 0, TEXT("[]")},
        {scenario_id(22), scenario_id(11), scenario_id(1), TEXT("done"), SCENARIO_NOW, SCENARIO_NOW + 1, TEXT("[1]")},
        {scenario_id(23), scenario_id(12), scenario_id(2), TEXT("failed"), 1, 2, TEXT_NONE},
        {scenario_id(21), scenario_id(11), scenario_id(2), TEXT("done"), SCENARIO_NOW, SCENARIO_NOW + 2, TEXT("[2]")},
    };
    const struct follow_set_row sets[] = {
        {scenario_id(11), TEXT("following"), TEXT("csv"), TEXT_NONE, 3, {"\1\0\xff", 3}, scenario_id(21), 1},
        {scenario_id(11), TEXT("following"), TEXT("archive"), TEXT("2024-11-14"), 1, TEXT("a"), scenario_id(22), 2},
        {scenario_id(11), TEXT("followers"), TEXT("archive"), TEXT_NONE, 0, TEXT_NONE, scenario_id(22), 3},
        {scenario_id(12), TEXT("roster"), TEXT("api"), TEXT_NONE, UINT32_MAX, TEXT("b"), scenario_id(23), 4},
        {scenario_id(11), TEXT("following"), TEXT("csv"), TEXT("2025-01-02"), 2, {"\0\0", 2}, scenario_id(22), 5},
    };
    const struct fact_set_row facts[] = {
        {scenario_id(21), scenario_id(11), TEXT("2025-01-02"), 7, 1, {"\0box\xff", 5}},
        {scenario_id(22), scenario_id(11), TEXT_NONE, 0, 2, TEXT_NONE},
        {scenario_id(21), scenario_id(12), TEXT("2025-01-03"), 8, 3, {"\xff\0", 2}},
    };
    for (size_t i = 0; i < ARRAY_LEN(imports); i++)
        TELL(import_put, &imports[i]);
    for (size_t i = 0; i < ARRAY_LEN(sets); i++)
        TELL(follow_set_put, &sets[i]);
    for (size_t i = 0; i < ARRAY_LEN(facts); i++)
        TELL(fact_set_put, &facts[i]);
}

static void tell_import(struct scenario *scenario, const struct import_row *import)
{
    tell_text(scenario, id_text(&import->id));
    tell_text(scenario, id_text(&import->owner));
    tell_text(scenario, id_text(&import->community));
    tell_text(scenario, import->state);
    tell_i64(scenario, import->created_ms);
    tell_i64(scenario, import->done_ms);
    tell_text(scenario, import->report);
    tell_end(scenario);
}

static int tell_set(void *context, const struct follow_set_row *set)
{
    struct scenario *scenario = context;
    if (!scenario_is_ours(id_text(&set->owner)))
        return 0;
    tell_text(scenario, id_text(&set->owner));
    tell_text(scenario, set->kind);
    tell_text(scenario, set->source);
    tell_text(scenario, set->day);
    tell_i64(scenario, set->n);
    tell_bytes(scenario, set->ids);
    tell_text(scenario, id_text(&set->import));
    tell_i64(scenario, set->changed_ms);
    tell_end(scenario);
    return 0;
}

static int tell_facts(void *context, const struct fact_set_row *facts)
{
    struct scenario *scenario = context;
    if (!scenario_is_ours(id_text(&facts->import)))
        return 0;
    tell_text(scenario, id_text(&facts->import));
    tell_text(scenario, id_text(&facts->owner));
    tell_text(scenario, facts->day);
    tell_i64(scenario, facts->n);
    tell_i64(scenario, facts->seal_key);
    tell_bytes(scenario, facts->facts);
    tell_end(scenario);
    return 0;
}

static void read_imports(struct scenario *scenario, const struct id *owner)
{
    struct id id = scenario_id(21);
    struct id nothing = scenario_id(99);
    struct import_row import = {.done_ms = 0};
    struct import_row *imports = NULL;
    int64_t done = -1;
    size_t n = 0;
    TELL(import_get, &id, &scenario->arena, &import);
    tell_import(scenario, &import);
    TELL(import_get, &nothing, &scenario->arena, &import);
    TELL(import_list, owner, &scenario->arena, &imports, &n);
    for (size_t i = 0; i < n; i++)
        tell_import(scenario, &imports[i]);
    TELL(import_count, owner, &done);
    tell_i64(scenario, done);
    tell_end(scenario);
}

void read_lists(struct scenario *scenario)
{
    struct id owner = scenario_id(11);
    struct follow_set_row set = {.n = 0};
    struct follow_set_row *sets = NULL;
    struct fact_set_row *facts = NULL;
    size_t n = 0;
    read_imports(scenario, &owner);
    TELL(follow_set_get, &owner, TEXT("following"), TEXT("csv"), &scenario->arena, &set);
    tell_set(scenario, &set);
    TELL(follow_set_get, &owner, TEXT("following"), TEXT("api"), &scenario->arena, &set);
    TELL(follow_set_list, &owner, TEXT("following"), &scenario->arena, &sets, &n);
    for (size_t i = 0; i < n; i++)
        tell_set(scenario, &sets[i]);
    TELL(follow_set_list, &owner, TEXT("roster"), &scenario->arena, &sets, &n);
    tell_i64(scenario, (int64_t)n);
    TELL(follow_set_walk, tell_set, scenario);
    TELL(fact_set_list, &owner, &scenario->arena, &facts, &n);
    for (size_t i = 0; i < n; i++)
        tell_facts(scenario, &facts[i]);
    TELL(fact_set_walk, tell_facts, scenario);
}

void remove_lists(struct scenario *scenario)
{
    struct id owner = scenario_id(11);
    struct id import = scenario_id(22);
    TELL(follow_set_delete, &owner, TEXT("following"), TEXT("csv"));
    TELL(follow_set_delete, &owner, TEXT("following"), TEXT("api"));
    TELL(fact_set_delete, &import);
}

/* --- X accounts ------------------------------------------------------------------------------------------------------ */

void put_x_accounts(struct scenario *scenario)
{
    const struct x_public_row publics[] = {
        {.number = SCENARIO_X,
         .handle = TEXT("ann_1"),
         .name = TEXT("Ann"),
         .why = TEXT("roster"),
         .import = scenario_id(21)},
        {.number = UINT32_MAX,
         .bio = TEXT("\xf0\x9f\x90\xa6"),
         .verified = 1,
         .is_protected = 2,
         .why = TEXT("agreed")},
        {.number = SCENARIO_X,
         .website = TEXT("https://a.test/"),
         .location = TEXT("Z\xc3\xbcrich"),
         .since_ms = -1,
         .why = TEXT("roster"),
         .import = scenario_id(22)},
    };
    const struct same_as_row sames[] = {
        {SCENARIO_X + 1, SCENARIO_X, TEXT("2024-02-01"), TEXT("2024-03-01"), TEXT("mention")},
        {SCENARIO_X + 1, SCENARIO_X + 2, TEXT("2023-02-01"), TEXT("2023-03-01"), TEXT_NONE},
        {SCENARIO_X + 1, SCENARIO_X, TEXT("2024-02-01"), TEXT("2024-04-01"), TEXT("reply")},
    };
    TELL(x_chunk_put, SCENARIO_X, 2, (struct text){"\1\0\0\0\0\0\0\x80\0\0\0\0\0\0\0\0", 16});
    TELL(x_chunk_put, SCENARIO_X + 2, 1, TEXT("12345678"));
    TELL(x_chunk_put, SCENARIO_X, 1, TEXT("taken..."));
    for (size_t i = 0; i < ARRAY_LEN(publics); i++)
        TELL(x_public_put, &publics[i]);
    for (size_t i = 0; i < ARRAY_LEN(sames); i++)
        TELL(same_as_put, &sames[i]);
}

static int tell_chunk(void *context, uint32_t first, uint32_t n, struct text ids)
{
    tell_i64(context, first);
    tell_i64(context, n);
    tell_bytes(context, ids);
    tell_end(context);
    return 0;
}

static int tell_public(void *context, const struct x_public_row *public)
{
    struct scenario *scenario = context;
    if (public->number < SCENARIO_X)
        return 0;
    tell_i64(scenario, public->number);
    const struct text texts[] = {public->handle,          public->name,     public->bio,
                                 public->website,         public->location, public->why,
                                 id_text(&public->import)};
    for (size_t i = 0; i < ARRAY_LEN(texts); i++)
        tell_text(scenario, texts[i]);
    tell_i64(scenario, public->verified);
    tell_i64(scenario, public->is_protected);
    tell_i64(scenario, public->since_ms);
    tell_end(scenario);
    return 0;
}

static int tell_same(void *context, const struct same_as_row *same)
{
    struct scenario *scenario = context;
    if (same->number < SCENARIO_X)
        return 0;
    tell_i64(scenario, same->number);
    tell_i64(scenario, same->id_number);
    tell_text(scenario, same->from_day);
    tell_text(scenario, same->to_day);
    tell_text(scenario, same->why);
    tell_end(scenario);
    return 0;
}

void read_x_accounts(struct scenario *scenario)
{
    struct x_public_row public = {.number = SCENARIO_X};
    TELL(x_chunk_walk, SCENARIO_X, tell_chunk, scenario);
    TELL(x_chunk_walk, SCENARIO_X + 1, tell_chunk, scenario);
    TELL(x_public_get, SCENARIO_X, &scenario->arena, &public);
    tell_public(scenario, &public);
    TELL(x_public_get, SCENARIO_X + 1, &scenario->arena, &public);
    TELL(x_public_walk, tell_public, scenario);
    TELL(same_as_walk, tell_same, scenario);
}

void remove_x_accounts(struct scenario *scenario)
{
    struct id import = scenario_id(22);
    TELL(x_public_delete_import, &import);
    TELL(x_public_delete, UINT32_MAX);
    TELL(same_as_delete, SCENARIO_X + 1);
    TELL(same_as_delete, SCENARIO_X + 9);
}
