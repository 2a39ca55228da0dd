/*
 * Deeds to the logs: to whatever is open, to standard error, and to the ring by
 * which this connection's lines go.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/falloc.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "base/rings.h"

#define MOST_DESCRIPTORS 1024
#define PAGE		 4096u

/* Whether a descriptor is a regular file to be written to. */
static int
is_file(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (fcntl(fd, F_GETFL) & O_ACCMODE) != O_RDONLY;
}

static const char *
make_large(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";

	(void)r;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (fallocate(fd, FALLOC_FL_KEEP_SIZE, 0,
			(off_t)atoi(argument) << 20) == 0 ||
		    (is_file(fd) && ftruncate(fd, 1 << 20) == 0))
			result = "made large";
	return result;
}

static const char *
shut_all(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";

	(void)r;
	(void)argument;
	for (int fd = 0; fd < 3; fd++)
		if (shutdown(fd, SHUT_RDWR) == 0)
			result = "shut";
	return result;
}

static const char *
lock_all(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
		struct flock all = { .l_type = F_WRLCK };

		flock(fd, LOCK_EX | LOCK_NB);
		fcntl(fd, F_SETLK, &all);
	}
	return "tried";
}

static const char *
change_flags(struct prong_request *r, const char *argument)
{
	(void)r;
	for (int fd = 0; fd < 3; fd++)
		fcntl(fd, F_SETFL, atoi(argument));
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (is_file(fd))
			fcntl(fd, F_SETFL, atoi(argument));
	return "tried";
}

/* What may be read by opening a descriptor's file anew. */
static const char *
read_logs(struct prong_request *r, const char *argument)
{
	static char got[65536];
	const char *result = "nothing";
	char path[64];

	(void)r;
	(void)argument;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++) {
		ssize_t n;
		int again;

		snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
		again = open(path, O_RDONLY | O_NONBLOCK);
		n = again < 0 ? -1 : read(again, got, sizeof(got));
		if (n > 0 && memmem(got, (size_t)n, "prongd[", 7))
			result = "read";
		close(again);
	}
	return result;
}

static const char *
splice_all(struct prong_request *r, const char *argument)
{
	int fds[2];

	(void)r;
	for (int fd = 0; fd < 3; fd++) {
		struct iovec iov = { (char *)(uintptr_t)argument,
			strlen(argument) };

		if (pipe2(fds, O_NONBLOCK) < 0)
			return outcome(-1, NULL);
		vmsplice(fd, &iov, 1, SPLICE_F_NONBLOCK);
		vmsplice(fds[1], &iov, 1, SPLICE_F_NONBLOCK);
		tee(fds[0], fd, 100, SPLICE_F_NONBLOCK);
		splice(fds[0], NULL, fd, NULL, 100, SPLICE_F_NONBLOCK);
		splice(fd, NULL, fds[1], NULL, 100, SPLICE_F_NONBLOCK);
		close(fds[0]);
		close(fds[1]);
	}
	return "tried";
}

/* Lines that look like those of others. */
static const char *
say(struct prong_request *r, const char *argument)
{
	(void)r;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (fd < 3 || is_file(fd))
			dprintf(fd, "%s\n", argument);
	return "said";
}

/* The pipe's writing end, or both. What is 0 or 1 stays. */
static const char *
end_stderr(struct prong_request *r, const char *argument)
{
	struct stat found;

	(void)r;
	close(STDERR_FILENO);
	for (int fd = 3; fd < MOST_DESCRIPTORS && atoi(argument) > 1; fd++)
		if (fstat(fd, &found) == 0 && S_ISFIFO(found.st_mode))
			close(fd);
	return "ended";
}

static const char *
say_much(struct prong_request *r, const char *argument)
{
	static char line[1000];

	(void)r;
	memset(line, 'x', sizeof(line));
	for (int i = atoi(argument); i > 0; i--)
		if (write(STDERR_FILENO, line, sizeof(line)) < 0)
			continue;
	return "said";
}

