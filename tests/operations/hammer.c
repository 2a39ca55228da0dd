/*
 * hammer: clients of several kinds at once, at full speed, who forgive nothing.
 * For what must not be noticed by anybody: reloads, upgrades, restarts behind a
 * balancer. One thread. See usage for what it prints.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "client.h"

#define MS     INT64_C(1000)
#define SECOND (1000 * MS)

/* How often clients look at the clock: those that are slow on purpose, that
 * rest, and that wait in vain. */
#define TICK_US		 (10 * MS)

#define CLIENTS_MAX	 4096
#define TARGET_BYTES_MAX (UINT64_C(1) << 30)

/* More says no more, and a server that is not there is not asked for ever. */
#define FAILURES_MAX 100000

static const char usage[] =
    "usage: hammer [-s SECONDS] [-w SECONDS] [-r SECONDS] [-c "
    "[KIND=]CLIENTS]...\n"
    "              [-p KIND=TARGET]... [-t KIND=SECONDS]... ADDRESS\n"
    "\n"
    "  -s SECONDS       for how long (default: 60, or until SIGTERM)\n"
    "  -w SECONDS       how long a server may say nothing (default: 60)\n"
    "  -r SECONDS       how long a request may take (default: 300)\n"
    "  -c KIND=CLIENTS  how many clients of a kind there are; 0 of all kinds:\n"
    "                   -c 0\n"
    "  -p KIND=TARGET   what they ask for, in turn; in place of the defaults\n"
    "  -t KIND=SECONDS  how long they take for an answer or an upload at "
    "least\n"
    "\n"
    "  kind      clients  default targets             on how many connections\n"
    "  kept      20       /build?kib=1, 4 and 64      one, while it lasts\n"
    "  new       20       /build?kib=1, 4 and 64      one for each request\n"
    "  idle      4        /build?kib=1                one, with pauses\n"
    "  large     8        /build?kib=4096, 0.3 s      half of them one each\n"
    "  download  6        /build?kib=10240, 3 s       half of them one each\n"
    "  upload    3        /echo?kib=512, 2 s          half of them one each\n"
    "  chunked   3        the same, in chunks         half of them one each\n"
    "\n"
    "ADDRESS is of this machine: 127.0.0.0/8, [::1], or unix:/PATH. A target\n"
    "says how long its content is: kib=N in its query, or else the last "
    "segment\n"
    "of its path, which is a number of octets. The content is lines \"PATH "
    "line\n"
    "00000000\", counted from 0 and cut at that length, where PATH is the "
    "target;\n"
    "or \"build N\" in its stead where the answer has a field X-Build: N. An\n"
    "upload sends this and must get it back.\n"
    "\n"
    "An answer that is not whole and right is a failure, and so is a "
    "connection\n"
    "that ends without having been said to, unless its client was pausing: "
    "that\n"
    "is counted as closed_idle.\n"
    "\n"
    "Prints a line when it begins, from when on it takes signals. At its end "
    "and\n"
    "at each SIGUSR1 it prints a line of totals for each kind (latencies in\n"
    "microseconds), a line for each kind of failure with the first example, "
    "and\n"
    "\"end\". Exits 1 when anything failed, 2 when it does not understand its\n"
    "arguments.\n";

#define SMALL \
	{ \
		{ "/build?kib=1", 0 }, { "/build?kib=4", 0 }, \
		{ \
			"/build?kib=64", 0 \
		} \
	}

