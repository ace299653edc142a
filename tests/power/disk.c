/* tests/power/disk.c
 *
 * Plays the record of a run, and loses what was not synced.
 */
#include "power/disk.h"

#include <string.h>

/* A write or a new size of a file, or a name. */
struct disk_change {
    enum lose_kind kind;
    uint64_t at; /* in the record */
    uint64_t offset;
    struct text bytes;
    struct text path; /* of names */
    struct text other;
    struct disk_file *file;
};

/* --- reading the record --------------------------------------------------------------------------------------------- */

bool lose_next(struct text record, uint64_t *at, struct lose_entry *ret_entry)
{
    struct text rest = text_slice(record, *at, record.len);
    struct lose_record *head = &ret_entry->head;
    if (rest.len < sizeof *head)
        return false;
    memcpy(head, rest.data, sizeof *head);
    size_t path_ends = sizeof *head + head->path_len;
    size_t ends = path_ends + head->other_len;
    if (rest.len < ends)
        return false;
    ret_entry->path = text_slice(rest, sizeof *head, path_ends);
    ret_entry->other = text_slice(rest, path_ends, ends);
    ret_entry->at = *at;
    *at += ends;
    return true;
}

/* --- files ---------------------------------------------------------------------------------------------------------- */

struct disk_file *disk_file_new(struct disk *disk, uint32_t mode, bool folder)
{
    struct disk_file *file = ARENA_NEW(&disk->arena, struct disk_file);
    struct disk_file **files = arena_grow(&disk->arena, disk->files, disk->n_files, sizeof *files);
    if (!file || !files || disk->n_files >= UINT32_MAX)
        return NULL;
    *file = (struct disk_file){.mode = mode, .folder = folder, .place = (uint32_t)disk->n_files};
    buf_init(&file->bytes, DISK_FILE_MAX);
    disk->files = files;
    disk->files[disk->n_files++] = file;
    return file;
}

static struct disk_file *file_of(const struct disk *disk, uint64_t inode)
{
    uint32_t place;
    return u64_map_get(&disk->by_inode, inode, &place) ? disk->files[place] : NULL;
}

static int file_resize(struct disk_file *file, uint64_t size)
{
    static const char zeros[4096];
    if (size < file->bytes.len)
        file->bytes.len = (size_t)size;
    while (file->bytes.len < size) {
        size_t n = (size_t)size - file->bytes.len;
        if (buf_add(&file->bytes, (struct text){zeros, n < sizeof zeros ? n : sizeof zeros}) < 0)
            return E_TOO_LARGE;
    }
    return 0;
}

static int file_write(struct disk_file *file, uint64_t offset, struct text bytes)
{
    if (offset > DISK_FILE_MAX - bytes.len)
        return E_TOO_LARGE;
    if (file->bytes.len < offset + bytes.len && file_resize(file, offset + bytes.len) < 0)
        return E_TOO_LARGE;
    memcpy(file->bytes.data + offset, bytes.data, bytes.len);
    return 0;
}

static int file_apply(struct disk_file *file, const struct disk_change *change)
{
    return change->kind == LOSE_SIZE ? file_resize(file, change->offset)
                                     : file_write(file, change->offset, change->bytes);
}

/* Puts what stands in the record before `upto` on disk. */
static int file_sync(struct disk_file *file, uint64_t upto)
{
    size_t done = 0;
    int rc = 0;
    while (rc == 0 && done < file->n_since && file->since[done].at < upto)
        rc = file_apply(file, &file->since[done++]);
    file->n_since -= done;
    if (done > 0)
        memmove(file->since, file->since + done, file->n_since * sizeof *file->since);
    return rc;
}

static int file_change(struct disk *disk, const struct lose_entry *entry, struct err *err)
{
    struct disk_file *file = file_of(disk, entry->head.file);
    if (!file)
        return err_set(err, E_BAD_INPUT, "'%.*s' was written to without having been opened", TEXT_ARG(entry->path));
    struct disk_change *since = arena_grow(&disk->arena, file->since, file->n_since, sizeof *since);
    if (!since)
        return err_set(err, E_NOMEM, "no memory for what was written");
    since[file->n_since++] = (struct disk_change){
        .kind = (enum lose_kind)entry->head.kind, .at = entry->at, .offset = entry->head.offset, .bytes = entry->other};
    file->since = since;
    return 0;
}

