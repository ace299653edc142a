/* bridge/http/route.c
 *
 * The route table: which row answers this method at this path.
 *
 * Rows are tried in their order; the first whose segments fit decides the path's methods. A row that an earlier one
 * would always answer for is refused when the server starts, so the order hides nothing.
 */
#include "http/inside.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Cuts "/a/b" into its segments. False where there are too many. The root has none. */
static bool split(struct text path, struct text *ret_segments, size_t *ret_n)
{
    struct text rest = text_slice(path, 1, path.len);
    struct text segment;
    size_t n = 0;
    while (path.len > 1 && text_cut(&rest, '/', &segment)) {
        if (n == SEGMENTS_MAX)
            return false;
        ret_segments[n++] = segment;
    }
    *ret_n = n;
    return true;
}

static bool is_param(struct text segment)
{
    return segment.len > 0 && segment.data[0] == ':';
}

static bool is_method(const char *method)
{
    for (const char *at = method; *at; at++)
        if (*at < 'A' || *at > 'Z')
            return false;
    return *method && strcmp(method, "HEAD") != 0 && strcmp(method, "TRACE") != 0 && strcmp(method, "CONNECT") != 0;
}

/* A segment of a request that may match something. */
static bool is_segment(struct text segment)
{
    return !text_empty(segment) && !text_equal(segment, TEXT(".")) && !text_equal(segment, TEXT("..")) &&
           text_find_byte(segment, '/', 0) == TEXT_NOWHERE;
}

static int check_row(const struct http_route *row, struct route *ret_route, struct err *err)
{
    size_t params = 0;
    const char *method = row->method ? row->method : "";
    const char *path = row->path ? row->path : "";
    if (!is_method(method))
        return err_set(err, E_BUG, "route %s %s: no method for a table (HEAD comes with GET)", method, path);
    if (path[0] != '/' || !split(text_of(path), ret_route->segments, &ret_route->n_segments))
        return err_set(err, E_BUG, "route %s %s: a path has a slash first and at most %d segments", method, path,
                       SEGMENTS_MAX);
    for (size_t i = 0; i < ret_route->n_segments; i++) {
        if (!is_segment(ret_route->segments[i]))
            return err_set(err, E_BUG, "route %s %s: segment %zu can never match", method, path, i + 1);
        params += is_param(ret_route->segments[i]);
    }
    if (params > HTTP_PARAMS_MAX)
        return err_set(err, E_BUG, "route %s %s: more than %d parameters", method, path, HTTP_PARAMS_MAX);
    if (!row->steps || (row->body == HTTP_BODY_NONE) != (row->body_limit == 0))
        return err_set(err, E_BUG, "route %s %s: without steps, or the body and its limit do not agree", method, path);
    ret_route->row = row;
    return 0;
}

/* Does `general` fit every path that `special` fits? */
static bool covers(const struct route *general, const struct route *special)
{
    if (general->n_segments != special->n_segments)
        return false;
    for (size_t i = 0; i < general->n_segments; i++)
        if (!is_param(general->segments[i]) && !text_equal(general->segments[i], special->segments[i]))
            return false;
    return true;
}

/* Two rows with the same path and different methods are one address; else the earlier hides the later. */
static int check_hidden(const struct route_table *table, size_t at, struct err *err)
{
    const struct route *late = &table->routes[at];
    for (size_t i = 0; i < at; i++) {
        const struct route *early = &table->routes[i];
        bool same = covers(early, late) && covers(late, early);
        if (covers(early, late) && (!same || strcmp(early->row->method, late->row->method) == 0))
            return err_set(err, E_BUG, "route %s %s is hidden behind %s %s", late->row->method, late->row->path,
                           early->row->method, early->row->path);
    }
    return 0;
}

int route_table_init(struct route_table *table, const struct http_route *rows, size_t n, struct err *err)
{
    *table = (struct route_table){.routes = calloc(n ? n : 1, sizeof table->routes[0]), .n = n};
    if (!table->routes)
        return err_set(err, E_NOMEM, "no memory for the route table");
    for (size_t i = 0; i < n; i++) {
        int failed = check_row(&rows[i], &table->routes[i], err);
        if (failed == 0)
            failed = check_hidden(table, i, err);
        if (failed)
            return failed;
    }
    return 0;
}

void route_table_release(struct route_table *table)
{
    free(table->routes);
    *table = (struct route_table){0};
}

static bool fits(const struct route *route, const struct text *segments, size_t n)
{
    if (route->n_segments != n)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!is_param(route->segments[i]) && !text_equal(route->segments[i], segments[i]))
            return false;
    return true;
}

static bool answers(const struct http_route *row, const char *method)
{
    return strcmp(row->method, method) == 0 || (strcmp(method, "HEAD") == 0 && strcmp(row->method, "GET") == 0);
}

static bool known_method(const struct route_table *table, const char *method)
{
    for (size_t i = 0; i < table->n; i++)
        if (answers(table->routes[i].row, method))
            return true;
    return false;
}

/* The first row that fits; its path is the address. */
static const struct route *find_path(const struct route_table *table, struct text path, struct text *ret_segments)
{
    size_t n;
    if (!split(path, ret_segments, &n))
        return NULL;
    for (size_t i = 0; i < n; i++)
        if (!is_segment(ret_segments[i]))
            return NULL;
    for (size_t i = 0; i < table->n; i++)
        if (fits(&table->routes[i], ret_segments, n))
            return &table->routes[i];
    return NULL;
}

const struct http_route *route_find(const struct route_table *table, const char *method, struct text path,
                                    struct text *ret_params, unsigned *ret_status)
{
    struct text segments[SEGMENTS_MAX];
    const struct route *first = find_path(table, path, segments);
    *ret_status = known_method(table, method) ? (first ? 405 : 404) : 501;
    if (!first || *ret_status == 501)
        return NULL;
    for (const struct route *route = first; route < table->routes + table->n; route++) {
        if (!answers(route->row, method) || !covers(route, first) || !covers(first, route))
            continue;
        for (size_t i = 0; i < route->n_segments; i++)
            if (is_param(route->segments[i]))
                *ret_params++ = segments[i];
        return route->row;
    }
    return NULL;
}

void route_allow(const struct route_table *table, struct text path, char ret_allow[ALLOW_MAX])
{
    struct text segments[SEGMENTS_MAX];
    const struct route *first = find_path(table, path, segments);
    size_t used = 0;
    ret_allow[0] = '\0';
    if (!first)
        return;
    for (const struct route *route = first; route < table->routes + table->n; route++) {
        const char *method = route->row->method;
        if (!covers(route, first) || !covers(first, route))
            continue;
        int len = snprintf(ret_allow + used, ALLOW_MAX - used, "%s%s%s", used ? ", " : "", method,
                           strcmp(method, "GET") == 0 ? ", HEAD" : "");
        if (len < 0 || (size_t)len >= ALLOW_MAX - used)
            return;
        used += (size_t)len;
    }
}
