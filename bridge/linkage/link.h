/* bridge/linkage/link.h
 *
 * Links taken apart (private to linkage; what others need of them is in normalise.h).
 */
#ifndef SKEIN_LINKAGE_LINK_H
#define SKEIN_LINKAGE_LINK_H

#include "linkage/normalise.h"

struct link {
    struct text host; /* as written, less www., m., mobile., port and final dot; a view */
    struct text path; /* from its first / or ? on; a view */
};

/* Takes a URL apart; http and https, or no scheme at all. False: not one, or an e-mail address. */
bool link_parse(struct text url, struct link *ret_link);

/* The next segment of a path, less query and fragment; empty at its end. Advances path. */
struct text link_segment(struct text *path);

/* At least two labels of letters, digits and inner dashes, the last beginning with a letter (RFC 1123). */
bool host_is_valid(struct text host);

#endif
