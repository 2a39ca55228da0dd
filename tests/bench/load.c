/*
 * load: asks a server on this machine as many clients at once would, checks
 * every answer, and says how long they took. See usage for what it prints.
 *
 * SPDX-License-Identifier: ISC
 */
#include "load.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PROCESSES_MAX 64

static const char usage[] =
    "usage: load -c CONNECTIONS {-n REQUESTS | -s SECONDS} [-k] [-p PATH]\n"
    "            [-r NUMBER] [-H FIELD]... [-u BYTES] [-b FILE] [-e STATUS]\n"
    "            [-f FAILURES] [-j PROCESSES] [-o] ADDRESS:PORT\n"
    "\n"
    "  -k         keep connections alive; else each request has a new one\n"
    "  -p PATH    what to ask for (default: /)\n"
    "  -r NUMBER  a # in the path is 0 to NUMBER - 1, one after the other\n"
    "  -H FIELD   a further field, \"Name: value\"\n"
    "  -u BYTES   requests are POST with so many octets of content\n"
    "  -b FILE    answers must have the content of this file\n"
    "  -e STATUS  answers must have this status (default: 200)\n"
    "  -f FAILURES  so many errors are the end (default: 1000)\n"
    "  -j PROCESSES  that share the connections (default: 1)\n"
    "  -o         open all connections first, by some requests each, print "
    "\"opened\",\n"
    "             begin at a line of standard input, and close them at its "
    "end;\n"
    "             with -k\n"
    "\n"
    "SIGTERM ends the time, unless -j or -o is given. ADDRESS is one of this\n"
    "machine's loopback: 127.0.0.0/8 or [::1]. Prints a\n"
    "line: requests answered, seconds, rps (requests a second), connections\n"
    "made, latencies in microseconds (p50 p90 p99 max), errors by kind. Exits "
    "1\n"
    "when there was an error, 2 when it does not understand its arguments.\n";

static const char *const failure_names[] = {
	[FAILURE_CONNECT] = "connect",
	[FAILURE_RESET] = "reset",
	[FAILURE_SHORT] = "short",
	[FAILURE_MALFORMED] = "malformed",
	[FAILURE_STATUS] = "status",
	[FAILURE_MISMATCH] = "mismatch",
	[FAILURE_TIMEOUT] = "timeout",
};

static size_t process_count = 1;
static bool opens_first;

static void
print_result(const struct load *l)
{
	double seconds = (double)(l->end_us - l->start_us) / 1e6;
	const struct latencies *t = &l->latencies;
	int i;

	printf("requests=%llu seconds=%.3f rps=%.0f connections=%llu "
	       "p50=%llu p90=%llu p99=%llu max=%llu errors=%llu",
	    (unsigned long long)t->total, seconds, (double)t->total / seconds,
	    (unsigned long long)l->connections,
	    (unsigned long long)latency_permille(t, 500),
	    (unsigned long long)latency_permille(t, 900),
	    (unsigned long long)latency_permille(t, 990),
	    (unsigned long long)t->max_us,
	    (unsigned long long)l->failures_total);
	for (i = 0; i < FAILURES; i++)
		printf(" %s=%llu", failure_names[i],
		    (unsigned long long)l->failures[i]);
	putchar('\n');
}

static _Noreturn void
fail_usage(const char *what, const char *argument)
{
	fprintf(stderr, "load: %s%s\n%s", what, argument, usage);
	exit(2);
}

static double
number(const char *text)
{
	char *end;
	double value = strtod(text, &end);

	if (end == text || *end || !(value > 0) || value > 1e9)
		fail_usage("not a number above 0: ", text);
	return value;
}

static void
parse_address(struct load *l, const char *text)
{
	if (!loopback_parse(text, &l->address))
		fail_usage("not an address of the loopback: ", text);
}

static void
map_body(struct load *l, const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	static char nothing[1];
	void *body = nothing;

	if (fd < 0 || fstat(fd, &st) < 0)
		fail_usage("cannot open ", path);
	if (st.st_size > 0)
		body = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE,
		    fd, 0);
	if (body == MAP_FAILED)
		fail_usage("cannot map ", path);
	close(fd);
	l->expected.body = body;
	l->expected.body_length = (uint64_t)st.st_size;
}

