/* The peer of row 3: the least that calls a server once a second. A timerfd on CLOCK_REALTIME, and at each tick a
 * fresh loopback connection, one request, its answer.
 *
 * peer-lateness PORT COUNT [OFFSET_MS]     COUNT calls of "/2", one a second, each OFFSET_MS after the whole second */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

static const char request[] = "GET /2 HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: */*\r\n\r\n";

static void die(const char *what) {
    perror(what);
    exit(1);
}

static void call(int port) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    char answer[4096];
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    if (send(fd, request, sizeof request - 1, MSG_NOSIGNAL) < 0) die("send");
    while (recv(fd, answer, sizeof answer, 0) > 0) continue;
    close(fd);
}

int main(int count, char **arguments) {
    if (count < 3) {
        fprintf(stderr, "usage: peer-lateness PORT COUNT [OFFSET_MS]\n");
        return 2;
    }
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    struct itimerspec when = {
        .it_value = {.tv_sec = t.tv_sec + 1, .tv_nsec = count > 3 ? atol(arguments[3]) * 1000000 : 0},
        .it_interval.tv_sec = 1};
    int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    if (timer < 0 || timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) < 0) die("timerfd");
    for (long i = atol(arguments[2]); i > 0; i--) {
        uint64_t expirations;
        if (read(timer, &expirations, sizeof expirations) < 0) die("read");
        call(atoi(arguments[1]));
    }
    return 0;
}
