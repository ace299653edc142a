/* tests/lib/postgres_keeper.h
 *
 * The process that keeps a PostgreSQL server for a test, and ends it with the test: see postgres_cluster.h.
 *
 * It answers each order on its end of a SOCK_SEQPACKET pair with one packet: '+' and the folder, or '-' and a sentence.
 * It begins with an answer, without an order, when the server takes connections.
 */
#ifndef SKEIN_TESTS_LIB_POSTGRES_KEEPER_H
#define SKEIN_TESTS_LIB_POSTGRES_KEEPER_H

#include <stdbool.h>

#define KEEPER_DOWN 'd'
#define KEEPER_UP   'u'

/* Bytes of the longest answer. */
#define KEEPER_ANSWER_MAX 4096

/* The whole life of the child, until the other end of `control` is closed. */
_Noreturn void postgres_keeper_run(int control, bool durable);

#endif
