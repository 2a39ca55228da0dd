/*
 * Deeds that keep others busy: threads, signals and wakes that the kernel makes
 * for others, calls that go through all processes, and relatives.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <errno.h>
#include <linux/futex.h>
#include <linux/membarrier.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/rings.h"

#define PAGE	    4096u
#define DESCRIPTORS 1024
#define STACK_BYTES (16 * 1024)
#define REACH	    ((uintptr_t)512 << 20)

/* Tells, and stays until its client has gone. */
static void
stay(struct prong_request *r, const char *text)
{
	prong_printf(r, "%s\n", text);
	while (prong_print(r, ".\n") == 0 && prong_flush(r) == 0)
		usleep(10000);
}

static void *
wait_for_word(void *word)
{
	for (;;)
		if (word)
			syscall(SYS_futex, word, FUTEX_WAIT,
			    *(volatile uint32_t *)word, NULL, NULL, 0);
		else
			pause();
	return NULL;
}

static int
start_threads(int most, void *word)
{
	pthread_attr_t small;
	pthread_t thread;
	int n = 0;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	while (n < most &&
	    pthread_create(&thread, &small, wait_for_word, word) == 0)
		n++;
	return n;
}

/* Which are still there when the connection is idle. */
static const char *
leave_threads(struct prong_request *r, const char *argument)
{
	(void)r;
	return start_threads(atoi(argument), NULL) > 0 ? "started" : "none";
}

/* As many as there can be, up to a number. */
static const char *
start_many(struct prong_request *r, const char *argument)
{
	char text[64];

	snprintf(text, sizeof(text), "%d threads",
	    start_threads(atoi(argument), NULL));
	stay(r, text);
	return NULL;
}

static int64_t
now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Stops itself, and has timers make it go on, for so many milliseconds. The
 * kernel tells the parent each time. A timer that comes too early is lost, so
 * there are later ones. */
static const char *
stop_and_go(struct prong_request *r, const char *argument)
{
	static const long after_ns[] = { 30000, 1000000, 100000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL,
		.sigev_signo = SIGCONT };
	const int64_t until_ms = now_ms() + atoi(argument);
	timer_t timers[3];
	int n = 0, i;

	(void)r;
	for (i = 0; i < 3; i++)
		if (timer_create(CLOCK_MONOTONIC, &event, &timers[i]) < 0)
			return outcome(-1, NULL);
	for (; now_ms() < until_ms; n++) {
		for (i = 0; i < 3; i++)
			timer_settime(timers[i], 0,
			    &(struct itimerspec){
				.it_value.tv_nsec = after_ns[i] },
			    NULL);
		kill(getpid(), SIGSTOP);
	}
	return n > 100 ? "stopped" : "hardly stopped";
}

/* The main thread alone ends; another one goes on. */
static const char *
leave_main_thread(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	start_threads(1, NULL);
	syscall(SYS_exit, 0);
	return NULL;
}

/* Private memory can. */
static bool
can_be_made_writable(char *page)
{
	return mprotect(page, PAGE, PROT_READ | PROT_WRITE) == 0 &&
	    mprotect(page, PAGE, PROT_READ) == 0;
}

/* Whether the page begins with the state of the log process and a small number
 * of slots, and can only be read. The pipe is empty before and after. */
static bool
is_control(char *page, const int pipe_ends[2])
{
	uint32_t words[2];
	char octet = 0;

	if (syscall(SYS_write, pipe_ends[1], page, sizeof(words)) !=
		sizeof(words) ||
	    read(pipe_ends[0], words, sizeof(words)) != sizeof(words) ||
	    words[0] > RINGS_ASLEEP || words[1] == 0 || words[1] > 1000)
		return false;
	if (write(pipe_ends[1], &octet, 1) != 1 ||
	    syscall(SYS_read, pipe_ends[0], page, 1L) == 1)
		return false;
	return read(pipe_ends[0], &octet, 1) == 1 &&
	    !can_be_made_writable(page);
}

/* A word of memory that can only be read, and that all connections have: that
 * by which the log process is woken. */
