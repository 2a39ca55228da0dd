/*
 * Whether a line can be of its format, whatever a broken process has put into
 * its ring: a reader must find the client in no place but that of the mark.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/accesslog.h"

#include <string.h>

#include "base/logline.h"
#include "config/log_format.h"

/* In this order (accesslog_json.c); some may be missing. */
static const char *const members[] = { "time", "status", "bytes", "duration_us",
	"client", "id", "route", "handler", "user", "host", "method",
	"protocol", "target", "referer", "user_agent" };

#define CLIENT	4
#define MEMBERS (sizeof(members) / sizeof(members[0]))

struct scan {
	const char *at, *end;
};

static bool
take(struct scan *s, const char *text)
{
	size_t length = strlen(text);

	if ((size_t)(s->end - s->at) < length ||
	    memcmp(s->at, text, length) != 0)
		return false;
	s->at += length;
	return true;
}

static int
digit_of(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = c == '\0' ? NULL : strchr(digits, c);

	return at ? (int)(at - digits) : -1;
}

static bool
is_printable(int c)
{
	return c >= 0x20 && c < 0x7f;
}

/* An octet that is printable is not escaped by its number, so a name has one
 * spelling. */
static bool
take_escape(struct scan *s)
{
	int high, low;

	if (take(s, "\\\"") || take(s, "\\\\"))
		return true;
	if (!take(s, "\\u00") || s->end - s->at < 2)
		return false;
	high = digit_of(s->at[0]);
	low = digit_of(s->at[1]);
	s->at += 2;
	return high >= 0 && low >= 0 && !is_printable(high * 16 + low);
}

static bool
take_string(struct scan *s)
{
	if (!take(s, "\""))
		return false;
	while (s->at < s->end && *s->at != '"') {
		if (*s->at == '\\') {
			if (!take_escape(s))
				return false;
		} else if (is_printable((unsigned char)*s->at)) {
			s->at++;
		} else {
			return false;
		}
	}
	return take(s, "\"");
}

static bool
take_number(struct scan *s)
{
	const char *begin;

	take(s, "-");
	for (begin = s->at; s->at < s->end && *s->at >= '0' && *s->at <= '9';)
		s->at++;
	return s->at > begin;
}

static bool
take_value(struct scan *s, size_t member)
{
	if (member == CLIENT)
		return take(s, "\"" ACCESSLOG_CLIENT "\"");
	return take_string(s) || take_number(s);
}

static bool
take_name(struct scan *s, size_t member)
{
	struct scan begin = *s;

	if (take(s, "\"") && take(s, members[member]) && take(s, "\":"))
		return true;
	*s = begin;
	return false;
}

static bool
is_json(const char *text, size_t length)
{
	struct scan s = { text, text + length };
	bool has_client = false, goes_on = take(&s, "{");
	size_t i;

	for (i = 0; goes_on && i < MEMBERS; i++) {
		if (!take_name(&s, i))
			continue;
		if (!take_value(&s, i))
			return false;
		has_client |= i == CLIENT;
		goes_on = take(&s, ",");
	}
	return !goes_on && take(&s, "}") && s.at == s.end && has_client;
}

/*
 * Lines of the administrator's format.
 */

/* A text, and where in it the pieces of the format so far can have their end.
 * All possible ends are kept: a field may hold what follows it in the format. */
struct claim {
	const char *text;
	size_t length;
	bool is_end[LOGLINE_MAX_BYTES + 1];
	bool is_escaped[LOGLINE_MAX_BYTES]; /* by a backslash before */
};

static const char date[] = "[00/aaa/0000:00:00:00 +0000]";

static void
begin(struct claim *c, const char *text, size_t length)
{
	size_t i;

	c->text = text;
	c->length = length;
	memset(c->is_end, 0, length + 1);
	memset(c->is_escaped, 0, length);
	c->is_end[0] = true;
	for (i = 0; i + 1 < length; i++)
		c->is_escaped[i + 1] = text[i] == '\\' && !c->is_escaped[i];
}

