/* bridge/fetch/circuit.c
 *
 * The circuit of one host.
 */
#include "fetch/circuit.h"

#include "fetch/backoff.h"
#include "fetch/fetch.h"

int64_t circuit_wait(const struct circuit *circuit, int64_t now_ms)
{
    switch (circuit->state) {
    case CIRCUIT_CLOSED:
        return 0;
    case CIRCUIT_OPEN:
        return circuit->probe_ms > now_ms ? circuit->probe_ms - now_ms : 0;
    case CIRCUIT_PROBING:
        return CIRCUIT_ASK_LATER;
    }
    return 0;
}

bool circuit_send(struct circuit *circuit)
{
    if (circuit->state == CIRCUIT_CLOSED)
        return false;
    circuit->state = CIRCUIT_PROBING;
    return true;
}

void circuit_success(struct circuit *circuit)
{
    *circuit = (struct circuit){.state = CIRCUIT_CLOSED};
}

static void open_until_probe(struct circuit *circuit, int64_t now_ms, struct circuit_pauses pauses,
                             const struct random_source *random)
{
    circuit->state = CIRCUIT_OPEN;
    circuit->probe_ms = now_ms + backoff_half(random, pauses.base_ms, pauses.most_ms, circuit->probes);
}

void circuit_failure(struct circuit *circuit, bool probe, int64_t now_ms, struct circuit_pauses pauses,
                     const struct random_source *random)
{
    if (probe && circuit->state == CIRCUIT_PROBING) {
        circuit->probes++;
        open_until_probe(circuit, now_ms, pauses, random);
        return;
    }
    if (circuit->state != CIRCUIT_CLOSED)
        return;
    if (++circuit->failures >= FETCH_CIRCUIT_FAILURES)
        open_until_probe(circuit, now_ms, pauses, random);
}

void circuit_forget_probe(struct circuit *circuit, int64_t now_ms)
{
    if (circuit->state != CIRCUIT_PROBING)
        return;
    circuit->state = CIRCUIT_OPEN;
    circuit->probe_ms = now_ms;
}
