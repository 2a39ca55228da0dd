/*
 * Attempts at what a process shares with others, each a call or two: descriptors
 * that come from its generation, memory that others read, clocks of others.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/rings.h"
#include "base/scoreboard.h"

#define PAGE		 4096u
#define MOST_DESCRIPTORS 256

/* All that is open, and was not opened by a handler. */
static const char *
each_descriptor(long (*attempt)(int fd), const char *achieved)
{
	const char *result = "nothing";

	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (fcntl(fd, F_GETFD) >= 0 && attempt(fd) >= 0)
			result = achieved;
	return result;
}

static long
lock(int fd)
{
	struct flock all = { .l_type = F_WRLCK };

	flock(fd, LOCK_EX | LOCK_NB);
	return fcntl(fd, F_OFD_SETLK, &all);
}

static const char *
lock_descriptors(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	each_descriptor(lock, "locked");
	return "tried";
}

static long
turn(int fd)
{
	fcntl(fd, F_SETOWN, getppid());
	fcntl(fd, F_SETSIG, SIGKILL);
	fcntl(fd, F_SETFL, O_ASYNC | O_APPEND | O_DIRECT);
	return fcntl(fd, F_SETFL, O_ASYNC | O_APPEND);
}

static const char *
turn_descriptors(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	each_descriptor(turn, "turned");
	return "tried";
}

static long
hide(int fd)
{
	struct stat st;

	lseek(fd, 1 << 20, SEEK_SET);
	fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, PAGE);
	return fstat(fd, &st) < 0 || S_ISCHR(st.st_mode) ? -1 : fchmod(fd, 0);
}

static const char *
hide_descriptors(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	each_descriptor(hide, "hidden");
	return "tried";
}

/* By opening it anew, also a pipe that it has for reading. */
static long
write_pipe(int fd)
{
	struct stat st;
	char path[64];

	if (fstat(fd, &st) < 0 || !S_ISFIFO(st.st_mode))
		return -1;
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return write(open(path, O_WRONLY | O_NONBLOCK | O_CLOEXEC), "x\n", 2);
}

static const char *
write_pipes(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	each_descriptor(write_pipe, "written");
	return "tried";
}

static long
wait_for(int fd)
{
	siginfo_t info;

	return waitid((idtype_t)3 /* P_PIDFD */, (id_t)fd, &info,
	    WEXITED | WNOHANG);
}

static const char *
wait_descriptors(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return each_descriptor(wait_for, "waited");
}

/* What madvise(2) does by that number to its own page and to what lies around:
 * the pages that it can only read. */
static UNCHECKED const char *
advise(struct prong_request *r, const char *argument)
{
	char *page = own_page(r);
	int advice = atoi(argument), done = 0;

	if (!page)
		return "no page";
	for (long i = -4096; i < 4096; i++)
		done += madvise(page + i * (long)PAGE, PAGE, advice) == 0;
	return done > 0 ? "advised" : "nothing";
}

static const char *
lock_memory(struct prong_request *r, const char *argument)
{
	char *page = own_page(r);
	int done = 0;

	(void)argument;
	for (long i = -4096; page && i < 4096; i++)
		done += mlock(page + i * (long)PAGE, PAGE) == 0;
	return done > 0 ? "locked" : "nothing";
}

/* Whether the kernel could write there. */
static UNCHECKED bool
is_writable(void *address)
{
	int fds[2];
	bool result = pipe(fds) == 0 && write(fds[1], "x", 1) == 1;
	char was = 0;

	if (result)
		was = *(volatile char *)address;
	/* By the call itself: the sanitizers look at what read(2) gets. */
	result = result && syscall(SYS_read, fds[0], address, 1) == 1;
	if (result)
		*(volatile char *)address = was;
	close(fds[0]);
	close(fds[1]);
	return result;
}

/* What it can only read becomes writable, where others have memory, too: there
 * mremap fails in a way of its own. */
static UNCHECKED const char *
unprotect(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";
	char *here = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	unsigned char resident;

	(void)r;
	(void)argument;
	for (long i = 1; i < 65536; i++) {
		char *page = here - i * (long)PAGE;

		if (mremap(page, 0, PAGE, MREMAP_MAYMOVE) != MAP_FAILED ||
		    errno != ENOSYS || mincore(page, PAGE, &resident) < 0 ||
		    is_writable(page))
			continue;
		if (mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0)
			return "writable";
		result = outcome(-1, NULL);
	}
	return result;
}

