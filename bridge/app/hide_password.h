/* bridge/app/hide_password.h
 *
 * A database's address as it may be shown: its password is three stars.
 */
#ifndef SKEIN_APP_HIDE_PASSWORD_H
#define SKEIN_APP_HIDE_PASSWORD_H

#include "base/buf.h"

/* Appends the address without what stands between "user:" and the last "@", and without the values of parameters named
 * "...password". Of anything that is no such address nothing is lost. Returns as buf_add. */
int hide_password(struct text address, struct buf *out);

#endif
