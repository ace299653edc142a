/* tests/lib/script_book.h
 *
 * What a scripted server answers to what: patterns, each with answers in their order. Part of lib/script_server.h.
 */
#ifndef SKEIN_TESTS_SCRIPT_BOOK_H
#define SKEIN_TESTS_SCRIPT_BOOK_H

#include "base/arena.h"
#include "lib/script_server.h"

struct script_route;

struct script_book {
    struct arena *arena; /* borrowed: everything is kept there */
    struct script_route *routes;
};

void script_book_on(struct script_book *book, const char *pattern, struct script_answer answer);
void script_book_call(struct script_book *book, const char *pattern, script_fn *fn, void *context);

/* The next answer of the first pattern that fits; 404 where none does. */
struct script_answer script_book_answer(struct script_book *book, const struct script_request *request);

bool script_fits(const char *pattern, const struct script_request *request);

#endif
