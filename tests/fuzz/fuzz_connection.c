/*
 * A whole connection, in both ways: once as a socket, and once as two
 * files with the first octets read ahead. All that comes out must be
 * well-formed answers, as many as the access log has lines, and the same both
 * times. The first octet chooses how much is read ahead; above 127 the client
 * is a proxy that is trusted.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <strings.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "answers.h"
#include "base/slice.h"
#include "connection/connection.h"
#include "connection/handoff.h"
#include "handlers.h"

#define INPUT_MAX_BYTES	 16384
#define AHEAD_MAX_BYTES	 (3 * 255)
#define OUTPUT_MAX_BYTES (1 << 20)

struct run {
	enum connection_end end;
	char *out;
	size_t out_length;
	char *log;
	size_t log_length;
	/* The answers without what differs from one time to the next. */
	char *transcript;
	size_t transcript_length;
};

/* Empty, from one run to the next. */
static int
empty_file(int *fd)
{
	if (*fd < 0)
		*fd = memfd_create("fuzz", MFD_CLOEXEC);
	assert(*fd >= 0 && ftruncate(*fd, 0) == 0);
	assert(lseek(*fd, 0, SEEK_SET) == 0);
	return *fd;
}

static char *
read_file(int fd, size_t *length)
{
	off_t size = lseek(fd, 0, SEEK_END);
	char *data = fuzz_room((size_t)size);

	assert(pread(fd, data, (size_t)size, 0) == size);
	*length = (size_t)size;
	return data;
}

static char *
read_socket(int fd, size_t *length)
{
	char *data = fuzz_room(OUTPUT_MAX_BYTES);
	ssize_t n;

	*length = 0;
	while ((n = recv(fd, data + *length, OUTPUT_MAX_BYTES - *length,
		    MSG_DONTWAIT)) > 0)
		*length += (size_t)n;
	assert(*length < OUTPUT_MAX_BYTES);
	data = realloc(data, *length + 1);
	assert(data);
	return data;
}

static void
set_arguments(struct connection_arguments *arguments, uint8_t choice)
{
	static int log = -1;
	const char *why;

	*arguments = (struct connection_arguments){
		.access_log = empty_file(&log), .by_proxy = choice > 127
	};
	assert(address_parse_listen("127.0.0.1:1", &arguments->facts.client,
	    &why));
	assert(address_parse_listen("127.0.0.1:2", &arguments->facts.server,
	    &why));
}

