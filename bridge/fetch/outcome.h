/* bridge/fetch/outcome.h
 *
 * What the end of a try means: for the call, and for the host's circuit and queue.
 *
 * Pure: what is known of a try goes in, a verdict comes out.
 */
#ifndef SKEIN_FETCH_OUTCOME_H
#define SKEIN_FETCH_OUTCOME_H

#include "base/text.h"

#include <curl/curl.h>

enum outcome_kind {
    OUTCOME_ANSWER,   /* the call ends well, whatever the status says */
    OUTCOME_REDIRECT, /* a Location to be followed */
    OUTCOME_STOP,     /* the host wants to be left alone: 429, 503 with a time */
    OUTCOME_FAILURE,  /* may go better next time */
    OUTCOME_REFUSED,  /* will not go better: the call ends with the code */
};

struct try_end {
    CURLcode result;
    long status;     /* of the answer, where one came */
    bool sent;       /* bytes of the request left us */
    bool guarded;    /* the guard refused the address at the socket */
    bool too_large;  /* our own counting ended it */
    bool no_memory;  /* for the answer */
    bool asks_pause; /* the answer says when to come back */
    bool follow;     /* redirects are wanted, and this one has a Location */
};

struct outcome {
    enum outcome_kind kind;
    int code;         /* what the call would end with; 0 for OUTCOME_ANSWER and OUTCOME_REDIRECT */
    bool host_failed; /* counts in the circuit; else the host has shown that it is alive */
    bool unsent;      /* may be tried again whatever the method is */
};

struct outcome outcome_of(const struct try_end *end);

#endif
