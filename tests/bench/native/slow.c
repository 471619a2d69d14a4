/* A slow device for whoever is measured: LD_PRELOAD=slow.so BENCH_SYNC_US=5000 PROGRAM.

   Every call that returns only when data is on the device takes so much longer: fsync, fdatasync, msync(MS_SYNC),
   pwritev2 with RWF_DSYNC or RWF_SYNC, and writes through a descriptor that was opened with O_DSYNC or O_SYNC. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static long delay_us = -1;

static void wait_for_device(void) {
    if (delay_us < 0) {
        const char *text = getenv("BENCH_SYNC_US");
        delay_us = text ? atol(text) : 0;
    }
    if (delay_us > 0) {
        struct timespec delay = {delay_us / 1000000, delay_us % 1000000 * 1000};
        nanosleep(&delay, NULL);
    }
}

static int synchronous(int fd) {
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && (flags & O_DSYNC);
}

#define REAL(name) ({ static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); real; })

int fsync(int fd) { wait_for_device(); return REAL(fsync)(fd); }
int fdatasync(int fd) { wait_for_device(); return REAL(fdatasync)(fd); }
int msync(void *start, size_t size, int flags) {
    if (flags & MS_SYNC) wait_for_device();
    return REAL(msync)(start, size, flags);
}
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    if ((flags & (RWF_DSYNC | RWF_SYNC)) || synchronous(fd)) wait_for_device();
    return REAL(pwritev2)(fd, parts, count, at, flags);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
    if ((flags & (RWF_DSYNC | RWF_SYNC)) || synchronous(fd)) wait_for_device();
    return REAL(pwritev64v2)(fd, parts, count, at, flags);
}
ssize_t pwrite(int fd, const void *data, size_t size, off_t at) {
    if (synchronous(fd)) wait_for_device();
    return REAL(pwrite)(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at) {
    if (synchronous(fd)) wait_for_device();
    return REAL(pwrite64)(fd, data, size, at);
}
