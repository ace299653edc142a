/* bridge/app/cmd_pairs_export.c
 *
 * skein pairs export: the pairs of a community that somebody vouches for, to be read again by `skein pairs import` and by
 * `skein match --known`.
 *
 * What linkage alone holds likely is not among them unless --state asks for it: who reads pairs takes them as vouched for.
 * X accounts are named as the community may see them; who wished to be left out is not there.
 */
#include "app/match_output.h"
#include "app/reader.h"
#include "archive/csv_writer.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "graph/list.h"
#include "linkage/evidence.h"
#include "store/left_out_set.h"
#include "store/pairs.h"
#include "store/people.h"
#include "views/match_view.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export
{
    struct invocation *invocation;
    struct reader reader;
    struct arena arena;
    struct left_out_set left;
    struct text community; /* slug */
    const char *network;   /* static */
    enum pair_state state; /* PAIR_NONE: confirmed and proven */
    bool json;
    struct match *matches; /* in the arena; n in use */
    uint32_t *numbers;     /* beside matches; ascending */
    size_t n;
    size_t nameless; /* rows of the CSV without a handle */
};

/* --- options ---------------------------------------------------------------------------------------------------------- */

static int read_options(struct export *self, struct err *err)
{
    const char *format = invocation_option(self->invocation, "format");
    const char *state = invocation_option(self->invocation, "state");
    self->json = format && strcmp(format, "json") == 0;
    if (format && !self->json && strcmp(format, "csv") != 0)
        return err_set(err, E_USAGE, "--format is csv or json, not '%s'", format);
    if (state && (!pair_state_of(text_of(state), &self->state) || self->state == PAIR_NONE))
        return err_set(err, E_USAGE, "--state is proven, confirmed, likely, possible or rejected, not '%s'", state);
    int rc = reader_read_network(self->invocation, &self->network, NULL, err);
    return rc ? rc : reader_read_community(self->invocation, &self->community, err);
}

/* --- reading ---------------------------------------------------------------------------------------------------------- */

static bool is_wanted(const struct export *self, const struct pair_row *row)
{
    bool state = self->state == PAIR_NONE ? row->state == PAIR_CONFIRMED || row->state == PAIR_PROVEN
                                          : row->state == self->state;
    return state && !left_out_set_has_profile(&self->left, self->network, row->profile);
}

static int add(struct export *self, const struct pair_row *row, const struct profile *profile, struct err *err)
{
    struct match *match = &self->matches[self->n];
    *match = (struct match){.lookup = LOOKUP_FOUND, .best = {.profile = profile, .state = row->state, .p = row->p}};
    self->numbers[self->n] = row->x;
    self->n++;
    return evidence_read(row->evidence, &self->arena, &match->best, err);
}

/* One for each X account: its rows come together, the best first. */
static int read_pairs(struct export *self, const struct id *community, struct err *err)
{
    struct pair_row *rows;
    struct profile *profiles;
    size_t n;
    int rc =
        pair_list(self->reader.db, id_text(community), text_of(self->network), &self->arena, &rows, &profiles, &n, err);
    if (rc < 0)
        return rc;
    self->matches = ARENA_ARRAY(&self->arena, struct match, n);
    self->numbers = ARENA_ARRAY(&self->arena, uint32_t, n);
    if (n > 0 && (!self->matches || !self->numbers))
        return err_set(err, E_NOMEM, "there is no memory for %zu pairs", n);
    for (size_t i = 0; i < n && rc == 0; i++) {
        bool again = self->n > 0 && self->numbers[self->n - 1] == rows[i].x;
        if (!again && is_wanted(self, &rows[i]))
            rc = add(self, &rows[i], &profiles[i], err);
    }
    return rc;
}

