/* SPDX-License-Identifier: ISC */
#include "cli/inquiry.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/control_protocol.h"
#include "base/descriptor.h"
#include "base/fdpass.h"
#include "cli/printable.h"
#include "cli/reply.h"

/* The longest wait for the end of a master that has replied to stop. */
#define END_MS 10000

/* The longest wait for a part of the figures, which a master sends at once. */
#define FIGURES_S 2

const char *
inquiry_advice(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return ": no prongd listens there; possible: start one, or "
		       "name its socket by -s (the setting control says which)";
	case EACCES:
		return ": only root, the user of prongd and the group of the "
		       "setting control_group may";
	default:
		return "";
	}
}

/* -1 and errno. */
static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd, saved;

	if (strlen(path) >= sizeof(address.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	strcpy(address.sun_path, path);
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (fd >= 0 &&
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
		return fd;
	saved = errno;
	descriptor_close(fd);
	errno = saved;
	return -1;
}

static int
connect_or_end(const char *path)
{
	int fd = connect_to(path);

	if (fd >= 0)
		return fd;
	fprintf(stderr, "prong: %s: %s%s\n", path, strerror(errno),
	    inquiry_advice(errno));
	exit(EXIT_FAILURE);
}

/* A pidfd of the process that listens, readable when the process has ended. -1
 * when the kernel does not tell the process. */
static int
open_master(int fd)
{
	struct ucred who;
	socklen_t length = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0 ||
	    who.pid <= 0)
		return -1;
	return pidfd_open(who.pid, 0);
}

static void
wait_for_end(int master)
{
	struct pollfd pfd = { .fd = master, .events = POLLIN };

	while (poll(&pfd, 1, END_MS) < 0 && errno == EINTR)
		continue;
}

static void
keep_line(struct reply *r, const char *line)
{
	if (r->count == REPLY_LINES_MAX)
		return;
	r->lines[r->count] = strdup(line);
	if (r->lines[r->count])
		r->count++;
}

void
inquiry_free(struct reply *r)
{
	while (r->count > 0)
		free(r->lines[--r->count]);
}

void
inquiry_print_line(const char *line)
{
	bool is_bad = strncmp(line, "error: ", 7) == 0 ||
	    strncmp(line, "warning: ", 9) == 0;
	FILE *to = is_bad ? stderr : stdout;

	printable_print(to, line);
	putc('\n', to);
	fflush(to);
}

static void
take_lines(struct reply *r, char *text, bool at_once)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		keep_line(r, line);
		if (at_once)
			inquiry_print_line(line);
	}
}

void
inquiry_ask(const char *socket, const char *request, bool at_once, bool ends_it,
    struct reply *r)
{
	char message[CONTROL_MESSAGE_BYTES + 1];
	int fd = connect_or_end(socket),
	    master = ends_it ? open_master(fd) : -1;
	ssize_t n;

	r->status = ends_it ? 0 : EXIT_FAILURE;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		/* The master's refusal can still be read. */
	}
	while ((n = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		message[n] = '\0';
		if (strncmp(message, "say ", 4) == 0) {
			take_lines(r, message + 4, at_once);
		} else if (sscanf(message, "end %d", &r->status) == 1) {
			break;
		}
	}
	close(fd);
	if (master >= 0 && r->status == 0)
		wait_for_end(master);
	if (n > 0 || ends_it)
		return;
	fprintf(stderr, "prong: prongd ended before it had answered\n");
}

/*
 * Figures.
 */

static void
keep_generation(struct inquiry_memory *m, const char *message, const int *fds)
{
	struct inquiry_generation *g = &m->generations[m->count];

	if (m->count < INQUIRY_GENERATIONS &&
	    sscanf(message, "generation %llu %ld %15s", &g->number, &g->pid,
		g->phase) == 3) {
		g->scoreboard = fds[0];
		g->ledgers = fds[1];
		m->count++;
		return;
	}
	descriptor_close(fds[0]);
	descriptor_close(fds[1]);
}

static void
keep_totals(struct inquiry_memory *m, const int *fds)
{
	descriptor_close(fds[1]);
	if (m->totals >= 0)
		descriptor_close(fds[0]);
	else
		m->totals = fds[0];
}

int
inquiry_look(const char *socket, struct inquiry_memory *m)
{
	static const char request[] = "figures";
	const struct timeval patience = { .tv_sec = FIGURES_S };
	char message[CONTROL_MESSAGE_BYTES + 1];
	int fds[FDPASS_MAX], fd = connect_to(socket);
	ssize_t n;

	*m = (struct inquiry_memory){ .totals = -1 };
	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		/* The master's refusal can still be read. */
	}
	while ((n = fdpass_receive(fd, message, sizeof(message) - 1, fds, 0)) >
	    0) {
		message[n] = '\0';
		if (strcmp(message, "totals") == 0)
			keep_totals(m, fds);
		else
			keep_generation(m, message, fds);
	}
	close(fd);
	return 0;
}

void
inquiry_look_away(struct inquiry_memory *m)
{
	size_t i;

	for (i = 0; i < m->count; i++) {
		descriptor_close(m->generations[i].scoreboard);
		descriptor_close(m->generations[i].ledgers);
	}
	descriptor_close(m->totals);
	*m = (struct inquiry_memory){ .totals = -1 };
}
