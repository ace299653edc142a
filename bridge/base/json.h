/* bridge/base/json.h
 *
 * jansson in Skein's terms: views in and out, missing members told apart from nothing.
 *
 * For API bodies, which are small and bounded before they get here. Files from archives are read by
 * archive/json_reader, which never holds a whole file.
 */
#ifndef SKEIN_BASE_JSON_H
#define SKEIN_BASE_JSON_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "base/err.h"
#include "base/text.h"

#include <jansson.h>

CLEANUP_POINTER(json_t, json_decref)
#define CLEANUP_JSON CLEANUP(json_decref_at)

/* Parses t whole; duplicate member names are refused. NULL and a sentence (E_BAD_INPUT) where it is no JSON. */
json_t *json_from_text(struct text t, struct err *err);

/* The member as text; empty where it is missing or no string. Borrowed from the object. */
struct text json_text_at(const json_t *object, const char *name);

/* The member as a whole number; `otherwise` where it is missing or no integer. */
int64_t json_i64_at(const json_t *object, const char *name, int64_t otherwise);

bool json_true_at(const json_t *object, const char *name);

/* A string from a view, valid UTF-8 (broken bytes become U+FFFD). NULL without memory. */
json_t *json_from_view(struct text t);

/* The same, and null for an empty view: no name and an empty name are the same to who reads a line. */
json_t *json_or_null(struct text t);

/* Appends the value compactly, members in the order in which they were set. Returns 0, E_NOMEM or E_TOO_LARGE. */
int json_write(const json_t *value, struct buf *out);

#endif
