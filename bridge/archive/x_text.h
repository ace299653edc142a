/* bridge/archive/x_text.h
 *
 * How files write X's accounts: handles, links, ids, dates and escaped names, each made into one form.
 *
 * Pure functions over views. What a spreadsheet has spoilt is recognised and refused, never guessed at.
 */
#ifndef SKEIN_ARCHIVE_X_TEXT_H
#define SKEIN_ARCHIVE_X_TEXT_H

#include "base/buf.h"

/* 1 to LIMIT_X_HANDLE of [A-Za-z0-9_], without @. */
bool x_handle_valid(struct text t);

enum x_reference { X_REFERENCE_NONE, X_REFERENCE_HANDLE, X_REFERENCE_ID };

/* How plain the reference is: a column of bare words may be anything, one of links may not. */
enum x_form { X_FORM_BARE, X_FORM_AT, X_FORM_LINK };

/* What one cell or word says: "alice", "@alice", "https://x.com/alice", "twitter.com/alice/status/1",
 * "https://twitter.com/intent/user?user_id=12", "x.com/i/user/12", "x.com/intent/follow?screen_name=alice". Digits
 * alone are an id. Pages of X itself (x.com/home) are none. ret_handle is a view of t. */
enum x_reference x_reference_of(struct text t, struct text *ret_handle, uint64_t *ret_id, enum x_form *ret_form);

/* Does the text hold x.com, twitter.com or a subdomain of them as the host of a link? */
bool x_link_is(struct text t);

/* A numeric id, 1 to 20 digits, not 0. Otherwise false, and ret_why is one clause: that a spreadsheet rounded it, or that
 * it is none. */
bool x_id_of(struct text t, uint64_t *ret_id, const char **ret_why);
extern const char x_id_rounded_why[];

/* Was it an id before a spreadsheet took it for a number: 1.23E+18? */
bool x_id_is_rounded(struct text t);

/* 18 digits or more, and zeros alone behind the 15th, as spreadsheets write out what they rounded. One in a thousand
 * whole ids looks like that too: only a file in which most do is damaged. */
bool x_id_is_long(struct text t);
bool x_id_ends_in_zeros(struct text t);

/* "Sat Feb 18 12:33:11 +0000 2023", or RFC 3339. */
bool x_date_of(struct text t, int64_t *ret_wall_ms);

/* "2024-11-14" at the start of t, with a real month and day. */
bool x_day_of(struct text t, char ret_day[11]);

/* Without the apostrophe that whoever wrote a CSV file put before = + - @ against formulas. */
struct text x_without_guard(struct text t);

/* Appends t with &amp; &lt; &gt; &quot; &#39; made plain; other entities stay as they are. Returns as buf_add. */
int x_unescape(struct buf *out, struct text t);

/* Appends t with the two characters backslash and n made a line end, as twitter-web-exporter writes them. */
int x_unescape_newlines(struct buf *out, struct text t);

#endif
