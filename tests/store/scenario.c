/* tests/store/scenario.c
 *
 * The scenario's frame, and its rows of people and of the server itself.
 */
#include "store/scenario.h"

#include "base/cleanup.h"
#include "base/limits.h"
#include "lib/check.h"
#include "store/people.h"
#include "store/server.h"
#include "store/store.h"

/* --- telling -------------------------------------------------------------------------------------------------------- */

void scenario_start(struct scenario *scenario, struct db *db)
{
    *scenario = (struct scenario){.db = db};
    arena_init(&scenario->arena, GIB);
    buf_init(&scenario->out, 16 * MIB);
}

void scenario_end(struct scenario *scenario)
{
    arena_release(&scenario->arena);
    buf_release(&scenario->out);
}

struct id scenario_id(unsigned number)
{
    char text[ID_LEN + 1];
    struct id id;
    snprintf(text, sizeof text, "01TEST%020u", number);
    assert_true(id_parse(text_of(text), &id));
    return id;
}

bool scenario_is_ours(struct text text)
{
    return text_starts(text, TEXT("01TEST")) || text_starts(text, TEXT("did:test:"));
}

/* What failed is told by its code: sentences name the database's own words. */
void tell(struct scenario *scenario, const char *what, int rc)
{
    buf_printf(&scenario->out, "%s: %d\n", what, rc);
    if (rc == E_BUG || rc == E_IO || rc == E_UNAVAILABLE)
        fail_msg("%s: %s", what, scenario->err.text);
}

void tell_text(struct scenario *scenario, struct text text)
{
    buf_printf(&scenario->out, " '%.*s'", TEXT_ARG(text));
}

void tell_bytes(struct scenario *scenario, struct text bytes)
{
    buf_add_byte(&scenario->out, ' ');
    for (size_t i = 0; i < bytes.len; i++)
        buf_printf(&scenario->out, "%02x", (unsigned char)bytes.data[i]);
}

void tell_i64(struct scenario *scenario, int64_t number)
{
    buf_printf(&scenario->out, " %lld", (long long)number);
}

void tell_end(struct scenario *scenario)
{
    buf_add_byte(&scenario->out, '\n');
}

/* --- people --------------------------------------------------------------------------------------------------------- */

/* Names that a language's own order would sort otherwise than their bytes do. */
void put_people(struct scenario *scenario)
{
    const struct community_row communities[] = {
        {.id = scenario_id(1), .slug = TEXT("t-b"), .name = TEXT("B"), .state = TEXT("open"), .created_ms = 1},
        {.id = scenario_id(2),
         .slug = TEXT("ta"),
         .name = TEXT("Zo\xc3\xab"),
         .state = TEXT("closed"),
         .created_ms = 0},
        {.id = scenario_id(3), .slug = TEXT("t-c"), .name = TEXT_NONE, .state = TEXT("open"), .created_ms = INT64_MAX},
        {.id = scenario_id(4), .slug = TEXT("ta"), .name = TEXT("taken"), .state = TEXT("open"), .created_ms = 1},
    };
    const struct member_row members[] = {
        {.id = scenario_id(11), .x_handle = TEXT("Ann_1"), .x_number = SCENARIO_X, .origin = TEXT("terminal")},
        {.id = scenario_id(12), .x_handle = TEXT("aNN_1"), .x_number = UINT32_MAX, .origin = TEXT("signed-in")},
        {.id = scenario_id(13), .x_handle = TEXT_NONE, .x_number = 0, .origin = TEXT("terminal")},
        {.id = scenario_id(13), .x_handle = TEXT("now_known"), .origin = TEXT("signed-in"), .seen_ms = SCENARIO_NOW},
    };
    const unsigned memberships[][2] = {{1, 11}, {2, 12}, {1, 13}, {1, 11}};
    for (size_t i = 0; i < ARRAY_LEN(communities); i++)
        TELL(community_put, &communities[i]);
    for (size_t i = 0; i < ARRAY_LEN(members); i++)
        TELL(member_put, &members[i]);
    for (size_t i = 0; i < ARRAY_LEN(memberships); i++) {
        struct id community = scenario_id(memberships[i][0]);
        struct id member = scenario_id(memberships[i][1]);
        TELL(membership_put, &community, &member, "member", SCENARIO_NOW);
    }
    TELL(server_put, "test", TEXT("one"));
    TELL(server_put, "test", TEXT("two"));
}

static void tell_community(struct scenario *scenario, const struct community_row *community)
{
    tell_text(scenario, id_text(&community->id));
    tell_text(scenario, community->slug);
    tell_text(scenario, community->name);
    tell_text(scenario, community->state);
    tell_i64(scenario, community->created_ms);
    tell_end(scenario);
}

static void read_communities(struct scenario *scenario)
{
    static const char *const slugs[] = {"ta", "t-b", "nobody"};
    struct community_row *communities = NULL;
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(slugs); i++) {
        struct community_row community = {.slug = TEXT("not set")};
        TELL(community_by_slug, text_of(slugs[i]), &scenario->arena, &community);
        tell_community(scenario, &community);
    }
    TELL(community_list, &scenario->arena, &communities, &n);
    for (size_t i = 0; i < n; i++)
        if (scenario_is_ours(id_text(&communities[i].id)))
            tell_community(scenario, &communities[i]);
}

static void read_member(struct scenario *scenario, unsigned community, const char *handle)
{
    struct id id = scenario_id(community);
    struct member_row member = {.x_handle = TEXT("not set")};
    TELL(member_by_handle, &id, text_of(handle), &scenario->arena, &member);
    tell_text(scenario, id_text(&member.id));
    tell_text(scenario, member.x_handle);
    tell_i64(scenario, member.x_number);
    tell_text(scenario, member.origin);
    tell_i64(scenario, member.created_ms);
    tell_i64(scenario, member.seen_ms);
    tell_end(scenario);
}

static void read_server(struct scenario *scenario)
{
    CLEANUP(buf_release) struct buf value;
    struct schema_step steps[8];
    size_t n = 0;
    buf_init(&value, KIB);
    TELL(server_get, "test", &value);
    tell_text(scenario, buf_text(&value));
    TELL(server_get, "nothing", &value);
    TELL(store_schema, steps, ARRAY_LEN(steps), &n);
    for (size_t i = 0; i < n; i++) {
        tell_i64(scenario, steps[i].number);
        tell_text(scenario, text_of(steps[i].name));
        tell_i64(scenario, steps[i].applied_ms > 0);
        tell_end(scenario);
    }
}

void read_people(struct scenario *scenario)
{
    read_communities(scenario);
    read_member(scenario, 1, "ann_1");
    read_member(scenario, 2, "ANN_1");
    read_member(scenario, 1, "now_known");
    read_member(scenario, 2, "now_known");
    read_server(scenario);
}

/* --- all of it ------------------------------------------------------------------------------------------------------- */

void scenario_put(struct scenario *scenario)
{
    put_people(scenario);
    put_lists(scenario);
    put_x_accounts(scenario);
    put_pairs(scenario);
    put_wishes(scenario);
    put_batches(scenario);
}

void scenario_read(struct scenario *scenario)
{
    read_people(scenario);
    read_lists(scenario);
    read_x_accounts(scenario);
    read_pairs(scenario);
    read_wishes(scenario);
    read_batches(scenario);
}

void scenario_remove(struct scenario *scenario)
{
    remove_lists(scenario);
    remove_x_accounts(scenario);
    remove_pairs(scenario);
    remove_wishes(scenario);
    remove_batches(scenario);
}
