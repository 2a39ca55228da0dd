/*
 * A handler that goes astray. What its function open leaves behind is the option
 * "leaves": threads, lock, signal, mask, locale, cwd, umask, descriptors, one
 * descriptor, timer, or ends of open itself: closed, fault. The folder "folder" is
 * held open. What a request does is the parameter "do": jump (longjmp out of the
 * handler), default (the action of a signal, and the signal), close (descriptors),
 * read ("a" in that folder), exit=N, return=N, lookup=HOST (getaddrinfo), fork,
 * thread.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <netdb.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <prong/handler.h>

#ifndef NAME
#define NAME "stray"
#endif
#ifndef NEEDS
#define NEEDS 0
#endif

#define DESCRIPTORS 300

struct stray {
	const char *leaves, *file, *folder;
	int held;
};

static const struct prong_option options[] = {
	PRONG_STRING(struct stray, leaves, NULL, "what open leaves behind"),
	PRONG_STRING(struct stray, file, "/dev/null", "a file to lock"),
	PRONG_PATH(struct stray, folder, PRONG_READ | PRONG_FOLDER, NULL,
	    "a folder to hold"),
	PRONG_END,
};

static void *
rest(void *unused)
{
	(void)unused;
	for (;;)
		pause();
	return NULL;
}

static void
note_signal(int signal)
{
	(void)signal;
}

static int
leave_thread(void)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, rest, NULL);
}

static int
leave_mask(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	return sigprocmask(SIG_BLOCK, &set, NULL);
}

static int
leave_timer(void)
{
	const struct itimerval timer = { { 0, 0 }, { 3600, 0 } };

	return setitimer(ITIMER_REAL, &timer, NULL);
}

static int
leave_descriptors(int count)
{
	int i;

	for (i = 0; i < count; i++)
		if (open("/dev/null", O_RDONLY | O_CLOEXEC) < 0)
			return -1;
	return 0;
}

static int
leave_lock(const char *path)
{
	int fd = open(path, O_RDWR | O_CLOEXEC);

	return fd < 0 ? -1 : flock(fd, LOCK_EX);
}

static int
close_some(void)
{
	int fd;

	for (fd = 0; fd <= 20; fd++)
		close(fd);
	return 0;
}

/* Where nothing is. */
static int
write_nowhere(void)
{
	volatile uintptr_t address = 0x40;

	*(volatile char *)address = 0;
	return 0;
}

static int
stray_open(struct prong_opening *opening, void *config)
{
	struct stray *stray = config;
	const char *what = stray->leaves ? stray->leaves : "";

	(void)opening;
	if (stray->folder)
		stray->held = open(stray->folder, O_PATH | O_CLOEXEC);
	if (strcmp(what, "thread") == 0)
		return leave_thread();
	if (strcmp(what, "lock") == 0)
		return leave_lock(stray->file);
	if (strcmp(what, "signal") == 0)
		return signal(SIGUSR1, note_signal) == SIG_ERR ? -1 : 0;
	if (strcmp(what, "mask") == 0)
		return leave_mask();
	if (strcmp(what, "locale") == 0)
		return setlocale(LC_ALL, "C.UTF-8") ? 0 : -1;
	if (strcmp(what, "cwd") == 0)
		return chdir("/usr");
	if (strcmp(what, "umask") == 0)
		umask(0);
	if (strcmp(what, "timer") == 0)
		return leave_timer();
	if (strcmp(what, "descriptors") == 0)
		return leave_descriptors(DESCRIPTORS);
	if (strcmp(what, "descriptor") == 0)
		return leave_descriptors(1);
	if (strcmp(what, "closed") == 0)
		return close_some();
	if (strcmp(what, "fault") == 0)
		return write_nowhere();
	return 0;
}

static void
jump_out(void)
{
	static jmp_buf gone;

	/* The frame that gone belongs to has returned by now. */
	memset(gone, 0x41, sizeof(gone));
	longjmp(gone, 1);
}

static int
lookup(struct prong_request *r, const char *host)
{
	struct addrinfo *found = NULL;
	int result = getaddrinfo(host, "80", NULL, &found);

	prong_printf(r, "%s\n", result == 0 ? "found" : gai_strerror(result));
	if (result == 0)
		freeaddrinfo(found);
	return PRONG_DONE;
}

/* The error by which that function of libc fails to start a process or a thread. */
static int
start_by(const char *what)
{
	static char name[] = "true";
	static char *const argv[] = { name, NULL };
	pthread_t thread;
	pid_t pid;

	errno = 0;
	if (strcmp(what, "thread") == 0)
		return pthread_create(&thread, NULL, rest, NULL);
	if (strcmp(what, "spawn") == 0)
		return posix_spawn(&pid, "/bin/true", NULL, NULL, argv, NULL);
	if (strcmp(what, "spawnp") == 0)
		return posix_spawnp(&pid, "true", NULL, NULL, argv, NULL);
	if (strcmp(what, "system") == 0)
		return system("true") != 0 ? errno : 0;
	if (strcmp(what, "popen") == 0)
		return popen("true", "re") ? 0 : errno;
	pid = fork();
	if (pid == 0)
		_exit(0);
	return pid < 0 ? errno : 0;
}

static int
start(struct prong_request *r, const char *what)
{
	int error = start_by(what);

	prong_printf(r, "%s\n", error == 0 ? "started" : strerror(error));
	return PRONG_DONE;
}

/* What is in the file "a" of the folder that is held. */
static int
read_held(struct prong_request *r, const struct stray *stray)
{
	int fd = openat(stray->held, "a", O_RDONLY | O_CLOEXEC);
	char text[64] = "";

	if (fd < 0 || read(fd, text, sizeof(text) - 1) < 0)
		return prong_print(r, strerror(errno));
	return prong_print(r, text);
}

static int
stray(struct prong_request *r, const void *config)
{
	const char *what = prong_query(r, "do");

	if (what && strcmp(what, "read") == 0)
		return read_held(r, config);
	if (!what)
		return PRONG_DECLINED;
	if (strcmp(what, "jump") == 0)
		jump_out();
	if (strcmp(what, "default") == 0) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	if (strcmp(what, "close") == 0)
		close_some();
	if (strncmp(what, "exit=", 5) == 0)
		_exit(atoi(what + 5));
	if (strncmp(what, "return=", 7) == 0)
		return atoi(what + 7);
	if (strncmp(what, "lookup=", 7) == 0)
		return lookup(r, what + 7);
	if (strncmp(what, "start=", 6) == 0)
		return start(r, what + 6);
	if (strcmp(what, "sleep") == 0)
		rest(NULL);
	prong_print(r, "stray\n");
	return PRONG_DONE;
}

PRONG_HANDLER(.name = NAME, .summary = "goes astray", .options = options,
    .config_size = sizeof(struct stray), .needs = NEEDS, .open = stray_open,
    .handle = stray);
