/* bridge/http/listen.c
 *
 * The socket that a server listens on: of an address and a port, or a file of its own.
 */
#include "base/cleanup.h"
#include "http/inside.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define UNIX_PREFIX TEXT("unix:")
#define BACKLOG     1024 /* connections that wait to be taken: libmicrohttpd takes them in turns */

/* --- an address and a port ----------------------------------------------------------------------------------------- */

static bool parse_port(struct text t, in_port_t *ret_port)
{
    uint64_t port;
    if (!text_to_u64(t, &port) || port > 65535)
        return false;
    *ret_port = htons((uint16_t)port);
    return true;
}

static bool parse_address(struct text listen, struct sockaddr_storage *ret_address, socklen_t *ret_len)
{
    char host[INET6_ADDRSTRLEN];
    bool is_six = text_starts(listen, TEXT("["));
    size_t end = text_find(listen, is_six ? TEXT("]:") : TEXT(":"), 0);
    struct text words = text_slice(listen, is_six ? 1 : 0, end);
    struct text port = text_slice(listen, end + (is_six ? 2 : 1), listen.len);
    if (end == TEXT_NOWHERE || text_empty(words) || words.len >= sizeof host)
        return false;
    memcpy(host, words.data, words.len);
    host[words.len] = '\0';
    memset(ret_address, 0, sizeof *ret_address);
    if (is_six) {
        struct sockaddr_in6 *six = (struct sockaddr_in6 *)ret_address;
        six->sin6_family = AF_INET6;
        *ret_len = sizeof *six;
        return inet_pton(AF_INET6, host, &six->sin6_addr) == 1 && parse_port(port, &six->sin6_port);
    }
    struct sockaddr_in *four = (struct sockaddr_in *)ret_address;
    four->sin_family = AF_INET;
    *ret_len = sizeof *four;
    return inet_pton(AF_INET, host, &four->sin_addr) == 1 && parse_port(port, &four->sin_port);
}

static int bind_and_listen(int fd, const struct sockaddr_storage *address, socklen_t len)
{
    int on = 1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->ss_family == AF_INET6)
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    return bind(fd, (const struct sockaddr *)address, len) == 0 && listen(fd, BACKLOG) == 0 ? 0 : -1;
}

static int open_port(struct listener *listener, struct text listen_at, struct err *err)
{
    struct sockaddr_storage address;
    socklen_t len;
    if (!parse_address(listen_at, &address, &len))
        return err_set(err, E_BAD_INPUT,
                       "listen = %.*s: not an address and a port such as 127.0.0.1:8080 or [::1]:8080",
                       TEXT_ARG(listen_at));
    int fd = socket(address.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return err_set_system(err, errno, "no socket for %.*s", TEXT_ARG(listen_at));
    if (bind_and_listen(fd, &address, len) != 0 || getsockname(fd, (struct sockaddr *)&address, &len) != 0) {
        int failed = errno;
        close(fd);
        return err_set_system(err, failed, "%.*s cannot be listened on", TEXT_ARG(listen_at));
    }
    listener->port = ntohs(address.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&address)->sin6_port
                                                         : ((struct sockaddr_in *)&address)->sin_port);
    listener->fd = fd;
    return 0;
}

/* --- a file -------------------------------------------------------------------------------------------------------- */

/* Only a socket is taken away: whatever else lies there is somebody's. */
static int take_place(const char *path, struct err *err)
{
    struct stat there;
    if (lstat(path, &there) < 0)
        return errno == ENOENT ? 0 : err_set_system(err, errno, "%s cannot be looked at", path);
    if (!S_ISSOCK(there.st_mode))
        return err_set(err, E_IO, "%s is in the way of the socket that has to lie there: move it away", path);
    return unlink(path) == 0 ? 0 : err_set_system(err, errno, "%s cannot be taken away", path);
}

/* Nobody can connect before listen(2), and by then the file is this user's alone; the process's umask is left alone. */
static int bind_file(int fd, const struct sockaddr_un *address)
{
    if (bind(fd, (const struct sockaddr *)address, sizeof *address) < 0)
        return -1;
    return chmod(address->sun_path, S_IRUSR | S_IWUSR) < 0 ? -1 : listen(fd, BACKLOG);
}

static int open_file(struct listener *listener, struct text path, struct err *err)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (text_empty(path) || path.len >= sizeof address.sun_path)
        return err_set(err, E_BAD_INPUT,
                       "%.*s cannot be a socket: its path has %zu bytes, and the system takes 1 to %zu", TEXT_ARG(path),
                       path.len, sizeof address.sun_path - 1);
    memcpy(address.sun_path, path.data, path.len);
    int rc = take_place(address.sun_path, err);
    if (rc < 0)
        return rc;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    listener->path = fd < 0 ? NULL : strdup(address.sun_path);
    if (!listener->path || bind_file(fd, &address) < 0) {
        int failed = errno;
        if (fd >= 0)
            close(fd);
        return err_set_system(err, failed, "%s cannot be listened on", address.sun_path);
    }
    listener->fd = fd;
    return 0;
}

/* --- both ---------------------------------------------------------------------------------------------------------- */

int listener_open(struct listener *listener, struct text listen_at, struct err *err)
{
    if (!text_starts(listen_at, UNIX_PREFIX))
        return open_port(listener, listen_at, err);
    int rc = open_file(listener, text_slice(listen_at, UNIX_PREFIX.len, listen_at.len), err);
    if (rc < 0) {
        free(listener->path); /* it may be somebody else's file: it stays */
        listener->path = NULL;
    }
    return rc;
}

void listener_forget(struct listener *listener)
{
    if (!listener->path)
        return;
    unlink(listener->path);
    free(listener->path);
    listener->path = NULL;
}
