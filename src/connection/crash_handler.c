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
#include <sys/uio.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/hot.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/slice.h"
#include "http/errorpage.h"
#include "http/page.h"
#include "message/request_id.h"
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
    PAGE(TOOK_TOO_LONG, ERRORPAGE_TOO_LONG, PAGE_HOME));

static enum crash_handler_way way;

/* The end of the process, which has one. */
static struct last_words *last; /* NULL: outside of any handler */
static int answered;		/* status; 0: another response had begun */
static uint64_t answered_bytes;
static volatile sig_atomic_t is_looking;

static HOT volatile sig_atomic_t step; /* number of steps begun */
static int first_signal;
static void *first_address;
static int first_call;		  /* SIGSYS: the system call */
static char id[REQUEST_ID_BYTES]; /* of the request; "": unknown */

static char stack[STACK_BYTES];

static bool
is_quota(int signal)
{
	return signal == QUOTA_CPU_SIGNAL || signal == QUOTA_TIME_SIGNAL ||
	    signal == QUOTA_TOTAL_SIGNAL;
}

/* The words of the connection whose handler is at work; NULL: none is. */
static struct last_words *
words_in_handler(void)
{
	struct last_words *words = NULL;

	/* A damaged pointer leads here again. */
	if (is_looking)
		return NULL;
	is_looking = 1;
	if (job_in_handler())
		words = (struct last_words *)(void *)job_at_hand;
	is_looking = 0;
	return words;
}

/* The memory that it was made from may be damaged. */
static void
identify(void)
{
	if (last->identify)
		last->identify(last, id);
	id[REQUEST_ID_MAX] = '\0';
	if (!request_id_is_valid(slice_from_string(id)))
		id[0] = '\0';
}