/* "PID RESOURCE": sets a limit of another process, as it is. */
static const char *
limit_other(struct prong_request *r, const char *argument)
{
	const struct rlimit none = { RLIM_INFINITY, RLIM_INFINITY };
	char *rest;
	long pid = strtol(argument, &rest, 10);

	(void)r;
	return outcome(syscall(SYS_prlimit64, pid, atoi(rest), &none, NULL),
	    "limited");
}

/* The clock that counts the processor time of another process. */
static clockid_t
clock_of(const char *pid)
{
	return (clockid_t)(~(unsigned)atoi(pid) << 3 | 2);
}

static const char *
time_other(struct prong_request *r, const char *argument)
{
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGUSR1 };
	const struct itimerspec often = { { 0, 1000 }, { 0, 1000 } };
	long made = 0;
	int timer;

	(void)r;
	signal(SIGUSR1, SIG_IGN);
	for (int i = 0; i < 1000; i++)
		if (syscall(SYS_timer_create, clock_of(argument), &event,
			&timer) == 0 &&
		    syscall(SYS_timer_settime, timer, 0, &often, NULL) == 0)
			made++;
	if (made == 0)
		return outcome(-1, NULL);
	usleep(200000);
	return "timed";
}

static const char *
sleep_other(struct prong_request *r, const char *argument)
{
	const struct timespec little = { 0, 1 };
	long result = syscall(SYS_clock_nanosleep, clock_of(argument), 0,
	    &little, NULL);

	(void)r;
	return outcome(result, "slept");
}

/* It waits for a lock that another process is said to hold. */
static const char *
lend_priority(struct prong_request *r, const char *argument)
{
	uint32_t *word = own_page(r);
	const struct timespec soon = { 1, 0 };

	if (!word)
		return "no page";
	word += 1000;
	*word = (uint32_t)atoi(argument);
	return outcome(syscall(SYS_futex, word, FUTEX_LOCK_PI, 0, &soon, NULL,
			   0),
	    "locked");
}

static const char *
read_robust(struct prong_request *r, const char *argument)
{
	void *head;
	size_t length;

	(void)r;
	return outcome(syscall(SYS_get_robust_list, atoi(argument), &head,
			   &length),
	    "read");
}

/* "LEVEL NAME VALUE": an option of the client's socket; the value 1 unless it is
 * given. */
static const char *
set_option(struct prong_request *r, const char *argument)
{
	int level, name, value = 1;

	(void)r;
	if (sscanf(argument, "%d %d %d", &level, &name, &value) < 2)
		return "no option";
	return outcome(setsockopt(client_socket(), level, name, &value,
			   sizeof(value)),
	    "set");
}

/* An option of the process, by its number. */
static const char *
set_process(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(syscall(SYS_prctl, atoi(argument), 1, 0, 0, 0), "set");
}

static const char *
raise_limits(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";

	(void)r;
	(void)argument;
	for (int i = 0; i < RLIM_NLIMITS; i++) {
		struct rlimit now, all = { RLIM_INFINITY, RLIM_INFINITY };

		if (getrlimit((__rlimit_resource_t)i, &now) == 0 &&
		    now.rlim_max != RLIM_INFINITY &&
		    setrlimit((__rlimit_resource_t)i, &all) == 0)
			result = "raised";
	}
	return result;
}

/* A request that began at any time, for the generation to record. */
static const char *
claim_begin(struct prong_request *r, const char *argument)
{
	struct scoreboard_page *page = own_page(r);

	if (!page)
		return "no page";
	page->request_since = strtoll(argument, NULL, 10);
	page->is_unrecorded = 1;
	_exit(0);
}

static struct {
	void *page;
	struct ring *ring;
} raced;

