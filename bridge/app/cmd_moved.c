/* bridge/app/cmd_moved.c
 *
 * skein moved: who of a community's roster, or of a member's own list, has moved. It asks nobody: it tells what is stored.
 */
#include "app/match_output.h"
#include "app/reader.h"
#include "app/stats.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "communities/moved.h"

#include <stdlib.h>

struct moved_command {
    struct invocation *invocation;
    struct reader reader;
    struct arena arena;
    enum match_format format;
    struct text community;
    const char *network; /* static */
    const char *title;   /* static */
    bool one_state;
    enum pair_state state;
    int64_t started_ms;
};

static int read_options(struct moved_command *self, struct err *err)
{
    const char *state = invocation_option(self->invocation, "state");
    int rc = match_format_read(self->invocation, &self->format, err);
    if (rc == 0)
        rc = reader_read_network(self->invocation, &self->network, &self->title, err);
    if (rc == 0)
        rc = reader_read_community(self->invocation, &self->community, err);
    if (rc < 0)
        return rc;
    self->one_state = state != NULL;
    if (state && !pair_state_of(text_of(state), &self->state))
        return err_set(err, E_USAGE, "--state is proven, confirmed, likely, possible, rejected or none, not '%s'",
                       state);
    return 0;
}

static struct text member_handle(const struct moved_command *self)
{
    struct text as = text_of(invocation_option(self->invocation, "as"));
    return text_starts(as, TEXT("@")) ? text_slice(as, 1, as.len) : as;
}

static int load(struct moved_command *self, struct moved_list *ret_list, struct err *err)
{
    int rc = reader_open(&self->reader, self->invocation, err);
    if (rc == 0)
        rc = reader_load(&self->reader, err);
    if (rc < 0)
        return rc;
    struct moved_question question = {.numbers = self->reader.numbers,
                                      .keys = store_keys(self->reader.store),
                                      .community = self->community,
                                      .as = member_handle(self),
                                      .network = text_of(self->network)};
    return moved_load(self->reader.db, &question, &self->arena, ret_list, err);
}

/* Keeps those of the one state that was asked for. */
static void keep_state(const struct moved_command *self, struct moved_list *list)
{
    size_t kept = 0;
    for (size_t i = 0; i < list->n; i++)
        if (list->matches[i].best.state == self->state)
            list->matches[kept++] = list->matches[i];
    list->n = kept;
}

static int moved(struct moved_command *self, struct err *err)
{
    struct moved_list list = {.n = 0};
    int rc = read_options(self, err);
    if (rc == 0)
        rc = load(self, &list, err);
    if (rc < 0)
        return rc;
    uint64_t accounts = list.n;
    bool all = invocation_option(self->invocation, "all") != NULL || (self->one_state && self->state == PAIR_NONE);
    if (self->one_state)
        keep_state(self, &list);
    rc = match_output(self->format, self->network, self->title, all, list.matches, list.n, err);
    return rc ? rc : stats_write(self->invocation, accounts, NULL, 0, self->started_ms, err);
}

int command_moved(struct invocation *invocation)
{
    struct moved_command self = {.invocation = invocation, .started_ms = clock_monotonic(&clock_system)};
    struct err err = {0};
    arena_init(&self.arena, LIMIT_OPERATION_ARENA);
    int rc = moved(&self, &err);
    reader_release(&self.reader);
    arena_release(&self.arena);
    return rc < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}