static bool
send_pieces(struct iovec *pieces, size_t count)
{
	struct msghdr message = { .msg_iov = pieces, .msg_iovlen = count };

	if (way == CRASH_HANDLER_LINGERS)
		return writev(last->out, pieces, (int)count) >= 0;
	return sendmsg(last->out, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0;
}

static struct iovec
piece(const char *text, size_t length)
{
	return (struct iovec){ (void *)(uintptr_t)text, length };
}

/* The line of the id comes before the empty line that ends the head. */
static bool
send_response(const struct page_response *response)
{
	const size_t fields = response->head_bytes - 2;
	const size_t all = last->is_head ? response->head_bytes :
					   response->bytes;
	const char *name = id[0] ? last->id_field : NULL;
	struct iovec pieces[] = {
		piece(response->text, fields),
		piece(name, name ? strlen(name) : 0),
		piece(": ", name ? 2 : 0),
		piece(id, name ? strlen(id) : 0),
		piece("\r\n", name ? 2 : 0),
		piece(response->text + fields, all - fields),
	};

	return send_pieces(pieces, sizeof(pieces) / sizeof(pieces[0]));
}

/* Discards the client's octets for a moment: at the close, unread octets would
 * cause a reset that overtakes the response (RFC 9112 9.6). */
static void
discard_input(void)
{
	struct pollfd pfd = { .fd = last->out, .events = POLLIN };
	const int timeout_ms = way == CRASH_HANDLER_LINGERS ? LINGER_MS : 0;
	static char waste[4096];
	int rounds;

	for (rounds = 0; rounds < 256 && poll(&pfd, 1, timeout_ms) > 0;
	     rounds++)
		if (recv(last->out, waste, sizeof(waste), MSG_DONTWAIT) <= 0)
			break;
}

/* Sends the response, or cuts the one that has begun. */
static void
respond(void)
{
	const struct page_response *response = is_quota(first_signal) ?
	    &took_too_long :
	    &crashed;

	/* An interim 100 (Continue) is no final response. */
	if (last->sender->response->is_begun &&
	    last->job.page->bytes_sent != last->sent_before) {
		if (last->sender->framing == FRAMING_CLOSE)
			descriptor_reset(last->out);
		return;
	}
	answered = is_quota(first_signal) ? 503 : 500;
	if (!send_response(response))
		return;
	if (!last->is_head)
		answered_bytes = response->bytes - response->head_bytes;
	if (shutdown(last->out, SHUT_WR) == 0)
		discard_input();
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
log_call(const char *handler)
{
	const char *name = filter_name(first_call);
	const char *permit = filter_permit(first_call);

	if (permit)
		log_error("%s: the system call %s is not declared; %s in the "
			  "handler's descriptor would permit it",
		    handler, name, permit);
	else
		log_error("%s: the system call %s is permitted to no handler",
		    handler, name ? name : "of that number");
}

/* log_error formats on the stack. vsnprintf(3) allocates for floating point and
 * positional arguments only; there are none here. */
static void
log_crash(void)
{
	const struct job *job;

	if (!last) {
		log_error("%s at address %p, outside of any handler",
		    signal_name(first_signal), first_address);
		return;
	}
	job = &last->job;
	job->page->state = SCOREBOARD_CRASHED;
	if (last->show)
		last->show(last);
	if (is_quota(first_signal)) {
		log_error("handler %s of route %s took more than %s; request "
			  "\"%s\" of %s, id %s",
		    job->handler, job->route, quota_name(first_signal),
		    job->page->request, job->client, id[0] ? id : "-");
		return;
	}
	log_error("handler %s of route %s crashed: %s at address %p; request "
		  "\"%s\" of %s, id %s",
	    job->handler, job->route, signal_name(first_signal), first_address,
	    job->page->request, job->client, id[0] ? id : "-");
	if (first_signal == SIGSYS)
		log_call(job->handler);
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
		last->record(last, answered, answered_bytes);
	else
		last->record(last, last->sender->response->status,
		    sender_sent(last->sender));
}

static void
note_signal(int signal, const siginfo_t *info)
{
	first_signal = signal;
	/* A signal from a process, as by abort(3), has no address. */
	first_address = info->si_code > 0 ? info->si_addr : NULL;
	if (signal == SIGSYS) {
		first_call = info->si_syscall;
		first_address = info->si_call_addr;
	}
}

/* A fault in one step enters here again; the handler goes on with the next. */
static void
handle_signal(int signal, siginfo_t *info, void *context)
{
	struct last_words *words = words_in_handler();

	if (signal == SIGSYS && words)
		tally_note_refusal(words->tally, words->job.handler);
	if (refusal_take(info, context, words ? words->job.handler : NULL))
		return;
	signal = quota_signal(signal);
	/* The signal can arrive after the handler has returned. */
	if (is_quota(signal) &&
	    !(words && quota_is_over(&words->quota, signal)))
		return;
	if (step == 0) {
		step = 1;
		last = words;
		note_signal(signal, info);
		limit_time();
		log_distrust_memory();
		if (last)
			identify();
	}
	if (step == 1) {
		step = 2;
		if (last)
			respond();
	}
	if (step == 2) {
		step = 3;
		if (last && last->record)
			record_request();
	}
	if (step == 3) {
		step = 4;
		log_crash();
	}
	if (step == 4) {
		step = 5;
		backtrace_log();
	}
	if (step == 5) {
		step = 6;
		handler_stderr_drain();
	}
	die();
}

static void
lose_generation(int signal)
{
	struct last_words *words = words_in_handler();

	(void)signal;
	quota_orphaned(words ? &words->quota : NULL);
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
crash_handler_choose(enum crash_handler_way chosen)
{
	way = chosen;
}

void
crash_handler_take(struct last_words *words)
{
	job_take(words ? &words->job : NULL);
}

void
crash_handler_begin(struct last_words *words, const char *route,
    const char *handler)
{
	words->job.route = route;
	words->job.handler = handler;
	words->sent_before = words->job.page->bytes_sent;
	words->is_head = words->sender->response->is_head;
	words->job.is_in_handler = 1;
}

void
crash_handler_end(struct last_words *words)
{
	words->job.is_in_handler = 0;
}
