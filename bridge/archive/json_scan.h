/* bridge/archive/json_scan.h
 *
 * The parts of reading JSON that look at bytes alone. Internal to json_reader.
 */
#ifndef SKEIN_ARCHIVE_JSON_SCAN_H
#define SKEIN_ARCHIVE_JSON_SCAN_H

#include "base/text.h"

/* Offset of the first quote, backslash or control character in s[at, end), or end. ORs into *ret_high what is not 0
 * where a byte beyond ASCII was passed. */
size_t json_scan_string(const char *s, size_t at, size_t end, uint64_t *ret_high);

/* A whole number of JSON (RFC 8259, section 6). */
bool json_number_valid(struct text t);

/* 0 to 15; -1 for what is no hexadecimal digit. */
int json_hex_value(char c);

#endif
