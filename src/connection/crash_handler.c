/*
 * The crash handler. It runs in a signal handler, in a process whose memory may
 * be damaged anywhere. So it uses system calls and its own memory only, no
 * allocation and no streams. See crash_handler.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/crash_handler.h"

#include <dlfcn.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unwind.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "message/response.h"
#include "message/sender.h"
#include "plugin/plugin_maps.h"
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
#define BACKTRACE_MAX 32

static const int fatal[] = {
	SIGSEGV,
	SIGBUS,
	SIGILL,
	SIGFPE,
	SIGABRT,
	SIGSYS,
	SIGTRAP,
};

#define FATAL (sizeof(fatal) / sizeof(fatal[0]))

#define CONTENT(title) \
	"<!DOCTYPE html>\n<title>" title "</title>\n" \
	"<h1>" title "</h1>\n"
#define HEAD(title, length) \
	"HTTP/1.1 " title "\r\n" \
	"Server: prong\r\n" \
	"Content-Type: text/html; charset=utf-8\r\n" \
	"Content-Length: " length "\r\n" \
	"Connection: close\r\n\r\n"
#define CRASHED	      "500 Internal Server Error"
#define TOOK_TOO_LONG "503 Service Unavailable"

struct crash_response {
	const char *text;
	size_t head_bytes, bytes;
};

#define RESPONSE(title, length) \
	{ \
		HEAD(title, length) \
		CONTENT(title), sizeof(HEAD(title, length)) - 1, \
		    sizeof(HEAD(title, length) CONTENT(title)) - 1 \
	}

static const struct crash_response crashed = RESPONSE(CRASHED, "92");
static const struct crash_response took_too_long = RESPONSE(TOOK_TOO_LONG,
    "88");

_Static_assert(sizeof(CONTENT(CRASHED)) - 1 == 92, "Content-Length");
_Static_assert(sizeof(CONTENT(TOOK_TOO_LONG)) - 1 == 88, "Content-Length");

static struct crash_handler_request current;
static uint64_t sent_before;
static bool is_head;
static volatile sig_atomic_t is_active;

static volatile sig_atomic_t step; /* number of steps begun */
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
	const struct crash_response *response = is_quota(first_signal) ?
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
	if (write(current.out, response->text,
		is_head ? response->head_bytes : response->bytes) < 0)
		return;
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

/* The frames that _Unwind_Backtrace has found so far. */
struct trace {
	struct frame {
		void *address;
		bool is_return; /* address is behind a call */
	} frames[BACKTRACE_MAX];
	int count;
};

static _Unwind_Reason_Code
take_frame(struct _Unwind_Context *context, void *trace)
{
	struct trace *t = trace;
	int is_before;

	if (t->count == BACKTRACE_MAX)
		return _URC_END_OF_STACK;
	t->frames[t->count].address = (void *)_Unwind_GetIPInfo(context,
	    &is_before);
	t->frames[t->count++].is_return = !is_before;
	return _URC_NO_REASON;
}

/* The file of which that code is, and where in it; NULL: unknown. The name of
 * prongd itself is its title. */
static const char *
find_file(uintptr_t address, size_t *offset)
{
	const char *path = plugin_maps_find(address, offset);
	Dl_info info;

	if (path)
		return path;
	if (dladdr((void *)address, &info) == 0)
		return NULL;
	*offset = address - (uintptr_t)info.dli_fbase;
	return info.dli_fname[0] == '/' ? info.dli_fname : "[prongd]";
}

/* As backtrace_symbols_fd(3) has them, but the offset is that of the call: the
 * instruction behind it may belong to another line, or another function. */
static void
log_frame(const struct frame *f)
{
	char line[PATH_MAX + 64];
	size_t offset;
	const char *path = find_file((uintptr_t)f->address - f->is_return,
	    &offset);

	if (path)
		snprintf(line, sizeof(line), "%s(+0x%zx) [%p]", path, offset,
		    f->address);
	else
		snprintf(line, sizeof(line), "[%p]", f->address);
	log_frame_line(line);
}

/* Not backtrace(3), which loads libgcc_s: its maps would slow every fork. */
static void
log_backtrace(void)
{
	static struct trace trace;
	int i;

	_Unwind_Backtrace(take_frame, &trace);
	/* The first two frames are this function and its caller. */
	for (i = 2; i < trace.count; i++)
		log_frame(&trace.frames[i]);
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
		log_crash();
	}
	if (step == 2) {
		step = 3;
		log_backtrace();
	}
	if (step == 3) {
		step = 4;
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
