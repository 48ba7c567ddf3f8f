// The floor: what the kernel alone costs. Accepts and upgrades without looking, and sends each line of its stdin, framed once, with one bare send a connection.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 20000, LONGEST = 65536 };

// The answer to the key of RFC 6455's example, which is the only one that the benchmark's cars send.
static const char Upgrade[] =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

static int connections[MOST], count;
static uint8_t upgraded[MOST * 2];

static void broadcast(const char *text, size_t length) {
    static uint8_t frame[LONGEST + 4];
    size_t header = length < 126 ? 2 : 4;
    frame[0] = 0x81;
    frame[1] = (uint8_t)(length < 126 ? length : 126);
    if (header == 4) {
        frame[2] = (uint8_t)(length >> 8);
        frame[3] = (uint8_t)length;
    }
    memcpy(frame + header, text, length);
    for (int i = 0; i < count; i++) {
        if (send(connections[i], frame, header + length, MSG_NOSIGNAL | MSG_DONTWAIT) != (ssize_t)(header + length)) {
            perror("send");
        }
    }
}

static void read_lines(void) {
    static char text[LONGEST + 1];
    static size_t length;
    ssize_t got = read(0, text + length, LONGEST - length);
    if (got <= 0) {
        exit(0);
    }
    length += (size_t)got;
    char *end;
    while ((end = memchr(text, '\n', length)) != NULL) {
        broadcast(text, (size_t)(end - text));
        length -= (size_t)(end + 1 - text);
        memmove(text, end + 1, length);
    }
}

static void drop(int socket) {
    for (int i = 0; i < count; i++) {
        if (connections[i] == socket) {
            connections[i] = connections[--count];
            break;
        }
    }
    upgraded[socket] = 0;
    close(socket);
}

static void read_connection(int socket) {
    char text[4096];
    ssize_t got = recv(socket, text, sizeof text, 0);
    if (got <= 0) {
        drop(socket);
    } else if (!upgraded[socket] && memmem(text, (size_t)got, "\r\n\r\n", 4) && count < MOST) {
        upgraded[socket] = 1;
        connections[count++] = socket;
        send(socket, Upgrade, sizeof Upgrade - 1, MSG_NOSIGNAL);
    }
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), epoll = epoll_create1(0), on = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0)), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (bind(listener, (struct sockaddr *)&address, sizeof address) != 0 || listen(listener, 4096) != 0) {
        perror("listen");
        return 1;
    }
    struct epoll_event wanted = {.events = EPOLLIN, .data.fd = listener}, happened[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &wanted);
    wanted.data.fd = 0;
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &wanted);
    for (;;) {
        int number = epoll_wait(epoll, happened, 256, -1);
        for (int i = 0; i < number; i++) {
            int socket = happened[i].data.fd;
            if (socket == 0) {
                read_lines();
            } else if (socket != listener) {
                read_connection(socket);
            } else {
                for (int accepted; (accepted = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0;) {
                    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
                    wanted.data.fd = accepted;
                    epoll_ctl(epoll, EPOLL_CTL_ADD, accepted, &wanted);
                }
            }
        }
    }
}
