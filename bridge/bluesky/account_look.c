/* bridge/bluesky/account_look.c
 *
 * Whom the account follows, as its own server has it: the head first, then every record.
 *
 * In this order, since whatever is written between the two has moved the head, so that a write that names the head we
 * read fails. Both are public and asked without a token: a look does not use up the session. The AppView is not asked:
 * it lags, and leaves out who blocks.
 */
#include "bluesky/inside.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>

#define PAGE_MAX 100 /* lexicon com.atproto.repo.listRecords */
#define FOLLOW   "app.bsky.graph.follow"

/* Of the points that a server gives: create 3, delete 1 (packages/pds/src/rate-limits.ts). */
#define POINTS_A_FOLLOW 3

static void tell(struct bluesky_account *account, const struct account_view *view)
{
    account->look.done(account->context, view);
}

static void tell_trouble(struct bluesky_account *account, enum account_trouble trouble, const char *why)
{
    tell(account, &(struct account_view){.trouble = trouble, .why = why, .points = -1});
}

static void tell_fetch(struct bluesky_account *account, const struct fetch_response *response)
{
    struct account_view view = {.trouble = ACCOUNT_AWAY, .why = response->reason, .points = -1};
    if (response->code == E_RATE_LIMITED) {
        view.trouble = ACCOUNT_WAIT;
        view.until_ms = response->again_ms;
    }
    tell(account, &view);
}

static void tell_error(struct bluesky_account *account, const struct fetch_response *response)
{
    enum xrpc_error error = xrpc_error_of(response->status, response->body);
    switch (error) {
    case XRPC_TAKEN_DOWN:
    case XRPC_SUSPENDED:
    case XRPC_DEACTIVATED:
    case XRPC_GONE:
        tell_trouble(account, ACCOUNT_CLOSED, bluesky_why(error));
        return;
    case XRPC_EXPIRED:
    case XRPC_SIGNED_OUT:
    case XRPC_PASSWORD:
        tell_trouble(account, ACCOUNT_SIGNED_OUT, bluesky_why(error));
        return;
    default:
        tell_trouble(account, ACCOUNT_AWAY, "its server does not show whom the account follows");
    }
}

/* Nothing came of this answer: told, and the call is over. */
static bool is_trouble(struct bluesky_account *account, const struct fetch_response *response)
{
    account->call = NULL;
    if (response->code < 0)
        tell_fetch(account, response);
    else if (response->status != 200)
        tell_error(account, response);
    else
        return false;
    return true;
}

static void tell_all(struct bluesky_account *account)
{
    struct bluesky_look *look = &account->look;
    bool known = account->points >= 0 && clock_wall(account->bluesky->clock) < account->points_until_ms;
    tell(account, &(struct account_view){.head = look->head,
                                         .follows = look->follows,
                                         .n_follows = look->n_follows,
                                         .points = known ? account->points / POINTS_A_FOLLOW : -1});
}

/* --- pages ----------------------------------------------------------------------------------------------------------*/

static int ask_page(struct bluesky_account *account);

/* at://did/collection/rkey */
static struct text key_of(struct text uri)
{
    struct text rkey = TEXT_NONE;
    while (text_cut(&uri, '/', &rkey))
        continue;
    return rkey;
}

static int add_record(struct bluesky_look *look, const json_t *record)
{
    struct account_follow follow = {0};
    struct text rkey = key_of(json_text_at(record, "uri"));
    struct text subject = json_text_at(json_object_get(record, "value"), "subject");
    if (text_empty(rkey))
        return E_PROTOCOL;
    if (look->n_follows >= LIMIT_OWN_FOLLOWS)
        return E_TOO_LARGE;
    struct account_follow *grown = arena_grow(look->arena, look->follows, look->n_follows, sizeof follow);
    if (!grown || !arena_text(look->arena, rkey, &follow.rkey) || !arena_text(look->arena, subject, &follow.subject))
        return E_NOMEM;
    look->follows = grown;
    look->follows[look->n_follows++] = follow;
    return 0;
}

/* The next cursor; empty at the end. E_PROTOCOL for one that was there before (Brent: the cursors are compared with one
 * of them, which is changed at pages 1, 2, 4, 8, ...), or that nobody would make. */