/* Numbers at the ends of their range, and near what is right, without rest. */
static UNCHECKED void *
change_all(void *unused)
{
	static const uint64_t ends[] = { 0, 1, UINT32_MAX, INT64_MAX,
		(uint64_t)INT64_MIN, UINT64_MAX };
	const size_t words = (RINGS_SLOT_BYTES - sizeof(struct ring)) / 8;
	const uint64_t begun = raced.ring->written;
	uint64_t x = 88172645463325252U;

	(void)unused;
	for (;;) {
		x ^= x << 13;
		x ^= x >> 7;
		x ^= x << 17;
		((uint64_t *)raced.page)[x % 512] = ends[x / 512 % 6];
		((uint64_t *)(void *)raced.ring->octets)[x / 7 % words] =
		    x % 3 ? x % 300 : ends[x / 9 % 6];
		raced.ring->written = x % 5 ? begun + x % 20000 :
					      ends[x / 11 % 6];
	}
	return NULL;
}

/* For so many milliseconds. */
static const char *
race(struct prong_request *r, const char *argument)
{
	pthread_t thread;

	raced.page = own_page(r);
	raced.ring = own_ring(r);
	if (!raced.page || !raced.ring)
		return "no memory";
	if (pthread_create(&thread, NULL, change_all, NULL) != 0)
		return "no thread";
	usleep((useconds_t)atoi(argument) * 1000);
	_exit(0);
}

static const char *
accept_on(struct prong_request *r, const char *argument)
{
	const char *result = "nothing";

	(void)r;
	(void)argument;
	for (int fd = 0; fd < MOST_DESCRIPTORS; fd++)
		if (accept(fd, NULL, NULL) >= 0 || errno == EAGAIN)
			result = "accepted";
	return result;
}

/* Its own supervisor for system calls, which it never answers. */
static const char *
supervise(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			   SECCOMP_FILTER_FLAG_NEW_LISTENER, NULL),
	    "supervised");
}

static const char *
open_path(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(open(argument, O_RDWR | O_CREAT, 0600), "opened");
}

/* By a descriptor of a folder that the process has inherited. */
static long
open_name(int fd)
{
	return openat(fd, "a", O_RDONLY | O_CLOEXEC);
}

static const char *
open_below(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return each_descriptor(open_name, "opened");
}

/* A ruleset takes memory of the kernel, without limit. */
static const char *
make_ruleset(struct prong_request *r, const char *argument)
{
	const uint64_t handled = 1;

	(void)r;
	if (atoi(argument) > 0)
		return outcome(syscall(SYS_landlock_add_rule, 0, 1, NULL, 0),
		    "added");
	return outcome(syscall(SYS_landlock_create_ruleset, &handled,
			   sizeof(handled), 0),
	    "made");
}

static const char *
forge_credentials(struct prong_request *r, const char *argument)
{
	struct ucred other = { atoi(argument), 0, 0 };
	char control[CMSG_SPACE(sizeof(other))] = { 0 };
	struct iovec octet = { control, 1 };
	struct msghdr m = { .msg_iov = &octet,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control) };
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);
	int fds[2];

	(void)r;
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_CREDENTIALS;
	c->cmsg_len = CMSG_LEN(sizeof(other));
	memcpy(CMSG_DATA(c), &other, sizeof(other));
	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, fds) < 0)
		return outcome(-1, NULL);
	return outcome(sendmsg(fds[0], &m, 0), "sent");
}

const struct deed attempt_deeds[] = { { "lock_descriptors", lock_descriptors },
	{ "turn_descriptors", turn_descriptors },
	{ "hide_descriptors", hide_descriptors },
	{ "write_pipes", write_pipes },
	{ "wait_descriptors", wait_descriptors }, { "advise", advise },
	{ "lock_memory", lock_memory }, { "unprotect", unprotect },
	{ "limit_other", limit_other }, { "time_other", time_other },
	{ "sleep_other", sleep_other }, { "lend_priority", lend_priority },
	{ "read_robust", read_robust }, { "set_option", set_option },
	{ "set_process", set_process }, { "raise_limits", raise_limits },
	{ "accept_on", accept_on }, { "race", race },
	{ "claim_begin", claim_begin }, { "supervise", supervise },
	{ "open_path", open_path }, { "open_below", open_below },
	{ "make_ruleset", make_ruleset },
	{ "forge_credentials", forge_credentials }, { NULL, NULL } };
