/* tests/bench/archive.c
 *
 * How fast an X archive is read, and in how much memory, beside libzip alone and unzip in the same run.
 *
 *     bench_archive [POSTS]     160000 posts are about 200 MB of tweets.js
 *
 * Every measurement runs in a process of its own, so that its peak of memory is its own; CPU time is what counts, since
 * other work may share the machine. The archive is made in the folder for temporary files and removed at the end.
 */
#include "archive/archive.h"
#include "archive/js_wrapper.h"

#include "base/cleanup.h"
#include "lib/archive_builder.h"
#include "lib/zip_builder.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zip.h>

#define POSTS_USUAL 160000
#define FOLLOWS     5000
#define MENTIONED   2100
#define SMALL_RUNS  50

struct bench {
    char big[64];   /* the zip with the posts */
    char small[64]; /* the zip with 5,000 follows and hardly a post */
    char plain[64]; /* tweets.js of the big one, unpacked */
    size_t posts;
    double plain_mb;
};

static double seconds_of(const struct timeval *t)
{
    return (double)t->tv_sec + (double)t->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

typedef int bench_fn(const struct bench *bench);

/* Runs fn in a process of its own and prints what it took for mb megabytes. Returns MB for a second of CPU. */
static double measure(const struct bench *bench, const char *what, bench_fn *fn, double mb)
{
    struct rusage usage;
    int status;
    fflush(stdout);
    double begin = now();
    pid_t child = fork();
    if (child == 0)
        _exit(fn(bench));
    if (child < 0 || wait4(child, &status, 0, &usage) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        printf("  %-34s failed\n", what);
        return 0;
    }
    double wall = now() - begin;
    double cpu = seconds_of(&usage.ru_utime) + seconds_of(&usage.ru_stime);
    printf("  %-34s %6.0f MB/s of CPU, %6.0f MB/s by the clock, %6.1f MB at most\n", what, mb / cpu, mb / wall,
           (double)usage.ru_maxrss / 1024);
    return mb / cpu;
}

static int write_file(char *path, struct text bytes)
{
    const char *folder = getenv("TMPDIR");
    snprintf(path, 64, "%.40s/skein-bench-XXXXXX", folder ? folder : "/tmp");
    int fd = mkstemp(path);
    while (fd >= 0 && bytes.len > 0) {
        ssize_t put = write(fd, bytes.data, bytes.len);
        if (put <= 0)
            return -1;
        bytes = text_slice(bytes, (size_t)put, bytes.len);
    }
    return fd < 0 ? -1 : close(fd);
}

static int make_zip(char *path, const struct archive_plan *plan)
{
    CLEANUP(buf_release) struct buf zip;
    buf_init(&zip, ZIP_BUILT_MAX);
    return archive_build(plan, &zip) ? write_file(path, buf_text(&zip)) : -1;
}

/* Reads an entry to its end, into `out` where that is not NULL; returns its size, or -1. */
static int64_t drain(const char *path, const char *name, FILE *out)
{
    static char piece[65536];
    zip_int64_t got = -1;
    int64_t size = 0;
    zip_t *zip = zip_open(path, ZIP_RDONLY, NULL);
    zip_file_t *file = zip ? zip_fopen(zip, name, 0) : NULL;
    while (file && (got = zip_fread(file, piece, sizeof piece)) > 0) {
        size += got;
        if (out && fwrite(piece, 1, (size_t)got, out) != (size_t)got)
            return -1;
    }
    if (file)
        zip_fclose(file);
    if (zip)
        zip_discard(zip);
    return got < 0 ? -1 : size;
}

static int run_libzip(const struct bench *bench)
{
    return drain(bench->big, "data/tweets.js", NULL) > 0 ? 0 : 1;
}

static int run_unzip(const struct bench *bench)
{
    char command[200];
    snprintf(command, sizeof command, "unzip -p %s data/tweets.js | wc -c >/dev/null", bench->big);
    return system(command) == 0 ? 0 : 1;
}

/* Every token of tweets.js, unpacked before. */
static int run_tokens(const struct bench *bench)
{
    struct fd_source file;
    struct js_wrapper wrapper;
    CLEANUP(json_reader_release) struct json_reader json = {.window = NULL};
    enum json_token token = TOKEN_NULL;
    int fd = open(bench->plain, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fd_source_init(&file, fd, NULL) < 0 || js_wrapper_open(&wrapper, &file.source, NULL) < 0)
        return 1;
    struct json_reader_options options = js_wrapper_options(&wrapper);
    if (json_reader_init(&json, &wrapper.source, &options) < 0)
        return 1;
    while (token != TOKEN_END)
        if (json_reader_next(&json, &token, NULL) < 0)
            return 1;
    close(fd);
    return 0;
}

/* The same, with every post skipped. */
static int run_skips(const struct bench *bench)
{
    struct fd_source file;
    struct js_wrapper wrapper;
    CLEANUP(json_reader_release) struct json_reader json = {.window = NULL};
    enum json_token token = TOKEN_NULL;
    int fd = open(bench->plain, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fd_source_init(&file, fd, NULL) < 0 || js_wrapper_open(&wrapper, &file.source, NULL) < 0)
        return 1;
    struct json_reader_options options = js_wrapper_options(&wrapper);
    if (json_reader_init(&json, &wrapper.source, &options) < 0 || json_reader_next(&json, &token, NULL) < 0)
        return 1;
    int rc = json_reader_skip(&json, NULL);
    close(fd);
    return rc < 0;
}

static int read_archive(const char *path, size_t follows, size_t mentioned)
{
    struct fd_source source;
    struct archive_options options = {.kinds = 0};
    struct archive_result result = {.n_lists = 0};
    struct err err = {.code = 0};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fd_source_init(&source, fd, &err) < 0)
        return 1;
    struct archive_file file = {.name = TEXT("bench.zip"), .source = &source.source};
    int rc = archive_read(&file, 1, &options, &result, &err);
    if (rc < 0)
        fprintf(stderr, "%s\n", err.text);
    bool right = rc == 0 && result.lists[0].n == follows && result.lists[0].resolved.total == mentioned;
    archive_result_release(&result);
    close(fd);
    return right ? 0 : 1;
}

