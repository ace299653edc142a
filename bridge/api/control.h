/* bridge/api/control.h
 *
 * The work that commands bring to the process that owns the store, over its Unix socket (data/control.sock, 0600).
 *
 *     POST /control/import  {"community","as","kinds":["following"],"source","files":["/..."]}   a stream
 *     POST /control/match   {"community","as","network","budget"}                                a stream
 *     POST /control/pairs   {"community","state","pairs":[{"line","x_handle","x_id","network","profile"}]}
 *     POST /control/hide    {"handle"}   on X, on a network, or a DID
 *
 * A stream has events "progress" ({"doing","done","all"}; all 0: nobody knows), "line" (a result, as scripts see it) and
 * one "end": {"error":{"code","message"}}, or an object with what is to be counted.
 *
 * The others are short, and answered by one object of counts.
 *
 * A command that leaves ends its work: an import is then not there, what a match kept stays, and
 * pairs that were written. All of it is for whoever may
 * open the socket, who is the operator; so errors are told in full.
 */
#ifndef SKEIN_API_CONTROL_H
#define SKEIN_API_CONTROL_H

#include "base/err.h"
#include "base/text.h"

#include <stddef.h>

struct control;
struct fetch;
struct identity;
struct loop;
struct network;
struct numbers;
struct store;

#define CONTROL_SOCKET "control.sock" /* in the data folder */

struct control_options {
    struct text folder;  /* the data folder */
    struct store *store; /* borrowed, as all that follow */
    struct numbers *numbers;
    struct identity *identity;
    const struct fetch *fetch; /* its counts are told at the end of a match */
    const struct network *const *networks;
    size_t n_networks;
};

/* Listens; the loop has its lanes. NULL and a sentence. Stops with the loop. */
struct control *control_new(struct loop *loop, const struct control_options *options, struct err *err);
void control_free(struct control *control); /* after loop_run has returned 0; NULL is fine */

/* Takes nothing new, and calls idle(context) once when the last stream has ended, perhaps at once: for a command that
 * owned the store for its own work, and was found by others meanwhile. */
void control_leave(struct control *control, void (*idle)(void *context), void *context);

#endif
