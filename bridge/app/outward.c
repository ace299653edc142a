/* bridge/app/outward.c
 *
 * Wiring of what asks the world.
 */
#include "app/outward.h"

#include "base/cleanup.h"

/* "At least 10 requests a second until a host says 429": the public AppView calls its limits generous and gives no
 * figure; 20 a second of cached reads is what one busy page of a person makes. */
#define APPVIEW_RATE ((struct fetch_rate){.per_second = 20, .burst = 20, .at_once = 6})

static void fetch_is_closed(void *context)
{
    struct outward *outward = context;
    outward->fetch = NULL;
}

static void close_when_quiet(void *context)
{
    struct outward *outward = context;
    fetch_close(outward->fetch, fetch_is_closed, outward);
}

static int open_bluesky(struct outward *outward, const struct config *config, struct err *err)
{
    struct text domains[BLUESKY_DOMAINS_MAX + 1]; /* one more, so that too many are noticed */
    size_t n = config_list(config, SETTING_HANDLE_DOMAINS, domains, ARRAY_LEN(domains));
    struct bluesky_options options = {
        .appview = config_text(config, SETTING_BLUESKY_APPVIEW), .handle_domains = domains, .n_handle_domains = n};
    fetch_set_rate(outward->fetch, options.appview, APPVIEW_RATE);
    outward->bluesky = bluesky_new(outward->fetch, outward->identity, &options, err);
    return outward->bluesky ? 0 : err->code;
}

int outward_open(struct outward *outward, struct loop *loop, const struct config *config, struct err *err)
{
    bool allow_loopback = config_flag(config, SETTING_ALLOW_LOOPBACK);
    *outward = (struct outward){0};
    outward->fetch = fetch_new(loop,
                               &(struct fetch_options){
                                   .allow_loopback = allow_loopback,
                                   .dns_servers = config_text(config, SETTING_TEST_DNS_SERVERS),
                               },
                               err);
    if (!outward->fetch)
        return err->code;
    if (loop_on_quiet(loop, close_when_quiet, outward) < 0)
        return err_set(err, E_NOMEM, "no memory to start");
    outward->identity = identity_new(loop, outward->fetch,
                                     &(struct identity_options){
                                         .plc = config_text(config, SETTING_PLC),
                                         .handle_resolver = config_text(config, SETTING_HANDLE_RESOLVER),
                                         .allow_loopback = allow_loopback,
                                     },
                                     err);
    if (!outward->identity)
        return err->code;
    return open_bluesky(outward, config, err);
}

void outward_release(struct outward *outward)
{
    if (outward->bluesky)
        bluesky_free(outward->bluesky);
    if (outward->identity)
        identity_free(outward->identity);
}

const struct network *outward_network(const struct outward *outward, struct text name)
{
    const struct network *bluesky = bluesky_network(outward->bluesky);
    return text_equal(name, text_of(bluesky->name)) ? bluesky : NULL;
}
