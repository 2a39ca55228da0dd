/*
 * prong: the administrator's command. It sends a request to the master over the
 * control socket (base/control_protocol.h), prints the reply, and ends with the
 * status of the request.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/control_protocol.h"
#include "base/quantity.h"
#include "cli/log_view.h"
#include "cli/printable.h"
#include "cli/reply.h"

#define EXIT_USAGE 2

/* The longest wait for the end of a master that has replied to stop. */
#define END_MS 10000

static const char usage[] =
    "usage: prong [-s SOCKET] [--json] COMMAND\n"
    "       prong -h | -V\n"
    "\n"
    "Tells a running prongd what to do, and waits until it is done.\n"
    "\n"
    "  status            what it is doing\n"
    "  reload            read configuration and handlers again; nothing is "
    "lost\n"
    "  upgrade           go on with the prongd that is installed now\n"
    "  reopen            open the logs again, as after they were renamed\n"
    "  logs [-f]         show the log files; -f: as they grow\n"
    "  drain [TIME]      say \"not ready\", stop after that time (\"10 s\")\n"
    "  stop [--now]      finish what is under way, and end; --now: end\n"
    "\n"
    "  -s, --socket PATH where prongd listens for this command\n"
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

/*
 * A request and its reply.
 */

static const char *
advice(int error)
{
	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return ": no prongd listens there; possible: start one, or "
		       "name its socket by -s (the setting control says which)";
	case EACCES:
		return ": only root, the user of prongd and the group of the "
		       "setting control_group may";
	default:
		return "";
	}
}

static int
connect_to(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	if (strlen(path) >= sizeof(address.sun_path))
		fail_usage(path, "a socket's path has at most 107 octets");
	strcpy(address.sun_path, path);
	if (fd < 0 ||
	    connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		fprintf(stderr, "prong: %s: %s%s\n", path, strerror(errno),
		    advice(errno));
		exit(EXIT_FAILURE);
	}
	return fd;
}

/* A pidfd of the process that listens, readable when the process has ended. -1
 * when the kernel does not tell the process. */
static int
open_master(int fd)
{
	struct ucred who;
	socklen_t length = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0 ||
	    who.pid <= 0)
		return -1;
	return pidfd_open(who.pid, 0);
}

static void
wait_for_end(int master)
{
	struct pollfd pfd = { .fd = master, .events = POLLIN };

	while (poll(&pfd, 1, END_MS) < 0 && errno == EINTR)
		continue;
}

static void
keep_line(struct reply *r, const char *line)
{
	if (r->count == REPLY_LINES_MAX)
		return;
	r->lines[r->count] = strdup(line);
	if (r->lines[r->count])
		r->count++;
}

static void
free_lines(struct reply *r)
{
	while (r->count > 0)
		free(r->lines[--r->count]);
}

/* Errors and warnings go to standard error, other lines to standard output. */
static void
print_line(const char *line)
{
	bool is_bad = strncmp(line, "error: ", 7) == 0 ||
	    strncmp(line, "warning: ", 9) == 0;
	FILE *to = is_bad ? stderr : stdout;

	printable_print(to, line);
	putc('\n', to);
	fflush(to);
}

static void
take_lines(struct reply *r, char *text, bool at_once)
{
	char *line;

	while ((line = strsep(&text, "\n"))) {
		keep_line(r, line);
		if (at_once)
			print_line(line);
	}
}

/* Sends a request and reads the reply. at_once: lines are printed as they
 * arrive. ends_it: the request stops the master, and its end is success. */
static void
ask(const char *socket, const char *request, bool at_once, bool ends_it,
    struct reply *r)
{
	char message[CONTROL_MESSAGE_BYTES + 1];
	int fd = connect_to(socket), master = ends_it ? open_master(fd) : -1;
	ssize_t n;

	r->status = ends_it ? 0 : EXIT_FAILURE;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		/* The master's refusal can still be read. */
	}
	while ((n = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		message[n] = '\0';
		if (strncmp(message, "say ", 4) == 0) {
			take_lines(r, message + 4, at_once);
		} else if (sscanf(message, "end %d", &r->status) == 1) {
			break;
		}
	}
	close(fd);
	if (master >= 0 && r->status == 0)
		wait_for_end(master);
	if (n > 0 || ends_it)
		return;
	fprintf(stderr, "prong: prongd ended before it had answered\n");
}

static int
status(const struct command *c)
{
	struct reply r = { .count = 0 };

	ask(c->socket, "status", false, false, &r);
	if (r.status != 0) {
		for (size_t i = 0; i < r.count; i++)
			print_line(r.lines[i]);
	} else if (c->json) {
		reply_print_json_status(&r);
	} else {
		reply_print_status(&r);
	}
	free_lines(&r);
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

	ask(c->socket, "status", false, false, &r);
	argv[n++] = tail;
	if (c->follow)
		argv[n++] = follow;
	argv[n++] = end;
	status = r.status == 0 ? show_logs(&r, argv, n) : r.status;
	free_lines(&r);
	return status;
}

static int
simple(const struct command *c, const char *request, bool ends_it)
{
	struct reply r = { .count = 0 };

	ask(c->socket, request, !c->json, ends_it, &r);
	if (c->json)
		reply_print_json_outcome(&r);
	free_lines(&r);
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
	if (strcmp(c->verb, "logs") == 0)
		return logs(c);
	if (strcmp(c->verb, "stop") == 0)
		return simple(c, c->now ? "stop now" : "stop", true);
	if (strcmp(c->verb, "reload") == 0 || strcmp(c->verb, "reopen") == 0 ||
	    strcmp(c->verb, "upgrade") == 0)
		return simple(c, c->verb, false);
	fail_usage(c->verb, "no such command");
}

static const struct option long_options[] = { { "follow", no_argument, NULL,
						  'f' },
	{ "help", no_argument, NULL, 'h' }, { "json", no_argument, NULL, 'j' },
	{ "now", no_argument, NULL, 'n' },
	{ "socket", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

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
	case 'n':
		c->now = true;
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
	struct command command = { .verb = NULL };
	char path[CONTROL_PATH_BYTES];
	int option;

	/* Octets are printed one by one. */
	setvbuf(stderr, NULL, _IOLBF, BUFSIZ);
	while ((option = getopt_long(argc, argv, "fhs:V", long_options,
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
	return run(&command);
}