/* A "#" in the path is the number of the request. */
static void
write_head(const struct load *l, struct request *r, const char *address,
    const char *path, const char *fields, size_t number)
{
	const char *mark = l->head_count > 1 ? strchr(path, '#') : NULL;
	char digits[24] = "", upload[64] = "";
	int n;

	if (mark)
		snprintf(digits, sizeof(digits), "%zu", number);
	if (l->upload_bytes)
		snprintf(upload, sizeof(upload), "Content-Length: %llu\r\n",
		    (unsigned long long)l->upload_bytes);
	n = snprintf(r->head, sizeof(r->head),
	    "%s %.*s%s%s HTTP/1.1\r\nHost: %s\r\nUser-Agent: load\r\n"
	    "%s%s%s\r\n",
	    l->upload_bytes ? "POST" : "GET",
	    (int)(mark ? (size_t)(mark - path) : strlen(path)), path, digits,
	    mark ? mark + 1 : "", address, fields, upload,
	    l->keep_alive ? "" : "Connection: close\r\n");
	if (n < 0 || (size_t)n >= sizeof(r->head))
		fail_usage("the request is too long: ", path);
	r->length = (size_t)n;
}

static void
write_heads(struct load *l, const char *address, const char *path,
    const char *fields)
{
	size_t i;

	l->heads = calloc(l->head_count, sizeof(l->heads[0]));
	if (!l->heads)
		fail_usage("there is no memory for the requests", "");
	for (i = 0; i < l->head_count; i++)
		write_head(l, &l->heads[i], address, path, fields, i);
}

static void
add_field(char *fields, size_t size, const char *field)
{
	size_t used = strlen(fields);
	int n = snprintf(fields + used, size - used, "%s\r\n", field);

	if (n < 0 || (size_t)n >= size - used)
		fail_usage("too many fields: ", field);
}

/* False: not one of these. */
static bool
parse_amount(struct load *l, int option, const char *argument)
{
	switch (option) {
	case 'c':
		l->client_count = (size_t)number(argument);
		return true;
	case 'e':
		l->expected.status = (int)number(argument);
		return true;
	case 'f':
		l->failures_max = (uint64_t)number(argument);
		return true;
	case 'j':
		process_count = (size_t)number(argument);
		return true;
	case 'n':
		l->requests = (uint64_t)number(argument);
		return true;
	case 'r':
		l->head_count = (size_t)number(argument);
		return true;
	case 's':
		l->duration_us = (int64_t)(number(argument) * 1e6);
		return true;
	case 'u':
		l->upload_bytes = (uint64_t)number(argument);
		return true;
	default:
		return false;
	}
}

static void
check_arguments(const struct load *l, int left)
{
	if (!l->client_count || left != 1 ||
	    (l->requests == UINT64_MAX) != (l->duration_us > 0))
		fail_usage("-c, one of -n and -s, and an address are needed",
		    "");
	if (!process_count || process_count > PROCESSES_MAX ||
	    l->client_count % process_count ||
	    (l->requests != UINT64_MAX && l->requests % process_count))
		fail_usage("-j has to divide the clients and the requests", "");
	if (opens_first && !l->keep_alive)
		fail_usage("-o needs -k", "");
	if (!l->head_count)
		fail_usage("-r has to be 1 at least", "");
}

static void
parse_arguments(struct load *l, int argc, char *argv[])
{
	char fields[REQUEST_BYTES] = "";
	const char *path = "/";
	int option;

	while ((option = getopt(argc, argv, "b:c:e:f:H:j:kn:op:r:s:u:")) !=
	    -1) {
		switch (option) {
		case 'b':
			map_body(l, optarg);
			break;
		case 'H':
			add_field(fields, sizeof(fields), optarg);
			break;
		case 'k':
			l->keep_alive = true;
			break;
		case 'o':
			opens_first = true;
			break;
		case 'p':
			path = optarg;
			break;
		default:
			if (!parse_amount(l, option, optarg))
				fail_usage("see the usage", "");
		}
	}
	check_arguments(l, argc - optind);
	parse_address(l, argv[optind]);
	write_heads(l, argv[optind], path, fields);
}

