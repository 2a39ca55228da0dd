/*
 * prong: the administrator's command. It sends a request to the master over the
 * control socket (base/control_protocol.h), prints the reply, and ends with the
 * status of the request.
 *
 * SPDX-License-Identifier: ISC
 */
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/control_protocol.h"
#include "base/quantity.h"
#include "cli/figures.h"
#include "cli/inquiry.h"
#include "cli/log_view.h"
#include "cli/reply.h"
#include "cli/summary.h"
#include "cli/top.h"

#define EXIT_USAGE 2

/* As many connections prong status shows; prong top and --json show all. */
#define STATUS_CONNECTIONS 20

#define DAY_MS		   86400000

static const char usage[] =
    "usage: prong [-s SOCKET] [--json] COMMAND\n"
    "       prong [-s SOCKET] [-d TIME] [-n NUMBER] top\n"
    "       prong -h | -V\n"
    "\n"
    "Tells a running prongd what to do, and waits until it is done.\n"
    "\n"
    "  status            what it is doing, and who is connected\n"
    "  top               the same with counts, live\n"
    "  reload            read configuration and handlers again; nothing is "
    "lost\n"
    "  upgrade           go on with the prongd that is installed now\n"
    "  reopen            open the logs again, as after they were renamed\n"
    "  logs [-f]         show the log files; -f: as they grow\n"
    "  drain [TIME]      say \"not ready\", stop after that time (\"10 s\")\n"
    "  stop [--now]      finish what is under way, and end; --now: end\n"
    "\n"
    "  -s, --socket PATH where prongd listens for this command\n"
    "  -d TIME           top: between two pictures (\"2 s\")\n"
    "  -n NUMBER         top: so many pictures\n"
    "      --json        answers for programs\n"
    "  -h, --help        this text\n"
    "  -V, --version     the version\n"
    "\n"
    "prong(1) says more.\n";

struct command {
	const char *socket;
	const char *verb;
	const char *argument; /* NULL: none */
	bool json, now, follow;
	struct top_options top;
};

