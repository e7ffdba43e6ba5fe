/* The peer of rows 1 and 2: a bare libcurl loop, as good as one writes it. Its own epoll, the multi-socket interface,
 * a fixed number of calls in flight over recycled easy handles, every body to a callback. It records nothing.
 *
 * peer-calls PORT LIMIT [HEADER…]      calls http://127.0.0.1:PORT/NUMBER, LIMIT in flight at most
 *
 * Each line "SECOND COUNT" on its standard input makes COUNT calls, numbered from 1, from that second on
 * (CLOCK_REALTIME; 0: at once), and is answered with the number of calls that ended with 200. */
#define _GNU_SOURCE
#include <curl/curl.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

enum { EVENTS = 64 };

static CURLM *multi;
static CURL **idle; /* easy handles between two calls */
static long idle_count;
static struct curl_slist *headers;
static int poller;
static int port;
static int64_t deadline = -1; /* of curl's timer, CLOCK_MONOTONIC milliseconds; -1: none */
static uint64_t body_bytes;

static void die(const char *what) {
    perror(what);
    exit(1);
}

static int64_t milliseconds(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static size_t on_body(char *bytes, size_t size, size_t count, void *context) {
    (void)bytes;
    (void)context;
    body_bytes += size * count;
    return size * count;
}

static int on_socket(CURL *easy, curl_socket_t fd, int what, void *context, void *known) {
    (void)easy;
    (void)context;
    if (what == CURL_POLL_REMOVE) {
        epoll_ctl(poller, EPOLL_CTL_DEL, fd, NULL);
        return 0;
    }
    struct epoll_event event = {.data.fd = fd};
    event.events = (what & CURL_POLL_IN ? EPOLLIN : 0) | (what & CURL_POLL_OUT ? EPOLLOUT : 0);
    epoll_ctl(poller, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &event);
    if (!known) curl_multi_assign(multi, fd, &poller); /* any pointer says "known" */
    return 0;
}

static int on_timer(CURLM *handle, long delay, void *context) {
    (void)handle;
    (void)context;
    deadline = delay < 0 ? -1 : milliseconds() + delay;
    return 0;
}

static CURL *make_easy(void) {
    CURL *easy = curl_easy_init();
    if (!easy) die("curl_easy_init");
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, on_body);
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, 30000L);
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    if (headers) curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    return easy;
}

static void start(long number) {
    char url[64];
    CURL *easy = idle_count ? idle[--idle_count] : make_easy();
    snprintf(url, sizeof url, "http://127.0.0.1:%d/%ld", port, number);
    curl_easy_setopt(easy, CURLOPT_URL, url);
    if (curl_multi_add_handle(multi, easy) != CURLM_OK) die("curl_multi_add_handle");
}

/* Takes the calls that ended off the loop; returns how many, and adds those that went well to `good`. */
static long finish(long *good) {
    CURLMsg *message;
    long ended = 0;
    int left;
    while ((message = curl_multi_info_read(multi, &left))) {
        if (message->msg != CURLMSG_DONE) continue;
        CURL *easy = message->easy_handle;
        long status = 0;
        curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
        *good += message->data.result == CURLE_OK && status == 200;
        curl_multi_remove_handle(multi, easy);
        idle[idle_count++] = easy;
        ended++;
    }
    return ended;
}

static void turn(void) {
    struct epoll_event events[EVENTS];
    int running;
    int64_t left = deadline < 0 ? -1 : deadline - milliseconds();
    int ready = epoll_wait(poller, events, EVENTS, deadline < 0 ? -1 : left < 0 ? 0 : (int)left);
    if (ready < 0 && errno != EINTR) die("epoll_wait");
    for (int i = 0; i < ready; i++) {
        uint32_t seen = events[i].events;
        int mask = (seen & EPOLLIN ? CURL_CSELECT_IN : 0) | (seen & EPOLLOUT ? CURL_CSELECT_OUT : 0) |
                   (seen & (EPOLLERR | EPOLLHUP) ? CURL_CSELECT_ERR : 0);
        curl_multi_socket_action(multi, events[i].data.fd, mask, &running);
    }
    if (deadline >= 0 && milliseconds() >= deadline) {
        deadline = -1;
        curl_multi_socket_action(multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
}

/* Makes `count` calls, `limit` in flight at most; returns how many went well. */
static long call(long count, long limit) {
    long started = 0, ended = 0, good = 0;
    while (ended < count) {
        while (started < count && started - ended < limit) start(++started);
        turn();
        ended += finish(&good);
    }
    return good;
}

static void wait_until(long second) {
    struct itimerspec when = {.it_value.tv_sec = second};
    uint64_t expirations;
    int timer = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC);
    if (timer < 0 || timerfd_settime(timer, TFD_TIMER_ABSTIME, &when, NULL) < 0) die("timerfd");
    if (read(timer, &expirations, sizeof expirations) < 0) die("read");
    close(timer);
}

int main(int argument_count, char **arguments) {
    long second, count, limit = argument_count > 2 ? atol(arguments[2]) : 0;
    if (limit < 1) {
        fprintf(stderr, "usage: peer-calls PORT LIMIT [HEADER...]\n");
        return 2;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    port = atoi(arguments[1]);
    for (int i = 3; i < argument_count; i++) headers = curl_slist_append(headers, arguments[i]);
    if (!(idle = calloc((size_t)limit, sizeof *idle))) die("calloc");
    if ((poller = epoll_create1(EPOLL_CLOEXEC)) < 0) die("epoll_create1");
    curl_global_init(CURL_GLOBAL_ALL);
    if (!(multi = curl_multi_init())) die("curl_multi_init");
    curl_multi_setopt(multi, CURLMOPT_SOCKETFUNCTION, on_socket);
    curl_multi_setopt(multi, CURLMOPT_TIMERFUNCTION, on_timer);
    curl_multi_setopt(multi, CURLMOPT_MAXCONNECTS, limit);
    while (scanf("%ld %ld", &second, &count) == 2) {
        if (second > 0) wait_until(second);
        printf("%ld\n", call(count, limit));
        fflush(stdout);
    }
    return 0;
}
