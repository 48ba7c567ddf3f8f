// Very many cars on one thread. Reads commands on stdin, answers "read" with a line of JSON on stdout, and ends with its stdin:
//   open N R     the first N cars come, R of them a second       shut    all of them leave
//   read         what was seen                                   clear   what was seen counts from here
//   arrivals     the first message's time in steps of 10 ms, then how many came in each step from there on
#define _GNU_SOURCE
#include "car.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

struct settings settings = {.path = "/", .prefix = "car-", .target_count = 0};
struct tally tally;
static struct car *cars;
static int epoll;
static uint32_t wanted, started;
static double rate;
static uint64_t since;
static uint32_t started_then;

static void drop_refused(struct car *car) {
    uint64_t after = car->due;
    car_close(car, epoll, false);
    if (settings.comes_back) {
        car->state = WAITING;
        car->target = (uint8_t)((car->target + 1) % settings.target_count);
        car->due = now_ns() + after * 1000000u + (uint64_t)(drand48() * 1e9);
    }
}

static void keep(struct car *car, const uint8_t *rest, size_t length) {
    uint8_t *kept = length > 0 ? malloc(length) : NULL;
    if (kept) {
        memcpy(kept, rest, length);
    }
    free(car->kept);
    car->kept = kept;
    car->kept_length = (uint32_t)length;
}

static void receive(struct car *car) {
    static uint8_t buffer[BUFFER];
    if (car->kept_length > 0) {
        memcpy(buffer, car->kept, car->kept_length);
    }
    ssize_t got = recv(car->fd, buffer + car->kept_length, BUFFER - car->kept_length, 0);
    if (got <= 0) {
        if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
            car_close(car, epoll, true);
        }
        return;
    }
    size_t length = car->kept_length + (size_t)got, used = 0;
    if (car->state == UPGRADING) {
        uint8_t *end = memmem(buffer, length, "\r\n\r\n", 4);
        if (end) {
            used = (size_t)(end - buffer) + 4;
            if (!car_upgraded(car, buffer, used)) {
                drop_refused(car);
                return;
            }
            car_introduce(car);
        }
    }
    if (car->state == OPEN) {
        ptrdiff_t frames = car_frames(car, buffer + used, length - used);
        if (frames < 0) {
            car_close(car, epoll, true);
            return;
        }
        used += (size_t)frames;
    }
    if (used < length || car->kept_length > 0) {
        keep(car, buffer + used, length - used);
    }
}

static void on_event(struct car *car, uint32_t events) {
    if (car->fd < 0) {
        return;
    }
    if (car->state == CONNECTING) {
        int fault = 0;
        socklen_t size = sizeof fault;
        getsockopt(car->fd, SOL_SOCKET, SO_ERROR, &fault, &size);
        if (fault) {
            car_close(car, epoll, true);
            return;
        }
        car_greet(car);
        car_wants(car, epoll, EPOLLIN);
    } else if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
        receive(car);
    }
}

static void report(void) {
    struct rusage own;
    getrusage(RUSAGE_SELF, &own);
    uint64_t cpu = (uint64_t)(own.ru_utime.tv_sec + own.ru_stime.tv_sec) * 1000000u + (uint64_t)(own.ru_utime.tv_usec + own.ru_stime.tv_usec);
#define N(name, value) "\"" name "\":%llu"
    printf("{" N("open",) "," N("ready",) "," N("opened",) "," N("lost",) "," N("refused",) "," N("faults",) "," N("messages",) "," N("bytes",) "," N("pings",)
               "," N("pushes",) "," N("told",) "," N("firstAt",) "," N("lastAt",) "," N("handshakeWorstUs",) "," N("p50Us",) "," N("p99Us",) "," N("worstUs",)
               "," N("cpuUs",) "," N("at",) "}\n",
        (unsigned long long)tally.open, (unsigned long long)tally.ready, (unsigned long long)tally.opened, (unsigned long long)tally.lost,
        (unsigned long long)tally.refused, (unsigned long long)tally.faults, (unsigned long long)tally.messages, (unsigned long long)tally.bytes,
        (unsigned long long)tally.pings, (unsigned long long)tally.pushes, (unsigned long long)tally.told, (unsigned long long)tally.first_at,
        (unsigned long long)tally.last_at, (unsigned long long)tally.handshake_worst / 1000, (unsigned long long)latency_at(0.5),
        (unsigned long long)latency_at(0.99), (unsigned long long)latency_at(0.9999999), (unsigned long long)cpu, (unsigned long long)now_ns());
#undef N
    fflush(stdout);
}

