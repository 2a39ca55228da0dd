/* SPDX-License-Identifier: ISC */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void
answer_begin(struct answer *a)
{
	a->head_length = 0;
	a->has_head = false;
	a->close = false;
	a->length = 0;
	a->received = 0;
}

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* "HTTP/1.1 200", then a blank or the end; -1 when it is something else. An
 * answer of version 1.0 closes unless it says otherwise. */
static int
read_status(struct answer *a)
{
	const char *s = a->head;

	if (strncmp(s, "HTTP/1.", 7) != 0 || (s[7] != '0' && s[7] != '1') ||
	    s[8] != ' ' || !is_digit(s[9]) || !is_digit(s[10]) ||
	    !is_digit(s[11]) || (s[12] != ' ' && s[12] != '\r'))
		return -1;
	a->close = s[7] == '0';
	return atoi(s + 9);
}

static bool
read_length(const char *value, uint64_t *length)
{
	char *end;

	if (!is_digit(*value))
		return false;
	*length = strtoull(value, &end, 10);
	return *end == '\r';
}

/* One field line; value is past the colon and blanks. */
static bool
read_field(struct answer *a, const char *line, const char *value,
    bool *has_length)
{
	if (strncasecmp(line, "Content-Length:", 15) == 0) {
		if (*has_length)
			return false;
		*has_length = true;
		return read_length(value, &a->length);
	}
	if (strncasecmp(line, "Connection:", 11) == 0)
		a->close = strncasecmp(value, "close", 5) == 0;
	return strncasecmp(line, "Transfer-Encoding:", 18) != 0;
}

/* The head is whole and ends with NUL. */
static enum answer_state
read_head(struct answer *a, const struct expectation *expected)
{
	int status = read_status(a);
	bool has_length = false;
	const char *line, *colon;

	if (status < 0)
		return ANSWER_MALFORMED;
	line = strstr(a->head, "\r\n") + 2;
	while (*line != '\r') {
		colon = strpbrk(line, ":\r");
		if (!colon || *colon != ':' || colon == line)
			return ANSWER_MALFORMED;
		colon += 1 + strspn(colon + 1, " \t");
		if (!read_field(a, line, colon, &has_length))
			return ANSWER_MALFORMED;
		line = strstr(line, "\r\n") + 2;
	}
	if (!has_length)
		return ANSWER_MALFORMED;
	if (status != expected->status)
		return ANSWER_WRONG_STATUS;
	if (expected->body && a->length != expected->body_length)
		return ANSWER_MISMATCH;
	a->has_head = true;
	return ANSWER_INCOMPLETE;
}

/* Takes octets into the head; how many were of it. 0: it is too long. */
static size_t
take_head(struct answer *a, const char *data, size_t length)
{
	size_t before = a->head_length, room = sizeof(a->head) - 1 - before;
	size_t n = length < room ? length : room;
	size_t from = before < 3 ? 0 : before - 3;
	char *end;

	memcpy(a->head + before, data, n);
	a->head[before + n] = '\0';
	a->head_length = before + n;
	end = strstr(a->head + from, "\r\n\r\n");
	if (!end)
		return n;
	end[4] = '\0';
	a->head_length = (size_t)(end + 4 - a->head);
	return a->head_length - before;
}

static bool
has_whole_head(const struct answer *a)
{
	return a->head_length >= 4 &&
	    memcmp(a->head + a->head_length - 4, "\r\n\r\n", 4) == 0;
}

static enum answer_state
take_body(struct answer *a, const char *data, size_t length,
    const struct expectation *expected)
{
	if (length > a->length - a->received)
		return ANSWER_MALFORMED;
	if (expected->body && memcmp(expected->body + a->received, data,
	    length) != 0)
		return ANSWER_MISMATCH;
	a->received += length;
	return a->received == a->length ? ANSWER_COMPLETE : ANSWER_INCOMPLETE;
}

enum answer_state
answer_take(struct answer *a, const char *data, size_t length,
    const struct expectation *expected)
{
	enum answer_state state;
	size_t n;

	if (!a->has_head) {
		n = take_head(a, data, length);
		if (!has_whole_head(a))
			return n < length ? ANSWER_MALFORMED :
			    ANSWER_INCOMPLETE;
		state = read_head(a, expected);
		if (state != ANSWER_INCOMPLETE)
			return state;
		data += n;
		length -= n;
	}
	return take_body(a, data, length, expected);
}
