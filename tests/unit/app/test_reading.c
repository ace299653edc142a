/* tests/unit/app/test_reading.c
 *
 * Commands that read the store: what they print of a small one, and what they say where there is none.
 */
#include "app/command.h"
#include "app/known_pairs.h"
#include "base/cleanup.h"
#include "lib/check.h"
#include "lib/scratch.h"
#include "store/inside.h"
#include "store/left_out_set.h"
#include "store/lists.h"
#include "store/pairs.h"
#include "store/people.h"

#include <endian.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMUNITY "01JDQ0A1B2C3D4E5F6G7H8J9KA"
#define IMPORT    "01JDQ0A1B2C3D4E5F6G7H8J9KB"

static struct scratch scratch;
static struct err err;
static struct buf printed; /* what the last command printed on stdout */
static struct buf said;    /* ... and on stderr */

static const char *path_of(const char *name)
{
    return scratch_name(&scratch, "", name);
}

static void must(int rc)
{
    if (rc != 0)
        fail_msg("%s", err.text);
}

static int make(void **state)
{
    (void)state;
    err = (struct err){0};
    scratch_make(&scratch);
    buf_init(&printed, 1 << 20);
    buf_init(&said, 1 << 20);
    return 0;
}

static int end(void **state)
{
    (void)state;
    buf_release(&printed);
    buf_release(&said);
    scratch_remove(&scratch);
    return 0;
}

/* --- running ---------------------------------------------------------------------------------------------------------- */

