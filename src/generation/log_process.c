/*
 * The log process looks at all rings, waits a little, so that nobody can keep it
 * busy, and then waits until it is woken: for 100 ms at most as long as there
 * were lines lately, else for long.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/log_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/descriptor.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/rings.h"
#include "base/title.h"
#include "config/configuration.h"
#include "generation/log_lines.h"
#include "sandbox/sandbox.h"

/* Between two looks, while there are lines: at least; at most, if no ring is half
 * full meanwhile; at most, once a look has found none. */
#define LEAST_MS 4
#define PAUSE_MS 20
#define TICK_MS	 100

/* Looks without a line after which it sleeps. */
#define QUIET_LOOKS 10

/* The same after the end of the generation. The numbers of its processes may
 * belong to others by then, so they do not keep this process for ever. */
#define ORPHAN_QUIET_LOOKS 600

/* A wake that is lost, by whatever a hostile process does to the futex, costs
 * this time. */
#define SLEEP_MS 5000

/* The same where nobody can have a line. The signal for the end of the generation
 * may come just before the wait, or a policy may refuse to order it. */
#define IDLE_MS 30000

/* At the end the lines of that many looks are written. */
#define LAST_LOOKS	4

#define TELL_DROPPED_MS 1000

struct log_process {
	const struct log_process_facts *facts;
	int control;
	pid_t generation;
	struct log_lines lines;
	bool ends;	  /* it was told to */
	bool is_orphan;	  /* the generation has ended */
	uint64_t dropped; /* as told to the generation */
	int64_t tell_ms;  /* not before */
	char *copy;
};

static bool
write_slot(struct log_process *p, size_t slot)
{
	struct rings_facts facts;
	size_t n = rings_take(p->facts->rings, slot, p->copy, &facts);

	if (n > 0)
		rings_beat(p->facts->rings);
	if (n == RING_DAMAGED)
		log_lines_write_damage(&p->lines, (long)facts.pid);
	else if (n > 0)
		log_lines_write(&p->lines, &facts, p->copy, n);
	return n > 0 && n != RING_DAMAGED;
}

/* The generation's come last: its line on the end of a connection follows that
 * connection's lines. Returns whether there were any. */
static bool
look(struct log_process *p)
{
	struct rings *rings = p->facts->rings;
	size_t slots = rings_slots(rings), slot, n;
	bool found = false;

	rings_beat(rings);
	for (slot = 0; slot < slots; slot++)
		found |= write_slot(p, slot);
	n = rings_take_own(rings, p->copy);
	if (n > 0 && n != RING_DAMAGED)
		log_lines_write_own(&p->lines, p->copy, n, (long)p->generation);
	log_lines_flush(&p->lines);
	return found || n > 0;
}

static void
look_all(struct log_process *p)
{
	int i;

	for (i = 0; i < LAST_LOOKS && look(p); i++)
		continue;
}

static void
tell(struct log_process *p, enum log_process_order order)
{
	const struct log_process_message message = { order };

	if (send(p->control, &message, sizeof(message),
		MSG_NOSIGNAL | MSG_DONTWAIT) < 0) {
		/* The generation has ended, or will ask again. */
	}
}

static void
obey(struct log_process *p, const struct log_process_message *message)
{
	look_all(p);
	p->ends |= message->order == LOG_PROCESS_END;
	tell(p, LOG_PROCESS_DONE);
}

static void
hear(struct log_process *p)
{
	struct log_process_message message;
	ssize_t n;

	while ((n = recv(p->control, &message, sizeof(message),
		    MSG_DONTWAIT)) == (ssize_t)sizeof(message))
		obey(p, &message);
	/* A socket that cannot be read does not tell the end of its peer. */
	p->is_orphan = n == 0 ||
	    (n < 0 && errno != EAGAIN && getppid() != p->generation);
}

static void
tell_dropped(struct log_process *p)
{
	uint64_t now = p->lines.dropped->access_lines;

	if (now == p->dropped || clock_ms() < p->tell_ms)
		return;
	p->dropped = now;
	p->tell_ms = clock_ms() + TELL_DROPPED_MS;
	tell(p, LOG_PROCESS_DROPPED);
}

/* Whether a process lives that may still put lines into a ring. */
static bool
has_writers(const struct log_process *p)
{
	size_t slots = rings_slots(p->facts->rings), slot;
	int64_t pid;

	for (slot = 0; slot < slots; slot++) {
		pid = rings_pid(p->facts->rings, slot);
		if (pid > 0 &&
		    (!p->is_orphan || kill((pid_t)pid, 0) == 0 ||
			errno == EPERM))
			return true;
	}
	return false;
}

