/* What keeps a pod's namespaces open: it waits, reaps orphans, and ends by a signal. */
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>
#include <unistd.h>

static void end(int number) {
	(void)number;
	_exit(0);
}

static void reap(int number) {
	(void)number;
	while (waitpid(-1, NULL, WNOHANG) > 0) {
	}
}

int main(void) {
	signal(SIGINT, end);
	signal(SIGTERM, end);
	signal(SIGCHLD, reap);
	for (;;) {
		pause();
	}
}
