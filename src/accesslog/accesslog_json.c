/*
 * Lines of JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#include "accesslog/internal.h"

#include <string.h>

#include "accesslog/accesslog.h"
#include "http/head.h"

static void
put_member(struct accesslog_line *line, const char *name, struct slice value)
{
	accesslog_put(line, ",\"");
	accesslog_put(line, name);
	accesslog_put(line, "\":\"");
	accesslog_put_escaped(line, value);
	accesslog_put(line, "\"");
}

static void
put_members(struct accesslog_line *line, const struct accesslog_entry *entry)
{
	accesslog_put(line, "{\"time\":\"");
	accesslog_put_time(line, entry->time);
	accesslog_put(line, "\",\"status\":");
	accesslog_put_number(line, entry->status);
	accesslog_put(line, ",\"bytes\":");
	accesslog_put_number(line, (int64_t)entry->bytes);
	accesslog_put(line, ",\"duration_us\":");
	accesslog_put_number(line, entry->duration_us);
	accesslog_put(line, ",\"client\":\"");
	if (strcmp(entry->client, ACCESSLOG_CLIENT) == 0)
		accesslog_put(line, ACCESSLOG_CLIENT);
	else
		accesslog_put_escaped(line, slice_from_string(entry->client));
	accesslog_put(line, "\"");
	if (entry->request)
		put_member(line, "id", slice_from_string(accesslog_id(entry)));
	if (entry->route)
		put_member(line, "route", slice_from_string(entry->route));
	if (entry->handler)
		put_member(line, "handler", slice_from_string(entry->handler));
	if (entry->user)
		put_member(line, "user", slice_from_string(entry->user));
	if (entry->host)
		put_member(line, "host", slice_from_string(entry->host));
	put_member(line, "method", entry->head->method);
	accesslog_put(line, ",\"protocol\":\"");
	accesslog_put_protocol(line, entry->head);
	accesslog_put(line, "\"");
	put_member(line, "target", entry->target);
	put_member(line, "referer", accesslog_request_field(entry, "Referer"));
	put_member(line, "user_agent",
	    accesslog_request_field(entry, "User-Agent"));
}

/* Finds the end of the last whole member, where a line that is too long can be
 * cut and stay JSON. */
static char *
end_of_last_member(char *start, char *end)
{
	char *at, *last = start;
	bool in_string = false;

	for (at = start; at < end; at++) {
		if (in_string && *at == '\\')
			at++;
		else if (*at == '"')
			in_string = !in_string;
		else if (*at == ',' && !in_string)
			last = at;
	}
	return last;
}

void
accesslog_put_json(struct accesslog_line *line,
    const struct accesslog_entry *entry)
{
	char *start = line->at;

	line->quoting = QUOTE_JSON;
	put_members(line, entry);
	if (line->is_full)
		line->at = end_of_last_member(start, line->at);
	*line->at++ = '}';
}
