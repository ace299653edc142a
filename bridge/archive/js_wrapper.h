/* bridge/archive/js_wrapper.h
 *
 * X's data files are scripts: `window.YTD.following.part0 = [ ... ]`. This takes the script off and gives the JSON.
 *
 * The JSON is everything behind the first `=`; its layout differs from year to year, so nothing is said about lines. A
 * byte order mark, white space and line ends of any kind may stand in front. A file that begins with { or [ is JSON
 * without a wrapper and passes unchanged. A `;` at the end is left to json_reader (options.script).
 */
#ifndef SKEIN_ARCHIVE_JS_WRAPPER_H
#define SKEIN_ARCHIVE_JS_WRAPPER_H

#include "archive/byte_source.h"
#include "archive/json_reader.h"

/* The first `=` of a wrapper stands within some 60 bytes. */
#define JS_WRAPPER_HEAD 1024

struct js_wrapper {
    struct byte_source source;       /* the JSON; streams */
    const struct byte_source *inner; /* borrowed */
    char head[JS_WRAPPER_HEAD];
    size_t at, end;     /* bytes of head not yet given */
    struct text global; /* "YTD.following.part0", "__THAR_CONFIG", without "window."; empty: no wrapper */
    uint64_t line;      /* where the JSON begins in the file */
    uint64_t offset;
};

/* Reads the wrapper from the front of `inner` (borrowed). Returns 0, E_BAD_INPUT where the text is neither JSON nor a
 * wrapped one, or the source's error. The record stays where it is, as sources do. */
int js_wrapper_open(struct js_wrapper *wrapper, const struct byte_source *inner, struct err *err);

/* The options of a reader over wrapper->source. */
struct json_reader_options js_wrapper_options(const struct js_wrapper *wrapper);

/* "YTD.tweets.part3" gives "tweets" and 3; "YTD.tweets" gives part 0. False for other names. */
bool js_global_split(struct text global, struct text *ret_type, unsigned *ret_part);

#endif
