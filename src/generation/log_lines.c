/* SPDX-License-Identifier: ISC */
#include "generation/log_lines.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accesslog/accesslog.h"
#include "base/address.h"
#include "base/log.h"
#include "base/rings.h"
#include "config/log_format.h"

/* Of a text of the error log. */
#define TEXT_MAX_BYTES 2048

/* The connection that wrote the records. */
struct writer {
	const struct rings_facts *facts;
	char host[ADDRESS_TEXT_BYTES];	 /* as the access log has it */
	char client[ADDRESS_TEXT_BYTES]; /* as the error log has it */
};

void
log_lines_init(struct log_lines *l, int access_log, const char *format,
    struct rings_dropped *dropped)
{
	*l = (struct log_lines){
		.access_log = access_log, .format = format, .dropped = dropped
	};
	logline_open(&l->access, access_log);
}

static bool
is_json(const struct log_lines *l)
{
	return strcmp(l->format, LOG_FORMAT_JSON) == 0;
}

static void
meet_writer(const struct log_lines *l, struct writer *w,
    const struct rings_facts *facts)
{
	w->facts = facts;
	address_format(&facts->client, w->client);
	address_format_host(&facts->client, w->host);
	if (w->host[0] == '\0' && !is_json(l))
		strcpy(w->host, "-");
}

/* The line's text: printable, with the writer's client where the record has a
 * mark. Returns its length, without an LF. */
static size_t
expand(const struct writer *w, const struct ring_record *r, char *line,
    size_t size)
{
	size_t n = 0, i;

	for (i = 0; i < r->length && n + ADDRESS_TEXT_BYTES < size; i++) {
		unsigned char c = (unsigned char)r->text[i];

		if (c == ACCESSLOG_CLIENT[0] && !w->facts->by_proxy)
			n += (size_t)snprintf(line + n, size - n, "%s",
			    w->host);
		else if (c >= 0x20 && c < 0x7f)
			line[n++] = (char)c;
		else
			n += (size_t)snprintf(line + n, size - n, "\\x%02x", c);
	}
	return n;
}

/*
 * Whether the format's line can be that record: the client is nowhere but where
 * the format has it. A connection of a trusted proxy names its client itself.
 */
static bool
is_true(const struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	return w->facts->by_proxy ||
	    accesslog_has_client(l->format, r->text, r->length);
}

static void
report_lie(struct log_lines *l, long pid)
{
	if (ratelimit_allows(&l->lies))
		log_pass_on(LEVEL_WARNING, pid,
		    "a line of the access log that is not of its format was "
		    "dropped, and others may be");
}

static void
drop_access(struct log_lines *l, int error)
{
	l->dropped->access_lines++;
	l->dropped->access_error = error;
}

static void
write_access(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	char line[LOGLINE_MAX_BYTES + ADDRESS_TEXT_BYTES];
	size_t n;

	if (l->access_log < 0)
		return;
	if (!is_true(l, w, r)) {
		report_lie(l, (long)w->facts->pid);
		drop_access(l, EBADMSG);
		return;
	}
	n = expand(w, r, line, sizeof(line));
	if (n > LOGLINE_MAX_BYTES - 1)
		n = LOGLINE_MAX_BYTES - 1;
	line[n++] = '\n';
	if (logline_write(&l->access, l->access_log, line, n) < 0)
		drop_access(l, errno);
}

/* Whether the text begins with an address that is not the writer's client:
 * programs read the clients of the error log there. */
static bool
names_another(const struct writer *w, const char *text)
{
	size_t length = strcspn(text, " "), digits;

	if (w->facts->by_proxy || length < 2 || text[length - 1] != ':')
		return false;
	if (strncmp(text, w->client, length - 1) == 0 &&
	    w->client[length - 1] == '\0')
		return false;
	digits = strspn(text, "0123456789abcdefABCDEF.:[]");
	return digits == length || strncmp(text, "unix:", 5) == 0;
}

static void
write_error(struct log_lines *l, const struct writer *w,
    const struct ring_record *r, const char *mark)
{
	char text[TEXT_MAX_BYTES];
	int length = r->length < sizeof(text) ? (int)r->length :
						(int)sizeof(text);

	snprintf(text, sizeof(text), "%s%.*s", mark, length, r->text);
	if (w && names_another(w, text))
		snprintf(text, sizeof(text), "connection of %s says: %.*s",
		    w->client, length, r->text);
	if (log_pass_on((enum log_level)(r->level % (LEVEL_DEBUG + 1)),
		w ? (long)w->facts->pid : 0, text) < 0)
		l->dropped->error_lines++;
}

/* A frame's line has no time and no process, so it must not look as if it had:
 * it begins with a path or an address in brackets. */
static void
write_frame(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	char text[TEXT_MAX_BYTES];

	if (r->length == 0 || (r->text[0] != '/' && r->text[0] != '[')) {
		write_error(l, w, r, "");
		return;
	}
	snprintf(text, sizeof(text), "%.*s",
	    r->length < sizeof(text) ? (int)r->length : (int)sizeof(text),
	    r->text);
	if (log_pass_on_frame(text) < 0)
		l->dropped->error_lines++;
}

static void
write_record(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	switch (r->kind) {
	case RINGS_ACCESS:
		write_access(l, w, r);
		break;
	case RINGS_FRAME:
		write_frame(l, w, r);
		break;
	case RINGS_STDERR:
		write_error(l, w,
		    &(struct ring_record){ .level = LEVEL_INFO,
			.text = r->text,
			.length = r->length },
		    "stderr: ");
		break;
	default:
		write_error(l, w, r, "");
		break;
	}
}

void
log_lines_write(struct log_lines *l, const struct rings_facts *facts,
    const char *octets, size_t left)
{
	struct ring_record record;
	struct writer writer;

	meet_writer(l, &writer, facts);
	while (ring_next(&octets, &left, &record))
		write_record(l, &writer, &record);
	if (left > 0)
		log_lines_write_damage(l, (long)facts->pid);
}

void
log_lines_write_own(struct log_lines *l, const char *octets, size_t left,
    long pid)
{
	const struct rings_facts own = { .pid = pid, .by_proxy = true };
	struct rings_facts facts;
	struct ring_record record;
	struct writer writer;

	meet_writer(l, &writer, &own);
	while (ring_next(&octets, &left, &record)) {
		if (record.kind != RINGS_ENDED) {
			write_record(l, &writer, &record);
			continue;
		}
		if (record.length < sizeof(facts))
			continue;
		memcpy(&facts, record.text, sizeof(facts));
		log_lines_write(l, &facts, record.text + sizeof(facts),
		    record.length - sizeof(facts));
	}
}

void
log_lines_write_damage(struct log_lines *l, long pid)
{
	if (ratelimit_allows(&l->lies))
		log_pass_on(LEVEL_WARNING, pid,
		    "the log lines of this process are damaged: some are "
		    "dropped");
}
