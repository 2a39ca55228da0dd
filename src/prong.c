/*
 * prong: the companion command. Asks the master over its control socket
 * (control.h), prints what it answers, and ends with what came of it.
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
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "quantity.h"

#define EXIT_USAGE	2
#define LINES_MAX	1024

/* From the last word of a server that stops to its end, at most. */
#define END_MS		10000

static const char usage[] =
    "usage: prong [-s SOCKET] [--json] COMMAND\n"
    "       prong -h | -V\n"
    "\n"
    "Tells a running prongd what to do, and waits until it is done.\n"
    "\n"
    "  status            what it is doing\n"
    "  reload            read configuration and handlers again; nothing is lost\n"
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
	const char *argument;		/* NULL: none */
	bool json, now, follow;
};

/* What the master said, line by line, and the status at the end. */
struct answer {
	char *lines[LINES_MAX];
	size_t count;
	int status;
};

static _Noreturn void
fail_usage(const char *argument, const char *why)
{
	fprintf(stderr, "prong: %s: %s\n%s", argument, why, usage);
	exit(EXIT_USAGE);
}

/*
 * Asking.
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
	if (fd < 0 || connect(fd, (struct sockaddr *)&address,
	    sizeof(address)) < 0) {
		fprintf(stderr, "prong: %s: %s%s\n", path, strerror(errno),
		    advice(errno));
		exit(EXIT_FAILURE);
	}
	return fd;
}

static void
keep(struct answer *a, const char *line)
{
	if (a->count == LINES_MAX)
		return;
	a->lines[a->count] = strdup(line);
	if (a->lines[a->count])
		a->count++;
}

/* Errors are for standard error as they come, others for its output. */
static void
print_line(const char *line)
{
	bool is_bad = strncmp(line, "error: ", 7) == 0 ||
	    strncmp(line, "warning: ", 9) == 0;

	fprintf(is_bad ? stderr : stdout, "%s\n", line);
	fflush(stdout);
}

static void
take_lines(struct answer *a, char *text, bool at_once)
{
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		keep(a, line);
		if (at_once)
			print_line(line);
	}
}

/* Who listens at the other end; -1 where that cannot be found out. */
static int
open_process(int fd)
{
	struct ucred who = { .pid = 0 };
	socklen_t length = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &length) < 0 ||
	    who.pid <= 0)
		return -1;
	return pidfd_open(who.pid, 0);
}

/* What it says last, it says before it has ended. */
static void
wait_for_end(int process)
{
	struct pollfd pfd = { .fd = process, .events = POLLIN };

	if (process < 0)
		return;
	poll(&pfd, 1, END_MS);
	close(process);
}

/* at_once: lines are printed as they come. The master's end is that of stop. */
static void
ask(const char *socket, const char *request, bool at_once, bool ends_it,
    struct answer *a)
{
	char message[CONTROL_MESSAGE_BYTES + 1];
	int fd = connect_to(socket);
	int process = ends_it ? open_process(fd) : -1;
	ssize_t n;

	a->status = ends_it ? 0 : EXIT_FAILURE;
	if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0) {
		/* What it has to say to a stranger can be read all the same. */
	}
	while ((n = recv(fd, message, sizeof(message) - 1, 0)) > 0) {
		message[n] = '\0';
		if (strncmp(message, "say ", 4) == 0) {
			take_lines(a, message + 4, at_once);
		} else if (sscanf(message, "end %d", &a->status) == 1) {
			break;
		}
	}
	close(fd);
	if (ends_it && a->status == 0)
		wait_for_end(process);
	if (n > 0 || ends_it)
		return;
	fprintf(stderr, "prong: prongd ended before it had answered\n");
}

/*
 * JSON.
 */

static void
print_json_text(const char *text)
{
	putchar('"');
	for (; *text; text++) {
		unsigned char c = (unsigned char)*text;

		if (c == '"' || c == '\\')
			printf("\\%c", c);
		else if (c < 0x20)
			printf("\\u%04x", c);
		else
			putchar(c);
	}
	putchar('"');
}

static void
print_json_outcome(const struct answer *a)
{
	size_t i;

	printf("{\"done\":%s,\"messages\":[", a->status == 0 ? "true" :
	    "false");
	for (i = 0; i < a->count; i++) {
		if (i > 0)
			putchar(',');
		print_json_text(a->lines[i]);
	}
	puts("]}");
}

/*
 * Status. Its lines are keywords and values (master_command.c).
 */

struct generation {
	unsigned long long number;
	long pid, connections;		/* connections -1: it did not say */
	long long age_s;
	char phase[16];
};

static bool
read_generation(const char *line, struct generation *g)
{
	return sscanf(line, "generation %llu %ld %15s %lld %ld", &g->number,
	    &g->pid, g->phase, &g->age_s, &g->connections) == 5;
}

/* The values of that keyword, one after the other: *cursor begins at 0. */
static const char *
next_value(const struct answer *a, const char *keyword, size_t *cursor)
{
	size_t length = strlen(keyword);

	while (*cursor < a->count) {
		const char *line = a->lines[(*cursor)++];

		if (strncmp(line, keyword, length) == 0 &&
		    line[length] == ' ')
			return line + length + 1;
	}
	return NULL;
}

static const char *
value(const struct answer *a, const char *keyword)
{
	size_t cursor = 0;
	const char *found = next_value(a, keyword, &cursor);

	return found ? found : "";
}

static void
print_json_list(const struct answer *a, const char *keyword,
    const char *name)
{
	size_t cursor = 0;
	const char *found, *comma = "";

	printf(",\"%s\":[", name);
	while ((found = next_value(a, keyword, &cursor)) != NULL) {
		fputs(comma, stdout);
		print_json_text(found);
		comma = ",";
	}
	putchar(']');
}