/* Copies of the load with a part of the clients each, in shared memory. */
static struct load *
divide(const struct load *l, size_t bytes)
{
	struct load *parts = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	size_t i;

	if (parts == MAP_FAILED)
		return NULL;
	for (i = 0; i < process_count; i++) {
		parts[i] = *l;
		parts[i].client_count /= process_count;
		if (l->requests != UINT64_MAX)
			parts[i].requests /= process_count;
	}
	return parts;
}

/* Nobody waits for a part that has failed. */
static int
run_part(struct load *part)
{
	if (load_run(part) == 0)
		return 0;
	return part->opened_fd >= 0 && write(part->opened_fd, "\0", 2) < 0 ? 2 :
									     1;
}

/* Parts end with their parent, so none may keep the ends of pipes that are its. */
static int
fork_parts(struct load *parts, int go_writer, int end_writer)
{
	size_t i;

	for (i = 0; i < process_count; i++) {
		pid_t pid = fork();

		if (pid == 0) {
			if (opens_first) {
				close(go_writer);
				close(end_writer);
			}
			_exit(run_part(&parts[i]));
		}
		if (pid < 0)
			return -1;
	}
	return 0;
}

static bool
await_parts(int opened_reader)
{
	char octet;
	size_t i;

	for (i = 0; i < process_count; i++) {
		if (read(opened_reader, &octet, 1) != 1)
			return false;
	}
	return true;
}

/* The parts begin together, and hold their connections until the end of standard
 * input. */
static int
lead_parts(struct load *l, const struct load *parts, int opened_reader,
    int go_writer)
{
	char octet;
	size_t i;

	if (!await_parts(opened_reader))
		return -1;
	puts("opened");
	fflush(stdout);
	if (read(STDIN_FILENO, &octet, 1) < 0)
		return -1;
	for (i = 0; i < process_count; i++) {
		if (write(go_writer, &octet, 1) != 1)
			return -1;
	}
	if (!await_parts(opened_reader))
		return -1;
	for (i = 0; i < process_count; i++)
		load_add(l, &parts[i]);
	print_result(l);
	fflush(stdout);
	while (read(STDIN_FILENO, &octet, 1) > 0)
		;
	return 0;
}

static int
wait_parts(void)
{
	int status, result = 0;

	while (wait(&status) > 0) {
		if (status != 0)
			result = -1;
	}
	return result;
}

/* A process for each part of the clients, which leaves what it has done in
 * shared memory. */
static int
run_processes(struct load *l)
{
	size_t i, bytes = process_count * sizeof(*l);
	int opened[2] = { -1, -1 }, go[2] = { -1, -1 }, end[2] = { -1, -1 };
	struct load *parts;
	int result;

	if (opens_first && (pipe(opened) < 0 || pipe(go) < 0 || pipe(end) < 0))
		return -1;
	l->opened_fd = opened[1];
	l->go_fd = go[0];
	l->end_fd = end[0];
	parts = divide(l, bytes);
	if (!parts)
		return -1;
	result = fork_parts(parts, go[1], end[1]);
	if (opens_first) {
		close(opened[1]);
		result |= lead_parts(l, parts, opened[0], go[1]);
		close(go[1]);
		close(end[1]);
	}
	result |= wait_parts();
	for (i = 0; i < process_count && !opens_first; i++)
		load_add(l, &parts[i]);
	munmap(parts, bytes);
	return result;
}

int
main(int argc, char *argv[])
{
	static struct load l = { .requests = UINT64_MAX,
		.opened_fd = -1,
		.go_fd = -1,
		.end_fd = -1,
		.failures_max = 1000,
		.head_count = 1,
		.expected = { .status = 200, .body_length = UINT64_MAX } };

	parse_arguments(&l, argc, argv);
	if (process_count == 1 && !opens_first)
		signal(SIGTERM, load_end_time);
	if ((process_count > 1 || opens_first ? run_processes(&l) :
						load_run(&l)) < 0) {
		fprintf(stderr, "load: %s\n", strerror(errno));
		return 1;
	}
	if (!opens_first)
		print_result(&l);
	free(l.heads);
	return l.failures_total ? 1 : 0;
}