static uint32_t *
shared_word(void)
{
	char *here = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS,
	    -1, 0);
	int pipe_ends[2];

	if (pipe(pipe_ends) < 0)
		return NULL;
	for (uintptr_t at = 0; at < REACH; at += PAGE) {
		if (is_mapped(here + at) && is_control(here + at, pipe_ends))
			return (uint32_t *)(void *)(here + at);
		if (is_mapped(here - at) && is_control(here - at, pipe_ends))
			return (uint32_t *)(void *)(here - at);
	}
	return NULL;
}

/* So many threads wait for it. */
static const char *
crowd_word(struct prong_request *r, const char *argument)
{
	uint32_t *word = shared_word();
	char text[64];

	if (!word)
		return "no word";
	snprintf(text, sizeof(text), "%d threads",
	    start_threads(atoi(argument), word));
	stay(r, text);
	return NULL;
}

/* Of a page of control (base/rings.c): the octets that the log process has read
 * of all connections. */
static uint64_t
octets_read(const uint32_t *word)
{
	const uint64_t *read = (const uint64_t *)(const void *)word + 8;
	uint64_t sum = 0;

	for (uint32_t i = 0; i < word[1]; i++)
		sum += read[i];
	return sum;
}

/* Tells whenever others have logged, until its client has gone. */
static UNCHECKED const char *
count_octets(struct prong_request *r, const char *argument)
{
	volatile uint32_t *word = shared_word();
	uint64_t told = UINT64_MAX, now;

	(void)argument;
	if (!word)
		return "no word";
	do {
		now = octets_read((const uint32_t *)(uintptr_t)word);
		if (now != told)
			prong_printf(r, "%llu octets\n",
			    (unsigned long long)now);
		told = now;
		usleep(10000);
	} while (prong_print(r, ".\n") == 0 && prong_flush(r) == 0);
	return NULL;
}

/* A call that goes through all processes, or disturbs all processors, again and
 * again for so many milliseconds. */
static const char *
storm(struct prong_request *r, const char *argument)
{
	int64_t until_ms;
	char *rest;
	long kind = strtol(argument, &rest, 10), result = 0;

	(void)r;
	until_ms = now_ms() + atoi(rest);
	for (int i = 0; (i & 15) != 0 || now_ms() < until_ms; i++)
		if (kind == 0)
			result = kill(-1, 0);
		else if (kind == 1)
			result = syscall(SYS_membarrier,
			    MEMBARRIER_CMD_GLOBAL_EXPEDITED, 0, 0);
		else if (kind == 2)
			result = getpriority(PRIO_USER, 0);
		else if (kind == 3)
			result = syscall(SYS_membarrier, MEMBARRIER_CMD_GLOBAL,
			    0, 0);
		else
			result = kill(-getpgrp(), 0);
	return outcome(result < 0 && errno != ESRCH ? -1 : 0, "raged");
}

/* A child whose parent is that of the process, with that signal at its end. */
static const char *
give_child(struct prong_request *r, const char *argument)
{
	long pid = syscall(SYS_clone, CLONE_PARENT | atoi(argument), 0, 0, 0,
	    0);

	(void)r;
	if (pid == 0)
		_exit(0);
	return outcome(pid, "given");
}

/* Its group becomes that of another process. */
static const char *
join_group(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(setpgid(0, getpgid((pid_t)atoi(argument))), "joined");
}

/* Much memory in small mappings, and many watches, to be undone at the end. */
static const char *
end_slowly(struct prong_request *r, const char *argument)
{
	size_t bytes = (size_t)atoi(argument) << 20;
	char *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	(void)r;
	if (p == MAP_FAILED)
		return outcome(-1, NULL);
	madvise(p, bytes, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < bytes; i += PAGE)
		p[i] = 1;
	for (size_t i = 0; i < bytes && i < 60000 * PAGE; i += 2 * PAGE)
		mprotect(p + i, PAGE, PROT_READ);
	_exit(0);
}

const struct deed busy_deeds[] = { { "leave_threads", leave_threads },
	{ "start_many", start_many }, { "stop_and_go", stop_and_go },
	{ "leave_main_thread", leave_main_thread },
	{ "crowd_word", crowd_word }, { "count_octets", count_octets },
	{ "storm", storm }, { "give_child", give_child },
	{ "join_group", join_group }, { "end_slowly", end_slowly },
	{ NULL, NULL } };
