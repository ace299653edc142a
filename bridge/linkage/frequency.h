/* bridge/linkage/frequency.h
 *
 * How common handles and names are: what an equality is worth.
 *
 * Handles: a built-in model of which letter follows which (frequency_table.c says from what). Names: counted among the
 * profiles that the caller has seen, with a built-in prior for what was never seen. Bits are -log2 of the chance that
 * one person drawn at random shows exactly this.
 */
#ifndef SKEIN_LINKAGE_FREQUENCY_H
#define SKEIN_LINKAGE_FREQUENCY_H

#include "base/arena.h"
#include "base/map.h"
#include "linkage/normalise.h"

struct frequency {
    struct arena arena; /* owned: the counted keys */
    struct map names;   /* sorted-token key -> uint32_t */
    struct map tokens;  /* token -> uint32_t */
    uint64_t n_names;   /* names counted */
};

void frequency_init(struct frequency *frequency);
void frequency_release(struct frequency *frequency);

/* Counts one person's name. Names that only our own search for that very name brought up are not to be counted: they
 * would make every name we look for look common. */
int frequency_add_name(struct frequency *frequency, const struct name_keys *name);

/* Bits of a squeezed handle; 8.5 for "anna", a common name, and 46 for "gunnarorvik". */
double handle_bits(struct text squeezed);

/* Bits of a name; `frequency` may be NULL. */
double name_bits(const struct frequency *frequency, const struct name_keys *name);

/* Bits of one folded token. */
double token_bits(const struct frequency *frequency, struct text token);

#endif
