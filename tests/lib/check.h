/* tests/lib/check.h
 *
 * cmocka, with the headers that it wants before it, and assertions on Skein's own types.
 */
#ifndef SKEIN_TESTS_CHECK_H
#define SKEIN_TESTS_CHECK_H

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

#include "base/text.h"

#include <stdio.h>

#define assert_text(view, literal)                                                                                     \
    do {                                                                                                               \
        struct text checked_ = (view);                                                                                 \
        char shown_[512];                                                                                              \
        snprintf(shown_, sizeof shown_, "%.*s", TEXT_ARG(checked_));                                                   \
        assert_string_equal(shown_, (literal));                                                                        \
        assert_int_equal(checked_.len, sizeof(literal) - 1);                                                           \
    } while (0)

#endif