static int turn_to(int fd, const char *name)
{
    int kept = dup(fd);
    int file = open(path_of(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(kept >= 0 && file >= 0);
    assert_int_equal(dup2(file, fd), fd);
    close(file);
    return kept;
}

static void turn_back(int fd, int kept, const char *name, struct buf *ret_content)
{
    assert_int_equal(dup2(kept, fd), fd);
    close(kept);
    buf_clear(ret_content);
    scratch_read(path_of(name), ret_content);
}

/* The exit status. `words`: options and arguments, up to NULL. */
static int run(const struct command *command, const char *const *words)
{
    struct invocation invocation = {.command = command};
    int count = 0;
    bool help;
    while (words[count])
        count++;
    must(invocation_parse(&invocation, count, (char **)words, &help, &err));
    must(config_load(&invocation.config, NULL, &err));
    must(config_set(&invocation.config, TEXT("data"), text_of(path_of("data")), FROM_OPTION, &err));
    fflush(stdout);
    int out = turn_to(STDOUT_FILENO, "stdout");
    int errors = turn_to(STDERR_FILENO, "stderr");
    int status = command->run(&invocation);
    fflush(stdout);
    turn_back(STDOUT_FILENO, out, "stdout", &printed);
    turn_back(STDERR_FILENO, errors, "stderr", &said);
    config_release(&invocation.config);
    return status;
}

#define RUN(command, ...) run(&(command), (const char *[]){__VA_ARGS__, NULL})

static const struct command pairs_export = {
    .verb = "pairs export",
    .options = {{"community", "C", ""}, {"network", "N", ""}, {"state", "S", ""}, {"format", "F", ""}},
    .run = command_pairs_export};
static const struct command moved = {.verb = "moved",
                                     .options = {{"community", "C", ""},
                                                 {"as", "HANDLE", ""},
                                                 {"network", "N", ""},
                                                 {"state", "S", ""},
                                                 {"all", NULL, ""},
                                                 {"format", "F", ""},
                                                 {"stats", "FILE", ""}},
                                     .run = command_moved};
static const struct command check = {.verb = "check", .options = {{"format", "F", ""}}, .run = command_check};
static const struct command schema = {.verb = "schema", .options = {{"format", "F", ""}}, .run = command_schema};
static const struct command fingerprint = {
    .verb = "key fingerprint", .options = {{"format", "F", ""}}, .run = command_key_fingerprint};
static const struct command backup = {.verb = "backup", .arguments_min = 1, .arguments_max = 1, .run = command_backup};
static const struct command restore = {.verb = "restore",
                                       .arguments_min = 1,
                                       .arguments_max = 1,
                                       .options = {{"replace", NULL, ""}},
                                       .run = command_restore};

static void assert_said(const char *words)
{
    if (!strstr(buf_string(&said), words))
        fail_msg("'%s' is not in: %s", words, buf_string(&said));
}

/* --- a small store ---------------------------------------------------------------------------------------------------- */

static struct id id_of(const char *text)
{
    struct id id;
    assert_true(id_parse(text_of(text), &id));
    return id;
}

static void put_account(struct db *db, uint32_t number, const char *handle)
{
    struct x_public_row row = {.number = number,
                               .handle = text_of(handle),
                               .name = TEXT("Somebody"),
                               .since_ms = 1,
                               .why = TEXT(X_PUBLIC_ROSTER),
                               .import = id_of(IMPORT)};
    must(x_public_put(db, &row, &err));
}

static void put_pair(struct db *db, uint32_t x, const char *profile, enum pair_state state)
{
    struct pair_row row = {.scope = TEXT(COMMUNITY),
                           .x = x,
                           .network = TEXT("bluesky"),
                           .profile = text_of(profile),
                           .state = state,
                           .p = 1,
                           .best = true,
                           .evidence = TEXT("[]"),
                           .weights = 1,
                           .decided = state == PAIR_LIKELY ? TEXT_NONE : TEXT(DECIDED_BY_FILE),
                           .since_ms = 1,
                           .seen_ms = 1};
    must(pair_put(db, &row, &err));
}

/* Numbers 1 to 6; 5 has no handle that may be told, 6 wished to be left out. */
static void put_rows(struct store *store)
{
    struct db *db = store->writer;
    struct community_row community = {.id = id_of(COMMUNITY),
                                      .slug = TEXT("pottery"),
                                      .name = TEXT("Pottery"),
                                      .state = TEXT(COMMUNITY_OPEN),
                                      .created_ms = 1};
    struct follow_set_row roster = {.owner = id_of(COMMUNITY),
                                    .kind = TEXT("roster"),
                                    .source = TEXT("csv"),
                                    .n = 6,
                                    .ids = TEXT("\x01\x01\x01\x01\x01\x01"),
                                    .import = id_of(IMPORT),
                                    .changed_ms = 1};
    uint64_t ids[] = {htole64(12345678901234567), 0, htole64(3), htole64(4), htole64(5), htole64(6)};
    struct keyed_hash hash;
    must(community_put(db, &community, &err));
    must(follow_set_put(db, &roster, &err));
    must(x_chunk_put(db, 1, 6, (struct text){(const char *)ids, sizeof ids}, &err));
    static const char *const handles[] = {"ada_q", "bo", "cy", "di"};
    for (uint32_t i = 0; i < ARRAY_LEN(handles); i++)
        put_account(db, i + 1, handles[i]);
    put_account(db, 6, "zoe");
    put_pair(db, 1, "did:plc:ada", PAIR_CONFIRMED);
    put_pair(db, 2, "did:plc:bo", PAIR_PROVEN);
    put_pair(db, 3, "did:plc:cy", PAIR_LIKELY);
    put_pair(db, 4, "did:plc:di", PAIR_REJECTED);
    put_pair(db, 5, "did:plc:by-id", PAIR_CONFIRMED);
    put_pair(db, 6, "did:plc:zoe", PAIR_CONFIRMED);
    left_out_hash_x_id(store_keys(store), 6, &hash);
    must(left_out_opt_out(store, db, &hash, &err));
}

static void make_store(void)
{
    struct store_options options = {.folder = path_of("data"), .role = STORE_OWNER};
    struct store *store = NULL;
    must(store_open(&options, &store, &err));
    must(db_begin(store->writer, &err));
    put_rows(store);
    must(db_commit(store->writer, &err));
    store_close(store);
}

/* --- pairs export ----------------------------------------------------------------------------------------------------- */

static void pairs_that_somebody_vouches_for_are_exported(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(pairs_export, "--community", "pottery"), EXIT_SUCCESS);
    assert_string_equal(buf_string(&printed), "x_handle,x_id,network,profile,state\r\n"
                                              "ada_q,12345678901234567,bluesky,did:plc:ada,confirmed\r\n"
                                              "bo,,bluesky,did:plc:bo,proven\r\n"
                                              ",5,bluesky,did:plc:by-id,confirmed\r\n");
    assert_said("of 1 accounts only the X id is known");
    CLEANUP(known_pairs_release) struct known_pairs known;
    must(known_pairs_read(&known, path_of("stdout"), TEXT("bluesky"), &err));
    assert_int_equal(known.n, 2);
}

static void other_states_are_exported_when_asked_for(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(pairs_export, "--community", "pottery", "--state", "likely", "--format", "json"),
                     EXIT_SUCCESS);
    assert_string_equal(
        buf_string(&printed),
        "{\"x\":{\"id\":\"3\",\"handle\":\"cy\",\"name\":\"Somebody\"},\"network\":\"bluesky\",\"lookup\":\"found\","
        "\"state\":\"likely\",\"profile\":{\"id\":\"did:plc:cy\",\"handle\":null,\"name\":null},\"p\":1.0,"
        "\"evidence\":[],\"others\":[]}\n");
}