static struct kind kinds[] = {
	{ .name = "kept", .clients = 20, .targets = SMALL, .target_count = 3 },
	{ .name = "new",
	    .clients = 20,
	    .targets = SMALL,
	    .target_count = 3,
	    .keep = KEEP_NONE },
	{ .name = "idle",
	    .clients = 4,
	    .targets = { { "/build?kib=1", 0 } },
	    .target_count = 1,
	    .pause_us = 500 * MS },
	{ .name = "large",
	    .clients = 8,
	    .target_count = 1,
	    .targets = { { "/build?kib=4096", 0 } },
	    .keep = KEEP_HALF,
	    .pace_us = 300 * MS },
	{ .name = "download",
	    .clients = 6,
	    .target_count = 1,
	    .targets = { { "/build?kib=10240", 0 } },
	    .keep = KEEP_HALF,
	    .pace_us = 3 * SECOND },
	{ .name = "upload",
	    .clients = 3,
	    .target_count = 1,
	    .targets = { { "/echo?kib=512", 0 } },
	    .keep = KEEP_HALF,
	    .upload = UPLOAD_LENGTH,
	    .pace_us = 2 * SECOND },
	{ .name = "chunked",
	    .clients = 3,
	    .target_count = 1,
	    .targets = { { "/echo?kib=512", 0 } },
	    .keep = KEEP_HALF,
	    .upload = UPLOAD_CHUNKED,
	    .pace_us = 2 * SECOND },
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct hammer {
	struct run run;
	struct client *clients;
	size_t client_count;
	int64_t duration_us;
	int signals; /* a descriptor */
};

static _Noreturn void
fail_usage(const char *what, const char *argument)
{
	fprintf(stderr, "hammer: %s%s\n%s", what, argument, usage);
	exit(2);
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value >= 0) || value > 1e6)
		fail_usage("not a number: ", text);
	return value;
}

static int64_t
seconds(const char *text)
{
	return (int64_t)(number(text) * 1e6);
}

/* The kind that an argument "KIND=..." begins with, and what follows. */
static struct kind *
find_kind(const char *argument, const char **rest)
{
	size_t i, length = strcspn(argument, "=");

	for (i = 0; argument[length] && i < KINDS; i++) {
		if (strncmp(kinds[i].name, argument, length) == 0 &&
		    kinds[i].name[length] == '\0') {
			*rest = argument + length + 1;
			return &kinds[i];
		}
	}
	fail_usage("no kind: ", argument);
}

static void
set_clients(const char *argument)
{
	const char *count;
	struct kind *kind;
	size_t i;

	if (!strchr(argument, '=')) {
		for (i = 0; i < KINDS; i++)
			kinds[i].clients = (size_t)number(argument);
		return;
	}
	kind = find_kind(argument, &count);
	kind->clients = (size_t)number(count);
}

static void
add_target(const char *argument)
{
	static const struct kind *told[KINDS]; /* whose defaults are gone */
	const char *path;
	struct kind *kind = find_kind(argument, &path);
	size_t i = (size_t)(kind - kinds);

	if (!told[i])
		kind->target_count = 0;
	told[i] = kind;
	if (kind->target_count == TARGETS_MAX || *path != '/' ||
	    strlen(path) >= PATTERN_OWNER_BYTES)
		fail_usage("no target, or too many: ", argument);
	kind->targets[kind->target_count++].path = path;
}

static uint64_t
target_bytes(const char *path)
{
	const char *query = strchr(path, '?');
	const char *kib = query ? strstr(query, "kib=") : NULL;
	uint64_t bytes = kib ? strtoull(kib + 4, NULL, 10) * 1024 :
			       strtoull(strrchr(path, '/') + 1, NULL, 10);

	if (bytes == 0 || bytes > TARGET_BYTES_MAX)
		fail_usage("a target must say its length: ", path);
	return bytes;
}

static void
parse_arguments(struct hammer *h, int argc, char *argv[])
{
	const char *rest;
	struct kind *kind;
	int option;

	while ((option = getopt(argc, argv, "c:p:r:s:t:w:")) != -1) {
		switch (option) {
		case 'c':
			set_clients(optarg);
			break;
		case 'p':
			add_target(optarg);
			break;
		case 'r':
			h->run.request_us = seconds(optarg);
			break;
		case 's':
			h->duration_us = seconds(optarg);
			break;
		case 't':
			kind = find_kind(optarg, &rest);
			kind->pace_us = seconds(rest);
			break;
		case 'w':
			h->run.patience_us = seconds(optarg);
			break;
		default:
			fail_usage("see the usage", "");
		}
	}
	if (optind + 1 != argc ||
	    !loopback_parse(argv[optind], &h->run.address))
		fail_usage("an address of the loopback is needed", "");
}

