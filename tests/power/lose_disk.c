/* tests/power/lose_disk.c
 *
 * lose_disk: reads the record of tests/power/lose.c, and makes the folder that a power cut would have left.
 *
 * usage: lose_disk list RECORD
 *        lose_disk rebuild BASE RECORD OUT [--loss nothing|all|half|last] [--seed N] [--until BYTES] [--lying END]
 *
 * BASE is a copy of the folder from before the run, OUT is made. --until plays the record only so far: a cut at any
 * moment of a run. --lying END: syncs of files whose names end so did nothing, as some disks do.
 */
#include "base/cleanup.h"
#include "power/disk.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const char *what, const char *about)
{
    fprintf(stderr, "lose_disk: %s%s\n", what, about);
    return EXIT_FAILURE;
}

static bool map_record(const char *path, struct text *ret_record)
{
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool good = fd >= 0 && fstat(fd, &status) == 0;
    void *bytes = good && status.st_size > 0 ? mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE, fd, 0) : NULL;
    if (fd >= 0)
        close(fd);
    if (!good || bytes == MAP_FAILED)
        return false;
    *ret_record = (struct text){bytes, bytes ? (size_t)status.st_size : 0};
    return true;
}

static const char *word_of(uint32_t kind)
{
    static const char *const words[] = {[LOSE_OPEN] = "open",
                                        [LOSE_WRITE] = "write",
                                        [LOSE_SIZE] = "size",
                                        [LOSE_SYNC] = "sync",
                                        [LOSE_SYNC_FOLDER] = "sync-folder",
                                        [LOSE_RENAME] = "rename",
                                        [LOSE_LINK] = "link",
                                        [LOSE_UNLINK] = "unlink",
                                        [LOSE_FOLDER_MADE] = "mkdir",
                                        [LOSE_FOLDER_GONE] = "rmdir",
                                        [LOSE_UNKNOWN] = "unknown"};
    return kind < ARRAY_LEN(words) && words[kind] ? words[kind] : "?";
}

/* AT PROCESS WORD PATH NUMBERS: one line an entry. */
static int list(const char *path)
{
    struct text record;
    struct lose_entry entry;
    uint64_t at = 0;
    if (!map_record(path, &record))
        return complain("cannot read ", path);
    while (lose_next(record, &at, &entry)) {
        const struct lose_record *head = &entry.head;
        printf("%" PRIu64 " %" PRIu32 " %s /%.*s", entry.at, head->process, word_of(head->kind), TEXT_ARG(entry.path));
        switch ((enum lose_kind)head->kind) {
        case LOSE_OPEN:
            printf("%s\n", head->made ? " made" : "");
            break;
        case LOSE_WRITE:
            printf(" %" PRIu64 " %" PRIu32 "\n", head->offset, head->other_len);
            break;
        case LOSE_SIZE:
            printf(" %" PRIu64 "\n", head->offset);
            break;
        case LOSE_SYNC:
        case LOSE_SYNC_FOLDER:
            printf(" %" PRIu64 "\n", head->upto);
            break;
        case LOSE_RENAME:
        case LOSE_LINK:
            printf(" /%.*s\n", TEXT_ARG(entry.other));
            break;
        case LOSE_UNLINK:
        case LOSE_FOLDER_MADE:
        case LOSE_FOLDER_GONE:
        case LOSE_UNKNOWN:
            putchar('\n');
            break;
        }
    }
    return EXIT_SUCCESS;
}

struct wanted {
    enum disk_loss loss;
    uint64_t seed;
    uint64_t until;
    const char *lying;
};

static bool set_option(struct wanted *wanted, const char *name, const char *value)
{
    static const char *const losses[] = {[DISK_LOSES_NOTHING] = "nothing",
                                         [DISK_LOSES_ALL] = "all",
                                         [DISK_LOSES_HALF] = "half",
                                         [DISK_LOSES_LAST] = "last"};
    if (strcmp(name, "--seed") == 0)
        return text_to_u64(text_of(value), &wanted->seed);
    if (strcmp(name, "--until") == 0)
        return text_to_u64(text_of(value), &wanted->until);
    if (strcmp(name, "--lying") == 0) {
        wanted->lying = value;
        return true;
    }
    for (size_t i = 0; strcmp(name, "--loss") == 0 && i < ARRAY_LEN(losses); i++) {
        if (strcmp(value, losses[i]) == 0) {
            wanted->loss = (enum disk_loss)i;
            return true;
        }
    }
    return false;
}

static int rebuild(const char *base, const char *path, const char *out, const struct wanted *wanted)
{
    CLEANUP(disk_release) struct disk disk;
    struct seeded seeded = {.state = wanted->seed};
    struct err err = {0};
    struct text record;
    int rc = disk_begin(&disk, base, &err);
    if (!map_record(path, &record))
        return complain("cannot read ", path);
    disk.lying = text_of(wanted->lying);
    if (rc == 0)
        rc = disk_play(&disk, record, wanted->until, &err);
    if (rc == 0)
        rc = disk_cut(&disk, wanted->loss, &seeded, &err);
    if (rc == 0)
        rc = disk_write(&disk, out, &err);
    return rc < 0 ? complain(err.text, "") : EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
    struct wanted wanted = {.loss = DISK_LOSES_ALL, .until = UINT64_MAX};
    if (argc == 3 && strcmp(argv[1], "list") == 0)
        return list(argv[2]);
    if (argc < 5 || argc % 2 == 0 || strcmp(argv[1], "rebuild") != 0)
        return complain("list RECORD, or rebuild BASE RECORD OUT [--OPTION VALUE]...", "");
    for (int i = 5; i < argc; i += 2)
        if (!set_option(&wanted, argv[i], argv[i + 1]))
            return complain("no such option or value: ", argv[i]);
    return rebuild(argv[2], argv[3], argv[4], &wanted);
}
