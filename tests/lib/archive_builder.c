/* tests/lib/archive_builder.c
 *
 * Made-up X archives, file by file.
 */
#include "lib/archive_builder.h"

#include "base/cleanup.h"
#include "lib/seeded.h"
#include "lib/zip_builder.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define FILES_MAX     2048
#define FILE_TEXT_MAX ((size_t)1 << 30)

struct made_file {
    char name[160];
    struct buf text;
    bool stored;
};

struct builder {
    const struct archive_plan *plan;
    struct made_file *files; /* owned */
    size_t n;
    bool failed;
};

static const char *const syllables[] = {"ka", "lo", "mi", "ren", "sto", "vel", "ar", "ne", "qui", "to", "bra", "du"};
static const char *const words[] = {"rehearsal", "ticket", "winter", "encore", "lantern", "record", "harbour", "again",
                                    "tonight",   "from",   "with",   "the",    "and",     "about",  "setlist", "train"};

/* A generator for one thing of the plan, so that files do not depend on one another. */
static struct seeded seeded_for(const struct archive_plan *plan, uint64_t what)
{
    struct seeded seeded = {.state = plan->seed ^ (what * UINT64_C(0xD1B54A32D192ED03))};
    (void)seeded_next(&seeded);
    return seeded;
}

uint64_t archive_follow_id(const struct archive_plan *plan, size_t i)
{
    if (i < plan->n_people)
        return plan->people[i].id;
    struct seeded seeded = seeded_for(plan, 1000 + i);
    return UINT64_C(700000000000000000) + (uint64_t)i * 1000003 + seeded_next(&seeded) % 1000000;
}

void archive_follow_handle(const struct archive_plan *plan, size_t i, char ret_handle[32])
{
    if (i < plan->n_people) {
        snprintf(ret_handle, 32, "%.*s", TEXT_ARG(plan->people[i].handle));
        return;
    }
    struct seeded seeded = seeded_for(plan, 2000000 + i);
    const char *first = syllables[seeded_below(&seeded, ARRAY_LEN(syllables))];
    const char *second = syllables[seeded_below(&seeded, ARRAY_LEN(syllables))];
    snprintf(ret_handle, 32, "%s%s_%zu", first, second, i);
}

static void print_name(const struct archive_plan *plan, size_t i, char ret_name[64])
{
    if (i < plan->n_people && !text_empty(plan->people[i].name)) {
        snprintf(ret_name, 64, "%.*s", TEXT_ARG(text_floor_utf8(plan->people[i].name, 60)));
        return;
    }
    struct seeded seeded = seeded_for(plan, 2000000 + i);
    const char *first = syllables[seeded_below(&seeded, ARRAY_LEN(syllables))];
    const char *second = syllables[seeded_below(&seeded, ARRAY_LEN(syllables))];
    snprintf(ret_name, 64, "%c%s%s \xE2\x98\x85 %zu", first[0] - 32, first + 1, second, i);
}

static uint64_t owner_of(const struct archive_plan *plan)
{
    return plan->owner_id ? plan->owner_id : UINT64_C(650000000000000000) + plan->seed % 1000000;
}

static const char *owner_handle_of(const struct archive_plan *plan)
{
    return plan->owner_handle ? plan->owner_handle : "nightjar_fan";
}

static const char *day_of(const struct archive_plan *plan)
{
    return plan->day ? plan->day : "2025-01-22";
}

__attribute__((format(printf, 3, 4))) static void print(struct builder *builder, struct buf *out, const char *format,
                                                        ...)
{
    char line[2048];
    va_list args;
    va_start(args, format);
    int len = vsnprintf(line, sizeof line, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= sizeof line || buf_add(out, (struct text){line, (size_t)len}) < 0)
        builder->failed = true;
}

/* "data/following.js", "data/following-part1.js". */
static struct buf *begin_file(struct builder *builder, const char *stem, size_t part, const char *extension)
{
    if (builder->n == FILES_MAX)
        abort();
    struct made_file *file = &builder->files[builder->n++];
    const char *folder = builder->plan->folder;
    char numbered[32] = "";
    if (part > 0)
        snprintf(numbered, sizeof numbered, "-part%zu", part);
    buf_init(&file->text, FILE_TEXT_MAX);
    snprintf(file->name, sizeof file->name, "%s%sdata/%s%s%s", folder ? folder : "", folder ? "/" : "", stem, numbered,
             extension);
    return &file->text;
}

