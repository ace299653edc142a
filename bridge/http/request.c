/* bridge/http/request.c
 *
 * What steps may ask of a request.
 */
#include "http/inside.h"

#include <string.h>

struct text http_param(const struct http_request *request, const char *name)
{
    struct text rest = text_of(request->route ? request->route->path : NULL);
    struct text segment;
    size_t n = 0;
    while (text_cut(&rest, '/', &segment)) {
        if (text_empty(segment) || segment.data[0] != ':')
            continue;
        if (text_equal(text_slice(segment, 1, segment.len), text_of(name)))
            return request->params[n];
        n++;
    }
    return TEXT_NONE;
}

bool http_query(const struct http_request *request, const char *name, struct text *ret_value)
{
    for (size_t i = 0; i < request->n_query; i++) {
        if (text_equal(request->query[i].name, text_of(name))) {
            *ret_value = request->query[i].value;
            return true;
        }
    }
    return false;
}

/* NULL once the request has ended: libmicrohttpd's memory is gone. */
static struct MHD_Connection *connection_of(const struct http_request *request)
{
    const struct exchange *exchange = (const struct exchange *)request; /* its first member */
    const struct client *client = (const struct client *)exchange;
    return exchange->state == EX_NONE ? NULL : client->mhd;
}

static struct text look_up(const struct http_request *request, enum MHD_ValueKind kind, const char *name)
{
    struct MHD_Connection *mhd = connection_of(request);
    const char *value = NULL;
    size_t len = 0;
    if (!mhd || MHD_lookup_connection_value_n(mhd, kind, name, strlen(name), &value, &len) != MHD_YES || !value)
        return TEXT_NONE;
    return (struct text){value, len};
}

struct text http_header(const struct http_request *request, const char *name)
{
    return text_trim(look_up(request, MHD_HEADER_KIND, name));
}

struct text http_cookie(const struct http_request *request, const char *name)
{
    return look_up(request, MHD_COOKIE_KIND, name);
}

static void unmap(struct sockaddr_storage *peer)
{
    struct sockaddr_in6 six;
    memcpy(&six, peer, sizeof six);
    if (!IN6_IS_ADDR_V4MAPPED(&six.sin6_addr))
        return;
    struct sockaddr_in four = {.sin_family = AF_INET, .sin_port = six.sin6_port};
    memcpy(&four.sin_addr, &six.sin6_addr.s6_addr[12], sizeof four.sin_addr);
    memset(peer, 0, sizeof *peer);
    memcpy(peer, &four, sizeof four);
}

bool http_peer(const struct http_request *request, struct sockaddr_storage *ret_peer)
{
    struct MHD_Connection *mhd = connection_of(request);
    const union MHD_ConnectionInfo *info =
        mhd ? MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS) : NULL;
    if (!info || !info->client_addr)
        return false;
    memset(ret_peer, 0, sizeof *ret_peer);
    if (info->client_addr->sa_family == AF_INET) {
        memcpy(ret_peer, info->client_addr, sizeof(struct sockaddr_in));
        return true;
    }
    if (info->client_addr->sa_family != AF_INET6)
        return false;
    memcpy(ret_peer, info->client_addr, sizeof(struct sockaddr_in6));
    unmap(ret_peer);
    return true;
}
