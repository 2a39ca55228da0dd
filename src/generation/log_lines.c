/* SPDX-License-Identifier: ISC */
#include "generation/log_lines.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "accesslog/accesslog.h"
#include "base/address.h"
#include "base/log.h"
#include "base/rings.h"
#include "config/configuration.h"
#include "config/log_format.h"
#include "connection/complaint.h"

/* Of a text of the error log. */
#define TEXT_MAX_BYTES 2048

/* The connection that wrote the records. */
struct writer {
	const struct rings_facts *facts;
	char host[ADDRESS_TEXT_BYTES];	 /* as the access log has it */
	char client[ADDRESS_TEXT_BYTES]; /* as the error log has it */
};

void
log_lines_init(struct log_lines *l, int access_log,
    const struct configuration *configuration, struct rings_dropped *dropped)
{
	l->access_log = access_log;
	l->configuration = configuration;
	l->format = configuration->access_log_format;
	l->dropped = dropped;
	l->length = 0;
	l->lies = (struct ratelimit){ 0 };
	logline_open(&l->access, access_log);
}

static void
meet_writer(const struct log_lines *l, struct writer *w,
    const struct rings_facts *facts)
{
	w->facts = facts;
	address_format(&facts->client, w->client);
	address_format_host(&facts->client, w->host);
	if (w->host[0] == '\0' && !l->format->is_json)
		strcpy(w->host, "-");
}

static size_t
put_printable(char *line, size_t room, const char *text, size_t length)
{
	size_t n = 0;

	while (n < length && n < room && text[n] >= 0x20 && text[n] < 0x7f)
		n++;
	memcpy(line, text, n);
	return n;
}

/* The line's text: printable, with the writer's client where the record has a
 * mark. Returns its length, without an LF. */
static size_t
expand(const struct writer *w, const struct ring_record *r, char *line,
    size_t size)
{
	const size_t most = size - ADDRESS_TEXT_BYTES;
	size_t n = 0, i = 0, run;

	while (i < r->length && n < most) {
		run = put_printable(line + n, most - n, r->text + i,
		    r->length - i);
		n += run;
		i += run;
		if (run > 0)
			continue;
		if (r->text[i] == ACCESSLOG_CLIENT[0] &&
		    !w->facts->names_clients)
			n += (size_t)snprintf(line + n, size - n, "%s",
			    w->host);
		else
			n += (size_t)snprintf(line + n, size - n, "\\x%02x",
			    (unsigned char)r->text[i]);
		i++;
	}
	return n;
}

/*
 * Whether the format's line can be that record: the client is nowhere but where
 * the format has it. A process that names its clients is believed.
 */
static bool
is_true(const struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	return w->facts->names_clients ||
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
drop_access(struct log_lines *l, size_t lines, int error)
{
	l->dropped->access_lines += lines;
	l->dropped->access_error = error;
}

void
log_lines_flush(struct log_lines *l)
{
	size_t dropped;

	if (l->length == 0)
		return;
	dropped = logline_write_lines(&l->access, l->access_log, l->octets,
	    l->length);
	l->length = 0;
	if (dropped > 0)
		drop_access(l, dropped, errno);
}

static void
write_access(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	const size_t most = LOGLINE_MAX_BYTES + ADDRESS_TEXT_BYTES;
	size_t n;

	if (l->access_log < 0)
		return;
	if (!is_true(l, w, r)) {
		report_lie(l, (long)w->facts->pid);
		drop_access(l, 1, EBADMSG);
		return;
	}
	if (sizeof(l->octets) - l->length < most)
		log_lines_flush(l);
	n = expand(w, r, l->octets + l->length, most);
	if (n > LOGLINE_MAX_BYTES - 1)
		n = LOGLINE_MAX_BYTES - 1;
	l->length += n;
	l->octets[l->length++] = '\n';
}

/* Whether the text begins with what a reader may take for an address. */
static bool
begins_with_address(const char *text)
{
	size_t length = strspn(text, "0123456789abcdefABCDEF.:[]%");

	return strncmp(text, "unix:", 5) == 0 ||
	    (memchr(text, ':', length) &&
		(strcspn(text, "0123456789") < length ||
		    memmem(text, length, "::", 2))) ||
	    (memchr(text, '.', length) && strcspn(text, "0123456789") < length);
}

/* Whether the text begins with an address, behind whatever is not printable, that
 * is not the writer's client: programs read the clients of the error log there. */
static bool
names_another(const struct writer *w, const char *text)
{
	size_t length = strlen(w->client);

	if (w->facts->names_clients ||
	    (strncmp(text, w->client, length) == 0 &&
		strncmp(text + length, ": ", 2) == 0))
		return false;
	while (*text != '\0' && (*text <= ' ' || *text >= 0x7f))
		text++;
	return begins_with_address(text);
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

/* A frame's line has no time and no process, so it must not look like another
 * line: it begins with a path, or is an address of memory in brackets. A client
 * of IPv6 is in brackets, too. */
static bool
is_frame(const char *text, size_t length)
{
	static const char begin[] = "[0x";
	size_t n = sizeof(begin) - 1;

	if (length > 0 && text[0] == '/')
		return true;
	if (length < n + 2 || memcmp(text, begin, n) != 0)
		return false;
	while (n < length && isxdigit((unsigned char)text[n]))
		n++;
	return n == length - 1 && text[n] == ']';
}

static void
write_frame(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	char text[TEXT_MAX_BYTES];

	if (!is_frame(r->text, r->length)) {
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
write_complaint(struct log_lines *l, const struct writer *w,
    const struct ring_record *r)
{
	char text[TEXT_MAX_BYTES];

	if (complaint_take(l->configuration, r->text, r->length, text,
		sizeof(text)) &&
	    log_pass_on(LEVEL_WARNING, (long)w->facts->pid, text) < 0)
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
	case RINGS_COMPLAINT:
		write_complaint(l, w, r);
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
	const struct rings_facts own = { .pid = pid, .names_clients = true };
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
