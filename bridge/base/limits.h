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

/* --- keys ---------------------------------------------------------------------------------------------------------- */
/* Seal keys in the file: a rotation leaves one behind until every row is sealed again, and then it may be taken out. */
#define LIMIT_SEAL_KEYS 32
/* The key file: its lines have 80 bytes, and room for comments. */
#define LIMIT_KEY_FILE (16 * KIB)

/* left-out.log, where two become one: two million wishes at 124 bytes. */
#define LIMIT_LEFT_OUT (256 * MIB)

/* --- operations ---------------------------------------------------------------------------------------------------- */
/* Memory of one operation. The largest is a match of 200,000 accounts at about 1 KiB each. */
#define LIMIT_OPERATION_ARENA (GIB)

/* Steps that one operation may take on the loop before others have their turn; each is well under a millisecond. */
#define LIMIT_STEPS_A_TURN 16

/* A stop, counted from the first signal: so long may work go on; and then even cancelled work is left behind. The whole
 * is promised in under 2 s, and service managers kill after as little as 5. */
#define LIMIT_STOP_GRACE 1000
#define LIMIT_STOP_END   1800

/* One group of the writer lane: many steps share one fsync, but nobody waits for more than this behind others. */
#define LIMIT_GROUP_STEPS 256
#define LIMIT_GROUP_MS    50
/* Times that a group is begun anew after the database asked for it; then its steps fail. */
#define LIMIT_GROUP_TRIES 3

/* --- PostgreSQL ----------------------------------------------------------------------------------------------------- */
/* A connection that is made, by each address of the host: a server nearby answers in milliseconds, and a lane waits. */
#define LIMIT_POSTGRES_CONNECT_S 5
/* One statement: a lane's take milliseconds, loading ten million rows at start a minute on a slow machine. */
#define LIMIT_POSTGRES_STATEMENT_MS 300000
/* Waiting for somebody who alters or locks a table by hand. */
#define LIMIT_POSTGRES_LOCK_MS 30000
/* Silence of the other end (bytes or probes that nobody acknowledges) after which a connection counts as lost: a network
 * that is switched over is back in a few seconds. */
#define LIMIT_POSTGRES_SILENT_MS 20000
/* Asking what became of a COMMIT whose answer was lost, and for the end of the session that sent it: a server that
 * restarts is back in seconds. */
#define LIMIT_POSTGRES_DOUBT_MS 30000

/* --- requests in ---------------------------------------------------------------------------------------------------- */
/* Open connections: a server of one machine; each costs 20 KiB while it is open. */
#define LIMIT_HTTP_CONNECTIONS 10000
/* Request line and headers, with what libmicrohttpd needs beside them: browsers send 1 to 2 KiB, cookies of other
 * applications on the same host a few more. It zeroes all of it for each request: 32 KiB cost a microsecond more. */
#define LIMIT_HTTP_HEAD (16 * KIB)
/* "name=value" pairs of one query: the longest list page has seven. */
#define LIMIT_HTTP_QUERY 32
/* The head of a request, from the connect: a phone on a bad network needs two or three seconds. */
#define LIMIT_HTTP_HEAD_MS 10000
/* Bytes a second below which a body or the taking of an answer is cut, and how long it may stand still. */
#define LIMIT_HTTP_RATE    1024
#define LIMIT_HTTP_BODY_MS 10000
/* A connection without a request, as long as Caddy and browsers like to keep one. */
#define LIMIT_HTTP_IDLE_MS 30000
/* Proxies cut streams that are silent for 30 to 60 s. */
#define LIMIT_HTTP_HEARTBEAT_MS 15000
/* Between LIMIT_STOP_GRACE, when operations are cancelled, and LIMIT_STOP_END. */
#define LIMIT_HTTP_DRAIN_MS 1500
/* A body that nobody wants is read to its end up to here, so that the refusal is read too. */
#define LIMIT_HTTP_SWALLOW MIB
/* Read ahead of a body whose taker is busy: two halves, one being filled while the other is taken. */
#define LIMIT_HTTP_WINDOW (256 * KIB)
/* Memory of one request's operation, its whole body not counted. */
#define LIMIT_HTTP_ARENA (64 * MIB)
/* One answer that is not a file: the largest is a list page. */
#define LIMIT_HTTP_ANSWER (64 * MIB)
/* Events that wait for one slow client: minutes of progress at a few hundred bytes each. */
#define LIMIT_HTTP_EVENTS_QUEUE (64 * KIB)