/* The script's beginning, in the layout of the plan's year. */
static void open_script(struct builder *builder, struct buf *out, const char *global, size_t part)
{
    print(builder, out, "window.YTD.%s.part%zu = [%s", global, part, builder->plan->compact ? " " : "\n");
}

static void close_script(struct builder *builder, struct buf *out)
{
    print(builder, out, "%s]", builder->plan->compact ? " " : "\n");
}

static void put_edge(struct builder *builder, struct buf *out, const char *key, uint64_t id, bool first)
{
    if (builder->plan->compact)
        print(builder, out,
              "%s{\n  \"%s\" : {\n    \"accountId\" : \"%" PRIu64 "\",\n    \"userLink\" : "
              "\"https://twitter.com/intent/user?user_id=%" PRIu64 "\"\n  }\n}",
              first ? "" : ", ", key, id, id);
    else
        print(builder, out,
              "%s  {\n    \"%s\" : {\n      \"accountId\" : \"%" PRIu64 "\",\n      \"userLink\" : "
              "\"https://twitter.com/intent/user?user_id=%" PRIu64 "\"\n    }\n  }",
              first ? "" : ",\n", key, id, id);
}

static void make_follows(struct builder *builder)
{
    const struct archive_plan *plan = builder->plan;
    size_t rows = plan->part_rows ? plan->part_rows : plan->follows + 1;
    size_t part = 0;
    size_t i = 0;
    do {
        struct buf *out = begin_file(builder, "following", part, ".js");
        open_script(builder, out, "following", part);
        for (size_t end = i + rows < plan->follows ? i + rows : plan->follows; i < end; i++)
            put_edge(builder, out, "following", archive_follow_id(plan, i), i % rows == 0);
        close_script(builder, out);
        part++;
    } while (i < plan->follows);
}

static void make_edges(struct builder *builder, const char *stem, const char *key, size_t n, uint64_t what)
{
    struct seeded seeded = seeded_for(builder->plan, what);
    struct buf *out = begin_file(builder, stem, 0, ".js");
    open_script(builder, out, stem, 0);
    for (size_t i = 0; i < n; i++)
        put_edge(builder, out, key, UINT64_C(900000000000000000) + seeded_next(&seeded) % UINT64_C(99999999999999999),
                 i == 0);
    close_script(builder, out);
}

static void put_words(struct builder *builder, struct buf *out, struct seeded *seeded)
{
    size_t n = 8 + seeded_below(seeded, 24);
    for (size_t i = 0; i < n; i++)
        print(builder, out, " %s%s", words[seeded_below(seeded, ARRAY_LEN(words))],
              seeded_below(seeded, 12) == 0 ? "\\u00e9 \xF0\x9F\x8E\xB8 \\\"x\\\"" : "");
}

static void put_mention(struct builder *builder, struct buf *out, size_t i)
{
    char handle[32];
    char name[64];
    archive_follow_handle(builder->plan, i, handle);
    print_name(builder->plan, i, name);
    uint64_t id = archive_follow_id(builder->plan, i);
    print(
        builder, out,
        "          {\n            \"name\" : \"%s\",\n            \"screen_name\" : \"%s\",\n            \"indices\" : "
        "[\n              \"0\",\n              \"12\"\n            ],\n            \"id_str\" : \"%" PRIu64
        "\",\n            \"id\" : \"%" PRIu64 "\"\n          }\n",
        name, handle, id, id);
}

