/*
 * The crash handler. It runs in a signal handler, in a process whose memory may
 * be damaged anywhere. So it uses system calls and its own memory only, no
 * allocation and no streams. See crash_handler.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/crash_handler.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/hot.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "http/errorpage.h"
#include "http/page.h"
#include "message/response.h"
#include "message/sender.h"
#include "plugin/backtrace.h"
#include "sandbox/filter.h"
#include "sandbox/quota.h"
#include "sandbox/refusal.h"

/* The kernel's frame takes up to 11 KiB with AVX-512 (getauxval(3),
 * AT_MINSIGSTKSZ). Formatting a line and unwinding need the rest. */
#define STACK_BYTES (64 * 1024)

/* Lets a client that still sends its request read the response. */
#define LINGER_MS 500

/* After that many seconds SIGALRM ends the process: the code that crashed may
 * hold a lock of libc. */
#define LIMIT_SECONDS 3

static const int fatal[] = {
	SIGSEGV,
	SIGBUS,
	SIGILL,
	SIGFPE,
	SIGABRT,
	SIGSYS,
	SIGTRAP,
};

#define FATAL	      (sizeof(fatal) / sizeof(fatal[0]))

#define CRASHED	      "500 Internal Server Error"
#define TOOK_TOO_LONG "503 Service Unavailable"

PAGE_RESPONSE(crashed, CRASHED, 620, "",
    PAGE(CRASHED, ERRORPAGE_FAILED, PAGE_HOME));
PAGE_RESPONSE(took_too_long, TOOK_TOO_LONG, 634, "",
    PAGE(TOOK_TOO_LONG,
	"This took longer than the server allows. Please try again later.",
	PAGE_HOME));

static HOT struct crash_handler_request current;
static HOT uint64_t sent_before;
static HOT bool is_head;
static HOT void (*record_by)(int status, uint64_t bytes);
static int answered; /* status; 0: another response had begun */
static uint64_t answered_bytes;
static HOT volatile sig_atomic_t is_active;

static HOT volatile sig_atomic_t step; /* number of steps begun */
static int first_signal;
static void *first_address;
static int first_call; /* SIGSYS: the system call */

static char stack[STACK_BYTES];

static bool
is_quota(int signal)
{
	return signal == QUOTA_CPU_SIGNAL || signal == QUOTA_TIME_SIGNAL ||
	    signal == QUOTA_TOTAL_SIGNAL;
}

/*
 * Sends the response, or cuts the one that has begun. Then discards the
 * client's octets for a moment: at the close, unread octets would cause a reset
 * that overtakes the response (RFC 9112 9.6).
 */
static void
respond(void)
{
	struct pollfd pfd = { .fd = current.out, .events = POLLIN };
	static char waste[4096];
	const struct page_response *response = is_quota(first_signal) ?
	    &took_too_long :
	    &crashed;
	int rounds;

	/* An interim 100 (Continue) is no final response. */
	if (current.sender->response->is_begun &&
	    current.page->bytes_sent != sent_before) {
		if (current.sender->framing == FRAMING_CLOSE)
			descriptor_reset(current.out);
		return;
	}
	answered = is_quota(first_signal) ? 503 : 500;
	if (write(current.out, response->text,
		is_head ? response->head_bytes : response->bytes) < 0)
		return;
	if (!is_head)
		answered_bytes = response->bytes - response->head_bytes;
	if (shutdown(current.out, SHUT_WR) < 0)
		return;
	for (rounds = 0; rounds < 256 && poll(&pfd, 1, LINGER_MS) > 0; rounds++)
		if (recv(current.out, waste, sizeof(waste), MSG_DONTWAIT) <= 0)
			break;
}

static const char *
quota_name(int signal)
{
	if (signal == QUOTA_CPU_SIGNAL)
		return "max_cpu_time";
	return signal == QUOTA_TIME_SIGNAL ? "max_request_time" :
					     "max_request_total";
}

static const char *
signal_name(int signal)
{
	switch (signal) {
	case SIGSEGV:
		return "SIGSEGV";
	case SIGBUS:
		return "SIGBUS";
	case SIGILL:
		return "SIGILL";
	case SIGFPE:
		return "SIGFPE";
	case SIGABRT:
		return "SIGABRT";
	case SIGSYS:
		return "SIGSYS";
	case SIGTRAP:
		return "SIGTRAP";
	default:
		return "a signal";
	}
}