/* Names the X accounts; those of which nothing may be told go. */
static int name_accounts(struct export *self, const struct id *community, struct err *err)
{
    struct x_account *accounts = ARENA_ARRAY(&self->arena, struct x_account, self->n);
    unsigned char *told = ARENA_ARRAY(&self->arena, unsigned char, self->n);
    size_t kept = 0;
    if (self->n == 0)
        return 0;
    if (!accounts || !told)
        return err_set(err, E_NOMEM, "there is no memory for %zu pairs", self->n);
    int rc = graph_list_describe(self->reader.db, self->reader.numbers, store_keys(self->reader.store), community,
                                 self->numbers, self->n, &self->arena, accounts, told, err);
    if (rc < 0)
        return rc;
    for (size_t i = 0; i < self->n; i++) {
        if (accounts[i].id == 0 && text_empty(accounts[i].handle))
            continue;
        self->matches[kept] = self->matches[i];
        self->matches[kept++].x = &accounts[i];
    }
    self->n = kept;
    return 0;
}

static int load(struct export *self, struct err *err)
{
    struct community_row community;
    const struct reader *reader = &self->reader;
    int rc = reader_load(&self->reader, err);
    if (rc == 0)
        rc = left_out_set_load(&self->left, reader->db, store_keys(reader->store), err);
    if (rc == 0)
        rc = community_by_slug(reader->db, self->community, &self->arena, &community, err);
    if (rc == E_NOT_FOUND)
        return err_set(err, rc, "there is no community '%.*s'", TEXT_ARG(self->community));
    if (rc == 0)
        rc = read_pairs(self, &community.id, err);
    return rc ? rc : name_accounts(self, &community.id, err);
}

/* --- printing --------------------------------------------------------------------------------------------------------- */

static int add_row(struct export *self, const struct match *match, struct buf *out)
{
    struct csv_writer writer;
    csv_writer_init(&writer, out);
    csv_writer_text(&writer, match->x->handle);
    if (match->x->id)
        csv_writer_number(&writer, "%" PRIu64, match->x->id);
    else
        csv_writer_text(&writer, TEXT_NONE);
    csv_writer_text(&writer, text_of(self->network));
    csv_writer_text(&writer, match->best.profile->id);
    csv_writer_text(&writer, text_of(pair_state_word(match->best.state)));
    self->nameless += text_empty(match->x->handle);
    return csv_writer_end(&writer);
}

static int print_csv(struct export *self, struct err *err)
{
    CLEANUP(buf_release) struct buf out;
    buf_init(&out, LIMIT_OUTPUT);
    int rc = buf_add(&out, TEXT("x_handle,x_id,network,profile,state\r\n"));
    for (size_t i = 0; rc == 0 && i < self->n; i++) {
        rc = add_row(self, &self->matches[i], &out);
        if (rc == 0 && out.len > LIMIT_OUTPUT / 2)
            rc = output_flush(&out, err);
    }
    if (rc < 0)
        return err->code < 0 ? rc : err_set(err, rc, "no memory to print %zu pairs", self->n);
    return output_flush(&out, err);
}

static int export_pairs(struct export *self, struct err *err)
{
    int rc = read_options(self, err);
    if (rc == 0)
        rc = reader_open(&self->reader, self->invocation, err);
    if (rc == 0)
        rc = load(self, err);
    if (rc < 0)
        return rc;
    if (self->json)
        return match_output(MATCH_AS_JSON, self->network, NULL, false, self->matches, self->n, err);
    rc = print_csv(self, err);
    if (rc == 0 && self->nameless > 0)
        fprintf(stderr,
                "skein pairs export: of %zu accounts only the X id is known; `skein pairs import` takes them, "
                "`skein match --known` passes over them\n",
                self->nameless);
    return rc;
}

int command_pairs_export(struct invocation *invocation)
{
    struct export self = {.invocation = invocation};
    struct err err = {0};
    arena_init(&self.arena, LIMIT_OPERATION_ARENA);
    int rc = export_pairs(&self, &err);
    left_out_set_release(&self.left);
    reader_release(&self.reader);
    arena_release(&self.arena);
    return rc < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}