static _Noreturn void
refer_to_help(void)
{
	fputs("prong --help lists the commands.\n", stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void
print_help(void)
{
	fputs(usage, stdout);
	exit(EXIT_SUCCESS);
}

static _Noreturn void
fail_usage(const char *argument, const char *why)
{
	fprintf(stderr, "prong: %s: %s\n", argument, why);
	refer_to_help();
}

static void
print_status(const struct command *c, const struct reply *r)
{
	struct inquiry_memory memory;
	struct figures figures = { .is_known = false };

	if (inquiry_look(c->socket, &memory) == 0) {
		figures_read(&figures, &memory);
		inquiry_look_away(&memory);
	}
	if (c->json) {
		reply_print_json_status(r);
		summary_print_json(&figures);
		puts("}");
	} else {
		reply_print_status(r);
		summary_print(&figures, STATUS_CONNECTIONS);
	}
	figures_free(&figures);
}

static int
status(const struct command *c)
{
	struct reply r = { .count = 0 };

	inquiry_ask(c->socket, "status", false, false, &r);
	if (r.status == 0)
		print_status(c, &r);
	else
		for (size_t i = 0; i < r.count; i++)
			inquiry_print_line(r.lines[i]);
	inquiry_free(&r);
	return r.status;
}

/*
 * Commands.
 */

/* Adds the logs that are files to the arguments of tail(1). The paths are copies
 * that the caller frees. */
static size_t
add_logs(struct reply *r, const char *keyword, char **argv)
{
	size_t cursor = 0, n = 0;
	const char *path;

	while ((path = reply_next_value(r, keyword, &cursor)))
		if (path[0] == '/' && (argv[n] = strdup(path)))
			n++;
	return n;
}

static int
show_logs(struct reply *r, char **argv, size_t n)
{
	size_t found = add_logs(r, "error-log", argv + n);
	int status = EXIT_FAILURE;

	found += add_logs(r, "access-log", argv + n + found);
	argv[n + found] = NULL;
	if (found > 0)
		status = log_view_run(argv);
	else
		fprintf(stderr,
		    "prong: no log is a file; see journalctl(1), "
		    "or where standard error goes\n");
	while (found > 0)
		free(argv[n + --found]);
	return status;
}

/* By tail(1), as that can follow a name over a rotation. */
static int
logs(const struct command *c)
{
	static char tail[] = "tail", follow[] = "-F", end[] = "--";
	char *argv[REPLY_LINES_MAX + 4];
	struct reply r = { .count = 0 };
	size_t n = 0;
	int status;

	inquiry_ask(c->socket, "status", false, false, &r);
	argv[n++] = tail;
	if (c->follow)
		argv[n++] = follow;
	argv[n++] = end;
	status = r.status == 0 ? show_logs(&r, argv, n) : r.status;
	inquiry_free(&r);
	return status;
}

static int
simple(const struct command *c, const char *request, bool ends_it)
{
	struct reply r = { .count = 0 };

	inquiry_ask(c->socket, request, !c->json, ends_it, &r);
	if (c->json)
		reply_print_json_outcome(&r);
	inquiry_free(&r);
	return r.status;
}

static int
drain(const struct command *c)
{
	const char *text = c->argument ? c->argument : "10 s", *why;
	char request[64];
	int64_t ms;

	if (quantity_parse_time(text, &ms, &why) < 0)
		fail_usage(text, why);
	snprintf(request, sizeof(request), "drain %" PRId64, ms);
	return simple(c, request, true);
}

static int
run(const struct command *c)
{
	if (strcmp(c->verb, "help") == 0)
		print_help();
	if (strcmp(c->verb, "drain") == 0)
		return drain(c);
	if (c->argument)
		fail_usage(c->argument,
		    "there is nothing to say after that "
		    "command");
	if (strcmp(c->verb, "status") == 0)
		return status(c);
	if (strcmp(c->verb, "top") == 0)
		return top_run(c->socket, &c->top);
	if (strcmp(c->verb, "logs") == 0)
		return logs(c);
	if (strcmp(c->verb, "stop") == 0)
		return simple(c, c->now ? "stop now" : "stop", true);
	if (strcmp(c->verb, "reload") == 0 || strcmp(c->verb, "reopen") == 0 ||
	    strcmp(c->verb, "upgrade") == 0)
		return simple(c, c->verb, false);
	fail_usage(c->verb, "no such command");
}

/* No letter. */
#define OPTION_NOW 1

static const struct option long_options[] = { { "follow", no_argument, NULL,
						  'f' },
	{ "help", no_argument, NULL, 'h' }, { "json", no_argument, NULL, 'j' },
	{ "now", no_argument, NULL, OPTION_NOW },
	{ "socket", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

static int64_t
read_interval(const char *text)
{
	const char *why;
	int64_t ms;

	if (quantity_parse_time(text, &ms, &why) < 0)
		fail_usage(text, why);
	if (ms < 100 || ms > DAY_MS)
		fail_usage(text, "possible: 100 ms to a day, as \"2 s\"");
	return ms;
}

static unsigned long
read_number(const char *text)
{
	char *end;
	const unsigned long number = strtoul(text, &end, 10);

	if (text[0] < '0' || text[0] > '9' || *end != '\0' || number == 0)
		fail_usage(text, "possible: a whole number from 1 on");
	return number;
}

static void
parse_option(struct command *c, int option)
{
	switch (option) {
	case 'f':
		c->follow = true;
		break;
	case 'h':
		print_help();
	case 'j':
		c->json = true;
		break;
	case OPTION_NOW:
		c->now = true;
		break;
	case 'd':
		c->top.interval_ms = read_interval(optarg);
		break;
	case 'n':
		c->top.pictures = read_number(optarg);
		break;
	case 's':
		c->socket = optarg;
		break;
	case 'V':
		puts("prong " PRONG_VERSION);
		exit(EXIT_SUCCESS);
	default:
		refer_to_help();
	}
}

int
main(int argc, char *argv[])
{
	struct command command = { .top.interval_ms = 1000 };
	char path[CONTROL_PATH_BYTES];
	int option;

	/* Octets are printed one by one. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	while ((option = getopt_long(argc, argv, "d:fhn:s:V", long_options,
		    NULL)) != -1)
		parse_option(&command, option);
	if (optind == argc)
		fail_usage("COMMAND", "is missing");
	command.verb = argv[optind++];
	if (optind < argc)
		command.argument = argv[optind++];
	if (optind < argc)
		fail_usage(argv[optind], "too many arguments");
	if (!command.socket)
		command.socket = control_protocol_default_path(path);
	if (strlen(command.socket) >= CONTROL_PATH_BYTES)
		fail_usage(command.socket,
		    "a socket's path has at most 107 octets");
	return run(&command);
}
