/* SPDX-License-Identifier: ISC */
#include "connection/handoff.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/fdpass.h"

/* The time to wait for descriptors in flight to become fewer. */
#define PAUSE_MS    5
#define PATIENCE_MS 1000

_Static_assert(FDPASS_MAX == 2, "a handoff has two descriptors");

/* The record behind the facts; the descriptors come with it. */
struct record {
	uint64_t requests;
};

int
handoff_open(int fds[2])
{
	return socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds);
}

/* The queue has room: a process sends two short records at most. */
static int
send_record(int fd, const void *record, size_t size, const int *fds,
    size_t count)
{
	const struct iovec iov = { (void *)(uintptr_t)record, size };

	return fdpass_send(fd, &iov, 1, fds, count, MSG_DONTWAIT) ==
		(ssize_t)size ?
	    0 :
	    -1;
}

int
handoff_send_facts(int fd, const struct connection_facts *facts)
{
	return send_record(fd, facts, sizeof(*facts), NULL, 0);
}

static int
make_unread(const struct iovec *unread, int count)
{
	int fd = memfd_create("prong-unread", MFD_CLOEXEC);
	int saved;

	if (fd < 0 || writev(fd, unread, count) >= 0)
		return fd;
	saved = errno;
	close(fd);
	errno = saved;
	return -1;
}

/* Many handoffs at once can exceed the number of descriptors in flight that the
 * user may have (ETOOMANYREFS). Each is in flight for a moment only. */
static int
send_patiently(int fd, const struct record *record, const int fds[2])
{
	const struct timespec pause = { .tv_nsec = PAUSE_MS * 1000000L };
	int tries = PATIENCE_MS / PAUSE_MS, result;

	while ((result = send_record(fd, record, sizeof(*record), fds, 2)) <
		0 &&
	    errno == ETOOMANYREFS && --tries > 0)
		nanosleep(&pause, NULL);
	return result;
}

int
handoff_send(int fd, int socket, const struct iovec *unread, int count,
    uint64_t requests)
{
	const struct record record = { .requests = requests };
	const int fds[2] = { socket, make_unread(unread, count) };
	int result;

	if (fds[1] < 0)
		return -1;
	result = send_patiently(fd, &record, fds);
	descriptor_close(fds[1]);
	return result;
}

/* Takes a record of exactly that size. */
static bool
take_record(int fd, void *record, size_t size, int fds[FDPASS_MAX])
{
	return fdpass_receive(fd, record, size, fds, MSG_DONTWAIT) ==
	    (ssize_t)size;
}

static void
close_both(const int fds[FDPASS_MAX])
{
	size_t i;

	for (i = 0; i < FDPASS_MAX; i++)
		descriptor_close(fds[i]);
}

static bool
take_facts(int fd, struct connection_facts *facts)
{
	int fds[FDPASS_MAX];
	bool taken = take_record(fd, facts, sizeof(*facts), fds);

	close_both(fds);
	return taken && facts->client.length <= sizeof(facts->client.storage) &&
	    facts->server.length <= sizeof(facts->server.storage);
}

int
handoff_receive(int fd, struct connection_facts *facts, struct handoff *h)
{
	int fds[FDPASS_MAX] = { -1, -1 };
	struct record record;
	bool is_whole = (!facts || take_facts(fd, facts)) &&
	    take_record(fd, &record, sizeof(record), fds) && fds[0] >= 0 &&
	    fds[1] >= 0;

	handoff_drain(fd);
	descriptor_close(fd);
	if (!is_whole) {
		close_both(fds);
		return -1;
	}
	*h = (struct handoff){
		.socket = fds[0], .unread = fds[1], .requests = record.requests
	};
	return 0;
}

void
handoff_drain(int fd)
{
	int fds[FDPASS_MAX];
	char octets[4096];
	ssize_t n;

	/* The other side cannot send any more. */
	shutdown(fd, SHUT_RD);
	do {
		n = fdpass_receive(fd, octets, sizeof(octets), fds,
		    MSG_DONTWAIT);
		close_both(fds);
	} while (n > 0 || (n < 0 && errno == EINTR));
}

uint64_t
handoff_cookie(int socket)
{
	uint64_t cookie = 0;
	socklen_t length = sizeof(cookie);

	if (getsockopt(socket, SOL_SOCKET, SO_COOKIE, &cookie, &length) < 0)
		return 0;
	return cookie;
}

ssize_t
handoff_read(int unread, char *data, size_t size)
{
	struct stat st;
	ssize_t n = -1;

	/* The sender may be hostile: only a regular file never makes a read
	 * wait. */
	if (fstat(unread, &st) == 0 && S_ISREG(st.st_mode)) {
		n = pread(unread, data, size, 0);
		if (n >= 0 && st.st_size > n) {
			errno = EFBIG;
			n = -1;
		}
	} else {
		errno = EINVAL;
	}
	close(unread);
	return n;
}
