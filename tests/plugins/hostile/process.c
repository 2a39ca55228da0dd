/*
 * Deeds to other processes, whose pid is the argument ("PID SIGNAL" where one
 * is sent), to the process's own identity, and to the kernel.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

struct target {
	pid_t pid;
	int signal;
};

static struct target
target_of(const char *argument)
{
	char *rest;
	struct target t = { (pid_t)strtol(argument, &rest, 10), 0 };

	t.signal = atoi(rest);
	return t;
}

static const char *
do_kill(struct prong_request *r, const char *argument)
{
	struct target t = target_of(argument);

	(void)r;
	return outcome(kill(t.pid, t.signal), "sent");
}

static const char *
kill_thread(struct prong_request *r, const char *argument)
{
	struct target t = target_of(argument);

	(void)r;
	return outcome(syscall(SYS_tgkill, t.pid, t.pid, t.signal), "sent");
}

static const char *
queue(struct prong_request *r, const char *argument)
{
	struct target t = target_of(argument);

	(void)r;
	return outcome(sigqueue(t.pid, t.signal, (union sigval){ 0 }), "sent");
}

/* The kernel sends the signal in the name of whoever owns the pipe. */
static const char *
signal_by_pipe(struct prong_request *r, const char *argument)
{
	struct target t = target_of(argument);
	int fds[2];

	(void)r;
	if (pipe(fds) < 0 || fcntl(fds[0], F_SETOWN, t.pid) < 0 ||
	    fcntl(fds[0], F_SETSIG, t.signal) < 0 ||
	    fcntl(fds[0], F_SETFL, O_ASYNC) < 0 || write(fds[1], "x", 1) < 0)
		return outcome(-1, NULL);
	return "sent";
}

static const char *
trace(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(ptrace(PTRACE_SEIZE, target_of(argument).pid, NULL,
			   NULL),
	    "traced");
}

static const char *
read_memory(struct prong_request *r, const char *argument)
{
	char byte;
	struct iovec here = { &byte, 1 };
	struct iovec there = { (void *)(uintptr_t)&outcome, 1 };

	(void)r;
	return outcome(process_vm_readv(target_of(argument).pid, &here, 1,
			   &there, 1, 0),
	    "read");
}

static const char *
open_memory(struct prong_request *r, const char *argument)
{
	char path[64];

	(void)r;
	snprintf(path, sizeof(path), "/proc/%d/mem",
	    (int)target_of(argument).pid);
	return outcome(open(path, O_RDWR), "opened");
}

/* The same as before, so that a test does no harm when it gets through. */
static const char *
limit(struct prong_request *r, const char *argument)
{
	pid_t pid = target_of(argument).pid;
	struct rlimit same;

	(void)r;
	if (prlimit(pid, RLIMIT_NOFILE, NULL, &same) < 0)
		return outcome(-1, NULL);
	return outcome(prlimit(pid, RLIMIT_NOFILE, &same, NULL), "limited");
}

static const char *
become_root(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(setuid(0), "became");
}

static const char *
new_namespace(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(unshare(CLONE_NEWUSER), "made");
}

/* By clone(2), which threads and processes need. */
static const char *
clone_namespace(struct prong_request *r, const char *argument)
{
	long pid;

	(void)r;
	(void)argument;
	pid = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0)
		_exit(0);
	return outcome(pid, "made");
}

static const char *
make_ring(struct prong_request *r, const char *argument)
{
	(void)r;
	(void)argument;
	return outcome(syscall(SYS_io_uring_setup, 1, NULL), "made");
}

static const char *
unknown(struct prong_request *r, const char *argument)
{
	(void)r;
	return outcome(syscall(atol(argument)), "called");
}

const struct deed process_deeds[] = { { "kill", do_kill },
	{ "kill_thread", kill_thread }, { "queue", queue },
	{ "signal_by_pipe", signal_by_pipe }, { "trace", trace },
	{ "read_memory", read_memory }, { "open_memory", open_memory },
	{ "limit", limit }, { "become_root", become_root },
	{ "unshare", new_namespace }, { "clone", clone_namespace },
	{ "io_uring", make_ring }, { "unknown", unknown }, { NULL, NULL } };