/* A post of about 1.7 kB, as real ones are; names follow `mention`, or nobody where that is SIZE_MAX. */
static void put_post(struct builder *builder, struct buf *out, size_t i, size_t mention)
{
    struct seeded seeded = seeded_for(builder->plan, 5000000 + i);
    uint64_t id = UINT64_C(1600000000000000000) + (uint64_t)i * 4194304;
    char handle[32] = "";
    print(builder, out, "%s  {\n    \"tweet\" : {\n      \"edit_info\" : {\n        \"initial\" : {\n", i ? ",\n" : "");
    print(builder, out,
          "          \"editTweetIds\" : [\n            \"%" PRIu64 "\"\n          ],\n          \"editableUntil\" : "
          "\"2023-02-18T13:03:11.000Z\",\n          \"editsRemaining\" : \"5\",\n          \"isEditEligible\" : true\n"
          "        }\n      },\n      \"retweeted\" : false,\n",
          id);
    print(builder, out,
          "      \"source\" : \"<a href=\\\"https://mobile.twitter.com\\\" rel=\\\"nofollow\\\">Web</a>\",\n");
    print(builder, out,
          "      \"entities\" : {\n        \"hashtags\" : [ ],\n        \"symbols\" : [ ],\n        \"user_mentions\" "
          ": [%s",
          mention == SIZE_MAX ? " ],\n" : "\n");
    if (mention != SIZE_MAX) {
        put_mention(builder, out, mention);
        print(builder, out, "        ],\n");
        archive_follow_handle(builder->plan, mention, handle);
    }
    print(builder, out,
          "        \"urls\" : [ ]\n      },\n      \"display_text_range\" : [\n        \"0\",\n        \"140\"\n      "
          "],\n"
          "      \"favorite_count\" : \"%zu\",\n      \"id_str\" : \"%" PRIu64
          "\",\n      \"truncated\" : false,\n      \"retweet_count\" : \"0\",\n      \"id\" : \"%" PRIu64
          "\",\n      \"possibly_sensitive\" : false,\n      \"created_at\" : \"Sat Feb %02zu 12:33:11 +0000 %zu\",\n",
          seeded_below(&seeded, 30), id, id, 1 + i % 28, 2012 + i % 12);
    print(builder, out, "      \"favorited\" : false,\n      \"full_text\" : \"%s%s", handle[0] ? "@" : "", handle);
    put_words(builder, out, &seeded);
    print(builder, out, "\",\n      \"lang\" : \"en\"%s", mention == SIZE_MAX ? "" : ",\n");
    if (mention != SIZE_MAX)
        print(builder, out,
              "      \"in_reply_to_screen_name\" : \"%s\",\n      \"in_reply_to_user_id_str\" : \"%" PRIu64
              "\",\n      \"in_reply_to_user_id\" : \"%" PRIu64 "\"",
              handle, archive_follow_id(builder->plan, mention), archive_follow_id(builder->plan, mention));
    print(builder, out, "\n    }\n  }");
}

static void make_posts(struct builder *builder)
{
    const struct archive_plan *plan = builder->plan;
    size_t mentioned = plan->mentioned < plan->follows ? plan->mentioned : plan->follows;
    size_t posts = plan->posts > mentioned ? plan->posts : mentioned;
    const char *stem = plan->compact ? "tweet" : "tweets";
    struct buf *out = begin_file(builder, stem, 0, ".js");
    open_script(builder, out, stem, 0);
    for (size_t i = 0; i < posts; i++) {
        size_t mention = mentioned == 0 || (i >= mentioned && i % 3 != 0) ? SIZE_MAX : i % mentioned;
        if (mention < plan->n_people && text_empty(plan->people[mention].handle))
            mention = SIZE_MAX;
        put_post(builder, out, i, mention);
    }
    close_script(builder, out);
}

static void make_account(struct builder *builder)
{
    struct buf *out = begin_file(builder, "account", 0, ".js");
    open_script(builder, out, "account", 0);
    print(builder, out,
          "  {\n    \"account\" : {\n      \"email\" : \"" ARCHIVE_SECRET
          "@mail.example\",\n      \"createdVia\" : \"web\",\n"
          "      \"username\" : \"%s\",\n      \"accountId\" : \"%" PRIu64
          "\",\n      \"createdAt\" : \"2012-05-04T19:20:00.000Z\",\n      \"accountDisplayName\" : \"A fan\"\n    }\n "
          " }",
          owner_handle_of(builder->plan), owner_of(builder->plan));
    close_script(builder, out);
}