static void
print_json_generations(const struct answer *a)
{
	const char *comma = "";
	struct generation g;
	size_t i;

	printf(",\"generations\":[");
	for (i = 0; i < a->count; i++) {
		if (!read_generation(a->lines[i], &g))
			continue;
		printf("%s{\"number\":%llu,\"pid\":%ld,\"phase\":\"%s\","
		    "\"age\":%lld,\"connections\":", comma, g.number, g.pid,
		    g.phase, g.age_s);
		if (g.connections < 0)
			printf("null}");
		else
			printf("%ld}", g.connections);
		comma = ",";
	}
	putchar(']');
}

static void
print_json_status(const struct answer *a)
{
	const char *reload = value(a, "reload"), *space = strchr(reload, ' ');

	printf("{\"version\":");
	print_json_text(value(a, "version"));
	printf(",\"pid\":%ld,\"started\":%lld,\"state\":",
	    atol(value(a, "pid")), atoll(value(a, "started")));
	print_json_text(value(a, "state"));
	print_json_list(a, "configuration", "configuration");
	print_json_list(a, "listener", "listeners");
	print_json_generations(a);
	printf(",\"reload\":");
	if (space)
		printf("{\"time\":%lld,\"done\":%s}", atoll(reload),
		    strcmp(space, " done") == 0 ? "true" : "false");
	else
		printf("null");
	puts("}");
}

static void
print_time(const char *label, const char *seconds)
{
	time_t t = (time_t)atoll(seconds);
	struct tm tm;
	char text[64];

	if (!localtime_r(&t, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm) == 0)
		return;
	printf("%-15s%s", label, text);
}

static void
print_list(const struct answer *a, const char *keyword, const char *label)
{
	size_t cursor = 0;
	const char *found;

	while ((found = next_value(a, keyword, &cursor)) != NULL) {
		printf("%-15s%s\n", label, found);
		label = "";
	}
}

static void
print_generations(const struct answer *a)
{
	const char *label = "generations";
	struct generation g;
	size_t i;

	for (i = 0; i < a->count; i++) {
		if (!read_generation(a->lines[i], &g))
			continue;
		printf("%-15s%llu, process %ld, %s, %lld s old", label,
		    g.number, g.pid, g.phase, g.age_s);
		if (g.connections >= 0)
			printf(", %ld connection%s", g.connections,
			    g.connections == 1 ? "" : "s");
		putchar('\n');
		label = "";
	}
}

static void
print_status(const struct answer *a)
{
	const char *reload = value(a, "reload"), *space = strchr(reload, ' ');

	printf("%-15s%s, process %s, %s\n", "prongd", value(a, "version"),
	    value(a, "pid"), value(a, "state"));
	print_time("started", value(a, "started"));
	putchar('\n');
	print_list(a, "configuration", "configuration");
	print_list(a, "listener", "listening at");
	print_list(a, "access-log", "access log");
	print_list(a, "error-log", "error log");
	print_generations(a);
	if (!space)
		return;
	print_time("last reload", reload);
	printf(",%s\n", space);
}

static int
status(const struct command *c)
{
	static struct answer a;

	ask(c->socket, "status", false, false, &a);
	if (a.status != 0) {
		for (size_t i = 0; i < a.count; i++)
			print_line(a.lines[i]);
	} else if (c->json) {
		print_json_status(&a);
	} else {
		print_status(&a);
	}
	return a.status;
}

/*
 * The rest.
 */

/* tail(1) follows names over a rotation, and knows all there is to know. */
static int
logs(const struct command *c)
{
	static const char *const keywords[] = { "error-log", "access-log" };
	char *argv[LINES_MAX];
	static struct answer a;
	const char *path;
	size_t i, cursor, n = 0;

	ask(c->socket, "status", false, false, &a);
	if (a.status != 0)
		return a.status;
	argv[n++] = (char[]){ "tail" };
	if (c->follow)
		argv[n++] = (char[]){ "-F" };
	argv[n++] = (char[]){ "--" };
	for (i = 0; i < 2; i++)
		for (cursor = 0; (path = next_value(&a, keywords[i],
		    &cursor)) != NULL;)
			if (path[0] == '/')
				argv[n++] = strdup(path);
	argv[n] = NULL;
	if (argv[n - 1][0] != '/') {
		fprintf(stderr, "prong: no log is a file; see journalctl(1), "
		    "or where standard error goes\n");
		return EXIT_FAILURE;
	}
	execvp(argv[0], argv);
	fprintf(stderr, "prong: tail: %s\n", strerror(errno));
	return EXIT_FAILURE;
}

static int
simple(const struct command *c, const char *request, bool ends_it)
{
	static struct answer a;

	ask(c->socket, request, !c->json, ends_it, &a);
	if (c->json)
		print_json_outcome(&a);
	return a.status;
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
	if (strcmp(c->verb, "drain") == 0)
		return drain(c);
	if (c->argument)
		fail_usage(c->argument, "there is nothing to say after that "
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

static const struct option long_options[] = {
	{ "follow", no_argument, NULL, 'f' },
	{ "help", no_argument, NULL, 'h' },
	{ "json", no_argument, NULL, 'j' },
	{ "now", no_argument, NULL, 'n' },
	{ "socket", required_argument, NULL, 's' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void
parse_option(struct command *c, int option)
{
	switch (option) {
	case 'f':
		c->follow = true;
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
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
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
}

int
main(int argc, char *argv[])
{
	struct command command = { .verb = NULL };
	char path[CONTROL_PATH_BYTES];
	int option;

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
		command.socket = control_default_path(path);
	return run(&command);
}