static int
make_clients(struct hammer *h)
{
	size_t i, j, n = 0;

	for (i = 0; i < KINDS; i++) {
		if (kinds[i].clients > CLIENTS_MAX)
			fail_usage("too many clients: ", kinds[i].name);
		h->client_count += kinds[i].clients;
		for (j = 0; j < kinds[i].target_count; j++)
			kinds[i].targets[j].bytes =
			    target_bytes(kinds[i].targets[j].path);
	}
	if (h->client_count == 0)
		fail_usage("there are no clients", "");
	h->clients = calloc(h->client_count, sizeof(h->clients[0]));
	if (!h->clients)
		return -1;
	for (i = 0; i < KINDS; i++)
		for (j = 0; j < kinds[i].clients; j++)
			client_init(&h->clients[n++], &h->run, &kinds[i], j);
	return 0;
}

/* Signals arrive as events, between one client's steps and another's. */
static int
watch_signals(struct hammer *h)
{
	struct epoll_event event = { .events = EPOLLIN };
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGUSR1);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return -1;
	h->signals = signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC);
	if (h->signals < 0)
		return -1;
	/* Whoever started it may be killed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	return epoll_ctl(h->run.epoll, EPOLL_CTL_ADD, h->signals, &event);
}

static uint64_t
failures(void)
{
	uint64_t sum = 0;
	size_t i;

	for (i = 0; i < KINDS; i++)
		sum += tally_failures(&kinds[i].tally);
	return sum;
}

static void
print_totals(const struct hammer *h)
{
	int i, is_first = 1;
	size_t k;

	for (k = 0; k < KINDS; k++)
		if (kinds[k].clients > 0)
			tally_print(&kinds[k].tally, kinds[k].name,
			    kinds[k].clients);
	for (i = 0; i < BUILDS_MAX; i++) {
		if (h->run.answers_by_build[i] == 0)
			continue;
		printf("%s%d=%" PRIu64, is_first ? "builds " : " ", i,
		    h->run.answers_by_build[i]);
		is_first = 0;
	}
	printf("%send seconds=%.3f failed=%" PRIu64 "\n", is_first ? "" : "\n",
	    (double)(clock_us() - h->run.start_us) / 1e6, failures());
	fflush(stdout);
}

static void
take_signals(struct hammer *h)
{
	struct signalfd_siginfo info;

	while (read(h->signals, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			print_totals(h);
		else
			h->run.is_over = true;
	}
}

/* Whether any client is not finished. */
static bool
tick(struct hammer *h)
{
	bool is_busy = false;
	size_t i;

	for (i = 0; i < h->client_count; i++) {
		client_check_time(&h->clients[i]);
		client_proceed(&h->clients[i]);
		if (h->clients[i].step != CLIENT_FINISHED)
			is_busy = true;
	}
	return is_busy;
}

/* Every request ends by itself, one way or another: in request_us at most. */
static int
run(struct hammer *h)
{
	struct epoll_event events[256];
	int64_t now = clock_us(), ticked_us = 0;
	bool is_busy = true;
	int n, i;

	h->run.start_us = now;
	printf("clients=%zu\n", h->client_count);
	fflush(stdout);
	while (is_busy) {
		n = epoll_wait(h->run.epoll, events, 256, (int)(TICK_US / MS));
		if (n < 0 && errno != EINTR)
			return -1;
		for (i = 0; i < n; i++) {
			if (events[i].data.ptr)
				client_proceed(events[i].data.ptr);
			else
				take_signals(h);
		}
		now = clock_us();
		if (now - h->run.start_us >= h->duration_us ||
		    failures() >= FAILURES_MAX)
			h->run.is_over = true;
		if (now - ticked_us >= TICK_US) {
			is_busy = tick(h);
			ticked_us = now;
		}
	}
	return 0;
}

int
main(int argc, char *argv[])
{
	static struct hammer h = { .duration_us = 60 * SECOND,
		.run = {
		    .patience_us = 60 * SECOND, .request_us = 300 * SECOND } };

	parse_arguments(&h, argc, argv);
	h.run.epoll = epoll_create1(EPOLL_CLOEXEC);
	if (h.run.epoll < 0 || make_clients(&h) < 0 || watch_signals(&h) < 0 ||
	    run(&h) < 0) {
		fprintf(stderr, "hammer: %s\n", strerror(errno));
		return 1;
	}
	print_totals(&h);
	free(h.clients);
	return failures() > 0 ? 1 : 0;
}
