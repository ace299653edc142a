/* bridge/app/cmd_backup.c
 *
 * skein backup, skein restore: one file out, one file in.
 */
#include "app/reader.h"
#include "base/cleanup.h"
#include "store/backup.h"

#include <stdio.h>
#include <stdlib.h>

int command_backup(struct invocation *invocation)
{
    CLEANUP(reader_release) struct reader reader = {0};
    struct backup_about about;
    struct err err = {0};
    const char *file = invocation->arguments[0];
    int rc = reader_open(&reader, invocation, &err);
    if (rc == 0)
        rc = backup_write(reader.store, file, &about, &err);
    if (rc < 0)
        return invocation_fail(invocation, &err);
    printf("%s holds the database and left-out.log. The keys are not in it: keep a copy of %s/" KEYS_FILE
           " (fingerprint %s) in another place.\n",
           file, store_folder(reader.store), about.fingerprint);
    return EXIT_SUCCESS;
}

int command_restore(struct invocation *invocation)
{
    struct store_options options = reader_options(invocation);
    struct backup_about about;
    char made[CLOCK_TEXT_MAX];
    struct err err = {0};
    bool replace = invocation_option(invocation, "replace") != NULL;
    if (backup_restore(&options, invocation->arguments[0], replace, &about, &err) < 0)
        return invocation_fail(invocation, &err);
    clock_print(about.made_ms, made);
    printf("The backup of %s is in %s. Wishes to be left out that came after it are kept.\n", made, options.folder);
    return EXIT_SUCCESS;
}