/* Names the forbidden system call, and the need that would permit it. */
static void
log_call(void)
{
	const char *name = filter_name(first_call);
	const char *permit = filter_permit(first_call);

	if (permit)
		log_error("%s: the system call %s is not declared; %s in the "
			  "handler's descriptor would permit it",
		    current.handler, name, permit);
	else
		log_error("%s: the system call %s is permitted to no handler",
		    current.handler, name ? name : "of that number");
}

/* log_error formats on the stack. vsnprintf(3) allocates for floating point and
 * positional arguments only; there are none here. */
static void
log_crash(void)
{
	if (!is_active) {
		log_error("%s at address %p, outside of any handler",
		    signal_name(first_signal), first_address);
		return;
	}
	current.page->state = SCOREBOARD_CRASHED;
	if (is_quota(first_signal)) {
		log_error("handler %s of route %s took more than %s; request "
			  "\"%s\" of %s",
		    current.handler, current.route, quota_name(first_signal),
		    current.page->request, current.client);
		return;
	}
	log_error("handler %s of route %s crashed: %s at address %p; request "
		  "\"%s\" of %s",
	    current.handler, current.route, signal_name(first_signal),
	    first_address, current.page->request, current.client);
	if (first_signal == SIGSYS)
		log_call();
}

static void
limit_time(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGALRM);
	signal(SIGALRM, SIG_DFL);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	alarm(LIMIT_SECONDS);
}

static _Noreturn void
die(void)
{
	sigset_t none;

	alarm(0);
	signal(first_signal, SIG_DFL);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	raise(first_signal);
	_exit(128 + first_signal);
}

static void
record_request(void)
{
	if (answered > 0)
		record_by(answered, answered_bytes);
	else
		record_by(current.sender->response->status,
		    sender_sent(current.sender));
}

/* A fault in one step enters here again; the handler goes on with the next. */
static void
handle_signal(int signal, siginfo_t *info, void *context)
{
	if (refusal_take(info, context, is_active ? current.handler : NULL))
		return;
	signal = quota_signal(signal);
	/* The signal can arrive after the handler has returned. */
	if (is_quota(signal) && !(is_active && quota_is_over(signal)))
		return;
	if (step == 0) {
		step = 1;
		first_signal = signal;
		/* A signal from a process, as by abort(3), has no address. */
		first_address = info->si_code > 0 ? info->si_addr : NULL;
		if (signal == SIGSYS) {
			first_call = info->si_syscall;
			first_address = info->si_call_addr;
		}
		limit_time();
		log_distrust_memory();
		if (is_active)
			respond();
	}
	if (step == 1) {
		step = 2;
		if (is_active && record_by)
			record_request();
	}
	if (step == 2) {
		step = 3;
		log_crash();
	}
	if (step == 3) {
		step = 4;
		backtrace_log();
	}
	if (step == 4) {
		step = 5;
		handler_stderr_drain();
	}
	die();
}

static void
lose_generation(int signal)
{
	(void)signal;
	quota_orphaned();
}

void
crash_handler_open(void)
{
	const struct sigaction orphaned = { .sa_handler = lose_generation,
		.sa_flags = SA_ONSTACK | SA_RESTART };
	stack_t own = { .ss_sp = stack, .ss_size = sizeof(stack) };
	struct sigaction action = { .sa_sigaction = handle_signal,
		.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
	size_t i;

	sigaltstack(&own, NULL);
	sigemptyset(&action.sa_mask);
	for (i = 0; i < FATAL; i++)
		sigaction(fatal[i], &action, NULL);
	sigaction(QUOTA_CPU_SIGNAL, &action, NULL);
	sigaction(QUOTA_TIME_SIGNAL, &action, NULL);
	sigaction(QUOTA_TOTAL_SIGNAL, &action, NULL);
	sigaction(QUOTA_ORPHAN_SIGNAL, &orphaned, NULL);
}

void
crash_handler_record_by(void (*record)(int status, uint64_t bytes))
{
	record_by = record;
}

void
crash_handler_begin(const struct crash_handler_request *request)
{
	current = *request;
	sent_before = request->page->bytes_sent;
	is_head = request->sender->response->is_head;
	is_active = 1;
}

void
crash_handler_end(void)
{
	is_active = 0;
}