/* --- follow lists -------------------------------------------------------------------------------------------------- */
/* Accounts in one list: X's own cap lets few people follow more than 5,000; institutions' follower lists reach tens
 * of thousands. */
#define LIMIT_LIST_ACCOUNTS ((size_t)2000000)
/* Memory of one list with its texts: two million accounts at half a KiB each. */
#define LIMIT_LIST_ARENA GIB
/* Facts (id, handle, name) that one upload may say of others, and their memory: a person who wrote 100,000 posts named
 * some 50,000 people. */
#define LIMIT_FACTS       ((size_t)1000000)
#define LIMIT_FACTS_ARENA (512 * MIB)
/* Skipped rows that are kept with their reasons; all are counted. Nobody reads more than a screen of them. */
#define LIMIT_SKIPPED_ROWS 100
/* Texts of one account, in bytes; longer ones are cut at a character. X allows 50 characters of name, 160 of bio (with
 * its links written out about three times that), 100 of website and 30 of place. */
#define LIMIT_X_NAME     256
#define LIMIT_X_BIO      (4 * KIB)
#define LIMIT_X_WEBSITE  KIB
#define LIMIT_X_LOCATION 256

/* --- files from strangers ------------------------------------------------------------------------------------------ */
/* One JSON string, name or number that somebody wants to see, and one CSV field: a hundred times the longest bio. What
 * nobody wants is skipped at any length. */
#define LIMIT_JSON_TOKEN MIB
#define LIMIT_CSV_FIELD  MIB
/* Levels of JSON: X's archives have 9. Kept in the bits of one word. */
#define LIMIT_JSON_DEPTH 64
/* Columns and bytes of one CSV row: exporters write 25 columns. */
#define LIMIT_CSV_FIELDS 4096
#define LIMIT_CSV_ROW    (2 * MIB)
/* A list that somebody pasted: the handles of LIMIT_LIST_ACCOUNTS would fill it. */
#define LIMIT_PASTED (32 * MIB)
/* A zip's directory: archives with every picture of ten years have 100,000 entries, of about 100 bytes each. */
#define LIMIT_ZIP_ENTRIES   ((uint64_t)300000)
#define LIMIT_ZIP_DIRECTORY (64 * MIB)
/* Entries that are opened: X cuts a list into parts of thousands of rows. */
#define LIMIT_ZIP_WANTED 1024
/* Bytes that the parts of one list, and those of all posts, may come to when unpacked: two million rows of 128 bytes,
 * and a million posts of 2 kB. */
#define LIMIT_ARCHIVE_LIST  (256 * MIB)
#define LIMIT_ARCHIVE_POSTS (2 * GIB)
#define LIMIT_ARCHIVE_SMALL MIB /* manifest.js and account.js */
/* Unpacked bytes for one packed, once more than LIMIT_ZIP_RATIO_FROM came out: deflate can reach 1,032, JSON of
 * one-word posts reached 30. */
#define LIMIT_ZIP_RATIO      250
#define LIMIT_ZIP_RATIO_FROM (4 * MIB)
/* People named in one post: X allows fifty. */
#define LIMIT_MENTIONS 64

/* --- asking networks ----------------------------------------------------------------------------------------------- */
/* An answer of 25 profiles measured 72 kB with a viewer; a search of 25 less. */
#define LIMIT_APPVIEW_ANSWER MIB
/* 25 actors, each a handle of at most 253 bytes, and the method's name. */
#define LIMIT_URL (16 * KIB)
/* One question with all its tries: long enough to sit out a minute's 429. */
#define LIMIT_QUESTION_MS 120000
/* Questions of one match under way: fetch's budget for the host sets the pace, this only keeps its queue short, so that
 * the deadline of a question is not spent in the queue. */
#define LIMIT_QUESTIONS_AT_ONCE 8
/* Words of one search: display names have at most 50 characters on X, 64 on Bluesky. */
#define LIMIT_SEARCH_WORDS 256

