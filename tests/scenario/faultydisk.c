/* A disk that fails when it is told to: LD_PRELOAD=faultydisk.so FAULT_FILE=/the/journal FAULT_PLAN=/a/plan PROGRAM.

   The plan is a file of 56 bytes that may change at any time: u32 kinds (1 write, 2 sync, 4 read; 0 none), u32 errno
   (0: half of the work is done), u64, u64 the byte offsets from .. to that a call must touch, and 32 bytes with a word,
   zero-filled: nothing fails before a write carries that word (none: at once). Only calls on FAULT_FILE are looked
   at. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

enum { WRITE = 1, SYNC = 2, READ = 4 };
struct plan { uint32_t kinds, error; uint64_t from, to; char word[32]; };

static struct plan *plan(void) {
    static struct plan *mapped;
    if (!mapped) {
        int fd = open(getenv("FAULT_PLAN"), O_RDWR | O_CLOEXEC);
        void *at = mmap(NULL, sizeof *mapped, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (fd < 0 || at == MAP_FAILED) abort();
        close(fd);
        mapped = at;
    }
    return mapped;
}

static int carries(const struct iovec *parts, int count, const char *word, size_t length) {
    for (int part = 0; part < count; part++)
        if (memmem(parts[part].iov_base, parts[part].iov_len, word, length)) return 1;
    return 0;
}

/* 0: let it be; 1: it fails with errno set; 2: half of it is done. A sync has no parts. */
static int fails(int fd, int kind, off64_t at, const struct iovec *parts, int count) {
    struct plan *now = plan();
    char link[64], name[PATH_MAX];
    if (!now->kinds) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, name, sizeof name - 1);
    if (size < 0) return 0;
    name[size] = 0;
    if (strcmp(name, getenv("FAULT_FILE"))) return 0;
    size_t length = count ? parts[0].iov_len : 0, word = strnlen(now->word, sizeof now->word);
    if (word) {
        if (!carries(parts, count, now->word, word)) return 0;
        memset(now->word, 0, sizeof now->word);
    }
    if (!(now->kinds & kind)) return 0;
    if (length && (at + (off64_t)length <= (off64_t)now->from || at >= (off64_t)now->to)) return 0;
    errno = now->error;
    return now->error ? 1 : 2;
}

#define REAL(name) ({ static __typeof__(name) *real; if (!real) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name); real; })

#define VECTOR(name, kind, ...)                                                              \
    switch (fails(fd, kind, at, parts, count)) {                                             \
    case 1: return -1;                                                                       \
    case 2: {                                                                                \
        struct iovec half = {parts[0].iov_base, parts[0].iov_len / 8192 * 4096};             \
        if (!half.iov_len) return 0;                                                         \
        parts = &half;                                                                       \
        count = 1;                                                                           \
        return REAL(name)(fd, parts, count, at __VA_ARGS__);                                 \
    }                                                                                        \
    }                                                                                        \
    return REAL(name)(fd, parts, count, at __VA_ARGS__)

#define COMMA ,
#define WRITES(flags) (WRITE | ((flags) & (RWF_DSYNC | RWF_SYNC) ? SYNC : 0))

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at) { VECTOR(pwritev, WRITE); }
ssize_t pwritev64(int fd, const struct iovec *parts, int count, off64_t at) { VECTOR(pwritev64, WRITE); }
ssize_t pwritev2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    VECTOR(pwritev2, WRITES(flags), COMMA flags);
}
ssize_t pwritev64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
    VECTOR(pwritev64v2, WRITES(flags), COMMA flags);
}
ssize_t preadv(int fd, const struct iovec *parts, int count, off_t at) { VECTOR(preadv, READ); }
ssize_t preadv64(int fd, const struct iovec *parts, int count, off64_t at) { VECTOR(preadv64, READ); }
ssize_t preadv2(int fd, const struct iovec *parts, int count, off_t at, int flags) {
    VECTOR(preadv2, READ, COMMA flags);
}
ssize_t preadv64v2(int fd, const struct iovec *parts, int count, off64_t at, int flags) {
    VECTOR(preadv64v2, READ, COMMA flags);
}
int fsync(int fd) { return fails(fd, SYNC, 0, NULL, 0) ? -1 : REAL(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, SYNC, 0, NULL, 0) ? -1 : REAL(fdatasync)(fd); }