static void report_arrivals(void) {
    uint64_t step = tally.first_at / 1000000 / ARRIVAL_MS, last = tally.last_at / 1000000 / ARRIVAL_MS - step;
    printf("[%llu", (unsigned long long)step);
    for (uint64_t i = 0; tally.first_at > 0 && i <= last && i < ARRIVAL_STEPS; i++) {
        printf(",%u", tally.arrivals[i]);
    }
    printf("]\n");
    fflush(stdout);
}

static void clear(void) {
    uint64_t open = tally.open, ready = tally.ready;
    memset(&tally, 0, sizeof tally);
    tally.open = open;
    tally.ready = ready;
    for (uint32_t i = 0; i < settings.count; i++) {
        cars[i].pushes = 0;
    }
}

static void obey(char *line) {
    unsigned number;
    double speed;
    if (sscanf(line, "open %u %lf", &number, &speed) == 2) {
        wanted = number < settings.count ? number : settings.count;
        rate = speed;
        since = now_ns();
        started_then = started;
    } else if (strcmp(line, "read") == 0) {
        report();
    } else if (strcmp(line, "arrivals") == 0) {
        report_arrivals();
    } else if (strcmp(line, "clear") == 0) {
        clear();
    } else if (strcmp(line, "shut") == 0) {
        wanted = started = 0;
        for (uint32_t i = 0; i < settings.count; i++) {
            car_close(&cars[i], epoll, false);
        }
    } else {
        fprintf(stderr, "unknown command: %s\n", line);
        exit(2);
    }
}

static void read_commands(void) {
    static char text[4096];
    static size_t length;
    ssize_t got = read(0, text + length, sizeof text - length - 1);
    if (got <= 0) {
        exit(0);
    }
    length += (size_t)got;
    char *end;
    while ((end = memchr(text, '\n', length)) != NULL) {
        *end = 0;
        obey(text);
        length -= (size_t)(end + 1 - text);
        memmove(text, end + 1, length);
    }
}

// New cars at their rate, and those whose time to come back has come.
static void start_due(void) {
    static uint64_t looked;
    uint64_t now = now_ns();
    double allowed = (double)started_then + (double)(now - since) / 1e9 * rate;
    for (; started < wanted && started < allowed; started++) {
        car_connect(&cars[started], epoll);
    }
    if (!settings.comes_back || now - looked < 10000000u) {
        return;
    }
    looked = now;
    for (uint32_t i = 0; i < started; i++) {
        if (cars[i].state == WAITING && cars[i].due <= now) {
            car_connect(&cars[i], epoll);
        }
    }
}

static void read_settings(int count, char **arguments) {
    for (int i = 1; i < count; i++) {
        const char *name = arguments[i], *value = i + 1 < count ? arguments[++i] : "";
        if (strcmp(name, "--target") == 0 && settings.target_count < 8) {
            struct sockaddr_in *target = &settings.targets[settings.target_count++];
            char address[32];
            unsigned port = 0;
            sscanf(value, "%31[0-9.]:%u", address, &port);
            *target = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
            inet_pton(AF_INET, address, &target->sin_addr);
        } else if (strcmp(name, "--path") == 0) {
            settings.path = value;
        } else if (strcmp(name, "--prefix") == 0) {
            settings.prefix = value;
        } else if (strcmp(name, "--dialect") == 0) {
            settings.dialect = strcmp(value, "push") == 0 ? PUSH : strcmp(value, "signalr") == 0 ? SIGNALR : RAW;
        } else if (strcmp(name, "--cars") == 0) {
            settings.count = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(name, "--first") == 0) {
            settings.first = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(name, "--sources") == 0) {
            settings.sources = (uint32_t)strtoul(value, NULL, 10);
        } else if (strcmp(name, "--acks") == 0) {
            settings.mute = strcmp(value, "no") == 0;
        } else if (strcmp(name, "--comes-back") == 0) {
            settings.comes_back = strcmp(value, "yes") == 0;
        } else {
            fprintf(stderr, "unknown option: %s\n", name);
            exit(2);
        }
    }
}

int main(int count, char **arguments) {
    read_settings(count, arguments);
    cars = calloc(settings.count, sizeof *cars);
    for (uint32_t i = 0; i < settings.count; i++) {
        cars[i] = (struct car){.fd = -1, .index = settings.first + i, .target = (uint8_t)(settings.comes_back ? 0 : i % settings.target_count)};
    }
    srand48(42 + settings.first);
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event commands = {.events = EPOLLIN, .data.ptr = NULL}, happened[512];
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &commands);
    for (;;) {
        int number = epoll_wait(epoll, happened, 512, started < wanted || settings.comes_back ? 2 : -1);
        for (int i = 0; i < number; i++) {
            if (happened[i].data.ptr == NULL) {
                read_commands();
            } else {
                on_event(happened[i].data.ptr, happened[i].events);
            }
        }
        start_due();
    }
}
