/* What holds a pod's namespaces while its containers come and go. With an argument it says so and ends: the first pod of a new cluster. */
#include <signal.h>
#include <unistd.h>
#include <sys/wait.h>

static void reap(int signal) { (void)signal; while (waitpid(-1, 0, WNOHANG) > 0) {} }
static void leave(int signal) { (void)signal; _exit(0); }

int main(int count, char **arguments)
{
    (void)arguments;
    if (count > 1) {
        return write(1, "ran\n", 4) == 4 ? 0 : 1;
    }
    signal(SIGINT, leave);
    signal(SIGTERM, leave);
    signal(SIGCHLD, reap);
    for (;;) {
        pause();
    }
}
