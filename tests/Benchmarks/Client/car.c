// The life of one connection: connect, upgrade, read, lose, come back.
#define _GNU_SOURCE
#include "car.h"
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

// The key of RFC 6455's example, so that the answer to it is known to a server without SHA-1 (the floor).
#define KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define ACCEPT "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

uint64_t now_ns(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static uint64_t jitter(double seconds) { return (uint64_t)(drand48() * seconds * 1e9); }

static void come_back(struct car *car, double after, double spread) {
    if (!settings.comes_back) {
        car->state = AWAY;
        return;
    }
    car->state = WAITING;
    car->target = (uint8_t)((car->target + 1) % settings.target_count);
    car->due = now_ns() + (uint64_t)(after * 1e9) + jitter(spread);
}

void car_close(struct car *car, int epoll, bool lost) {
    if (car->fd >= 0) {
        epoll_ctl(epoll, EPOLL_CTL_DEL, car->fd, NULL);
        close(car->fd);
        car->fd = -1;
    }
    free(car->kept);
    car->kept = NULL;
    car->kept_length = 0;
    tally.open -= car->state == OPEN;
    tally.ready -= car->ready;
    bool was_open = car->state == OPEN;
    car->ready = 0;
    car->state = AWAY;
    if (lost) {
        tally.lost += was_open;
        // PROTOCOL.md §6: a random time up to 1 s × 2ⁿ, at most a minute.
        uint8_t n = was_open ? 0 : car->losses < 6 ? car->losses : 6;
        car->losses = (uint8_t)(n + 1);
        come_back(car, 0, n == 6 ? 60 : 1 << n);
    }
}

void car_wants(struct car *car, int epoll, uint32_t events) {
    struct epoll_event wanted = {.events = events, .data.ptr = car};
    epoll_ctl(epoll, EPOLL_CTL_MOD, car->fd, &wanted);
}

void car_connect(struct car *car, int epoll) {
    car->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (car->fd < 0) {
        perror("socket");
        exit(1);
    }
    int on = 1;
    setsockopt(car->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (settings.sources > 0) {
        // The port is chosen at connect: one address has too few of them when it must be free for every target.
        setsockopt(car->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
        struct sockaddr_in source = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000100u + 1 + car->index % settings.sources)};
        bind(car->fd, (struct sockaddr *)&source, sizeof source);
    }
    car->state = CONNECTING;
    car->began = now_ns();
    struct epoll_event wanted = {.events = EPOLLOUT, .data.ptr = car};
    epoll_ctl(epoll, EPOLL_CTL_ADD, car->fd, &wanted);
    struct sockaddr_in *target = &settings.targets[car->target % settings.target_count];
    if (connect(car->fd, (struct sockaddr *)target, sizeof *target) != 0 && errno != EINPROGRESS) {
        tally.faults++;
        car_close(car, epoll, true);
    }
}

void car_greet(struct car *car) {
    char vid[80], path[256], request[640];
    snprintf(vid, sizeof vid, "%s%07u", settings.prefix, car->index);
    snprintf(path, sizeof path, settings.path, vid);
    int length = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " KEY "\r\n%s\r\n",
        path, settings.dialect == PUSH ? "Sec-WebSocket-Protocol: push.v1\r\n" : "");
    car->state = UPGRADING;
    if (send(car->fd, request, (size_t)length, MSG_NOSIGNAL) != length) {
        tally.faults++;
    }
}

bool car_upgraded(struct car *car, const uint8_t *head, size_t length) {
    if (length > 12 && memcmp(head, "HTTP/1.1 101", 12) == 0 && memmem(head, length, ACCEPT, strlen(ACCEPT))) {
        uint64_t waited = now_ns() - car->began;
        tally.handshake_worst = waited > tally.handshake_worst ? waited : tally.handshake_worst;
        tally.opened++;
        tally.open++;
        car->state = OPEN;
        car->losses = 0;
        return true;
    }
    tally.refused++;
    const char *after = memmem(head, length, "Retry-After: ", 13);
    double seconds = after ? strtod(after + 13, NULL) : 60;
    car->losses = 1;
    car->state = UPGRADING;
    car->due = (uint64_t)(seconds * 1000);
    return false;
}