/* --- names ---------------------------------------------------------------------------------------------------------- */

static struct text folder_of(struct text path)
{
    size_t ends = path.len;
    while (ends > 0 && path.data[ends - 1] != '/')
        ends--;
    return text_slice(path, 0, ends > 0 ? ends - 1 : 0);
}

static int name_apply(struct map *names, const struct disk_change *change)
{
    struct disk_file *file = change->file;
    switch (change->kind) {
    case LOSE_OPEN:
    case LOSE_FOLDER_MADE:
        return map_put(names, change->path, file);
    case LOSE_RENAME:
        map_take(names, change->path);
        return map_put(names, change->other, file);
    case LOSE_LINK:
        return map_put(names, change->other, file);
    case LOSE_UNLINK:
    case LOSE_FOLDER_GONE:
        map_take(names, change->path);
        return 0;
    case LOSE_WRITE:
    case LOSE_SIZE:
    case LOSE_SYNC:
    case LOSE_SYNC_FOLDER:
    case LOSE_UNKNOWN:
        break;
    }
    return E_BUG;
}

static bool name_is_in(const struct disk_change *change, struct text folder)
{
    return text_equal(folder_of(change->path), folder) ||
           (!text_empty(change->other) && text_equal(folder_of(change->other), folder));
}

static int names_sync(struct disk *disk, struct text folder, uint64_t upto)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < disk->n_names_since && rc == 0; i++) {
        struct disk_change *change = &disk->names_since[i];
        if (change->at < upto && name_is_in(change, folder))
            rc = name_apply(&disk->names, change);
        else
            disk->names_since[kept++] = *change;
    }
    disk->n_names_since = kept;
    return rc;
}

static int name_change(struct disk *disk, const struct lose_entry *entry, struct disk_file *file, struct err *err)
{
    struct disk_change *since =
        arena_grow(&disk->arena, disk->names_since, disk->n_names_since, sizeof *disk->names_since);
    struct disk_change change = {.kind = (enum lose_kind)entry->head.kind,
                                 .at = entry->at,
                                 .path = entry->path,
                                 .other = entry->other,
                                 .file = file};
    if (!file)
        return err_set(err, E_BAD_INPUT, "'%.*s' got another name, but there is no such file", TEXT_ARG(entry->path));
    if (!since || name_apply(&disk->live, &change) < 0)
        return err_set(err, E_NOMEM, "no memory for names");
    since[disk->n_names_since++] = change;
    disk->names_since = since;
    return 0;
}

static int open_file(struct disk *disk, const struct lose_entry *entry, struct err *err)
{
    bool made = entry->head.made;
    struct disk_file *file = made ? disk_file_new(disk, entry->head.mode, false) : map_get(&disk->live, entry->path);
    if (!file)
        return err_set(err, E_BAD_INPUT, "'%.*s' was opened, but there is no such file", TEXT_ARG(entry->path));
    if (u64_map_put(&disk->by_inode, entry->head.file, file->place) < 0)
        return err_set(err, E_NOMEM, "no memory for files");
    return made ? name_change(disk, entry, file, err) : 0;
}

/* --- the run -------------------------------------------------------------------------------------------------------- */

static int play_sync(struct disk *disk, const struct lose_entry *entry, struct err *err)
{
    if (!text_empty(disk->lying) && text_ends(entry->path, disk->lying))
        return 0;
    struct disk_file *file = file_of(disk, entry->head.file);
    if (!file)
        return 0; /* opened for reading only: nobody of the run wrote to it */
    return file_sync(file, entry->head.upto) < 0 ? err_set(err, E_TOO_LARGE, "a file is larger than expected") : 0;
}

