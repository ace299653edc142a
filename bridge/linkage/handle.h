/* bridge/linkage/handle.h
 *
 * Pieces of handles that more than one file of linkage needs (private to linkage; the rest is in normalise.h).
 */
#ifndef SKEIN_LINKAGE_HANDLE_H
#define SKEIN_LINKAGE_HANDLE_H

#include "linkage/normalise.h"

/* Lower case, without _ - . and what no handle holds. 0 or E_NOMEM. */
int handle_squeeze(struct arena *arena, struct text handle, struct text *ret_squeezed);

/* Without trailing digits; the whole where nothing would stay. A view. */
struct text handle_stem(struct text squeezed);

/* The nth way to read `squeezed` as a name with one of the usual words around it ("janedoemp", "therealjane"): a view of
 * what is left. False when there are no more. */
bool handle_without_affix(struct text squeezed, size_t nth, struct text *ret_rest);

/* Equal but for one such word. */
bool handles_differ_by_affix(struct text a, struct text b);

#endif
