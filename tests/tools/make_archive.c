/* tests/tools/make_archive.c
 *
 * make_archive: an X archive of people who do not exist, as a zip, for tests and demonstrations.
 *
 * usage: make_archive [--NAME VALUE]... OUT.zip
 *
 * Numbers: seed, owner-id, follows (300), followers, blocks, mutes, mentioned (0), posts, part-rows, media.
 * Words: owner-handle, day, folder, layout (2020 or 2025), private (yes or no: files that nobody may read).
 * people FILE.csv: rows id,handle,name (with these names in its first row), who become the first follows; a row without
 * handle is named in no post.
 */
#include "archive/csv_reader.h"
#include "base/arena.h"
#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/zip_builder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PEOPLE_ARENA ((size_t)256 << 20)

struct settings {
    struct archive_plan plan;
    struct arena arena;
    const char *out; /* borrowed from argv */
};

struct number_option {
    const char *name;
    size_t offset;
};

static const struct number_option number_options[] = {
    {"follows", offsetof(struct archive_plan, follows)},     {"followers", offsetof(struct archive_plan, followers)},
    {"blocks", offsetof(struct archive_plan, blocks)},       {"mutes", offsetof(struct archive_plan, mutes)},
    {"mentioned", offsetof(struct archive_plan, mentioned)}, {"posts", offsetof(struct archive_plan, posts)},
    {"part-rows", offsetof(struct archive_plan, part_rows)}, {"media", offsetof(struct archive_plan, media)},
    {"seed", offsetof(struct archive_plan, seed)},           {"owner-id", offsetof(struct archive_plan, owner_id)},
};

_Static_assert(sizeof(size_t) == sizeof(uint64_t), "seed and owner-id are set like the counts");

static int complain(const char *what, const char *about)
{
    fprintf(stderr, "make_archive: %s%s\n", what, about);
    return -1;
}

static bool set_word(struct archive_plan *plan, const char *name, const char *value)
{
    if (strcmp(name, "owner-handle") == 0)
        plan->owner_handle = value;
    else if (strcmp(name, "day") == 0)
        plan->day = value;
    else if (strcmp(name, "folder") == 0)
        plan->folder = value;
    else if (strcmp(name, "layout") == 0)
        plan->compact = strcmp(value, "2020") == 0;
    else if (strcmp(name, "private") == 0)
        plan->private = strcmp(value, "yes") == 0;
    else
        return false;
    return true;
}

static int add_person(struct settings *settings, const struct csv_row *row)
{
    struct archive_plan *plan = &settings->plan;
    struct archive_person person = {.id = 0};
    if (row->broken || row->n < 2 || !text_to_u64(text_trim(row->fields[0]), &person.id))
        return complain("a row of people is not id,handle,name", "");
    struct archive_person *people = (struct archive_person *)plan->people;
    people = arena_grow(&settings->arena, people, plan->n_people, sizeof *people);
    if (!people || !arena_text(&settings->arena, row->fields[1], &person.handle) ||
        (row->n > 2 && !arena_text(&settings->arena, row->fields[2], &person.name)))
        return complain("no memory for people", "");
    people[plan->n_people++] = person;
    plan->people = people;
    return 0;
}

static int read_people(struct settings *settings, const char *path)
{
    struct fd_source file;
    CLEANUP(csv_reader_release) struct csv_reader reader = {.ended = true};
    struct csv_row row;
    struct err err = {.code = 0};
    bool header = true;
    int rc;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return complain("cannot open ", path);
    rc = fd_source_init(&file, fd, &err);
    if (rc == 0)
        rc = csv_reader_init(&reader, &file.source, &err);
    while (rc == 0 && (rc = csv_reader_next(&reader, &row, &err)) > 0) {
        rc = header ? 0 : add_person(settings, &row);
        header = false;
    }
    close(fd);
    if (err.code < 0)
        complain(err.text, "");
    return rc;
}

static int set_option(struct settings *settings, const char *name, const char *value)
{
    for (size_t i = 0; i < ARRAY_LEN(number_options); i++) {
        uint64_t number;
        if (strcmp(name, number_options[i].name) != 0)
            continue;
        if (!text_to_u64(text_of(value), &number))
            return complain("not a number: ", value);
        memcpy((char *)&settings->plan + number_options[i].offset, &number, sizeof number);
        return 0;
    }
    if (strcmp(name, "people") == 0)
        return read_people(settings, value);
    return set_word(&settings->plan, name, value) ? 0 : complain("unknown option --", name);
}

static int read_arguments(struct settings *settings, int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strncmp(argv[i], "--", 2) != 0) {
            settings->out = argv[i];
            continue;
        }
        if (i + 1 == argc)
            return complain("a value is missing behind ", argv[i]);
        if (set_option(settings, argv[i] + 2, argv[i + 1]) < 0)
            return -1;
        i++;
    }
    if (settings->plan.follows < settings->plan.n_people)
        settings->plan.follows = settings->plan.n_people;
    return settings->out ? 0 : complain("usage: make_archive [--NAME VALUE]... OUT.zip", "");
}

static int write_out(const char *path, struct text bytes)
{
    FILE *file = fopen(path, "wb");
    bool good = file && fwrite(bytes.data, 1, bytes.len, file) == bytes.len;
    if (file && fclose(file) != 0)
        good = false;
    return good ? 0 : complain("cannot write ", path);
}

int main(int argc, char **argv)
{
    struct settings settings = {.plan = {.seed = 1, .follows = 300}};
    CLEANUP(buf_release) struct buf zip;

    buf_init(&zip, ZIP_BUILT_MAX);
    arena_init(&settings.arena, PEOPLE_ARENA);
    int rc = read_arguments(&settings, argc, argv);
    if (rc == 0 && !archive_build(&settings.plan, &zip))
        rc = complain("no memory for the archive", "");
    if (rc == 0)
        rc = write_out(settings.out, buf_text(&zip));
    arena_release(&settings.arena);
    return rc == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
