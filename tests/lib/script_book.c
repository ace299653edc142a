/* tests/lib/script_book.c
 *
 * Patterns and their answers.
 */
#include "lib/script_book.h"

#include "base/cleanup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PATTERN 512

struct answer_step {
    struct script_answer answer;
    struct answer_step *next;
};

struct script_route {
    char pattern[PATTERN];
    struct answer_step *steps; /* the next to be given; the last stays */
    script_fn *fn;
    void *context;
    struct script_route *next;
};

static void *must(void *pointer)
{
    if (pointer)
        return pointer;
    fprintf(stderr, "script_book: no memory\n");
    abort();
}

static const char *keep(struct script_book *book, struct text t)
{
    struct text copy;
    if (!arena_text(book->arena, t, &copy))
        must(NULL);
    return copy.data;
}

bool script_fits(const char *pattern, const struct script_request *request)
{
    struct text rest = text_of(pattern);
    struct text asked = text_of(request->target);
    struct text word;
    text_cut(&rest, ' ', &word);
    if (!text_equal(word, TEXT("*")) && !text_equal(word, text_of(request->method)))
        return false;
    size_t slash = text_find_byte(rest, '/', 0);
    struct text wanted_host = text_slice(rest, 0, slash);
    struct text wanted = text_slice(rest, slash, rest.len);
    if (wanted_host.len > 0 && !text_equal_fold(wanted_host, text_of(request->host)))
        return false;
    if (text_find_byte(wanted, '?', 0) == TEXT_NOWHERE)
        asked = text_slice(asked, 0, text_find_byte(asked, '?', 0));
    return text_equal(wanted, asked);
}

static struct script_route *route_of(struct script_book *book, const char *pattern)
{
    struct script_route **at = &book->routes;
    while (*at && strcmp((*at)->pattern, pattern) != 0)
        at = &(*at)->next;
    if (!*at) {
        *at = must(ARENA_NEW(book->arena, struct script_route));
        snprintf((*at)->pattern, PATTERN, "%s", pattern);
    }
    return *at;
}

void script_book_on(struct script_book *book, const char *pattern, struct script_answer answer)
{
    struct answer_step **at = &route_of(book, pattern)->steps;
    while (*at)
        at = &(*at)->next;
    *at = must(ARENA_NEW(book->arena, struct answer_step));
    if (answer.body && answer.body_len == 0)
        answer.body_len = strlen(answer.body);
    if (answer.body)
        answer.body = keep(book, (struct text){answer.body, answer.body_len});
    if (answer.headers)
        answer.headers = keep(book, text_of(answer.headers));
    (*at)->answer = answer;
}

void script_book_call(struct script_book *book, const char *pattern, script_fn *fn, void *context)
{
    struct script_route *route = route_of(book, pattern);
    route->fn = fn;
    route->context = context;
}

struct script_answer script_book_answer(struct script_book *book, const struct script_request *request)
{
    struct script_answer answer = {
        .status = 404, .headers = "Content-Type: application/json", .body = "{\"error\":\"NotScripted\"}"};
    struct script_route *route = book->routes;
    while (route && !script_fits(route->pattern, request))
        route = route->next;
    if (!route)
        return answer;
    if (route->fn) {
        answer = (struct script_answer){0};
        route->fn(route->context, request, &answer);
        return answer;
    }
    answer = route->steps->answer;
    if (route->steps->next)
        route->steps = route->steps->next;
    return answer;
}