static bool
is_letter(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

/* Whether the octets are of the pattern, where 0 is a digit, a is a letter and +
 * is a sign. */
static bool
is_like(const char *text, const char *pattern, size_t length)
{
	size_t i;

	for (i = 0; i < length; i++)
		if (pattern[i] == '0'	  ? text[i] < '0' || text[i] > '9' :
			pattern[i] == 'a' ? !is_letter(text[i]) :
			pattern[i] == '+' ? text[i] != '+' && text[i] != '-' :
					    text[i] != pattern[i])
			return false;
	return true;
}

static void
step_over_pattern(struct claim *c, const char *pattern, size_t length)
{
	size_t i;

	for (i = c->length + 1; i-- > 0;)
		c->is_end[i] = i >= length && c->is_end[i - length] &&
		    is_like(c->text + i - length, pattern, length);
}

static void
step_over_text(struct claim *c, const char *text, size_t length)
{
	size_t i;

	for (i = c->length + 1; i-- > 0;)
		c->is_end[i] = i >= length && c->is_end[i - length] &&
		    memcmp(c->text + i - length, text, length) == 0;
}

static void
step_over_octet(struct claim *c, char octet)
{
	size_t i;

	for (i = c->length; i > 0; i--)
		c->is_end[i] = c->is_end[i - 1] && c->text[i - 1] == octet;
	c->is_end[0] = false;
}

/* As accesslog_line.c writes them. */
enum run {
	RUN_NUMBER, /* or "-" */
	RUN_WORD,   /* no space is in it */
	RUN_TEXT    /* quotes are escaped */
};

static bool
is_of(const struct claim *c, size_t i, enum run run)
{
	const char octet = c->text[i];

	if (run == RUN_NUMBER)
		return (octet >= '0' && octet <= '9') || octet == '-';
	return octet != ACCESSLOG_CLIENT[0] &&
	    (octet != '"' || c->is_escaped[i]) &&
	    (run == RUN_TEXT || octet != ' ');
}

static void
step_over_run(struct claim *c, enum run run)
{
	size_t i;

	for (i = 0; i < c->length; i++)
		if (c->is_end[i] && is_of(c, i, run))
			c->is_end[i + 1] = true;
}

static void
step(struct claim *c, const struct log_format_piece *piece)
{
	switch (piece->piece) {
	case LOG_CLIENT:
		step_over_octet(c, ACCESSLOG_CLIENT[0]);
		break;
	case LOG_PERCENT:
		step_over_octet(c, '%');
		break;
	case LOG_NOTHING:
		step_over_octet(c, '-');
		break;
	case LOG_TEXT:
		step_over_text(c, piece->text, piece->length);
		break;
	case LOG_TIME:
		step_over_pattern(c, date, sizeof(date) - 1);
		break;
	case LOG_STATUS:
	case LOG_BYTES:
	case LOG_BYTES_IF_ANY:
	case LOG_MICROSECONDS:
	case LOG_MILLISECONDS:
	case LOG_SECONDS:
	case LOG_PROCESS:
		step_over_run(c, RUN_NUMBER);
		break;
	case LOG_USER:
	case LOG_HOST:
	case LOG_HANDLER:
	case LOG_ROUTE:
	case LOG_PROTOCOL:
	case LOG_ID:
		step_over_run(c, RUN_WORD);
		break;
	default:
		step_over_run(c, RUN_TEXT);
		break;
	}
}

/* The number of marks, and where the last one ends. */
static size_t
count_marks(const char *text, size_t length, size_t *end)
{
	const char *at = text, *past = text + length;
	size_t count = 0;

	while ((at = memchr(at, ACCESSLOG_CLIENT[0], (size_t)(past - at)))) {
		count++;
		*end = (size_t)(++at - text);
	}
	return count;
}

/* Whether a text that ends with its last mark has them all where the format has
 * its clients. */
static bool
is_line(struct claim *c, const struct log_format *format)
{
	size_t clients = format->clients, i;

	for (i = 0; clients > 0; i++) {
		step(c, &format->pieces[i]);
		clients -= format->pieces[i].piece == LOG_CLIENT;
	}
	return c->is_end[c->length];
}

/* Whether a text without its last marks can be a line that was too long. */
static bool
is_cut_line(struct claim *c, const struct log_format *format)
{
	size_t i;

	for (i = 0; i < format->count && !c->is_end[c->length]; i++)
		step(c, &format->pieces[i]);
	return c->is_end[c->length];
}

static bool
is_of_format(const struct log_format *format, const char *text, size_t length)
{
	size_t end = 0, marks;
	struct claim c;

	if (length > LOGLINE_MAX_BYTES)
		return false;
	marks = count_marks(text, length, &end);
	if (marks > format->clients ||
	    (marks < format->clients && length < LOGLINE_MAX_BYTES / 2))
		return false;
	begin(&c, text, marks == format->clients ? end : length);
	return marks == format->clients ? is_line(&c, format) :
					  is_cut_line(&c, format);
}

bool
accesslog_has_client(const struct log_format *format, const char *text,
    size_t length)
{
	return format->is_json ? is_json(text, length) :
				 is_of_format(format, text, length);
}
