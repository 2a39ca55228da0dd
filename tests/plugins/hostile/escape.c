/*
 * Deeds that start processes which would outlive their connection, and deeds to
 * the guardian that ends them (hostile-guardian.t). The argument of the first is
 * "NAME KIND COUNT END FILE": the name that all of the processes get; how they
 * are started; how many; what the handler does then; and a file of which they
 * share a lock, so that the test knows when none is left, even if each lives for
 * a moment only. A sixth word is the path of a control socket.
 *
 * SPDX-License-Identifier: ISC
 */
#include "hostile.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Long enough for every test, and no longer if one fails. */
#define SECONDS 60

static _Noreturn void
stay(void)
{
	alarm(SECONDS);
	for (;;)
		pause();
}

static void
rest_us(long us)
{
	const struct timespec time = { 0, us * 1000 };

	nanosleep(&time, NULL);
}

/* Each forks the next one, and gives way to it. */
static _Noreturn void
run_chain(void)
{
	const time_t end = time(NULL) + SECONDS;

	while (time(NULL) < end) {
		pid_t pid = fork();

		setsid();
		if (pid > 0) {
			rest_us(500);
			_exit(0);
		}
	}
	_exit(0);
}

/* The same without a moment's rest. */
static _Noreturn void
run_fast(void)
{
	const time_t end = time(NULL) + SECONDS;

	while (time(NULL) < end)
		if (fork() > 0)
			_exit(0);
	_exit(0);
}

static _Noreturn void
run_vforks(void)
{
	const time_t end = time(NULL) + SECONDS;

	while (time(NULL) < end) {
		pid_t pid = vfork();

		if (pid == 0)
			_exit(0);
		waitpid(pid, NULL, 0);
	}
	_exit(0);
}

static _Noreturn void
run_daemon(void)
{
	setsid();
	if (fork() > 0)
		_exit(0);
	if (chdir("/") < 0)
		_exit(1);
	stay();
}

static _Noreturn void
run_deaf(void)
{
	sigset_t all;

	for (int i = 1; i < 65; i++)
		signal(i, SIG_IGN);
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	setsid();
	for (;;)
		rest_us(100000);
}

/* Whoever adopts them is one of them. */
static _Noreturn void
run_subreaper(void)
{
	prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	setsid();
	for (int i = 0; i < 3; i++)
		if (fork() == 0)
			run_daemon();
	stay();
}

/* Wakes what was stopped, and all of its group. */
static _Noreturn void
run_waker(void)
{
	const pid_t first = getpid();

	for (int i = 0; i < 3; i++)
		fork();
	for (;;) {
		kill(first, SIGCONT);
		kill(0, SIGCONT);
		rest_us(50);
	}
}

static _Noreturn void
run_zombies(void)
{
	setsid();
	for (int i = 0; i < 20; i++)
		if (fork() == 0)
			_exit(0);
	stay();
}

static void *
fork_in_thread(void *context)
{
	(void)context;
	if (fork() == 0)
		run_daemon();
	stay();
}

static _Noreturn void
run_threads(void)
{
	pthread_t thread;

	setsid();
	for (int i = 0; i < 3; i++)
		pthread_create(&thread, NULL, fork_in_thread, NULL);
	stay();
}

/* A child whose end nobody is told, and one of the parent's. */
static _Noreturn void
run_clones(void)
{
	if (syscall(SYS_clone, 0, NULL, NULL, NULL, NULL) == 0)
		run_daemon();
	if (syscall(SYS_clone, CLONE_PARENT | SIGCHLD, NULL, NULL, NULL,
		NULL) == 0)
		stay();
	_exit(0);
}

/* Those stop themselves, as a debugger would. */
static _Noreturn void
run_stopped(void)
{
	setsid();
	for (;;)
		raise(SIGSTOP);
}

/* Kills whatever it may. */
static _Noreturn void
run_killer(void)
{
	setsid();
	for (int i = 0; i < 100; i++) {
		kill(getppid(), SIGKILL);
		rest_us(1000);
	}
	stay();
}

static char control[108];
static char *page_of_connection;
static pid_t handler;

/* Asks the server again and again, whichever it is by now. */
static _Noreturn void
run_asker(void)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	struct timeval patience = { 1, 0 };
	char answer[256];
	int fd;

	memcpy(to.sun_path, control, sizeof(control));
	setsid();
	alarm(SECONDS);
	for (;;) {
		fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
		setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience,
		    sizeof(patience));
		if (connect(fd, (void *)&to, sizeof(to)) == 0 &&
		    send(fd, "reload", 6, MSG_NOSIGNAL) > 0)
			(void)!recv(fd, answer, sizeof(answer), 0);
		close(fd);
		rest_us(50000);
	}
}

/* Writes what has the server kill it, and end soon: into its page, which may be
 * another connection's by then, as its own has ended. */
