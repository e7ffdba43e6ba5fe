/* The target of every measurement: an HTTP/1.1 server on loopback that answers 200 with three bytes and notes when
 * each request arrived. Daemon and peer call the same one, so that what it costs is the same on both sides.
 *
 * server [--close]     --close: every answer ends its connection.
 *
 * It prints its port, then takes commands on its standard input and answers each with one line:
 *   count       requests so far, and connections accepted so far
 *   reset       forget both
 *   dump FILE   write the arrivals to FILE: struct arrival after struct arrival, as the machine lays them out
 * End of input ends it. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { DESCRIPTORS = 65536, HEAD_MAX = 8192, ARRIVALS_MAX = 1 << 21, EVENTS = 256, BACKLOG = 65535 };

struct arrival {
    int64_t at;          /* CLOCK_REALTIME, microseconds, read when the request had been received whole */
    uint32_t number;     /* from the request's path, "/NUMBER" */
    uint32_t connection; /* counted from 1 in order of acceptance */
};

struct connection {
    uint32_t id;
    uint32_t length; /* bytes of a head that is not whole yet */
    char head[HEAD_MAX];
};

static struct connection *connections[DESCRIPTORS];
static struct arrival *arrivals;
static uint64_t requests;
static uint32_t accepted;
static int poller;
static int closes;

static const char keep_answer[] = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n\r\nok\n";
static const char close_answer[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n";

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t now(void) {
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static void watch(int fd) {
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
}

static int listen_on_loopback(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) < 0 || listen(fd, BACKLOG) < 0) die("listen");
    if (getsockname(fd, (struct sockaddr *)&address, &length) < 0) die("getsockname");
    printf("%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static void accept_all(int listener) {
    for (;;) {
        int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
        if (fd < 0) return;
        int on = 1;
        if (fd >= DESCRIPTORS || setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0) {
            close(fd);
            continue;
        }
        /* Kept when the connection closes and used again with the descriptor's number. */
        if (!connections[fd] && !(connections[fd] = malloc(sizeof *connections[fd]))) die("malloc");
        connections[fd]->id = ++accepted;
        connections[fd]->length = 0;
        watch(fd);
    }
}

static void note(const struct connection *connection, const char *head) {
    if (requests < ARRIVALS_MAX) {
        const char *slash = strchr(head, '/');
        arrivals[requests] = (struct arrival){
            .at = now(), .number = slash ? (uint32_t)strtoul(slash + 1, NULL, 10) : 0, .connection = connection->id};
    }
    requests++;
}

/* Reads what has come and answers each request in it. False: the connection is over. */
static int serve(int fd, struct connection *connection) {
    ssize_t got = recv(fd, connection->head + connection->length, HEAD_MAX - 1 - connection->length, 0);
    if (got <= 0) return got < 0 && errno == EAGAIN;
    connection->length += (uint32_t)got;
    connection->head[connection->length] = 0;
    char *start = connection->head, *end;
    while ((end = strstr(start, "\r\n\r\n"))) {
        note(connection, start);
        const char *answer = closes ? close_answer : keep_answer;
        if (send(fd, answer, strlen(answer), MSG_NOSIGNAL) < 0 || closes) return 0;
        start = end + 4;
    }
    connection->length -= (uint32_t)(start - connection->head);
    memmove(connection->head, start, connection->length);
    return connection->length < HEAD_MAX - 1;
}

static void dump(const char *path) {
    FILE *file = fopen(path, "wb");
    uint64_t kept = requests < ARRIVALS_MAX ? requests : ARRIVALS_MAX;
    if (!file || fwrite(arrivals, sizeof *arrivals, kept, file) != kept || fclose(file) != 0) die(path);
    printf("%llu\n", (unsigned long long)kept);
}

static void command(void) {
    char line[4096];
    /* One command at a time: the other side waits for each answer, so nothing is left in the buffer. */
    if (!fgets(line, sizeof line, stdin)) exit(0);
    line[strcspn(line, "\n")] = 0;
    if (strncmp(line, "dump ", 5) == 0) {
        dump(line + 5);
    } else if (strcmp(line, "reset") == 0) {
        requests = accepted = 0;
        printf("0 0\n");
    } else {
        printf("%llu %u\n", (unsigned long long)requests, accepted);
    }
    fflush(stdout);
}

int main(int count, char **arguments) {
    closes = count > 1 && strcmp(arguments[1], "--close") == 0;
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    arrivals = malloc(sizeof *arrivals * ARRIVALS_MAX);
    if (!arrivals) die("malloc");
    memset(arrivals, 0, sizeof *arrivals * ARRIVALS_MAX); /* touched now, so that no arrival pays for a page fault */
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    int listener = listen_on_loopback();
    watch(listener);
    watch(STDIN_FILENO);
    for (;;) {
        struct epoll_event events[EVENTS];
        int ready = epoll_wait(poller, events, EVENTS, -1);
        if (ready < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < ready; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_all(listener);
            else if (fd == STDIN_FILENO) command();
            else if (!serve(fd, connections[fd])) close(fd);
        }
    }
}
