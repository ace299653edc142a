/* bridge/app/cmd_person.c
 *
 * skein person hide: the operator's answer to somebody who wishes to be left out.
 */
#include "app/command.h"
#include "app/errand.h"
#include "base/cleanup.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static void print_result(const struct invocation *invocation, const json_t *counts)
{
    const char *who = invocation->arguments[0];
    int64_t pairs = json_i64_at(counts, "pairs", 0);
    bool on_x = text_equal(json_text_at(counts, "on"), TEXT("x"));
    printf("%s%s%s is left out from now on. ", on_x && who[0] != '@' ? "@" : "", who, on_x ? " (on X)" : "");
    if (pairs == 0)
        printf("No stored pair named them.\n");
    else
        printf("%" PRId64 " stored pair%s named them and %s deleted.\n", pairs, pairs == 1 ? "" : "s",
               pairs == 1 ? "was" : "were");
    if (on_x)
        printf("If they also wish it for an account elsewhere, hide that one too: skein person hide THEIR.HANDLE\n");
}

int command_person_hide(struct invocation *invocation)
{
    struct err err = {0};
    CLEANUP_JSON json_t *counts = NULL;
    CLEANUP_JSON json_t *body = json_pack("{so}", "handle", json_from_view(text_of(invocation->arguments[0])));
    struct errand errand = {.target = "/control/hide", .body = body};
    int rc = body ? errand_run(invocation, &errand, &counts, &err) : err_set(&err, E_NOMEM, "no memory for a wish");
    if (rc < 0)
        return invocation_fail(invocation, &err);
    print_result(invocation, counts);
    return EXIT_SUCCESS;
}
