/* bridge/graph/asked_as.h
 *
 * What an account was asked for as: the key under which a look-up answers for whoever would ask the same.
 *
 * 64 bits of a keyed hash of the handle, folded; without one of the name; 0 where nothing is known to ask for. A handle
 * that a member's private file alone knows thus never stands for anybody else's question. With a scope the key belongs to
 * that scope alone: what people decided there must show in nobody else's answers.
 */
#ifndef SKEIN_GRAPH_ASKED_AS_H
#define SKEIN_GRAPH_ASKED_AS_H

#include "crypto/keys.h"
#include "model/x_account.h"

int64_t asked_as(const struct keys *keys, const struct x_account *x, struct text scope);

#endif
