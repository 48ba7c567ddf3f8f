// One simulated car: its connection, what it answers, and what all cars together have seen.
#ifndef CAR_H
#define CAR_H
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BUFFER = 256 * 1024, LATENCY_STEP_US = 10, LATENCY_STEPS = 1000000, ARRIVAL_MS = 10, ARRIVAL_STEPS = 60000 };

enum dialect { RAW, PUSH, SIGNALR };          // what is spoken inside WebSocket's frames
enum state { AWAY, WAITING, CONNECTING, UPGRADING, OPEN };

struct car {
    int fd;
    uint32_t index;
    uint32_t pushes;                           // copies of the notice since the last "clear"
    uint8_t state, losses, ready, target;
    uint8_t *kept;                             // the beginning of what has not arrived whole
    uint32_t kept_length;
    uint64_t due, began;                       // CLOCK_MONOTONIC, ns
};

struct settings {
    enum dialect dialect;
    const char *path, *prefix;                 // "%s" in the path is the vid
    uint32_t first, count, sources;            // sources: how many addresses of 127.0.1.x the cars take turns with
    struct sockaddr_in targets[8];
    uint8_t target_count;
    bool comes_back, mute;                     // mute: a notice is not acknowledged
};

struct tally {
    uint64_t open, ready, opened, lost, refused, faults;
    uint64_t messages, bytes, pings, pushes, told, first_at, last_at, handshake_worst;
    uint32_t latency[LATENCY_STEPS];
    uint64_t latencies;
    uint32_t arrivals[ARRIVAL_STEPS];          // from the step of first_at on
};

extern struct settings settings;
extern struct tally tally;

uint64_t now_ns(void);
void car_connect(struct car *car, int epoll);
void car_wants(struct car *car, int epoll, uint32_t events);
void car_close(struct car *car, int epoll, bool lost);
bool car_upgraded(struct car *car, const uint8_t *head, size_t length);   // false: refused; the head is whole
ptrdiff_t car_frames(struct car *car, const uint8_t *data, size_t length); // how much was used; -1: the connection is over
void car_greet(struct car *car);                                          // HTTP's request to upgrade
void car_introduce(struct car *car);                                      // the dialect's own first words
uint64_t latency_at(double share);                                        // µs
#endif