static void
run_socket(struct run *run, const uint8_t *data, size_t size, uint8_t choice)
{
	struct connection_arguments arguments;
	int ends[2];

	set_arguments(&arguments, choice);
	assert(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
	assert(send(ends[0], data, size, MSG_DONTWAIT) == (ssize_t)size);
	assert(shutdown(ends[0], SHUT_WR) == 0);
	arguments.in = arguments.out = ends[1];
	run->end = connection_run(&arguments, handlers_configuration());
	close(ends[1]);
	run->out = read_socket(ends[0], &run->out_length);
	close(ends[0]);
	run->log = read_file(arguments.access_log, &run->log_length);
}

/* As the process before would. */
static struct handoff *
leave(const uint8_t *data, size_t length)
{
	static struct handoff *handoff;
	const struct iovec unread = { (void *)(uintptr_t)data, length };

	if (!handoff)
		handoff = malloc(handoff_bytes(AHEAD_MAX_BYTES));
	assert(handoff);
	assert(handoff_leave(handoff, AHEAD_MAX_BYTES, &unread, 1, 0) == 0);
	return handoff;
}

static void
run_files(struct run *run, const uint8_t *data, size_t size, uint8_t choice)
{
	size_t wanted = (uint8_t)((choice & 127) - '0') * 3;
	size_t ahead = wanted < size ? wanted : size;
	static int in = -1, out = -1;
	struct connection_arguments arguments;

	set_arguments(&arguments, choice);
	arguments.in = empty_file(&in);
	arguments.out = empty_file(&out);
	arguments.handoff = leave(data, ahead);
	arguments.goes_on = ahead > 0;
	assert(pwrite(in, data + ahead, size - ahead, 0) ==
	    (ssize_t)(size - ahead));
	run->end = connection_run(&arguments, handlers_configuration());
	run->out = read_file(out, &run->out_length);
	run->log = read_file(arguments.access_log, &run->log_length);
}

/* What a line of the log tells. */
struct logged {
	struct slice request; /* escaped, "-" for none */
	bool is_head;	      /* the method is HEAD */
	int status;
};

static bool
take_log_line(struct slice *log, struct logged *logged)
{
	const char *end = memchr(log->data, '\n', log->len), *at, *start;
	struct slice line;

	if (log->len == 0)
		return false;
	assert(end);
	line = (struct slice){ log->data, (size_t)(end - log->data) };
	for (size_t i = 0; i < line.len; i++)
		assert(line.data[i] >= ' ' && line.data[i] <= '~');
	start = memmem(line.data, line.len, "] \"", 3);
	assert(start);
	start += 3;
	for (at = start; *at != '"'; at += *at == '\\' ? 2 : 1)
		;
	logged->request = (struct slice){ start, (size_t)(at - start) };
	logged->is_head = strncmp(start, "HEAD", 4) == 0 &&
	    (start[4] == ' ' || start[4] == '"');
	assert(at < end && sscanf(at, "\" %3d ", &logged->status) == 1);
	*log = slice_skip(*log, line.len + 1);
	return true;
}

/* Requests stand in the log as in the input, one behind the other. What had to
 * be escaped is not looked for, nor what may have been encoded. */
static void
find_request(struct slice *input, struct slice request)
{
	const char *encoded = memchr(request.data, '%', request.len), *found;

	if (encoded)
		request.len = (size_t)(encoded - request.data);
	if (slice_is(request, "-") || memchr(request.data, '\\', request.len))
		return;
	found = memmem(input->data, input->len, request.data, request.len);
	assert(found);
	*input = slice_skip(*input,
	    (size_t)(found - input->data) + request.len);
}

static void
note(struct run *run, const char *data, size_t length)
{
	memcpy(run->transcript + run->transcript_length, data, length);
	run->transcript_length += length;
}

/* Boundaries are random, and the clock runs on. Whether a body that no handler
 * reads is malformed is known in time only if it has come. */
static bool
is_stable(const char *field, const struct answer *answer)
{
	return strncmp(field, "Date:", 5) != 0 &&
	    strncmp(field, "Connection:", 11) != 0 &&
	    !(answer->is_multipart && strncmp(field, "Content-Type:", 13) == 0);
}

static void
note_answer(struct run *run, const struct answer *answer)
{
	const char *at = answer->fields, *end = at + answer->fields_length;

	while (at < end) {
		const char *next =
		    (const char *)memchr(at, '\n', (size_t)(end - at)) + 1;

		if (is_stable(at, answer))
			note(run, at, (size_t)(next - at));
		/* What a handler set before it declined. */
		assert(strncmp(at, "X-Gate:", 7) != 0);
		at = next;
	}
	if (!answer->is_multipart)
		note(run, answer->body, answer->body_length);
}

static void
check_answers(struct run *run, struct slice input)
{
	struct slice log = { run->log, run->log_length };
	struct slice out = { run->out, run->out_length };
	struct answer answer = { .is_complete = true };
	struct logged logged = { .status = 0 };

	run->transcript = fuzz_room(run->out_length);
	run->transcript_length = 0;
	while (take_log_line(&log, &logged)) {
		find_request(&input, logged.request);
		assert(answer.is_complete && !answer.closes);
		/* A client that leaves is logged, and gets nothing. */
		if (logged.status == 499) {
			assert(log.len == 0);
			break;
		}
		/* With none left it was cut before its first octet. */
		out = slice_skip(out,
		    answers_take(out.data, out.len, logged.is_head, &answer));
		assert(answer.status == 0 || answer.status == logged.status);
		if (answer.is_complete)
			note_answer(run, &answer);
	}
	/* Nothing but an answer that was cut is less than whole. */
	assert(answer.is_complete || run->end == CONNECTION_FAILED ||
	    run->end == CONNECTION_CLIENT_GONE);
	assert(out.len == 0 || logged.status == 499);
}

static void
check_run(struct run *run, const uint8_t *data, size_t size)
{
	char *log = fuzz_text(run->log, run->log_length);

	free(run->log);
	run->log = log;
	check_answers(run, (struct slice){ (const char *)data, size });
}

static void
free_run(struct run *run)
{
	free(run->out);
	free(run->log);
	free(run->transcript);
}

/* Whether 100 (Continue) is sent depends on how much of the body has come. */
static bool
expects(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 6 <= size; i++)
		if (strncasecmp((const char *)data + i, "expect", 6) == 0)
			return true;
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t choice = fuzz_choice(&data, &size);
	struct run by_socket, by_files;

	if (size > INPUT_MAX_BYTES)
		return 0;
	run_socket(&by_socket, data, size, choice);
	check_run(&by_socket, data, size);
	run_files(&by_files, data, size, choice);
	check_run(&by_files, data, size);
	if (!expects(data, size)) {
		assert(by_socket.end == by_files.end);
		assert(by_socket.transcript_length ==
		    by_files.transcript_length);
		assert(memcmp(by_socket.transcript, by_files.transcript,
			   by_files.transcript_length) == 0);
	}
	free_run(&by_socket);
	free_run(&by_files);
	return 0;
}
