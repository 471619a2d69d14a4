/* The one client of all servers that are measured: n connections, each with one request under way, no more.

   load SOCKET CLIENTS LINES OK FILE
   FILE holds the requests, each behind its length (uint32, little-endian). An answer is whole when it has LINES line
   feeds, and good when OK stands in it. Prints: seconds, median and 99th percentile of the latency in microseconds,
   this client's own CPU seconds, answers, answers that were not good; then the first of those. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/mman.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { CLIENTS_MAX = 256, ANSWER_MAX = 1 << 16, PATIENCE_MS = 60000 };

static struct client { int fd; size_t got; int lines; double sent; char answer[ANSWER_MAX]; } clients[CLIENTS_MAX];
static char *next_message, *end_of_messages;

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

static int send_next(struct client *c) {
    if (next_message >= end_of_messages) return 0;
    uint32_t size;
    memcpy(&size, next_message, 4);
    c->got = 0;
    c->lines = 0;
    c->sent = now();
    for (size_t done = 0; done < size;) {
        ssize_t n = send(c->fd, next_message + 4 + done, size - done, MSG_NOSIGNAL);
        if (n < 0) fail("send");
        done += (size_t)n;
    }
    next_message += 4 + size;
    return 1;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(int argc, char **argv) {
    if (argc != 6) return fprintf(stderr, "load SOCKET CLIENTS LINES OK FILE\n"), 2;
    int wanted = atoi(argv[2]), lines = atoi(argv[3]), fd = open(argv[5], O_RDONLY);
    struct stat status;
    if (wanted < 1 || wanted > CLIENTS_MAX || fd < 0 || fstat(fd, &status) != 0) fail(argv[5]);
    next_message = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, fd, 0);
    if (next_message == MAP_FAILED) fail("mmap");
    end_of_messages = next_message + status.st_size;
    size_t room = (size_t)status.st_size / 4 + 1, answers = 0, bad = 0;
    double *latencies = malloc(room * sizeof *latencies);
    int poll = epoll_create1(0);
    char first_bad[200] = "";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strncpy(address.sun_path, argv[1], sizeof address.sun_path - 1);
    for (int i = 0; i < wanted; i++) {
        clients[i].fd = socket(AF_UNIX, SOCK_STREAM, 0);
        if (connect(clients[i].fd, (struct sockaddr *)&address, sizeof address) != 0) fail(argv[1]);
        struct epoll_event event = {.events = EPOLLIN, .data.ptr = &clients[i]};
        epoll_ctl(poll, EPOLL_CTL_ADD, clients[i].fd, &event);
    }
    double begun = now();
    int waiting = 0;
    for (int i = 0; i < wanted; i++) waiting += send_next(&clients[i]);
    while (waiting > 0) {
        struct epoll_event events[CLIENTS_MAX];
        int ready = epoll_wait(poll, events, CLIENTS_MAX, PATIENCE_MS);
        if (ready == 0) return fprintf(stderr, "no answer for %d s\n", PATIENCE_MS / 1000), 1;
        for (int i = 0; i < ready; i++) {
            struct client *c = events[i].data.ptr;
            ssize_t n = recv(c->fd, c->answer + c->got, ANSWER_MAX - 1 - c->got, 0);
            if (n <= 0) fail("recv");
            for (ssize_t at = 0; at < n; at++) c->lines += c->answer[c->got + (size_t)at] == '\n';
            c->got += (size_t)n;
            if (c->lines < lines) continue;
            c->answer[c->got] = 0;
            latencies[answers++] = now() - c->sent;
            if (strstr(c->answer, argv[4]) == NULL && bad++ == 0) snprintf(first_bad, sizeof first_bad, "%.199s", c->answer);
            waiting -= !send_next(c);
        }
    }
    double seconds = now() - begun;
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    double cpu = (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
                 (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
    qsort(latencies, answers, sizeof *latencies, compare);
    printf("%.6f %.1f %.1f %.6f %zu %zu\n%s\n", seconds, latencies[answers / 2] * 1e6, latencies[answers * 99 / 100] * 1e6,
           cpu, answers, bad, first_bad);
    return 0;
}