static _Noreturn void
run_scribbler(void)
{
	volatile int64_t *page = (volatile int64_t *)(void *)page_of_connection;
	const time_t end = time(NULL) + SECONDS;

	setsid();
	while (page && time(NULL) < end) {
		if (kill(handler, 0) < 0) {
			((volatile uint32_t *)page)[1] = 1;
			page[16] = 1;
		}
		if (fork() > 0)
			_exit(0);
	}
	_exit(0);
}

static const struct kind {
	const char *name;
	void (*run)(void);
} kinds[] = { { "chain", run_chain }, { "fast", run_fast },
	{ "vforks", run_vforks }, { "daemon", run_daemon },
	{ "deaf", run_deaf }, { "subreaper", run_subreaper },
	{ "waker", run_waker }, { "zombies", run_zombies },
	{ "threads", run_threads }, { "clones", run_clones },
	{ "stopped", run_stopped }, { "killer", run_killer },
	{ "asker", run_asker }, { "scribbler", run_scribbler } };

static void
start(const char *kind, int count)
{
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strcmp(kinds[i].name, kind) != 0)
			continue;
		for (int n = 0; n < count; n++)
			if (fork() == 0)
				kinds[i].run();
	}
}

static const char *
end_by(struct prong_request *r, const char *how)
{
	prong_print(r, "left\n");
	prong_flush(r);
	if (strcmp(how, "exit") == 0)
		_exit(3);
	if (strcmp(how, "crash") == 0)
		kill(getpid(), SIGSEGV);
	if (strcmp(how, "kill") == 0)
		kill(getpid(), SIGKILL);
	if (strcmp(how, "stay") == 0)
		stay();
	if (strcmp(how, "untied") == 0) {
		prctl(PR_SET_PDEATHSIG, 0, 0, 0, 0);
		run_deaf();
	}
	return NULL;
}

static const char *
escape(struct prong_request *r, const char *argument)
{
	char name[16] = "", kind[16] = "", how[16] = "", path[256] = "";
	int count = 0, fd;

	if (sscanf(argument, "%15s %15s %d %15s %255s %107s", name, kind,
		&count, how, path, control) < 5)
		return "malformed";
	fd = open(path, O_RDONLY);
	if (flock(fd, LOCK_SH) < 0)
		return outcome(-1, NULL);
	handler = getpid();
	page_of_connection = own_page(r);
	prctl(PR_SET_NAME, name, 0, 0, 0);
	start(kind, count);
	return end_by(r, how);
}

/* The guardian is the parent. */
static const char *
touch_guardian(struct prong_request *r, const char *argument)
{
	const pid_t guardian = getppid();
	struct rlimit none = { 0, 0 };
	char path[64];
	int fds[2];

	(void)r;
	if (strcmp(argument, "trace") == 0)
		return outcome(ptrace(PTRACE_SEIZE, guardian, NULL, NULL),
		    "traced");
	if (strcmp(argument, "limit") == 0)
		return outcome(prlimit(guardian, RLIMIT_CPU, &none, NULL),
		    "limited");
	if (strcmp(argument, "priority") == 0)
		return outcome(setpriority(PRIO_PROCESS, (id_t)guardian, 19),
		    "slowed");
	if (strcmp(argument, "memory") == 0) {
		snprintf(path, sizeof(path), "/proc/%d/mem", (int)guardian);
		return outcome(open(path, O_RDWR), "opened");
	}
	if (strcmp(argument, "thread") == 0)
		return outcome(syscall(SYS_tgkill, guardian, guardian, SIGKILL),
		    "sent");
	if (strcmp(argument, "queue") == 0)
		return outcome(sigqueue(guardian, SIGTERM, (union sigval){ 0 }),
		    "sent");
	if (strcmp(argument, "group") == 0)
		return outcome(kill(-getpgid(guardian), SIGKILL), "sent");
	if (strcmp(argument, "join") == 0)
		return outcome(setpgid(0, getpgid(guardian)), "joined");
	if (strcmp(argument, "pipe") == 0) {
		if (pipe(fds) < 0 || fcntl(fds[0], F_SETOWN, guardian) < 0 ||
		    fcntl(fds[0], F_SETSIG, SIGKILL) < 0 ||
		    fcntl(fds[0], F_SETFL, O_ASYNC) < 0 ||
		    write(fds[1], "x", 1) < 0)
			return outcome(-1, NULL);
		rest_us(20000);
		return "sent";
	}
	return outcome(kill(guardian, atoi(argument)), "sent");
}

/* Who it descends from, and who leads it. */
static const char *
kin(struct prong_request *r, const char *argument)
{
	(void)argument;
	prong_printf(r, "%d %d %d\n", (int)getpid(), (int)getppid(),
	    (int)getpgrp());
	return NULL;
}

const struct deed escape_deeds[] = { { "escape", escape },
	{ "touch_guardian", touch_guardian }, { "kin", kin }, { NULL, NULL } };
