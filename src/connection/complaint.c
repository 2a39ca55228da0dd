/*
 * Complaints about handlers. See complaint.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "connection/complaint.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/log_channel.h"
#include "base/slice.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/policy.h"
#include "config/route.h"
#include "http/fields.h"
#include "message/request.h"

/* RFC 9110 15.4 and 15.5. A row is a bit of what has been said. */
static const struct {
	int status;
	const char *field;
} demands[] = {
	{ 301, "Location" },
	{ 302, "Location" },
	{ 303, "Location" },
	{ 307, "Location" },
	{ 308, "Location" },
	{ 401, "WWW-Authenticate" },
	{ 405, "Allow" },
	{ 407, "Proxy-Authenticate" },
	{ 416, "Content-Range" },
	{ 426, "Upgrade" },
};

#define COUNT	       (sizeof(demands) / sizeof(demands[0]))

#define TEXT_MAX_BYTES 512

_Static_assert(COUNT <= 16, "a bit for each row");

/* What a connection tells the log process. */
struct complaint {
	uint32_t handler; /* its index */
	uint32_t row;
};

/* What this process has said or told, by the index of a handler. */
static uint16_t *said;
static size_t said_count;

static bool
make_room(size_t count)
{
	uint16_t *more = realloc(said, count * sizeof(*said));

	if (!more)
		return false;
	memset(more + said_count, 0, (count - said_count) * sizeof(*said));
	said = more;
	said_count = count;
	return true;
}

static bool
is_first(const struct complaint *complaint)
{
	uint16_t bit = (uint16_t)(1u << complaint->row);

	if (complaint->handler >= said_count &&
	    !make_room((size_t)complaint->handler + 1))
		return false;
	if (said[complaint->handler] & bit)
		return false;
	said[complaint->handler] |= bit;
	return true;
}

static void
put_text(const struct handler *handler, size_t row, char *text, size_t size)
{
	const char *field = demands[row].field;

	snprintf(text, size,
	    "handler %s of route %s answers %d without %s, which %s (said "
	    "once)",
	    handler->name, handler->route->path, demands[row].status, field,
	    fields_is_framing(field) ?
		"handlers cannot set; possible: another status" :
		"clients need");
}

bool
complaint_take(const struct configuration *c, const char *record, size_t length,
    char *text, size_t size)
{
	struct complaint complaint;

	if (length != sizeof(complaint))
		return false;
	memcpy(&complaint, record, sizeof(complaint));
	if (complaint.handler >= c->handler_count || complaint.row >= COUNT ||
	    !is_first(&complaint))
		return false;
	put_text(c->handlers[complaint.handler], complaint.row, text, size);
	return true;
}

/* Without a log process this process says it itself. */
static void
complain(const struct handler *handler, size_t row)
{
	const struct complaint complaint = { (uint32_t)handler->index,
		(uint32_t)row };
	char text[TEXT_MAX_BYTES];

	if (!is_first(&complaint))
		return;
	if (log_channel_is_open()) {
		log_channel_put(RINGS_COMPLAINT, LEVEL_WARNING,
		    (const char *)&complaint, sizeof(complaint));
		return;
	}
	put_text(handler, row, text, sizeof(text));
	log_warning("%s", text);
}

static bool
has_field(const struct response *response, const char *name)
{
	const struct policy_field *field, *fields = NULL;

	if (response_field(response, name))
		return true;
	if (response->policy)
		fields = response->policy->fields;
	for (field = fields; field; field = field->next)
		if (slice_same_name(field->name, name))
			return true;
	return false;
}

void
complaint_check(const struct request *request, int status)
{
	for (size_t row = 0; row < COUNT; row++)
		if (demands[row].status == status &&
		    !has_field(&request->response, demands[row].field))
			complain(request->handler, row);
}