static int turn_page(struct bluesky_look *look, struct text cursor)
{
    if (cursor.len >= sizeof look->cursor || memchr(cursor.data ? cursor.data : "", '\0', cursor.len) ||
        look->pages > 2 * LIMIT_OWN_FOLLOWS / PAGE_MAX)
        return E_PROTOCOL;
    if (!text_empty(cursor) && text_equal(cursor, text_of(look->seen)))
        return E_PROTOCOL;
    snprintf(look->cursor, sizeof look->cursor, "%.*s", TEXT_ARG(cursor));
    look->pages++;
    if (look->pages >= 2 * look->seen_at) {
        memcpy(look->seen, look->cursor, sizeof look->seen);
        look->seen_at = look->pages;
    }
    return 0;
}

static int read_page(struct bluesky_look *look, struct text body)
{
    CLEANUP_JSON json_t *root = json_from_text(body, NULL);
    const json_t *records = json_object_get(root, "records");
    int rc = json_is_array(records) ? 0 : E_PROTOCOL;
    for (size_t i = 0; i < json_array_size(records) && rc == 0; i++)
        rc = add_record(look, json_array_get(records, i));
    return rc < 0 ? rc : turn_page(look, json_text_at(root, "cursor"));
}

static void on_page(void *context, const struct fetch_response *response)
{
    struct bluesky_account *account = context;
    if (is_trouble(account, response))
        return;
    int rc = read_page(&account->look, response->body);
    bool more = rc == 0 && account->look.cursor[0] != '\0';
    if (more)
        rc = ask_page(account);
    if (rc == E_NOMEM)
        tell_trouble(account, ACCOUNT_AWAY, "no memory for all whom the account follows");
    else if (rc == E_TOO_LARGE)
        tell_trouble(account, ACCOUNT_AWAY, "the account follows more people than Skein can look through");
    else if (rc < 0)
        tell_trouble(account, ACCOUNT_AWAY, "its server's list of whom the account follows makes no sense");
    else if (!more)
        tell_all(account);
}

static int ask(struct bluesky_account *account, const struct buf *url, const char *label, fetch_done_fn *done)
{
    if (url->failed)
        return E_NOMEM;
    account->call = fetch_send(
        account->bluesky->fetch,
        &(struct fetch_request){
            .url = buf_text(url), .label = label, .response_max = LIMIT_FOLLOWS_PAGE, .deadline_ms = LIMIT_QUESTION_MS},
        done, account);
    return account->call ? 0 : E_NOMEM;
}

static int ask_page(struct bluesky_account *account)
{
    CLEANUP(buf_release) struct buf url;
    struct text cursor = text_of(account->look.cursor);
    buf_init(&url, LIMIT_URL);
    buf_printf(&url, "%.*s/xrpc/com.atproto.repo.listRecords", TEXT_ARG(account->pds));
    xrpc_add_parameter(&url, '?', "repo", account->account.id);
    buf_printf(&url, "&collection=%s&limit=%d", FOLLOW, PAGE_MAX);
    if (!text_empty(cursor))
        xrpc_add_parameter(&url, '&', "cursor", cursor);
    return ask(account, &url, "com.atproto.repo.listRecords", on_page);
}

/* --- the head -------------------------------------------------------------------------------------------------------*/

static void on_head(void *context, const struct fetch_response *response)
{
    struct bluesky_account *account = context;
    struct bluesky_look *look = &account->look;
    if (is_trouble(account, response))
        return;
    CLEANUP_JSON json_t *root = json_from_text(response->body, NULL);
    struct text head = json_text_at(root, "cid");
    if (text_empty(head))
        tell_trouble(account, ACCOUNT_AWAY, "its server's answer makes no sense");
    else if (!arena_text(look->arena, head, &look->head) || ask_page(account) < 0)
        tell_trouble(account, ACCOUNT_AWAY, "no memory for all whom the account follows");
}

int bluesky_look(void *self, struct arena *arena, account_view_fn *done, void *context)
{
    struct bluesky_account *account = self;
    CLEANUP(buf_release) struct buf url;
    account->look = (struct bluesky_look){.done = done, .arena = arena};
    account->context = context;
    buf_init(&url, LIMIT_URL);
    buf_printf(&url, "%.*s/xrpc/com.atproto.sync.getLatestCommit", TEXT_ARG(account->pds));
    xrpc_add_parameter(&url, '?', "did", account->account.id);
    return ask(account, &url, "com.atproto.sync.getLatestCommit", on_head);
}
