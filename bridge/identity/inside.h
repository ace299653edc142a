/* bridge/identity/inside.h
 *
 * What the files of this room share: a subject is one handle or DID, asked about or known.
 *
 *     asked ── an answer ──> every caller gets it ─┬─ kept: known, until its time is up
 *       └── the last caller cancels ──> gone       └─ "could not look" ──> gone
 *
 * Who asks for a known one hangs on it as well, and is answered by a timer of 0 ms, since `done` is never called from
 * inside a question.
 */
#ifndef SKEIN_IDENTITY_INSIDE_H
#define SKEIN_IDENTITY_INSIDE_H

#include "base/arena.h"
#include "base/map.h"
#include "identity/identity.h"

#include <uv.h>

struct identity {
    struct loop *loop;   /* borrowed */
    struct fetch *fetch; /* borrowed */
    struct arena arena;  /* owns the settings */
    struct text plc;
    struct text resolver; /* empty: DNS and https */
    bool allow_loopback;
    struct map subjects; /* key -> struct subject, owned */
};

/* What came back of one of the two ways to ask for a handle. */
struct way {
    struct fetch_call *call; /* under way */
    int code;                /* 0: `did` is set */
    struct text did;
};

struct subject {
    struct identity *identity;
    struct arena arena; /* owns all texts below */
    struct text key;    /* the handle or DID */
    bool known;
    int64_t until_ms; /* monotonic; known answers are kept so long */
    struct way dns;
    struct way web; /* https of the handle, the resolver, or a DID's document */
    struct identity_answer answer;
    struct identity_call *callers; /* newest first */
    struct identity_call *told;    /* callers whose turn comes while they are told one by one */
    uv_timer_t *timer;             /* a known answer is on its way to callers; owned */
    bool telling;                  /* callbacks run: it may be forgotten, but not freed */
    bool forgotten;                /* to be freed once they have run */
};

struct identity_call {
    struct identity *identity;
    identity_done_fn *done;
    void *context;
    struct subject *subject;     /* waits for its answer; NULL: of a verify */
    struct identity_call *next;  /* of the subject's callers */
    struct identity_call *inner; /* of a verify: the half under way */
    char *handle;                /* of a verify: what is verified; owned */
};

/* --- subject.c ----------------------------------------------------------------------------------------------------- */

/* The subject of this key (lower case), asked or known. A new one is asked about with `ask`; where `is_valid` is false
 * it is known at once to be none. NULL without memory. */
struct subject *subject_for(struct identity *identity, struct text key, bool is_valid,
                            bool (*ask)(struct subject *subject));

/* Hangs a caller on it; a known one answers soon. False without memory. */
bool subject_hang_on(struct subject *subject, struct identity_call *call);

/* Takes a caller off; the last one of a subject that is asked about takes the requests with it. */
void subject_take_off(struct subject *subject, struct identity_call *call);

/* The answer is there: it is kept for its time, and everybody who waits gets it. Texts are the subject's. */
void subject_answer(struct subject *subject, struct identity_answer answer);

/* The same for an answer that a way which could not be asked might have contradicted: kept as short as "there is none". */
void subject_answer_briefly(struct subject *subject, struct identity_answer answer);
void subject_fail(struct subject *subject, int code, const char *reason);

/* Takes it out of the map and ends what is under way. Nobody may wait for it. */
void subject_forget(struct subject *subject);

/* --- ask.c --------------------------------------------------------------------------------------------------------- */

/* Send the requests for a handle's DID or a DID's document; false without memory. */
bool ask_for_handle(struct subject *subject);
bool ask_for_document(struct subject *subject);

#endif