static void wrong_words_are_refused(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(pairs_export, NULL), EXIT_WRONG_USAGE);
    assert_said("--community is missing");
    assert_int_equal(RUN(pairs_export, "--community", "Pottery!"), EXIT_WRONG_USAGE);
    assert_int_equal(RUN(pairs_export, "--community", "pottery", "--state", "none"), EXIT_WRONG_USAGE);
    assert_int_equal(RUN(pairs_export, "--community", "pottery", "--format", "xml"), EXIT_WRONG_USAGE);
    assert_int_equal(RUN(pairs_export, "--community", "pottery", "--network", "mars"), EXIT_WRONG_USAGE);
    assert_int_equal(RUN(pairs_export, "--community", "nobody"), EXIT_FAILURE);
    assert_said("there is no community 'nobody'");
}

/* --- moved ------------------------------------------------------------------------------------------------------------ */

static size_t lines(void)
{
    size_t n = 0;
    for (size_t i = 0; i < printed.len; i++)
        n += printed.data[i] == '\n';
    return n;
}

static void who_has_moved_is_told(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(moved, "--community", "pottery", "--format", "json"), EXIT_SUCCESS);
    assert_int_equal(lines(), 5);
    assert_non_null(strstr(buf_string(&printed), "\"handle\":\"ada_q\""));
    assert_null(strstr(buf_string(&printed), "zoe"));
    assert_int_equal(RUN(moved, "--community", "pottery", "--format", "csv"), EXIT_SUCCESS);
    assert_int_equal(lines(), 6);
    assert_int_equal(RUN(moved, "--community", "pottery"), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "ada_q"));
}

static void one_state_alone_can_be_asked_for(void **state)
{
    (void)state;
    CLEANUP(buf_release) struct buf stats;
    char file[256];
    buf_init(&stats, 1 << 16);
    snprintf(file, sizeof file, "%s", path_of("stats"));
    make_store();
    assert_int_equal(RUN(moved, "--community", "pottery", "--state", "likely", "--format", "json", "--stats", file),
                     EXIT_SUCCESS);
    assert_int_equal(lines(), 1);
    assert_non_null(strstr(buf_string(&printed), "did:plc:cy"));
    scratch_read(file, &stats);
    assert_non_null(strstr(buf_string(&stats), "{\"accounts\":5,\"requests\":{},\"cache_hits\":0,"));
}

static void whose_list_it_is_must_be_known(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(moved, "--community", "nobody"), EXIT_FAILURE);
    assert_said("nobody");
    assert_int_equal(RUN(moved, "--community", "pottery", "--as", "@stranger"), EXIT_FAILURE);
    assert_said("stranger");
    assert_int_equal(RUN(moved, "--community", "pottery", "--state", "gone"), EXIT_WRONG_USAGE);
    assert_int_equal(RUN(moved, NULL), EXIT_WRONG_USAGE);
}

/* --- keeping house ---------------------------------------------------------------------------------------------------- */