/* Nobody can wake it at first. A wake that comes before the wait is lost, which
 * costs the rest of the pause. */
static void
pause_a_little(struct rings *rings)
{
	const struct timespec least = { .tv_nsec = LEAST_MS * 1000000L };

	nanosleep(&least, NULL);
	rings_set_state(rings, RINGS_PAUSES);
	rings_wait(rings, RINGS_PAUSES, PAUSE_MS);
}

/* Whether the generation has said something, or ended. */
static bool
has_orders(const struct log_process *p)
{
	char octet;

	return recv(p->control, &octet, 1, MSG_PEEK | MSG_DONTWAIT) >= 0 &&
	    !p->is_orphan;
}

/* Waits as long as there were no lines. Having said how it waits it looks
 * again, since whoever came before that has woken nobody. */
static void
wait_for_lines(struct log_process *p, int *quiet)
{
	struct rings *rings = p->facts->rings;
	bool sleeps = *quiet >= QUIET_LOOKS && !p->is_orphan &&
	    p->dropped == p->lines.dropped->access_lines;
	enum rings_state state = sleeps ? RINGS_ASLEEP : RINGS_TICKS;

	rings_set_state(rings, state);
	if (look(p))
		*quiet = 0;
	else if (!has_orders(p) && !rings_own_pending(rings))
		rings_wait(rings, state,
		    !sleeps	       ? TICK_MS :
			has_writers(p) ? SLEEP_MS :
					 IDLE_MS);
	rings_set_state(rings, RINGS_BUSY);
}

static _Noreturn void
write_lines(struct log_process *p)
{
	int quiet = 0;

	for (;;) {
		hear(p);
		quiet = look(p) ? 0 : quiet + 1;
		tell_dropped(p);
		if (p->ends ||
		    (p->is_orphan &&
			(!has_writers(p) || quiet > ORPHAN_QUIET_LOOKS))) {
			look_all(p);
			_exit(0);
		}
		pause_a_little(p->facts->rings);
		wait_for_lines(p, &quiet);
	}
}

/* Only interrupts the wait. */
static void
notice(int signal)
{
	(void)signal;
}

/* Whoever stops the server signals the master; but a service manager may signal
 * all processes, and this one must outlive those that have lines. The end of
 * the generation interrupts the wait. */
static void
arrange_signals(void)
{
	static const int ignored[] = { SIGTERM, SIGINT, SIGHUP, SIGUSR1,
		SIGPIPE, SIGCHLD };
	struct sigaction action = { .sa_handler = notice };
	sigset_t none;
	size_t i;

	for (i = 0; i < sizeof(ignored) / sizeof(ignored[0]); i++)
		signal(ignored[i], SIG_IGN);
	sigaction(SIGUSR2, &action, NULL);
	prctl(PR_SET_PDEATHSIG, SIGUSR2);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
}

/* Keeps its own descriptors, all private ones of the generation, under low
 * numbers; closes all others. */
static bool
arrange_descriptors(struct log_process *p, int *access_log)
{
	const struct log_process_facts *facts = p->facts;
	int *log_socket = log_syslog_descriptor();

	descriptor_close_range(0, (unsigned)facts->private_base - 1);
	if (dup2(facts->error_log, STDERR_FILENO) < 0)
		return false;
	p->control = fcntl(facts->control, F_DUPFD_CLOEXEC, 3);
	*access_log = -1;
	if (facts->access_log >= 0)
		*access_log = fcntl(facts->access_log, F_DUPFD_CLOEXEC, 3);
	if (*log_socket >= 0)
		*log_socket = fcntl(*log_socket, F_DUPFD_CLOEXEC, 3);
	descriptor_close_range((unsigned)facts->private_base, ~0U);
	return p->control >= 0;
}

_Noreturn void
log_process_run(const struct log_process_facts *facts)
{
	static struct log_process p;
	int access_log;

	p.facts = facts;
	p.generation = getppid();
	log_channel_close();
	log_copy_to(-1);
	arrange_signals();
	p.copy = malloc(rings_own_bytes());
	if (!p.copy || sandbox_enter_bare(facts->sandbox) < 0 ||
	    !arrange_descriptors(&p, &access_log))
		_exit(1);
	log_reopened();
	title_set("logs");
	log_lines_init(&p.lines, access_log, facts->configuration,
	    rings_dropped_by_log(facts->rings));
	write_lines(&p);
}
