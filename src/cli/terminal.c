/* SPDX-License-Identifier: ISC */
#include "cli/terminal.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/clock.h"

/* The other screen, without a cursor; and back. */
#define ENTER "\033[?1049h\033[?25l\033[2J"
#define LEAVE "\033[?25h\033[?1049l"

static const int signals[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGTSTP,
	SIGCONT, SIGWINCH };

#define SIGNALS (sizeof(signals) / sizeof(signals[0]))

static struct termios before;
static sigset_t unblocked;
static volatile sig_atomic_t has_changed, has_to_stop, has_to_end;

static void
note(int signal)
{
	if (signal == SIGWINCH || signal == SIGCONT)
		has_changed = 1;
	else if (signal == SIGTSTP)
		has_to_stop = 1;
	else
		has_to_end = 1;
}

static void
write_all(const char *text)
{
	if (write(STDOUT_FILENO, text, strlen(text)) < 0) {
		/* The next read tells that the terminal has gone. */
	}
}

static void
enter(void)
{
	struct termios raw = before;

	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	tcsetattr(STDIN_FILENO, TCSADRAIN, &raw);
	write_all(ENTER);
}

static void
leave(void)
{
	fflush(stdout);
	write_all(LEAVE);
	tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
}

/* Signals arrive while this process waits, and at no other time. */
bool
terminal_open(void)
{
	struct sigaction action = { .sa_handler = note };
	sigset_t set;
	size_t i;

	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO) ||
	    tcgetattr(STDIN_FILENO, &before) < 0)
		return false;
	sigemptyset(&set);
	for (i = 0; i < SIGNALS; i++) {
		sigaddset(&set, signals[i]);
		sigaction(signals[i], &action, NULL);
	}
	sigprocmask(SIG_BLOCK, &set, &unblocked);
	enter();
	return true;
}

void
terminal_close(void)
{
	leave();
	sigprocmask(SIG_SETMASK, &unblocked, NULL);
}

/* As a program without a terminal of its own would be stopped. */
static void
stop(void)
{
	struct sigaction usual = { .sa_handler = SIG_DFL }, own;
	sigset_t set;

	has_to_stop = 0;
	leave();
	sigaction(SIGTSTP, &usual, &own);
	raise(SIGTSTP);
	sigemptyset(&set);
	sigaddset(&set, SIGTSTP);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	sigprocmask(SIG_BLOCK, &set, NULL);
	sigaction(SIGTSTP, &own, NULL);
	enter();
	has_changed = 1;
}

static unsigned
number_of(const char *name, unsigned otherwise)
{
	const char *text = getenv(name);
	const long value = text ? strtol(text, NULL, 10) : 0;

	return value > 0 && value < 10000 ? (unsigned)value : otherwise;
}

void
terminal_size(unsigned *columns, unsigned *rows)
{
	struct winsize size;

	if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 &&
	    size.ws_row > 0) {
		*columns = size.ws_col;
		*rows = size.ws_row;
		return;
	}
	*columns = number_of("COLUMNS", 80);
	*rows = number_of("LINES", 24);
}

/* What was typed, and not taken yet. */
static struct {
	char octets[64];
	size_t at, end;
} typed;

static enum terminal_event
take_key(char *key)
{
	*key = typed.octets[typed.at++];
	return TERMINAL_KEY;
}

/* A key that sends several octets, as an arrow does, is none of prong's. */
static enum terminal_event
read_key(char *key)
{
	const ssize_t n = read(STDIN_FILENO, typed.octets,
	    sizeof(typed.octets));

	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN))
		return TERMINAL_END;
	if (n < 0 || (n > 1 && typed.octets[0] == TERMINAL_ESCAPE))
		return TERMINAL_CHANGE;
	typed.at = 0;
	typed.end = (size_t)n;
	return take_key(key);
}

static enum terminal_event
take_signal(void)
{
	if (has_to_end)
		return TERMINAL_END;
	if (has_to_stop)
		stop();
	has_changed = 0;
	return TERMINAL_CHANGE;
}

enum terminal_event
terminal_wait(int64_t until_ms, char *key)
{
	struct pollfd pfd = { .fd = STDIN_FILENO, .events = POLLIN };
	int64_t left_ms = until_ms - clock_ms();
	struct timespec left;
	int n;

	if (typed.at < typed.end)
		return take_key(key);
	if (left_ms < 0)
		left_ms = 0;
	left = (struct timespec){ left_ms / 1000, left_ms % 1000 * 1000000 };
	n = ppoll(&pfd, 1, &left, &unblocked);
	if (has_to_end || has_to_stop || has_changed)
		return take_signal();
	return n > 0 ? read_key(key) : TERMINAL_TIME;
}
