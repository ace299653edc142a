/* bridge/api/moved_people.c
 *
 * Matches become people of a plan, who are chosen there.
 */
#include "api/moved_people.h"

static void take(struct plan_source *source, uint32_t x, const struct match *match)
{
    if (!match->best.profile)
        return;
    source->people[source->n++] = (struct plan_person){
        .x = x, .profile = match->best.profile->id, .state = match->best.state, .p = match->best.p};
}

int moved_people(struct db *db, const struct moved_question *question, struct arena *arena,
                 struct plan_source *ret_source, struct err *err)
{
    struct moved_list list;
    struct member_row member;
    if (text_empty(question->as))
        return err_set(err, E_USAGE, "a batch follows for one member: say whose list it is (--as HANDLE)");
    int failed = moved_load(db, question, arena, &list, err);
    if (!failed)
        failed = member_by_handle(db, &list.community.id, question->as, arena, &member, err);
    if (failed)
        return failed;
    struct plan_source source = {.member = member.id, .community = list.community.id};
    source.people = ARENA_ARRAY(arena, struct plan_person, list.n + 1);
    if (!source.people)
        return err_set(err, E_NOMEM, "no memory for the people of a list");
    for (size_t i = 0; i < list.n; i++)
        take(&source, list.numbers[i], &list.matches[i]);
    *ret_source = source;
    return 0;
}
