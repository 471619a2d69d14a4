/* A disk that can be told to stop: while the file named by DISK_STOPPED exists, no write and no sync that the journal
 * makes gets any further. Loaded into the daemon with LD_PRELOAD, so that the daemon itself is the one that is shipped.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static void wait_while_stopped(void)
{
    const char *path = getenv("DISK_STOPPED");

    while (path != NULL && access(path, F_OK) == 0)
        usleep(1000);
}

#define STOPPABLE(type, name, parameters, arguments)                      \
    type name parameters                                                  \
    {                                                                     \
        type(*real) parameters = (type(*) parameters)dlsym(RTLD_NEXT, #name); \
        wait_while_stopped();                                             \
        return real arguments;                                            \
    }

STOPPABLE(ssize_t, pwritev, (int fd, const struct iovec *v, int n, off_t at), (fd, v, n, at))
STOPPABLE(ssize_t, pwritev64, (int fd, const struct iovec *v, int n, off64_t at), (fd, v, n, at))
STOPPABLE(ssize_t, pwritev2, (int fd, const struct iovec *v, int n, off_t at, int flags), (fd, v, n, at, flags))
STOPPABLE(ssize_t, pwritev64v2, (int fd, const struct iovec *v, int n, off64_t at, int flags), (fd, v, n, at, flags))
STOPPABLE(int, fdatasync, (int fd), (fd))
