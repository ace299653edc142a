/* bridge/fetch/curl_loop.h
 *
 * curl's multi interface on the loop: its sockets as uv_poll_t, its clockwork as one uv_timer_t.
 *
 * For the loop thread.
 */
#ifndef SKEIN_FETCH_CURL_LOOP_H
#define SKEIN_FETCH_CURL_LOOP_H

#include "base/err.h"

#include <curl/curl.h>
#include <uv.h>

struct curl_loop;

/* A transfer has ended; the handle has been taken out and belongs to the caller again. Called from the loop. */
typedef void curl_loop_done_fn(void *context, CURL *easy, CURLcode result);

/* NULL and a sentence where curl cannot start. */
struct curl_loop *curl_loop_new(uv_loop_t *loop, curl_loop_done_fn *done, void *context, struct err *err);

/* Every handle has ended or been removed. Closes the connections, calls done(context) from the loop, and frees. */
void curl_loop_close(struct curl_loop *loop, void (*done)(void *context), void *context);

/* Starts a transfer; nothing is sent before the next turn. Returns 0 or E_NOMEM. */
int curl_loop_add(struct curl_loop *loop, CURL *easy);

/* Ends a transfer without a word. */
void curl_loop_remove(struct curl_loop *loop, CURL *easy);

#endif
