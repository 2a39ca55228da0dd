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
	a->status = 0;
	a->close = false;
	a->is_chunked = false;
	a->length = 0;
	a->received = 0;
	a->chunks = (struct chunks){ .step = CHUNK_SIZE };
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
	if (strncasecmp(line, "Transfer-Encoding:", 18) == 0) {
		if (a->is_chunked)
			return false;
		a->is_chunked = true;
		return strncasecmp(value, "chunked\r", 8) == 0;
	}
	if (strncasecmp(line, "Connection:", 11) == 0)
		a->close = strncasecmp(value, "close", 5) == 0;
	return true;
}

/* The fields of a whole head: whether they are well-formed and say where the
 * body ends. */
static bool
read_fields(struct answer *a)
{
	const char *line = strstr(a->head, "\r\n") + 2, *colon;
	bool has_length = false;

	while (*line != '\r') {
		colon = strpbrk(line, ":\r");
		if (!colon || *colon != ':' || colon == line)
			return false;
		colon += 1 + strspn(colon + 1, " \t");
		if (!read_field(a, line, colon, &has_length))
			return false;
		line = strstr(line, "\r\n") + 2;
	}
	return has_length != a->is_chunked;
}

/* The head is whole and ends with NUL. */
static enum answer_state
read_head(struct answer *a, const struct expectation *expected)
{
	a->status = read_status(a);
	if (a->status < 0 || !read_fields(a))
		return ANSWER_MALFORMED;
	a->has_head = true;
	if (a->status != expected->status)
		return ANSWER_WRONG_STATUS;
	if (expected->body_length != UINT64_MAX && !a->is_chunked &&
	    a->length != expected->body_length)
		return ANSWER_MISMATCH;
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

/* Octets of the content, without any framing. */
static bool
take_content(struct answer *a, const char *data, size_t length,
    const struct expectation *expected)
{
	/* Not above UINT64_MAX, which stands for any. */
	if (length > expected->body_length - a->received)
		return false;
	if (expected->body &&
	    memcmp(expected->body + a->received, data, length) != 0)
		return false;
	if (expected->check && !expected->check(a, data, length, expected->of))
		return false;
	a->received += length;
	return true;
}

static enum answer_state
take_chunks(struct answer *a, const char *data, size_t length,
    const struct expectation *expected)
{
	while (length > 0) {
		size_t n = chunks_content(&a->chunks, data, length);

		if (n == 0) {
			n = 1;
		} else {
			if (!take_content(a, data, n, expected))
				return ANSWER_MISMATCH;
			chunks_took(&a->chunks, n);
		}
		data += n;
		length -= n;
	}
	if (a->chunks.step == CHUNK_MALFORMED)
		return ANSWER_MALFORMED;
	if (a->chunks.step != CHUNK_OVER)
		return ANSWER_INCOMPLETE;
	return expected->body_length != UINT64_MAX &&
		a->received != expected->body_length ?
	    ANSWER_MISMATCH :
	    ANSWER_COMPLETE;
}

static enum answer_state
take_body(struct answer *a, const char *data, size_t length,
    const struct expectation *expected)
{
	if (a->is_chunked)
		return take_chunks(a, data, length, expected);
	if (length > a->length - a->received)
		return ANSWER_MALFORMED;
	if (!take_content(a, data, length, expected))
		return ANSWER_MISMATCH;
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

const char *
answer_field(const struct answer *a, const char *name)
{
	size_t length = strlen(name);
	const char *line = a->head;

	while ((line = strstr(line, "\r\n"))) {
		line += 2;
		if (strncasecmp(line, name, length) == 0 && line[length] == ':')
			return line + length + 1 +
			    strspn(line + length + 1, " \t");
	}
	return NULL;
}
