/* SPDX-License-Identifier: ISC */
#include "connection/access.h"

#include <string.h>
#include <time.h>

#include "accesslog/accesslog.h"
#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "base/slice.h"
#include "config/configuration.h"
#include "http/head.h"
#include "http/methods.h"

/* Lines a second for refused connections: a flood must not fill the disk. */
#define LINES_A_SECOND 100

static const char version[] = " HTTP/";

/* The head of a request line as request_line makes it: method, target, and the
 * version unless it is cut. */
static void
parse_line(struct http_head *head, const char *line)
{
	const size_t length = strlen(line), method = strcspn(line, " ");
	const char *target = line + method + (line[method] == ' ');
	const char *end = line + length;

	head->method = (struct slice){ line, method };
	if (length >= sizeof(version) + 2 &&
	    memcmp(end - sizeof(version) - 2, version, sizeof(version) - 1) ==
		0) {
		head->major = end[-3] - '0';
		head->minor = end[-1] - '0';
		end -= sizeof(version) + 2;
	}
	if (end > target)
		head->target = (struct slice){ target, (size_t)(end - target) };
}

static void
write_entry(const struct configuration *c, const struct address *client,
    const struct accesslog_entry *most)
{
	struct accesslog_entry entry = *most;
	char host[ADDRESS_TEXT_BYTES];

	address_format_host(client, host);
	if (host[0] == '\0')
		strcpy(host, "-");
	entry.client = host;
	accesslog_write(-1, c->access_log_format, &entry);
}

/* A time that a broken process has noted may be any number. */
static int64_t
not_later(int64_t seconds, int64_t now)
{
	return seconds < 0 || seconds > now ? now : seconds;
}

void
access_end(const struct access *a, const struct address *client,
    const struct scoreboard_request *request, int status)
{
	struct http_head head = { .method = { NULL, 0 } };
	const int64_t now = time(NULL);
	struct accesslog_entry entry = { .time = not_later(request->since, now),
		.status = status,
		.handler = request->handler[0] ? request->handler : NULL,
		.head = &head };

	if (!a->configuration)
		return;
	parse_line(&head, request->line);
	entry.target = head.target;
	entry.duration_us = (now - entry.time) * 1000000;
	write_entry(a->configuration, client, &entry);
}

size_t
access_method(const struct scoreboard_request *request)
{
	return methods_place((struct slice){
	    request->line, strcspn(request->line, " ") });
}

void
access_refuse(struct access *a, const struct address *client, uint64_t bytes)
{
	static const struct http_head unread;
	struct accesslog_entry entry = { .time = time(NULL),
		.status = 503,
		.bytes = bytes,
		.head = &unread };
	int64_t now_ms = clock_ms();

	if (!a->configuration)
		return;
	if (now_ms - a->second_ms >= 1000) {
		access_sweep(a);
		a->second_ms = now_ms;
		a->refused = 0;
	}
	if (a->refused++ < LINES_A_SECOND)
		write_entry(a->configuration, client, &entry);
	else
		a->unrecorded++;
}

int64_t
access_sweep(struct access *a)
{
	int64_t due_ms = a->second_ms + 1000;

	if (a->unrecorded == 0)
		return INT64_MAX;
	if (clock_ms() < due_ms)
		return due_ms;
	log_warning("%zu more connections were refused within a second than "
		    "the access log has lines for",
	    a->unrecorded);
	a->unrecorded = 0;
	return INT64_MAX;
}