static void where_nothing_is_stored_it_is_said(void **state)
{
    (void)state;
    assert_int_equal(RUN(pairs_export, "--community", "pottery"), EXIT_FAILURE);
    assert_said("nothing has been stored yet");
    assert_int_equal(RUN(check, NULL), EXIT_FAILURE);
    assert_said("nothing has been stored yet");
    assert_int_equal(RUN(backup, "one.backup"), EXIT_FAILURE);
    assert_said("nothing has been stored yet");
    assert_int_equal(RUN(fingerprint, NULL), EXIT_FAILURE);
    assert_said("there is no key file");
    assert_int_equal(RUN(schema, NULL), EXIT_SUCCESS);
    assert_true(text_starts(buf_text(&printed), TEXT("0001_ground                     not applied yet\n0002_")));
    assert_int_equal(access(path_of("data"), F_OK), -1); /* nobody who only reads makes anything */
}

static void a_sound_store_is_said_to_be(void **state)
{
    (void)state;
    make_store();
    assert_int_equal(RUN(check, NULL), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "X accounts                                         6  sound\n"));
    assert_int_equal(RUN(check, "--format", "json"), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "{\"checked\":\"pairs\",\"n\":6,\"damaged\":0}\n"));
    assert_int_equal(RUN(schema, "--format", "json"), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "{\"step\":1,\"name\":\"0001_ground\",\"applied\":\"20"));
    assert_int_equal(RUN(fingerprint, NULL), EXIT_SUCCESS);
    assert_int_equal(printed.len, KEYS_FINGERPRINT);
    assert_int_equal(RUN(fingerprint, "--format", "json"), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "\"seal_key\":1}\n"));
}

static void damage_ends_with_1(void **state)
{
    (void)state;
    make_store();
    scratch_write(path_of("data/left-out.log"), TEXT("nonsense\nmore\n"));
    assert_int_equal(RUN(check, NULL), EXIT_FAILURE);
    assert_non_null(strstr(buf_string(&printed), "DAMAGED: lines of left-out.log: "));
    assert_said("skein check: 1 damages\n");
    assert_int_equal(RUN(check, "--format", "json"), EXIT_FAILURE);
    assert_non_null(strstr(buf_string(&printed), "{\"damage\":\"lines of left-out.log: "));
    assert_int_equal(unlink(path_of("data/keys")), 0);
    assert_int_equal(RUN(check, NULL), EXIT_FAILURE);
    assert_said("data/keys is missing");
}

static void a_backup_goes_out_and_in(void **state)
{
    (void)state;
    char file[256];
    snprintf(file, sizeof file, "%s", path_of("one.backup"));
    make_store();
    assert_int_equal(RUN(backup, file), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "The keys are not in it"));
    assert_int_equal(RUN(backup, file), EXIT_FAILURE);
    assert_int_equal(RUN(restore, file), EXIT_FAILURE);
    assert_said("--replace");
    assert_int_equal(RUN(restore, file, "--replace"), EXIT_SUCCESS);
    assert_int_equal(RUN(check, NULL), EXIT_SUCCESS);
    assert_int_equal(RUN(pairs_export, "--community", "pottery"), EXIT_SUCCESS);
    assert_non_null(strstr(buf_string(&printed), "did:plc:ada"));
}

#define IN_SCRATCH(test) cmocka_unit_test_setup_teardown(test, make, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SCRATCH(pairs_that_somebody_vouches_for_are_exported),
        IN_SCRATCH(other_states_are_exported_when_asked_for),
        IN_SCRATCH(wrong_words_are_refused),
        IN_SCRATCH(who_has_moved_is_told),
        IN_SCRATCH(one_state_alone_can_be_asked_for),
        IN_SCRATCH(whose_list_it_is_must_be_known),
        IN_SCRATCH(where_nothing_is_stored_it_is_said),
        IN_SCRATCH(a_sound_store_is_said_to_be),
        IN_SCRATCH(damage_ends_with_1),
        IN_SCRATCH(a_backup_goes_out_and_in),
    };
    unsetenv("SKEIN_DATABASE");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
