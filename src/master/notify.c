/* SPDX-License-Identifier: ISC */
#include "master/notify.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/slice.h"

#define STATE_BYTES 512

/* A manager that does not read is not waited for any longer, for each state. */
#define WAIT_S 1

static struct sockaddr_un manager;
static socklen_t manager_length;

static int64_t watchdog_us; /* 0: nobody asks */
static int64_t alive_ms;    /* when to say so next */

static void
init_manager(void)
{
	const char *path = getenv("NOTIFY_SOCKET");
	size_t length = path ? strlen(path) : 0;

	manager_length = 0;
	memset(&manager, 0, sizeof(manager));
	if (length > 1 && length < sizeof(manager.sun_path) &&
	    (path[0] == '/' || path[0] == '@')) {
		manager.sun_family = AF_UNIX;
		memcpy(manager.sun_path, path, length);
		/* "@" stands for the abstract namespace's NUL. */
		if (path[0] == '@')
			manager.sun_path[0] = '\0';
		manager_length = (socklen_t)(offsetof(struct sockaddr_un,
						 sun_path) +
		    length);
	}
}

/* Without WATCHDOG_PID it is meant for whoever has it. */
static bool
watchdog_is_for_us(void)
{
	const char *pid = getenv("WATCHDOG_PID");
	uint64_t n;

	return !pid ||
	    (slice_parse_number(slice_from_string(pid), &n) &&
		n == (uint64_t)getpid());
}

static void
init_watchdog(void)
{
	const char *text = getenv("WATCHDOG_USEC");
	uint64_t us;

	watchdog_us = 0;
	alive_ms = 0;
	if (!text || !watchdog_is_for_us())
		return;
	/* Below a few milliseconds the loop would do nothing else. */
	if (!slice_parse_number(slice_from_string(text), &us) || us < 10000 ||
	    us > INT64_MAX)
		log_warning("WATCHDOG_USEC is \"%s\"; possible: 10000 and more",
		    text);
	else
		watchdog_us = (int64_t)us;
}

void
notify_init(void)
{
	init_manager();
	init_watchdog();
	unsetenv("NOTIFY_SOCKET");
	unsetenv("WATCHDOG_USEC");
	unsetenv("WATCHDOG_PID");
}

static int
export_watchdog(void)
{
	char us[24], pid[24];

	snprintf(us, sizeof(us), "%" PRId64, watchdog_us);
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	return setenv("WATCHDOG_USEC", us, 1) == 0 &&
		setenv("WATCHDOG_PID", pid, 1) == 0 ?
	    0 :
	    -1;
}

int
notify_export(void)
{
	char path[sizeof(manager.sun_path) + 1] = "";

	if (watchdog_us > 0 && export_watchdog() < 0)
		return -1;
	if (!manager_length)
		return 0;
	memcpy(path, manager.sun_path,
	    manager_length - offsetof(struct sockaddr_un, sun_path));
	if (path[0] == '\0')
		path[0] = '@';
	return setenv("NOTIFY_SOCKET", path, 1);
}

static void
send_state(const char *state)
{
	static const struct timeval wait = { .tv_sec = WAIT_S };
	int fd;

	if (!manager_length)
		return;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 ||
	    setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &wait, sizeof(wait)) < 0 ||
	    sendto(fd, state, strlen(state), MSG_NOSIGNAL,
		(struct sockaddr *)&manager, manager_length) < 0)
		log_warning("cannot tell the service manager %s: %s", state,
		    strerror(errno));
	if (fd >= 0)
		close(fd);
}

/* What is said is cut to a line: another would be another statement. */
static void __attribute__((__format__(__printf__, 2, 0)))
send_status(const char *before, const char *format, va_list ap)
{
	char state[STATE_BYTES], *status;
	size_t length = (size_t)snprintf(state, sizeof(state),
	    "%sSTATUS=", before);

	status = state + length;
	vsnprintf(status, sizeof(state) - length, format, ap);
	status[strcspn(status, "\n")] = '\0';
	send_state(state);
}

/* The process is told, too: who started it may have been another. */
void
notify_ready(const char *format, ...)
{
	char before[64];
	va_list ap;

	snprintf(before, sizeof(before), "READY=1\nMAINPID=%ld\n",
	    (long)getpid());
	va_start(ap, format);
	send_status(before, format, ap);
	va_end(ap);
}

void
notify_status(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	send_status("", format, ap);
	va_end(ap);
}

/* The time tells the manager that what it asked for came before. */
void
notify_reloading(void)
{
	char state[64];

	snprintf(state, sizeof(state), "RELOADING=1\nMONOTONIC_USEC=%" PRId64,
	    clock_us());
	send_state(state);
}

static void
send_extended(const char *before, int64_t most_ms)
{
	char state[96];

	snprintf(state, sizeof(state), "%sEXTEND_TIMEOUT_USEC=%" PRId64, before,
	    most_ms * 1000);
	send_state(state);
}

void
notify_stopping(int64_t most_ms)
{
	send_extended("STOPPING=1\n", most_ms);
}

void
notify_extend(int64_t most_ms)
{
	send_extended("", most_ms);
}

int64_t
notify_watchdog_ms(void)
{
	return manager_length ? watchdog_us / 1000 : 0;
}

int64_t
notify_alive(int64_t now_ms)
{
	int64_t interval_ms = notify_watchdog_ms() / 2;

	if (interval_ms == 0)
		return INT64_MAX;
	if (now_ms >= alive_ms) {
		send_state("WATCHDOG=1");
		alive_ms = now_ms + interval_ms;
	}
	return alive_ms;
}