static int play(struct disk *disk, const struct lose_entry *entry, struct err *err)
{
    switch ((enum lose_kind)entry->head.kind) {
    case LOSE_OPEN:
        return open_file(disk, entry, err);
    case LOSE_WRITE:
    case LOSE_SIZE:
        return file_change(disk, entry, err);
    case LOSE_SYNC:
        return play_sync(disk, entry, err);
    case LOSE_SYNC_FOLDER:
        return names_sync(disk, entry->path, entry->head.upto);
    case LOSE_FOLDER_MADE:
        return name_change(disk, entry, disk_file_new(disk, entry->head.mode, true), err);
    case LOSE_RENAME:
    case LOSE_LINK:
    case LOSE_UNLINK:
    case LOSE_FOLDER_GONE:
        return name_change(disk, entry, map_get(&disk->live, entry->path), err);
    case LOSE_UNKNOWN:
        break;
    }
    return err_set(err, E_BAD_INPUT, "the record cannot tell what was done: %.*s", TEXT_ARG(entry->path));
}

int disk_play(struct disk *disk, struct text record, uint64_t until, struct err *err)
{
    struct lose_entry entry;
    uint64_t at = 0;
    int rc = 0;
    while (rc == 0 && at < until && lose_next(record, &at, &entry))
        rc = play(disk, &entry, err);
    return rc;
}

/* --- the cut -------------------------------------------------------------------------------------------------------- */

/* Writes what chance leaves of one write, in pieces that do not cross a sector's bounds. */
static int apply_half(struct disk_file *file, const struct disk_change *change, size_t sector, struct seeded *seeded)
{
    size_t done = 0;
    int rc = 0;
    if (change->kind == LOSE_SIZE)
        return seeded_below(seeded, 2) ? file_apply(file, change) : 0;
    while (rc == 0 && done < change->bytes.len) {
        uint64_t offset = change->offset + done;
        size_t n = sector - (size_t)(offset % sector);
        struct text piece = text_slice(change->bytes, done, done + n);
        if (seeded_below(seeded, 2))
            rc = file_write(file, offset, piece);
        done += piece.len;
    }
    return rc;
}

static int cut_file(struct disk_file *file, enum disk_loss loss, size_t sector, struct seeded *seeded)
{
    size_t kept = loss == DISK_LOSES_ALL ? 0 : file->n_since;
    int rc = 0;
    if (loss == DISK_LOSES_LAST && kept > 0)
        kept--;
    for (size_t i = 0; i < kept && rc == 0; i++)
        rc = loss == DISK_LOSES_HALF ? apply_half(file, &file->since[i], sector, seeded)
                                     : file_apply(file, &file->since[i]);
    return rc;
}

/* How many of the n names that one folder got since its last sync are kept. */
static size_t names_kept(size_t n, enum disk_loss loss, struct seeded *seeded)
{
    switch (loss) {
    case DISK_LOSES_NOTHING:
        return n;
    case DISK_LOSES_ALL:
        return 0;
    case DISK_LOSES_HALF:
        return seeded_below(seeded, n + 1);
    case DISK_LOSES_LAST:
        return n - 1;
    }
    return 0;
}

/* Folder by folder, in the order of their first name: each keeps its names up to some point. */
static int cut_names(struct disk *disk, enum disk_loss loss, struct seeded *seeded)
{
    int rc = 0;
    while (rc == 0 && disk->n_names_since > 0) {
        struct text folder = folder_of(disk->names_since[0].path);
        size_t n = 0;
        for (size_t i = 0; i < disk->n_names_since; i++)
            n += name_is_in(&disk->names_since[i], folder);
        size_t kept = names_kept(n, loss, seeded);
        size_t left = 0;
        for (size_t i = 0; i < disk->n_names_since; i++) {
            struct disk_change *change = &disk->names_since[i];
            if (!name_is_in(change, folder))
                disk->names_since[left++] = *change;
            else if (kept > 0 && rc == 0 && kept--)
                rc = name_apply(&disk->names, change);
        }
        disk->n_names_since = left;
    }
    return rc;
}

int disk_cut(struct disk *disk, enum disk_loss loss, struct seeded *seeded, struct err *err)
{
    size_t sector = seeded_below(seeded, 2) ? 512 : 4096;
    int rc = cut_names(disk, loss, seeded);
    for (size_t i = 0; i < disk->n_files && rc == 0; i++)
        rc = cut_file(disk->files[i], loss, sector, seeded);
    return rc < 0 ? err_set(err, rc, "the files do not fit into memory") : 0;
}
