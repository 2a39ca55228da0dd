/*
 * The protocol's table, and what follows from it. See protocol.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "handover/protocol.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/slice.h"

enum content { NOTHING, NUMBER, NUMBERS, TEXT };

static const struct form {
	const char *name;
	enum protocol_receiver receiver;
	enum content content;
	size_t fds_min, fds_max;
} forms[PROTOCOL_KINDS] = {
	[PROTOCOL_LOG] = { LOG_COPY, PROTOCOL_TO_MASTER, TEXT, 0, 0 },
	[PROTOCOL_MISSING] = { "missing", PROTOCOL_TO_MASTER, NUMBER, 0, 0 },
	[PROTOCOL_READY] = { "ready", PROTOCOL_TO_MASTER, NOTHING, 0, 0 },
	[PROTOCOL_WORN] = { "worn", PROTOCOL_TO_MASTER, NUMBER, 0, 0 },
	[PROTOCOL_MOVED] = { "moved", PROTOCOL_TO_MASTER, NOTHING, 0, 0 },
	[PROTOCOL_COUNTED] = { "counted", PROTOCOL_TO_MASTER, NUMBER, 0, 0 },
	[PROTOCOL_WORKERS] = { "workers", PROTOCOL_TO_MASTER, NUMBERS, 0, 0 },
	[PROTOCOL_DRAINS] = { "drains", PROTOCOL_TO_MASTER, NOTHING, 0, 0 },
	[PROTOCOL_REOPENED] = { "reopened", PROTOCOL_TO_MASTER, NUMBER, 0, 0 },
	[PROTOCOL_COUNT] = { "count", PROTOCOL_TO_GENERATION, NOTHING, 0, 0 },
	[PROTOCOL_SERVE] = { "serve", PROTOCOL_TO_GENERATION, NOTHING, 0, 0 },
	[PROTOCOL_DRAIN] = { "drain", PROTOCOL_TO_GENERATION, NUMBERS, 0, 0 },
	[PROTOCOL_LINGER] = { "linger", PROTOCOL_TO_GENERATION, NUMBER, 0, 0 },
	[PROTOCOL_STOP] = { "stop", PROTOCOL_TO_GENERATION, NOTHING, 0, 0 },
	[PROTOCOL_LEAVE] = { "leave", PROTOCOL_TO_GENERATION, NOTHING, 0, 0 },
	[PROTOCOL_REOPEN] = { "reopen", PROTOCOL_TO_GENERATION, NUMBER, 1, 2 },
};

/*
 * Formatting.
 */

static bool
put(char *text, size_t *length, int n)
{
	if (n < 0 || (size_t)n >= PROTOCOL_MESSAGE_BYTES - *length)
		return false;
	*length += (size_t)n;
	text[*length] = '\0';
	return true;
}

static bool
put_number(char *text, size_t *length, uint64_t number)
{
	return put(text, length,
	    snprintf(text + *length, PROTOCOL_MESSAGE_BYTES - *length, " %llu",
		(unsigned long long)number));
}

static bool
put_content(const struct protocol_message *m, char *text, size_t *length)
{
	size_t i;

	switch (forms[m->kind].content) {
	case NUMBER:
		return put_number(text, length, m->number);
	case NUMBERS:
		for (i = 0; i < m->number_count; i++)
			if (!put_number(text, length, m->numbers[i]))
				return false;
		return true;
	case TEXT:
		return put(text, length,
		    snprintf(text + *length, PROTOCOL_MESSAGE_BYTES - *length,
			" %s", m->text));
	case NOTHING:
	default:
		return true;
	}
}

size_t
protocol_format(const struct protocol_message *m,
    char text[PROTOCOL_MESSAGE_BYTES])
{
	const struct form *form = &forms[m->kind];
	size_t length = strlen(form->name);

	if (m->fd_count < form->fds_min || m->fd_count > form->fds_max ||
	    m->number_count > PROTOCOL_NUMBERS_MAX)
		return 0;
	memcpy(text, form->name, length + 1);
	return put_content(m, text, &length) ? length : 0;
}

/*
 * Parsing.
 */

/* Digits after a space. Puts *text behind them. */
static bool
take_number(const char **text, uint64_t *number)
{
	struct slice digits = { *text + 1, 0 };

	if (**text != ' ')
		return false;
	digits.len = strspn(digits.data, "0123456789");
	*text = digits.data + digits.len;
	return slice_parse_number(digits, number) && *number != UINT64_MAX;
}

static bool
take_numbers(const char **text, struct protocol_message *m)
{
	uint64_t number;

	while (**text) {
		if (m->number_count == PROTOCOL_NUMBERS_MAX ||
		    !take_number(text, &number) || number > SIZE_MAX)
			return false;
		m->numbers[m->number_count++] = (size_t)number;
	}
	return true;
}

/* What follows the name, to its end. */
static bool
take_content(struct protocol_message *m, const char *rest)
{
	switch (forms[m->kind].content) {
	case NUMBER:
		return take_number(&rest, &m->number) && *rest == '\0';
	case NUMBERS:
		return take_numbers(&rest, m);
	case TEXT:
		m->text = rest + 1;
		return *rest == ' ';
	case NOTHING:
	default:
		return *rest == '\0';
	}
}

static bool
find_kind(enum protocol_receiver receiver, struct slice name,
    enum protocol_kind *kind)
{
	size_t i;

	for (i = 0; i < PROTOCOL_KINDS; i++)
		if (forms[i].receiver == receiver &&
		    slice_is(name, forms[i].name)) {
			*kind = (enum protocol_kind)i;
			return true;
		}
	return false;
}

bool
protocol_parse(struct protocol_message *m, enum protocol_receiver receiver,
    const char *text, size_t fd_count)
{
	struct slice name = { text, strcspn(text, " ") };

	memset(m, 0, sizeof(*m));
	m->fd_count = fd_count;
	return find_kind(receiver, name, &m->kind) &&
	    fd_count >= forms[m->kind].fds_min &&
	    fd_count <= forms[m->kind].fds_max &&
	    take_content(m, text + name.len);
}

/*
 * The socket.
 */

int
protocol_send(int socket, const struct protocol_message *m, int flags)
{
	char text[PROTOCOL_MESSAGE_BYTES];
	struct iovec iov = { text, protocol_format(m, text) };

	if (iov.iov_len == 0) {
		errno = EINVAL;
		return -1;
	}
	return fdpass_send(socket, &iov, 1, m->fds, m->fd_count, flags) < 0 ?
	    -1 :
	    0;
}

static void
close_all(const int fds[FDPASS_MAX])
{
	size_t i;

	for (i = 0; i < FDPASS_MAX; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

int
protocol_receive(int socket, enum protocol_receiver receiver,
    struct protocol_message *m, char buffer[PROTOCOL_MESSAGE_BYTES])
{
	int fds[FDPASS_MAX];
	ssize_t n = fdpass_receive(socket, buffer, PROTOCOL_MESSAGE_BYTES - 1,
	    fds, MSG_DONTWAIT);
	size_t fd_count = 0;

	if (n < 0)
		return -1;
	while (fd_count < FDPASS_MAX && fds[fd_count] >= 0)
		fd_count++;
	buffer[n] = '\0';
	if (n > 0 && strlen(buffer) == (size_t)n &&
	    protocol_parse(m, receiver, buffer, fd_count)) {
		memcpy(m->fds, fds, sizeof(fds));
		return 1;
	}
	close_all(fds);
	if (n == 0)
		return 0;
	log_debug("recv(%d) = a message that is none of the protocol", socket);
	errno = EBADMSG;
	return -1;
}
