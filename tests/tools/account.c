/* tests/tools/account.c
 *
 * An account of a running network, by network/account.h: follows, or removes follows, and tells each step as a line.
 *
 *     account WHO follow SUBJECT...    look, write, the same write once more under other keys and the old head, look
 *     account WHO remove RKEY...       look, write, look
 *
 * TEST_PASSWORD has the password; SKEIN_PLC and SKEIN_HANDLE_RESOLVER say whom to ask. Lines: "key RKEY",
 * "look TROUBLE FOLLOWS", "write OUTCOME", "twin OUTCOME", "refused REFUSAL"; numbers are those of the header.
 */
#include "network/account.h"
#include "base/cleanup.h"
#include "base/limits.h"
#include "bluesky/bluesky.h"
#include "fetch/fetch.h"
#include "identity/identity.h"
#include "loop/loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLLOWS_MAX 200

struct tool {
    struct loop *loop;
    struct fetch *fetch;
    struct identity *identity;
    struct bluesky *bluesky;
    struct own_account *account;
    struct arena arena;
    struct text head;
    bool done;
};

static void wait_for(struct tool *tool)
{
    while (!tool->done)
        uv_run(loop_uv(tool->loop), UV_RUN_ONCE);
    tool->done = false;
}

static void on_signed_in(void *context, const struct account_signed_in *answer)
{
    struct tool *tool = context;
    tool->done = true;
    tool->account = answer->account;
    if (!answer->account)
        printf("refused %d %s\n", (int)answer->refusal, answer->why);
}

static void on_view(void *context, const struct account_view *view)
{
    struct tool *tool = context;
    tool->done = true;
    tool->head = view->head;
    printf("look %d %zu\n", (int)view->trouble, view->n_follows);
}

static void on_written(void *context, const struct account_answer *answer)
{
    struct tool *tool = context;
    tool->done = true;
    printf("%d %s\n", (int)answer->outcome, answer->why ? answer->why : "");
}

static void look(struct tool *tool)
{
    struct own_account *account = tool->account;
    if (account->ops->look(account->self, &tool->arena, on_view, tool) == 0)
        wait_for(tool);
}

static void write_follows(struct tool *tool, const char *step, enum account_doing doing, struct text head,
                          const struct account_follow *follows, size_t n)
{
    struct own_account *account = tool->account;
    printf("%s ", step);
    if (account->ops->write(account->self, doing, head, follows, n, on_written, tool) == 0)
        wait_for(tool);
}

static void new_keys(struct tool *tool, struct account_follow *follows, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (tool->account->ops->new_key(tool->account->self, &tool->arena, &follows[i].rkey) < 0)
            abort();
}

static void follow(struct tool *tool, char **subjects, size_t n)
{
    struct account_follow follows[FOLLOWS_MAX] = {0};
    look(tool);
    struct text head = tool->head;
    for (size_t i = 0; i < n; i++)
        follows[i].subject = text_of(subjects[i]);
    new_keys(tool, follows, n);
    for (size_t i = 0; i < n; i++)
        printf("key %.*s\n", TEXT_ARG(follows[i].rkey));
    write_follows(tool, "write", ACCOUNT_FOLLOW, head, follows, n);
    new_keys(tool, follows, n);
    write_follows(tool, "twin", ACCOUNT_FOLLOW, head, follows, n);
    look(tool);
}

static void take_back(struct tool *tool, char **keys, size_t n)
{
    struct account_follow follows[FOLLOWS_MAX] = {0};
    look(tool);
    for (size_t i = 0; i < n; i++)
        follows[i].rkey = text_of(keys[i]);
    write_follows(tool, "write", ACCOUNT_UNFOLLOW, tool->head, follows, n);
    look(tool);
}

static int open_tool(struct tool *tool, struct err *err)
{
    struct text plc = text_of(getenv("SKEIN_PLC"));
    struct text resolver = text_of(getenv("SKEIN_HANDLE_RESOLVER"));
    arena_init(&tool->arena, 64 * MIB);
    tool->loop = loop_new(NULL, err);
    tool->fetch = tool->loop ? fetch_new(tool->loop, &(struct fetch_options){.allow_loopback = true}, err) : NULL;
    if (tool->fetch)
        tool->identity = identity_new(
            tool->loop, tool->fetch,
            &(struct identity_options){.plc = plc, .handle_resolver = resolver, .allow_loopback = true}, err);
    if (tool->identity)
        tool->bluesky = bluesky_new(tool->fetch, tool->identity, &(struct bluesky_options){.appview = plc}, err);
    return tool->bluesky ? 0 : err->code;
}

static void on_closed(void *context)
{
    ((struct tool *)context)->done = true;
}

static void close_tool(struct tool *tool)
{
    if (tool->account)
        account_free(tool->account);
    bluesky_free(tool->bluesky);
    identity_free(tool->identity);
    fetch_close(tool->fetch, on_closed, tool);
    wait_for(tool);
    loop_run(tool->loop);
    loop_free(tool->loop);
    arena_release(&tool->arena);
}

int main(int argc, char **argv)
{
    struct tool tool = {0};
    struct err err = {0};
    if (argc < 4 || argc - 3 > FOLLOWS_MAX || open_tool(&tool, &err) < 0) {
        fprintf(stderr, "account: %s\n", err.code < 0 ? err.text : "WHO follow|remove WHAT...");
        return 2;
    }
    struct account_credentials credentials = {.who = text_of(argv[1]), .password = text_of(getenv("TEST_PASSWORD"))};
    if (account_sign_in(bluesky_network(tool.bluesky), &credentials, on_signed_in, &tool))
        wait_for(&tool);
    bool signed_in = tool.account != NULL;
    if (signed_in && strcmp(argv[2], "follow") == 0)
        follow(&tool, argv + 3, (size_t)(argc - 3));
    else if (signed_in)
        take_back(&tool, argv + 3, (size_t)(argc - 3));
    close_tool(&tool);
    return signed_in ? 0 : 1;
}
