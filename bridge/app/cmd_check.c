/* bridge/app/cmd_check.c
 *
 * skein check, skein schema, skein key fingerprint: what is stored, and whether it is sound. They change nothing.
 */
#include "app/reader.h"
#include "base/cleanup.h"
#include "base/json.h"
#include "base/limits.h"
#include "graph/check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static int print_json(json_t *line, struct err *err)
{
    CLEANUP(buf_release) struct buf out;
    CLEANUP_JSON json_t *owned = line;
    buf_init(&out, LIMIT_METRICS);
    if (!owned || json_write(owned, &out) < 0 || buf_add_byte(&out, '\n') < 0)
        return err_set(err, E_NOMEM, "no memory for a line");
    fwrite(out.data, 1, out.len, stdout);
    return 0;
}

/* --- check ------------------------------------------------------------------------------------------------------------ */

struct check_command {
    enum reader_format format;
    uint64_t damaged;
};

static void on_damage(void *context, const char *sentence)
{
    struct check_command *command = context;
    command->damaged++;
    if (command->format == READER_JSON)
        print_json(json_pack("{so}", "damage", json_from_view(text_of(sentence))), NULL);
    else
        printf("DAMAGED: %s\n", sentence);
}

static void on_looked(void *context, const char *what, uint64_t n, uint64_t damaged)
{
    const struct check_command *command = context;
    if (command->format == READER_JSON)
        print_json(json_pack("{sssIsI}", "checked", what, "n", (json_int_t)n, "damaged", (json_int_t)damaged), NULL);
    else if (damaged > 0)
        printf("%-40s%12" PRIu64 "  %" PRIu64 " damaged\n", what, n, damaged);
    else
        printf("%-40s%12" PRIu64 "  sound\n", what, n);
}

static int check(struct check_command *command, const struct reader *reader, struct err *err)
{
    struct check_report report = {.damage = on_damage, .looked = on_looked, .context = command};
    struct checking checking = {.store = reader->store, .db = reader->db, .report = &report};
    int rc = check_database(&checking, err);
    if (rc == 0)
        rc = db_begin(reader->db, err);
    if (rc == 0)
        rc = check_wishes(&checking, err);
    return rc ? rc : graph_check(&checking, err);
}

int command_check(struct invocation *invocation)
{
    CLEANUP(reader_release) struct reader reader = {0};
    struct check_command command = {0};
    struct err err = {0};
    int rc = reader_read_format(invocation, &command.format, &err);
    if (rc == 0)
        rc = reader_open(&reader, invocation, &err);
    if (rc == 0)
        rc = check(&command, &reader, &err);
    if (rc < 0)
        return invocation_fail(invocation, &err);
    if (command.damaged == 0)
        return EXIT_SUCCESS;
    fprintf(stderr, "skein check: %" PRIu64 " damages\n", command.damaged);
    return EXIT_FAILURE;
}

/* --- schema ----------------------------------------------------------------------------------------------------------- */

static int print_step(const struct schema_step *step, enum reader_format format, struct err *err)
{
    char when[CLOCK_TEXT_MAX] = "not applied yet";
    if (step->applied_ms != 0)
        clock_print(step->applied_ms, when);
    if (format == READER_JSON)
        return print_json(json_pack("{sIssso}", "step", (json_int_t)step->number, "name", step->name, "applied",
                                    step->applied_ms ? json_string(when) : json_null()),
                          err);
    printf("%-32s%s\n", step->name, when);
    return 0;
}

int command_schema(struct invocation *invocation)
{
    struct store_options options = reader_options(invocation);
    struct schema_step steps[SCHEMA_STEPS_MAX];
    enum reader_format format;
    size_t n = 0;
    struct err err = {0};
    int rc = reader_read_format(invocation, &format, &err);
    if (rc == 0)
        rc = store_schema_look(&options, steps, SCHEMA_STEPS_MAX, &n, &err);
    for (size_t i = 0; rc == 0 && i < n; i++)
        rc = print_step(&steps[i], format, &err);
    return rc < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}

/* --- keys ------------------------------------------------------------------------------------------------------------- */

CLEANUP_POINTER(struct keys, keys_free)

int command_key_fingerprint(struct invocation *invocation)
{
    CLEANUP(keys_free_at) struct keys *keys = NULL;
    struct store_options options = reader_options(invocation);
    enum reader_format format;
    char fingerprint[KEYS_FINGERPRINT];
    struct err err = {0};
    int rc = reader_read_format(invocation, &format, &err);
    if (rc == 0)
        rc = access(options.folder, F_OK) == 0 ? keys_open(options.folder, NULL, &keys, &err) : E_NOT_FOUND;
    if (rc == E_NOT_FOUND)
        err_set(&err, rc, "there is no key file %s/" KEYS_FILE " yet: the first command that stores something makes it",
                options.folder);
    if (rc < 0)
        return invocation_fail(invocation, &err);
    keys_fingerprint(keys, fingerprint);
    if (format == READER_TEXT)
        printf("%s\n", fingerprint);
    else
        rc = print_json(json_pack("{sssI}", "fingerprint", fingerprint, "seal_key", (json_int_t)keys_seal_number(keys)),
                        &err);
    return rc < 0 ? invocation_fail(invocation, &err) : EXIT_SUCCESS;
}
