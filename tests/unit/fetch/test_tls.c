/* tests/unit/fetch/test_tls.c
 *
 * Certificates: whom the given authorities vouch for is asked, nobody else is, and nobody else is asked twice.
 *
 * The other side is OpenSSL's own test server, and the certificates are made here, so nothing in the repository expires.
 * Skipped where the openssl command is not installed.
 */
#include "unit/fetch/world.h"

#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/skein-tls-XXXXXX";
static bool have_openssl;

static void in_folder(char *ret_path, size_t size, const char *name)
{
    snprintf(ret_path, size, "%s/%s", folder, name);
}

static bool run(const char *command)
{
    char whole[1024];
    snprintf(whole, sizeof whole, "cd '%s' && (%s) >/dev/null 2>&1", folder, command);
    return system(whole) == 0;
}

/* Two authorities, and certificates of the first one for 127.0.0.1 and for somebody else. */
static int make_certificates(void **state)
{
    static const char request[] = "openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes ";
    char command[768];
    (void)state;
    assert_non_null(mkdtemp(folder));
    have_openssl = run("openssl version");
    if (!have_openssl)
        return 0;
    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command, "%s -x509 -days 2 -subj /CN=authority%d -keyout ca%d.key -out ca%d.pem",
                 request, i, i, i);
        assert_true(run(command));
    }
    static const char *const names[] = {"IP:127.0.0.1", "DNS:other.test"};
    for (int i = 0; i < 2; i++) {
        snprintf(
            command, sizeof command,
            "%s -subj /CN=host -keyout host%d.key -out host%d.csr && printf 'subjectAltName=%s' > ext%d && openssl "
            "x509 -req -days 2 -in host%d.csr -CA ca0.pem -CAkey ca0.key -extfile ext%d -out host%d.pem",
            request, i, i, names[i], i, i, i, i);
        assert_true(run(command));
    }
    return 0;
}

static int remove_certificates(void **state)
{
    (void)state;
    run("rm -f *.pem *.key *.csr *.srl ext*");
    return rmdir(folder);
}

struct other_side {
    uv_process_t process;
    uv_pipe_t out;
    char said[512];
    size_t said_len;
    char piece[256];
    bool listens;
    unsigned port;
};

static void lend_memory(uv_handle_t *handle, size_t suggested, uv_buf_t *ret_buf)
{
    struct other_side *side = handle->data;
    (void)suggested;
    *ret_buf = uv_buf_init(side->piece, sizeof side->piece);
}

/* "ACCEPT 127.0.0.1:40123" */
static void on_said(uv_stream_t *stream, ssize_t len, const uv_buf_t *piece)
{
    struct other_side *side = stream->data;
    if (len <= 0 || side->said_len + (size_t)len >= sizeof side->said)
        return;
    memcpy(side->said + side->said_len, piece->base, (size_t)len);
    side->said_len += (size_t)len;
    const char *accept = strstr(side->said, "ACCEPT 127.0.0.1:");
    if (accept && strchr(accept, '\n') && sscanf(accept, "ACCEPT 127.0.0.1:%u", &side->port) == 1)
        side->listens = true;
}

static void on_exit_of_process(uv_process_t *process, int64_t status, int signal_number)
{
    struct other_side *side = process->data;
    (void)status;
    (void)signal_number;
    uv_close((uv_handle_t *)&side->process, NULL);
    uv_close((uv_handle_t *)&side->out, NULL);
}

static void start_other_side(struct world *world, struct other_side *side, int which)
{
    char certificate[64];
    char key[64];
    snprintf(certificate, sizeof certificate, "host%d.pem", which);
    snprintf(key, sizeof key, "host%d.key", which);
    char *args[] = {(char[]){"openssl"}, (char[]){"s_server"}, (char[]){"-accept"},  (char[]){"127.0.0.1:0"},
                    (char[]){"-cert"},   certificate,          (char[]){"-key"},     key,
                    (char[]){"-www"},    (char[]){"-alpn"},    (char[]){"http/1.1"}, NULL};
    uv_stdio_container_t stdio[3] = {
        {.flags = UV_IGNORE},
        {.flags = UV_CREATE_PIPE | UV_WRITABLE_PIPE, .data.stream = (uv_stream_t *)&side->out},
        {.flags = UV_IGNORE},
    };
    uv_process_options_t options = {.file = "openssl",
                                    .args = args,
                                    .cwd = folder,
                                    .stdio = stdio,
                                    .stdio_count = 3,
                                    .exit_cb = on_exit_of_process};
    *side = (struct other_side){.port = 0};
    uv_pipe_init(world->uv, &side->out, 0);
    side->out.data = side;
    side->process.data = side;
    assert_int_equal(uv_spawn(world->uv, &side->process, &options), 0);
    assert_int_equal(uv_read_start((uv_stream_t *)&side->out, lend_memory, on_said), 0);
    assert_true(world_until(world, &side->listens, PATIENCE_MS));
}

/* Asks a server with that certificate, trusting that authority. */
static struct answer ask_over_tls(int certificate, const char *authority, uint64_t *ret_requests)
{
    struct world world;
    struct other_side side;
    char ca_file[64];
    char url[64];
    in_folder(ca_file, sizeof ca_file, authority);
    world_open(&world, &(struct fetch_options){.allow_loopback = true, .ca_file = text_of(ca_file)});
    start_other_side(&world, &side, certificate);
    snprintf(url, sizeof url, "https://127.0.0.1:%u/", side.port);
    struct answer answer = world_ask(&world, (struct fetch_request){.url = text_of(url), .label = "tls"});
    *ret_requests = world_count(&world, "tls").requests;
    uv_process_kill(&side.process, SIGTERM);
    world_close(&world);
    return answer;
}

static void test_a_trusted_host_is_asked(void **state)
{
    uint64_t requests;
    (void)state;
    if (!have_openssl)
        skip();
    struct answer answer = ask_over_tls(0, "ca0.pem", &requests);
    assert_ok(answer);
    assert_int_equal(answer.status, 200);
    assert_non_null(strstr(answer.body, "TLSv1."));
}

static void test_an_unknown_authority_is_refused(void **state)
{
    uint64_t requests;
    (void)state;
    if (!have_openssl)
        skip();
    struct answer answer = ask_over_tls(0, "ca1.pem", &requests);
    assert_int_equal(answer.code, E_PROTOCOL);
    assert_says(answer, "certificate");
    assert_int_equal(requests, 1); /* would not get better */
}

static void test_a_certificate_for_somebody_else_is_refused(void **state)
{
    uint64_t requests;
    (void)state;
    if (!have_openssl)
        skip();
    struct answer answer = ask_over_tls(1, "ca0.pem", &requests);
    assert_int_equal(answer.code, E_PROTOCOL);
    assert_says(answer, "127.0.0.1");
    assert_int_equal(requests, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_trusted_host_is_asked),
        cmocka_unit_test(test_an_unknown_authority_is_refused),
        cmocka_unit_test(test_a_certificate_for_somebody_else_is_refused),
    };
    return cmocka_run_group_tests(tests, make_certificates, remove_certificates);
}
