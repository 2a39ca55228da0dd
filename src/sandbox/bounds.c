/* SPDX-License-Identifier: ISC */
#include "sandbox/bounds.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"

/* Without a limit of the user's a connection has at most so many signals. */
#define PENDING_SIGNALS 32768

static uint64_t mapped_bytes;  /* 0: unknown */
static rlim_t hard_open_files; /* of the generation */
static rlim_t most_open_files; /* one half of them */
static size_t inherited;       /* numbers below may be open in a connection */
static rlim_t tasks; /* threads and processes there can be; 0: unknown */

void
bounds_note_open(size_t below)
{
	inherited = below;
}

/* Without a setting. */
static rlim_t
default_open_files(void)
{
	rlim_t files = inherited + BOUNDS_OWN_FILES;

	if (files < BOUNDS_OPEN_FILES)
		files = BOUNDS_OPEN_FILES;
	return files < most_open_files ? files : most_open_files;
}

static int
set(int resource, rlim_t max)
{
	const struct rlimit both = { max, max };

	return setrlimit((__rlimit_resource_t)resource, &both);
}

/* The kernel counts pending signals for a user, and compares with the limit of
 * the process. It does the same with descriptors in flight, by the limit of open
 * ones. Connections can use one half of both; standard signals, as for
 * setitimer(2), are delivered beyond all limits. */
static void
share_signals(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_SIGPENDING, &limit) == 0)
		set(RLIMIT_SIGPENDING,
		    limit.rlim_max == RLIM_INFINITY ? PENDING_SIGNALS :
						      limit.rlim_max / 2);
}

/* What the file begins with; "" if it cannot be read. */
static void
read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	text[n < 0 ? 0 : n] = '\0';
	descriptor_close(fd);
}

/* 0: there is none, or "max". */
static uint64_t
read_number(const char *path)
{
	char text[64];

	read_text(path, text, sizeof(text));
	return strtoull(text, NULL, 10);
}

/* The first number there is the size of all mappings, in pages. */
static uint64_t
read_mapped(void)
{
	return read_number("/proc/self/statm") *
	    (uint64_t)sysconf(_SC_PAGESIZE);
}

/* TasksMax= of a unit, with control groups of version 2. */
static uint64_t
read_group_limit(void)
{
	char own[1024], path[1280], *at;

	read_text("/proc/self/cgroup", own, sizeof(own));
	at = strstr(own, "0::/");
	if (!at)
		return 0;
	at[strcspn(at, "\n")] = '\0';
	snprintf(path, sizeof(path), "/sys/fs/cgroup%s/pids.max", at + 3);
	return read_number(path);
}

static void
lower_to(rlim_t *least, uint64_t number)
{
	if (number > 0 && (*least == 0 || number < *least))
		*least = number;
}

static void
find_tasks(void)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	getrlimit(RLIMIT_NPROC, &limit);
	tasks = limit.rlim_cur == RLIM_INFINITY ? 0 : limit.rlim_cur;
	lower_to(&tasks, read_group_limit());
	lower_to(&tasks, read_number("/proc/sys/kernel/threads-max"));
	lower_to(&tasks, read_number("/proc/sys/kernel/pid_max"));
}

static rlim_t
read_hard_open_files(void)
{
	struct rlimit limit = { 0, 2 * BOUNDS_OPEN_FILES };

	getrlimit(RLIMIT_NOFILE, &limit);
	return limit.rlim_max;
}

void
bounds_open(size_t apart)
{
	mapped_bytes = read_mapped();
	mapped_bytes -= mapped_bytes > apart ? apart : 0;
	hard_open_files = read_hard_open_files();
	most_open_files = hard_open_files / 2;
	share_signals();
	find_tasks();
}

struct bounds_server
bounds_server(void)
{
	return (struct bounds_server){ most_open_files, inherited, tasks };
}

/* The limit of open files may be one half already. */
void
bounds_resume(const struct bounds_server *server)
{
	mapped_bytes = read_mapped();
	hard_open_files = read_hard_open_files();
	most_open_files = server->most_open_files;
	inherited = server->inherited;
	tasks = server->tasks;
}

/* The kernel counts the tasks of a user, and compares with the limit of the
 * process that starts one. The other half is for the generation, which has to
 * fork for others. */
static int
share_tasks(bool starts)
{
	struct rlimit limit = { RLIM_INFINITY, RLIM_INFINITY };

	if (!starts || tasks == 0)
		return 0;
	getrlimit(RLIMIT_NPROC, &limit);
	return limit.rlim_max <= tasks / 2 ? 0 : set(RLIMIT_NPROC, tasks / 2);
}

void
bounds_share_files(void)
{
	set(RLIMIT_NOFILE, most_open_files);
}

uint64_t
bounds_open_files(uint64_t wanted)
{
	if (wanted == 0)
		return default_open_files();
	return wanted < most_open_files ? wanted : most_open_files;
}

/* RLIMIT_DATA counts private memory that was there at the fork, too; shared
 * memory comes with addresses only. */
static int
enter_memory(const struct bounds *b)
{
	if (b->max_memory_bytes == 0)
		return 0;
	if (b->counts_shared && mapped_bytes > 0 &&
	    set(RLIMIT_AS, mapped_bytes + b->max_memory_bytes) < 0)
		return -1;
	return set(RLIMIT_DATA, b->max_memory_bytes);
}

/* The rest of a second, and one for what the server itself uses. */
static rlim_t
cpu_seconds(uint64_t ms)
{
	return (ms + 999) / 1000 + 1;
}

static int
enter_cpu(uint64_t ms)
{
	return ms == 0 ? 0 : set(RLIMIT_CPU, cpu_seconds(ms));
}

/* Valgrind, under which authors try their handlers, has a hard limit of its own,
 * which stays. A kernel lets everybody lower it. */
static int
enter_files(rlim_t files)
{
	const struct rlimit soft = { files, hard_open_files };

	return set(RLIMIT_NOFILE, files) == 0 ||
		(errno == EPERM && setrlimit(RLIMIT_NOFILE, &soft) == 0) ?
	    0 :
	    -1;
}

int
bounds_enter(const struct bounds *b)
{
	return enter_memory(b) < 0 || enter_cpu(b->max_cpu_ms) < 0 ||
		share_tasks(b->starts) < 0 ||
		enter_files(bounds_open_files(b->max_open_files)) < 0 ?
	    -1 :
	    0;
}

static int64_t
milliseconds(const struct timeval *time)
{
	return (int64_t)time->tv_sec * 1000 + time->tv_usec / 1000;
}

/* The clock of a process that has ended stands at 0, so its usage tells, which only
 * the system call has. The kernel counts ticks for the limit, which may be far from
 * it on a busy machine: one half has to do. */
bool
bounds_are_used_up(pid_t child, uint64_t max_cpu_ms)
{
	struct rlimit cpu;
	struct rusage used;

	if (max_cpu_ms == 0 || prlimit(child, RLIMIT_CPU, NULL, &cpu) < 0 ||
	    cpu.rlim_max != cpu_seconds(max_cpu_ms) ||
	    syscall(SYS_waitid, P_PID, child, NULL, WEXITED | WNOHANG | WNOWAIT,
		&used) < 0)
		return false;
	return milliseconds(&used.ru_utime) + milliseconds(&used.ru_stime) >=
	    (int64_t)cpu.rlim_max * 500;
}
