/* SPDX-License-Identifier: ISC */
#include "plugin/leftovers.h"

#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "config/handler.h"
#include "config/report.h"

/* So many descriptors a handler may keep without a warning. */
#define MANY_DESCRIPTORS      100
#define MANY_DESCRIPTORS_TEXT "100"

/* What the latest look has found. Only functions open change it, so what one has
 * left is what the next one begins with. */
static struct {
	bool is_set;
	struct sigaction actions[NSIG];
	unsigned threads, locks;
} known;

static const __itimer_which_t timers[LEFTOVERS_TIMERS] = { ITIMER_REAL,
	ITIMER_VIRTUAL, ITIMER_PROF };

/* The folder has a link for each thread. */
static unsigned
count_threads(void)
{
	struct stat st;

	return stat("/proc/self/task", &st) == 0 ? (unsigned)st.st_nlink - 2 :
						   0;
}

/* A line is "1: POSIX ADVISORY WRITE PID ...". */
static unsigned
count_locks(void)
{
	FILE *locks = fopen("/proc/locks", "re");
	unsigned count = 0;
	char line[256];
	long pid;

	while (locks && fgets(line, sizeof(line), locks))
		if (sscanf(line, "%*s %*s %*s %*s %ld", &pid) == 1 &&
		    pid == (long)getpid())
			count++;
	if (locks)
		fclose(locks);
	return count;
}

/* A number from which on so many descriptors are free. The descriptors of the
 * handlers before are below it; the holes among them do not count. The numbers
 * below seen were free before the latest handler, which gets the lowest first.
 * poll(2) would tell many at once, but takes those of O_PATH for closed. */
static int
find_free_descriptors(void)
{
	static int begin, seen;
	int fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, begin);

	descriptor_close(fd);
	if (fd > begin)
		begin = fd;
	for (; seen <= begin + MANY_DESCRIPTORS; seen++)
		if (fcntl(seen, F_GETFD) >= 0)
			begin = seen + 1;
	return begin;
}

static bool
has_children(void)
{
	siginfo_t info;

	return waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT) == 0;
}

static mode_t
get_umask(void)
{
	mode_t old = umask(0);

	umask(old);
	return old;
}

static void
look_first(void)
{
	int i;

	for (i = 1; i < NSIG; i++)
		sigaction(i, NULL, &known.actions[i]);
	known.threads = count_threads();
	known.locks = count_locks();
	known.is_set = true;
}

static void
begin_test(struct leftovers *l)
{
	const char *locale = setlocale(LC_ALL, NULL);

	if (!known.is_set)
		look_first();
	l->locale = locale ? strdup(locale) : NULL;
	l->free_descriptor = find_free_descriptors();
	l->has_children = has_children();
}

void
leftovers_begin(struct leftovers *l, bool is_test)
{
	size_t i;

	l->folder = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	l->umask = get_umask();
	sigprocmask(SIG_BLOCK, NULL, &l->mask);
	for (i = 0; i < LEFTOVERS_TIMERS; i++)
		getitimer(timers[i], &l->timers[i]);
	l->is_test = is_test;
	if (is_test)
		begin_test(l);
}

/* The handler that is looked at. */
struct suspect {
	const struct leftovers *before;
	const struct handler *handler;
	struct report *report;
};

/* what: a clause with what follows from it. */
static void
tell(const struct suspect *s, const char *what)
{
	if (s->before->is_test)
		report_warning(s->report, s->handler->group,
		    "%s: its function open %s", s->handler->name, what);
}

static void
restore_folder(const struct suspect *s)
{
	int fd = s->before->folder;
	struct stat old, now;

	if (fd >= 0 && fstat(fd, &old) == 0 && stat(".", &now) == 0 &&
	    (old.st_dev != now.st_dev || old.st_ino != now.st_ino)) {
		tell(s,
		    "left another working folder, which is set back; possible: "
		    "absolute paths, or chdir in the function child");
		if (fchdir(fd) < 0)
			tell(s, "left one from which there is no way back");
	}
	descriptor_close(fd);
}

static void
restore_umask(const struct suspect *s)
{
	if (umask(s->before->umask) != s->before->umask)
		tell(s,
		    "left another umask, which is set back; possible: modes at "
		    "each open(2), or umask in the function child");
}

static void
restore_mask(const struct suspect *s)
{
	sigset_t now;
	int i;

	sigprocmask(SIG_SETMASK, &s->before->mask, &now);
	for (i = 1; i < NSIG; i++)
		if (sigismember(&now, i) != sigismember(&s->before->mask, i)) {
			tell(s,
			    "left another mask of signals, which is set back");
			return;
		}
}

static void
restore_timers(const struct suspect *s)
{
	struct itimerval now;
	size_t i;

	for (i = 0; i < LEFTOVERS_TIMERS; i++) {
		const struct itimerval *old = &s->before->timers[i];

		if (timerisset(&old->it_value) ||
		    getitimer(timers[i], &now) < 0 ||
		    !timerisset(&now.it_value))
			continue;
		setitimer(timers[i], old, NULL);
		tell(s,
		    "left a timer running (alarm, setitimer), which is "
		    "stopped: no connection would inherit it");
	}
}

static bool
is_other_action(const struct sigaction *a, const struct sigaction *b)
{
	return a->sa_handler != b->sa_handler;
}

static void
tell_signals(const struct suspect *s)
{
	struct sigaction now;
	char text[160];
	int i;

	for (i = 1; i < NSIG; i++) {
		if (sigaction(i, NULL, &now) < 0)
			continue;
		if (is_other_action(&now, &known.actions[i])) {
			snprintf(text, sizeof(text),
			    "left another action for signal %d (%s), also for "
			    "all other handlers; prongd sets its own over some",
			    i, strsignal(i));
			tell(s, text);
		}
		known.actions[i] = now;
	}
}

static void
tell_numbers(const struct suspect *s)
{
	const struct leftovers *l = s->before;
	const unsigned threads = count_threads(), locks = count_locks();

	if (threads > known.threads)
		tell(s,
		    "left threads, which no connection inherits; possible: "
		    "threads made in the function child, with "
		    "PRONG_NEEDS_THREADS");
	if (locks > known.locks)
		tell(s,
		    "left a file locked: connections share a lock of flock(2) "
		    "and do not inherit one of fcntl(2)");
	known.threads = threads;
	known.locks = locks;
	if (has_children() && !l->has_children)
		tell(s, "left a process, which is no child of any connection");
	/* Numbers are given from the lowest on. */
	if (fcntl(l->free_descriptor + MANY_DESCRIPTORS, F_GETFD) >= 0)
		tell(s,
		    "left more than " MANY_DESCRIPTORS_TEXT
		    " descriptors open, which make each new connection slower "
		    "and count for max_open_files");
}

static void
tell_locale(const struct suspect *s)
{
	const char *now = setlocale(LC_ALL, NULL);

	if (s->before->locale && now && strcmp(now, s->before->locale) != 0)
		tell(s,
		    "left another locale, also for all other handlers; "
		    "possible: newlocale and the functions that take it");
	free(s->before->locale);
}

void
leftovers_end(struct leftovers *l, const struct handler *handler,
    struct report *report)
{
	const struct suspect s = { l, handler, report };

	restore_folder(&s);
	restore_umask(&s);
	restore_mask(&s);
	restore_timers(&s);
	if (!l->is_test)
		return;
	tell_signals(&s);
	tell_numbers(&s);
	tell_locale(&s);
}