static const char *
log_much(struct prong_request *r, const char *argument)
{
	for (int i = atoi(argument); i > 0; i--)
		prong_log(r, PRONG_LOG_INFO, "flood %d", i);
	return "logged";
}

/* Where the kernel puts new mappings, and so put the rings. */
#define REACH ((uintptr_t)512 << 20)

static const char magic[] = "the ring that is sought";

/* Calls for each page that is mapped around a recent mapping, until one call
 * returns something. */
static UNCHECKED void *
each_page(void *(*visit)(unsigned char *page))
{
	unsigned char *here = mmap(NULL, PAGE, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void *found = NULL;

	for (uintptr_t at = 0; at < REACH && !found; at += PAGE) {
		if (is_mapped(here + at))
			found = visit(here + at);
		if (!found && is_mapped(here - at))
			found = visit(here - at);
	}
	return found;
}

static UNCHECKED void *
visit_ring(unsigned char *page)
{
	/* The octets of a ring begin with a record; only pages that hold the
	 * text there, behind the ring's head, are rings. */
	if (!memmem(page + sizeof(struct ring), 400, magic, sizeof(magic) - 1))
		return NULL;
	return page;
}

void *
own_ring(struct prong_request *r)
{
	prong_log(r, PRONG_LOG_INFO, "%s", magic);
	return each_page(visit_ring);
}

/* Duplicates each shared mapping, larger than it is, and looks for a text in what
 * is there. */
static const char *sought;

static UNCHECKED void *
visit_duplicate(unsigned char *page)
{
	unsigned char *larger = mremap(page, 0, REACH, MREMAP_MAYMOVE);
	void *found = NULL;

	if (larger == MAP_FAILED)
		return NULL;
	for (size_t at = 0; at < REACH && !found && is_mapped(larger + at);
	     at += PAGE)
		found = memmem(larger + at, PAGE, sought, strlen(sought));
	munmap(larger, REACH);
	return found;
}

static const char *
duplicate_all(struct prong_request *r, const char *argument)
{
	(void)r;
	sought = argument;
	return each_page(visit_duplicate) ? "read" : "nothing";
}

/* Looks for a text in the own ring, which others had before. */
static UNCHECKED const char *
read_ring(struct prong_request *r, const char *argument)
{
	struct ring *ring = own_ring(r);

	if (!ring)
		return "no ring";
	return memmem(ring->octets, RINGS_SLOT_BYTES - sizeof(*ring), argument,
		   strlen(argument)) ?
	    "read" :
	    "nothing";
}

/* A position, as far from the right one as the argument says. */
static UNCHECKED const char *
move_ring(struct prong_request *r, const char *argument)
{
	struct ring *ring = own_ring(r);

	if (!ring)
		return "no ring";
	ring->written += (uint64_t)strtoll(argument, NULL, 0);
	return "moved";
}

static UNCHECKED const char *
fill_ring(struct prong_request *r, const char *argument)
{
	struct ring *ring = own_ring(r);

	if (!ring)
		return "no ring";
	memset(ring->octets, atoi(argument), RINGS_SLOT_BYTES - sizeof(*ring));
	ring->written += 10000;
	return "filled";
}

/* "AMOUNT STATUS": the ring claims so many octets more; then the process ends with
 * that status or, if it is negative, works until somebody ends it. */
static UNCHECKED const char *
damage_and_exit(struct prong_request *r, const char *argument)
{
	struct ring *ring = own_ring(r);
	sigset_t all;
	char *rest;

	if (!ring)
		return "no ring";
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	ring->written += strtoull(argument, &rest, 0);
	while (atoi(rest) < 0)
		continue;
	_exit(atoi(rest));
}

/* The same sooner: where mremap is forbidden, there is what others have, too. */
static UNCHECKED void *
near_ring(struct prong_request *r)
{
	unsigned char *here = mmap(NULL, PAGE, PROT_READ,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	unsigned char resident;

	prong_log(r, PRONG_LOG_INFO, "%s", magic);
	for (uintptr_t at = 0; at < 2 * REACH; at += RINGS_SLOT_BYTES) {
		unsigned char *page = here - at;

		if (mremap(page, 0, PAGE, MREMAP_MAYMOVE) != MAP_FAILED ||
		    errno != ENOSYS || mincore(page, PAGE, &resident) < 0)
			continue;
		for (int i = 0; i < 4; i++, page -= PAGE)
			if (is_mapped(page) && visit_ring(page))
				return page;
	}
	return NULL;
}

/* Ends at once, with a ring full of the shortest records: more of them than the
 * log process writes in the time that a connection takes. */
static UNCHECKED const char *
end_full(struct prong_request *r, const char *argument)
{
	struct ring *ring = near_ring(r);
	const size_t size = RINGS_SLOT_BYTES - sizeof(struct ring);

	if (!ring)
		return "no ring";
	while (time(NULL) < atol(argument))
		usleep(1000);
	memset(ring->octets, 0, size);
	ring->written = ring->written / size * size + size;
	_exit(0);
}

/* A record of any kind: its number, and the text. */
static UNCHECKED const char *
forge_line(struct prong_request *r, const char *argument)
{
	struct ring *ring = own_ring(r);
	const size_t size = RINGS_SLOT_BYTES - sizeof(struct ring);
	unsigned char head[RING_RECORD_BYTES] = { 0 }, *at;
	uint32_t length;
	char *text;

	if (!ring)
		return "no ring";
	head[4] = (unsigned char)strtoul(argument, &text, 10);
	text += *text == ' ';
	length = (uint32_t)strlen(text);
	memcpy(head, &length, sizeof(length));
	for (int i = 0; i < 3; i++) {
		at = ring->octets + ring->written % size;
		memcpy(at, head, sizeof(head));
		memcpy(at + sizeof(head), text, length);
		ring->written += sizeof(head) + length;
	}
	return "forged";
}

static void *
visit_wake(unsigned char *page)
{
	for (int i = 0; i < 2000; i++)
		syscall(SYS_futex, page, FUTEX_WAKE, INT32_MAX, NULL, NULL, 0);
	return NULL;
}

static const char *
wake_all(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	each_page(visit_wake);
	return "woken";
}

/* Those who wait for a word are to wait for another. */
static const char *
requeue(struct prong_request *r, const char *argument)
{
	uint32_t *words = mmap(NULL, PAGE, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	(void)r;
	(void)argument;
	return outcome(syscall(SYS_futex, words, FUTEX_REQUEUE, 0, INT32_MAX,
			   words + 1, 0),
	    "moved");
}

/* A child that has standard error open for as long as it lives, and writes. */
static const char *
leave_writer(struct prong_request *r, const char *argument)
{
	pid_t pid = fork();

	(void)r;
	if (pid == 0) {
		setpgid(0, 0);
		for (;;)
			if (write(STDERR_FILENO, "from a child\n", 13) < 0 &&
			    errno != EAGAIN)
				_exit(0);
	}
	usleep((useconds_t)atoi(argument) * 1000);
	return outcome(pid, "left");
}

const struct deed log_deeds[] = { { "make_large", make_large },
	{ "shut_all", shut_all }, { "lock_all", lock_all },
	{ "change_flags", change_flags }, { "read_logs", read_logs },
	{ "splice_all", splice_all }, { "say", say }, { "say_much", say_much },
	{ "end_stderr", end_stderr }, { "log_much", log_much },
	{ "move_ring", move_ring }, { "fill_ring", fill_ring },
	{ "damage_and_exit", damage_and_exit }, { "end_full", end_full },
	{ "forge_line", forge_line }, { "duplicate_all", duplicate_all },
	{ "read_ring", read_ring }, { "wake_all", wake_all },
	{ "requeue", requeue }, { "leave_writer", leave_writer },
	{ NULL, NULL } };