static void list_files(struct builder *builder, struct buf *out, const char *type, const char *stem, bool last)
{
    size_t listed = 0;
    print(builder, out, "    \"%s\" : {\n      \"files\" : [", type);
    for (size_t i = 0; i < builder->n; i++) {
        struct text name = text_of(builder->files[i].name);
        size_t at = text_find(name, TEXT("data/"), 0);
        struct text base = text_slice(name, at, name.len);
        struct text rest = text_slice(base, 5, base.len);
        struct text tail = text_slice(rest, text_of(stem).len, rest.len);
        if (!text_starts(rest, text_of(stem)) || !(text_equal(tail, TEXT(".js")) || text_starts(tail, TEXT("-part"))))
            continue;
        print(builder, out, "%s\n        {\n          \"fileName\" : \"%.*s\"\n        }", listed++ ? "," : "",
              TEXT_ARG(base));
    }
    print(builder, out, "\n      ]\n    }%s\n", last ? "" : ",");
}

static void make_manifest(struct builder *builder)
{
    const struct archive_plan *plan = builder->plan;
    struct buf *out = begin_file(builder, "manifest", 0, ".js");
    print(builder, out,
          "window.__THAR_CONFIG = {\n  \"userInfo\" : {\n    \"accountId\" : \"%" PRIu64
          "\",\n    \"userName\" : \"%s\",\n"
          "    \"displayName\" : \"A fan\"\n  },\n  \"archiveInfo\" : {\n    \"sizeBytes\" : \"1198813\",\n"
          "    \"generationDate\" : \"%sT12:21:58.798Z\",\n    \"isPartialArchive\" : false,\n"
          "    \"maxPartSizeBytes\" : \"53687091200\"\n  },\n  \"dataTypes\" : {\n",
          owner_of(plan), owner_handle_of(plan), day_of(plan));
    list_files(builder, out, "following", "following", false);
    list_files(builder, out, "follower", "follower", false);
    list_files(builder, out, "block", "block", false);
    list_files(builder, out, "mute", "mute", false);
    list_files(builder, out, plan->compact ? "tweet" : "tweets", plan->compact ? "tweet" : "tweets", true);
    print(builder, out, "  }\n}");
}

static void make_private(struct builder *builder)
{
    static const char *const stems[] = {
        "direct-messages", "direct-messages-group", "contact",   "email-address-change", "phone-number",
        "ip-audit",        "device-token",          "ni-devices"};
    for (size_t i = 0; i < ARRAY_LEN(stems); i++) {
        struct buf *out = begin_file(builder, stems[i], 0, ".js");
        builder->files[builder->n - 1].stored = true;
        open_script(builder, out, stems[i], 0);
        for (size_t line = 0; line < 400; line++)
            print(builder, out, "%s  { \"text\" : \"" ARCHIVE_SECRET "\" }", line ? ",\n" : "");
        close_script(builder, out);
    }
}

static void make_media(struct builder *builder)
{
    struct seeded seeded = seeded_for(builder->plan, 3);
    struct buf *out = begin_file(builder, "tweets_media/1600000000000000000", 0, ".jpg");
    builder->files[builder->n - 1].stored = true;
    for (size_t i = 0; i < builder->plan->media; i += 8) {
        uint64_t noise = seeded_next(&seeded);
        if (buf_add(out, (struct text){(const char *)&noise, sizeof noise}) < 0)
            builder->failed = true;
    }
}

static bool pack(const struct builder *builder, struct buf *out)
{
    CLEANUP_FREE struct zip_file_text *files = calloc(builder->n, sizeof *files);
    if (!files)
        return false;
    for (size_t i = 0; i < builder->n; i++) {
        const struct made_file *made = &builder->files[i];
        files[i] =
            (struct zip_file_text){.name = text_of(made->name), .bytes = buf_text(&made->text), .stored = made->stored};
    }
    return zip_build(out, files, builder->n);
}

bool archive_build(const struct archive_plan *plan, struct buf *out)
{
    struct builder builder = {.plan = plan, .files = calloc(FILES_MAX, sizeof *builder.files)};
    if (!builder.files)
        return false;
    make_account(&builder);
    make_follows(&builder);
    make_edges(&builder, "follower", "follower", plan->followers, 11);
    make_edges(&builder, "block", "blocking", plan->blocks, 12);
    make_edges(&builder, "mute", "muting", plan->mutes, 13);
    make_posts(&builder);
    if (plan->private)
        make_private(&builder);
    make_manifest(&builder);
    if (plan->media > 0)
        make_media(&builder);
    bool good = !builder.failed && pack(&builder, out);
    for (size_t i = 0; i < builder.n; i++)
        buf_release(&builder.files[i].text);
    free(builder.files);
    return good;
}
