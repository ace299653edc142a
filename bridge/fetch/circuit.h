/* bridge/fetch/circuit.h
 *
 * A host that fails again and again is left alone, but for one probe at a time with growing pauses.
 *
 *     CLOSED ── FETCH_CIRCUIT_FAILURES in a row ──> OPEN ── the pause is over, a try is sent ──> PROBING
 *       ▲                                            ▲                                             │
 *       │                                            └── the probe failed: the pause doubles ──────┤
 *       └───────────────────────────────────────────────── any answer of a living host ────────────┘
 *
 * What counts as failure is outcome.h's matter. Pure: the caller gives the time (monotonic) and the lots.
 */
#ifndef SKEIN_FETCH_CIRCUIT_H
#define SKEIN_FETCH_CIRCUIT_H

#include "base/clock.h"

enum circuit_state { CIRCUIT_CLOSED, CIRCUIT_OPEN, CIRCUIT_PROBING };

struct circuit {
    enum circuit_state state;
    unsigned failures; /* in a row, while closed */
    unsigned probes;   /* that failed in a row */
    int64_t probe_ms;  /* when the next may go; while open */
};

struct circuit_pauses {
    int64_t base_ms;
    int64_t most_ms;
};

/* 0: a try may go now; else milliseconds until one may, CIRCUIT_ASK_LATER while a probe is under way. */
#define CIRCUIT_ASK_LATER INT64_MAX
int64_t circuit_wait(const struct circuit *circuit, int64_t now_ms);

/* A try goes out; circuit_wait has said 0. True: it is the probe, and its end must be told with probe = true. */
bool circuit_send(struct circuit *circuit);

void circuit_success(struct circuit *circuit);

/* `probe`: the try was the probe. A failure that was sent before the circuit opened changes nothing. */
void circuit_failure(struct circuit *circuit, bool probe, int64_t now_ms, struct circuit_pauses pauses,
                     const struct random_source *random);

/* The probe was cancelled before anything was known: the next try may probe. */
void circuit_forget_probe(struct circuit *circuit, int64_t now_ms);

#endif
