/* bridge/store/left_out_check.h
 *
 * left-out.log against the rows: a part of `skein check`. Inside the room.
 */
#ifndef SKEIN_STORE_LEFT_OUT_CHECK_H
#define SKEIN_STORE_LEFT_OUT_CHECK_H

#include "store/check.h"

/* In a transaction. As the parts of check.h. */
int left_out_compare(struct checking *checking, struct err *err);

#endif