static int run_archive(const struct bench *bench)
{
    return read_archive(bench->big, FOLLOWS, MENTIONED);
}

static int run_small(const struct bench *bench)
{
    for (int i = 0; i < SMALL_RUNS; i++)
        if (read_archive(bench->small, FOLLOWS, 0) != 0)
            return 1;
    return 0;
}

static int make_files(struct bench *bench)
{
    struct archive_plan big = {.seed = 1, .follows = FOLLOWS, .mentioned = MENTIONED, .posts = bench->posts};
    struct archive_plan small = {.seed = 1, .follows = FOLLOWS};
    if (make_zip(bench->big, &big) < 0 || make_zip(bench->small, &small) < 0 || write_file(bench->plain, TEXT_NONE) < 0)
        return -1;
    FILE *plain = fopen(bench->plain, "wb");
    int64_t size = plain ? drain(bench->big, "data/tweets.js", plain) : -1;
    if (plain && fclose(plain) != 0)
        return -1;
    bench->plain_mb = (double)size / 1e6;
    return size < 0 ? -1 : 0;
}

/* The files are made in a process of their own: what that takes would count as the readers' memory. */
static int make_apart(struct bench *bench)
{
    int ends[2];
    int status;
    if (pipe(ends) < 0)
        return -1;
    pid_t child = fork();
    if (child == 0) {
        int rc = make_files(bench);
        _exit(rc == 0 && write(ends[1], bench, sizeof *bench) == (ssize_t)sizeof *bench ? 0 : 1);
    }
    close(ends[1]);
    ssize_t got = read(ends[0], bench, sizeof *bench);
    close(ends[0]);
    waitpid(child, &status, 0);
    return got == (ssize_t)sizeof *bench ? 0 : -1;
}

int main(int argc, char **argv)
{
    struct bench bench = {.posts = POSTS_USUAL};
    uint64_t posts;
    if (argc > 1 && text_to_u64(text_of(argv[1]), &posts))
        bench.posts = (size_t)posts;
    if (make_apart(&bench) < 0) {
        fprintf(stderr, "bench_archive: the archive cannot be made\n");
        return EXIT_FAILURE;
    }
    printf("%zu posts, %.0f MB of tweets.js, %d follows, %d of them named\n", bench.posts, bench.plain_mb, FOLLOWS,
           MENTIONED);
    measure(&bench, "unzip -p | wc -c", run_unzip, bench.plain_mb);
    double alone = measure(&bench, "libzip alone", run_libzip, bench.plain_mb);
    measure(&bench, "json_reader, every token", run_tokens, bench.plain_mb);
    measure(&bench, "json_reader, skipping", run_skips, bench.plain_mb);
    double whole = measure(&bench, "archive_read, the whole archive", run_archive, bench.plain_mb);
    printf("  the whole archive takes %.1f times what libzip takes\n", whole > 0 ? alone / whole : 0);
    double begin = now();
    int rc = run_small(&bench);
    printf("  %d follows without posts: %.1f ms each%s\n", FOLLOWS, (now() - begin) * 1e3 / SMALL_RUNS,
           rc == 0 ? "" : ", and wrong");
    unlink(bench.big);
    unlink(bench.small);
    unlink(bench.plain);
    return rc == 0 && whole > 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
