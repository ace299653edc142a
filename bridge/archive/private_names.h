/* bridge/archive/private_names.h
 *
 * Which files of an archive nobody here may open: messages, contacts, e-mail, phone, addresses, devices.
 *
 * Judged by name alone, before a byte is read. Internal.
 */
#ifndef SKEIN_ARCHIVE_PRIVATE_NAMES_H
#define SKEIN_ARCHIVE_PRIVATE_NAMES_H

#include "base/text.h"

/* Takes a path or a bare name, either slash: "data/direct-messages-part1.js", "ip-audit.js". */
bool private_name(struct text path);

#endif
