/* bridge/network/account.c
 *
 * Signing in, on whichever network.
 */
#include "network/account.h"

#include "network/network.h"

struct account_sign_in *account_sign_in(const struct network *network, const struct account_credentials *credentials,
                                        account_signed_in_fn *done, void *context)
{
    return network->ops->sign_in(network->self, credentials, done, context);
}

void account_sign_in_cancel(const struct network *network, struct account_sign_in *sign_in)
{
    network->ops->sign_in_cancel(sign_in);
}
