/* SPDX-License-Identifier: ISC */
#include "master/control_request.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

/* For a drain; beyond, deadlines might overflow. */
#define TIME_MAX_MS (INT64_C(10) * 366 * 86400 * 1000)

static const struct {
	const char *name;
	enum control_topic topic;
} verbs[] = {
	{ "drain", CONTROL_DRAIN },
	{ "figures", CONTROL_FIGURES },
	{ "reload", CONTROL_NEXT_RELOAD },
	{ "reopen", CONTROL_REOPEN },
	{ "status", CONTROL_STATUS },
	{ "stop", CONTROL_STOP },
	{ "stop now", CONTROL_STOP_NOW },
	{ "upgrade", CONTROL_UPGRADE },
};

static bool
parse_time(const char *text, int64_t *time_ms)
{
	char *end;
	long long value;

	errno = 0;
	value = strtoll(text, &end, 10);
	if (errno != 0 || end == text || *end != '\0' || value < 0 ||
	    value > TIME_MAX_MS)
		return false;
	*time_ms = value;
	return true;
}

static enum control_topic
find_topic(const char *verb)
{
	size_t i;

	for (i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++)
		if (strcmp(verbs[i].name, verb) == 0)
			return verbs[i].topic;
	return CONTROL_NOTHING;
}

struct control_request
control_request_parse(char *message)
{
	struct control_request request = { CONTROL_NOTHING, 0 };
	char *space = strchr(message, ' ');

	if (space && strncmp(message, "drain ", 6) == 0) {
		if (!parse_time(space + 1, &request.time_ms))
			return request;
		*space = '\0';
	}
	request.topic = find_topic(message);
	return request;
}

/* Such requests are to leave places for what may not take long. */
bool
control_request_takes_long(enum control_topic topic)
{
	return topic == CONTROL_RELOAD || topic == CONTROL_NEXT_RELOAD ||
	    topic == CONTROL_UPGRADE || topic == CONTROL_REOPEN;
}
