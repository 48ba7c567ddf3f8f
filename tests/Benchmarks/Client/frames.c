// What servers say inside of WebSocket's frames, and what a car answers. Frames of servers are not masked (RFC 6455 §5.1).
#define _GNU_SOURCE
#include "car.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// Of the last notice: there is one campaign at a time, so a car that was told has this one.
static char delivery[224];

// A masking key of zero is as good as any to a benchmark: a server has to apply it all the same.
static void say(struct car *car, uint8_t opcode, const char *payload, size_t length) {
    uint8_t frame[512] = {(uint8_t)(0x80 | opcode)};
    size_t header = length < 126 ? 2 : 4;
    frame[1] = (uint8_t)(0x80 | (length < 126 ? length : 126));
    if (header == 4) {
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
    }
    memset(frame + header, 0, 4);
    memcpy(frame + header + 4, payload, length);
    if (send(car->fd, frame, header + 4 + length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)(header + 4 + length)) {
        tally.faults++;
    }
}

void car_introduce(struct car *car) {
    char text[480], seen[256] = "";
    if (settings.dialect == PUSH) {
        if (car->pushes > 0 && !settings.mute) {
            snprintf(seen, sizeof seen, ",\"seen\":[\"%s\"]", delivery);
        }
        int length = snprintf(text, sizeof text,
            "{\"type\":\"hello\",\"vid\":\"%s%07u\",\"labels\":{\"model\":\"x7\",\"firmware\":\"4.1.0\"},\"position\":{\"lat\":48.%04u,\"lon\":11.%04u}%s}",
            settings.prefix, car->index, car->index % 10000, car->index % 9973, seen);
        say(car, 1, text, (size_t)length);
    } else if (settings.dialect == SIGNALR) {
        static const char handshake[] = "{\"protocol\":\"json\",\"version\":1}\x1e";
        say(car, 1, handshake, sizeof handshake - 1);
    } else {
        car->ready = 1;
        tally.ready++;
    }
}

static void become_ready(struct car *car) {
    tally.ready += !car->ready;
    car->ready = 1;
}

static void take_message(const uint8_t *text, size_t length, size_t wire) {
    uint64_t now = now_ns();
    tally.first_at = tally.first_at ? tally.first_at : now;
    tally.last_at = now;
    tally.messages++;
    tally.bytes += wire;
    uint64_t arrival = now / 1000000 / ARRIVAL_MS - tally.first_at / 1000000 / ARRIVAL_MS;
    tally.arrivals[arrival < ARRIVAL_STEPS ? arrival : ARRIVAL_STEPS - 1]++;
    const uint8_t *stamp = memmem(text, length < 96 ? length : 96, "\"t\":", 4);
    if (stamp) {
        uint64_t sent = strtoull((const char *)stamp + 4, NULL, 10);
        uint64_t step = (now - sent) / 1000 / LATENCY_STEP_US;
        tally.latency[step < LATENCY_STEPS ? step : LATENCY_STEPS - 1]++;
        tally.latencies++;
    }
}

static void acknowledge(struct car *car, const uint8_t *text, size_t length) {
    const uint8_t *id = memmem(text, length, "\"delivery\":\"", 12);
    const uint8_t *end = id ? memchr(id + 12, '"', (size_t)(text + length - id - 12)) : NULL;
    if (!end || end - id > 212) {
        tally.faults++;
        return;
    }
    char ack[320];
    snprintf(delivery, sizeof delivery, "%.*s", (int)(end - id - 12), (const char *)id + 12);
    int size = snprintf(ack, sizeof ack, "{\"type\":\"ack\",\"delivery\":\"%s\",\"status\":\"received\"}", delivery);
    if (!settings.mute) {
        say(car, 1, ack, (size_t)size);
    }
    tally.pushes++;
    tally.told += car->pushes++ == 0;
}

static void take_push_v1(struct car *car, const uint8_t *text, size_t length, size_t wire) {
    static const char type[] = "{\"type\":\"";
    if (length < sizeof type + 4 || memcmp(text, type, sizeof type - 1) != 0) {
        tally.faults++;
    } else if (memcmp(text + sizeof type - 1, "push", 4) == 0) {
        take_message(text, length, wire);
        acknowledge(car, text, length);
    } else if (memcmp(text + sizeof type - 1, "mess", 4) == 0) {
        take_message(text, length, wire);
    } else if (memcmp(text + sizeof type - 1, "welc", 4) == 0 && memmem(text, length, "\"pending\":", 10)) {
        become_ready(car);
    }
}

// Records end with 0x1e, and a frame may hold several.
static void take_signalr(struct car *car, const uint8_t *text, size_t length, size_t header) {
    static const char ping[] = "{\"type\":6}\x1e";
    while (length > 0) {
        const uint8_t *end = memchr(text, 0x1e, length);
        size_t size = end ? (size_t)(end - text) + 1 : length;
        if (size == 3 && memcmp(text, "{}\x1e", 3) == 0) {
            become_ready(car);
        } else if (size == sizeof ping - 1 && memcmp(text, ping, size) == 0) {
            tally.pings++;
            say(car, 1, ping, sizeof ping - 1);
        } else {
            take_message(text, size, size + header);
        }
        text += size;
        length -= size;
    }
}

static bool take_frame(struct car *car, uint8_t opcode, const uint8_t *payload, size_t length, size_t header) {
    switch (opcode) {
        case 1:
        case 2:
            if (settings.dialect == PUSH) {
                take_push_v1(car, payload, length, length + header);
            } else if (settings.dialect == SIGNALR) {
                take_signalr(car, payload, length, header);
            } else {
                take_message(payload, length, length + header);
            }
            return true;
        case 9:
            tally.pings++;
            say(car, 10, (const char *)payload, length);
            return true;
        case 10:
            return true;
        case 8:
            say(car, 8, (const char *)payload, length);
            return false;
        default:
            tally.faults++;
            return true;
    }
}

ptrdiff_t car_frames(struct car *car, const uint8_t *data, size_t length) {
    size_t used = 0;
    while (length - used >= 2) {
        const uint8_t *frame = data + used;
        uint64_t payload = frame[1] & 0x7f;
        size_t header = payload < 126 ? 2 : payload == 126 ? 4 : 10;
        if (length - used < header) {
            break;
        }
        if (header == 4) {
            payload = (uint64_t)frame[2] << 8 | frame[3];
        } else if (header == 10) {
            payload = 0;
            for (int i = 2; i < 10; i++) {
                payload = payload << 8 | frame[i];
            }
        }
        if (length - used - header < payload) {
            break;
        }
        if (!take_frame(car, frame[0] & 0x0f, frame + header, (size_t)payload, header)) {
            return -1;
        }
        used += header + (size_t)payload;
    }
    return (ptrdiff_t)used;
}

uint64_t latency_at(double share) {
    uint64_t wanted = (uint64_t)((double)tally.latencies * share), seen = 0;
    for (uint64_t step = 0; step < LATENCY_STEPS; step++) {
        seen += tally.latency[step];
        if (tally.latencies > 0 && seen > wanted) {
            return (step + 1) * LATENCY_STEP_US;
        }
    }
    return 0;
}
