/* bridge/app/cmd_config.c
 *
 * skein config, skein version.
 */
#include "app/command.h"
#include "base/cleanup.h"
#include "base/limits.h"

#include <stdio.h>
#include <stdlib.h>

int command_config(struct invocation *invocation)
{
    CLEANUP(buf_release) struct buf out;
    const char *format = invocation_option(invocation, "format");
    struct text word = format ? text_of(format) : TEXT("text");
    struct err err = {0};
    buf_init(&out, LIMIT_SETTINGS);
    int rc;
    if (text_equal(word, TEXT("json")))
        rc = config_print_json(&invocation->config, &out);
    else if (text_equal(word, TEXT("text")))
        rc = config_print(&invocation->config, &out);
    else
        rc = err_set(&err, E_USAGE, "--format is text or json, not '%.*s'", TEXT_ARG(word));
    if (rc == E_NOMEM)
        err_set(&err, E_NOMEM, "no memory to print the settings");
    if (rc < 0)
        return invocation_fail(invocation, &err);
    fwrite(out.data, 1, out.len, stdout);
    return EXIT_SUCCESS;
}

int command_version(struct invocation *invocation)
{
    (void)invocation;
    printf("skein %s\n", SKEIN_VERSION);
    return EXIT_SUCCESS;
}
