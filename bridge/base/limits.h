/* bridge/base/limits.h
 *
 * Every limit, with its reason: data, not numbers scattered in code.
 *
 * A limit protects somebody: the machine from a hostile file, a host from us, a member's account from a spam label.
 * Sizes are bytes, times milliseconds, unless the name says otherwise.
 */
#ifndef SKEIN_BASE_LIMITS_H
#define SKEIN_BASE_LIMITS_H

#include <stdint.h>

#define KIB ((size_t)1024)
#define MIB (1024 * KIB)
#define GIB (1024 * MIB)

/* --- X ----------------------------------------------------------------------------------------------------------- */
/* X handles: 1 to 15 of [A-Za-z0-9_] (help.x.com, "About X usernames"); older ones of up to 20 exist. */
#define LIMIT_X_HANDLE 20

/* --- operations ---------------------------------------------------------------------------------------------------- */
/* Memory of one operation. The largest is a match of 200,000 accounts at about 1 KiB each. */
#define LIMIT_OPERATION_ARENA (GIB)

/* --- follow lists -------------------------------------------------------------------------------------------------- */
/* Accounts in one list: X's own cap lets few people follow more than 5,000; institutions' follower lists reach tens
 * of thousands. */
#define LIMIT_LIST_ACCOUNTS ((size_t)2000000)

#endif