/* --- requests out -------------------------------------------------------------------------------------------------- */
/* A body where the asker names no maximum: what the reference client takes from untrusted hosts (fetch-node). */
#define LIMIT_RESPONSE (512 * KIB)
/* All header lines of one answer: ordinary ones have 1 to 4 KiB. */
#define LIMIT_RESPONSE_HEAD (64 * KIB)
/* One request with its body and headers, in memory: a PDS takes JSON bodies of at most 1 MB. */
#define LIMIT_REQUEST (4 * MIB)
/* A call with its queue, look-ups and tries; one try (the reference client's 10 s); tries of one call. */
#define LIMIT_CALL_MS 60000
#define LIMIT_TRY_MS  10000
#define LIMIT_TRIES   4
/* Each one vetted like the first URL. */
#define LIMIT_REDIRECTS 3
/* The longest that a host's Retry-After or RateLimit-Reset is believed: then it is asked again, which costs one 429. */
#define LIMIT_PAUSE_MS (15 * 60 * 1000)
/* Tries under way to all hosts together: sockets, of which a process often has 1,024. */
#define LIMIT_TRIES_AT_ONCE 128
/* Connections kept open for the next request. */
#define LIMIT_IDLE_CONNECTIONS 64
/* Hosts remembered with rate, circuit and addresses, about 1 KiB each; those nobody asks go first. */
#define LIMIT_HOSTS 4096
/* DNS: a try, doubled at the second; tries; a look-up of addresses, which has room for both; of TXT (the reference
 * resolver's 3 s). */
#define LIMIT_DNS_TRY_MS    1500
#define LIMIT_DNS_TRIES     2
#define LIMIT_DNS_LOOKUP_MS 5000
#define LIMIT_DNS_TXT_MS    3000
/* Memory of one answer, which has at most 64 KiB on the wire; of one TXT record: a DID has at most 2,048 bytes. */
#define LIMIT_DNS_ANSWER (256 * KIB)
#define LIMIT_TXT_RECORD (4 * KIB)
/* Vetted addresses are used again as long as their records say, within these: a record that says 0 must not cost a
 * look-up for each request, and one that says a year must not outlive a move. */
#define LIMIT_ADDRESS_LEAST_MS 5000
#define LIMIT_ADDRESS_MOST_MS  (5 * 60 * 1000)

/* --- commands and the owner of the store ---------------------------------------------------------------------------- */
/* A request over the control socket: 100,000 pairs of about 120 bytes. */
#define LIMIT_CONTROL_BODY (16 * MIB)
/* Events that wait there: the lines of an import of COMMAND_ARGUMENTS_MAX archives with LIMIT_SKIPPED_ROWS reasons each,
 * which are told at once at its end. */
#define LIMIT_CONTROL_EVENTS (16 * MIB)
/* One event over the control socket: the line of an import with LIMIT_SKIPPED_ROWS reasons. */
#define LIMIT_LOCAL_EVENT MIB
/* Its streams have a heartbeat every LIMIT_HTTP_HEARTBEAT_MS: who misses four of them is stuck. */
#define LIMIT_LOCAL_SILENCE_MS 65000

/* So long a command waits for an owner that is starting or stopping: one reads a hundred million accounts in ten seconds. */
#define LIMIT_OWNER_WAIT_MS 15000

/* What is kept of one handle or DID: a DID of at most 2,048 bytes, a handle, a URL. */
#define LIMIT_IDENTITY (64 * KIB)
/* A handle's own domain is somebody's home server: it gets a moment, not two minutes (the reference code waits 3 s). */
#define LIMIT_IDENTITY_MS 8000

/* --- accounts that are signed in ------------------------------------------------------------------------------------- */

/* Follows of one account: the largest on Bluesky have some hundred thousand, in 100 a page. */
#define LIMIT_OWN_FOLLOWS ((size_t)500000)

/* A page of 100 follow records measured 40 kB; a `via` may double it. */
#define LIMIT_FOLLOWS_PAGE MIB

/* One write: 200 follows took the reference server 0.3 to 1.1 s; a busy one gets time, since giving up leaves a doubt. */
#define LIMIT_WRITE_TRY_MS 30000

/* --- output -------------------------------------------------------------------------------------------------------- */
/* What a command holds of its results before it writes them: a table of 200,000 rows. */
#define LIMIT_OUTPUT (128 * MIB)
/* The page of metrics: some hundred lines. */
#define LIMIT_METRICS (256 * KIB)

/* --- settings ------------------------------------------------------------------------------------------------------ */
/* All settings of a process together. */
#define LIMIT_SETTINGS MIB

/* --- matching ------------------------------------------------------------------------------------------------------ */
/* Memory of a cache of profiles: two million at about 2 KiB, which is the neighbourhood of a thousand members. */
#define LIMIT_PROFILE_INDEX (4 * GIB)

#endif
