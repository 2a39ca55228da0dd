/* SPDX-License-Identifier: ISC */
#include "status/options.h"

#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

static const char hidden[] = "...";

const struct prong_option options_table[] = {
	PRONG_BOOL(struct options, queries, 0,
	    "show the queries of requests, which may have secrets"),
	PRONG_BOOL(struct options, targets, 1,
	    "show the paths and queries of requests"),
	PRONG_END,
};

/* Where the version begins, with the space before it; the end of a line that was
 * cut before. */
static char *
find_version(char *line)
{
	char *space = strrchr(line, ' ');

	return space && strncmp(space, " HTTP/", 6) == 0 ? space :
							   line + strlen(line);
}

/* Replaces the octets from begin on, up to end, which the rest of the line
 * follows. What has no room is cut. */
static void
replace(char *line, size_t size, char *begin, const char *end)
{
	const size_t at = (size_t)(begin - line), rest = strlen(end);
	const size_t room = size - 1 - at, mark = sizeof(hidden) - 1;
	size_t marked = mark < room ? mark : room;
	size_t kept = rest < room - marked ? rest : room - marked;

	memmove(begin + marked, end, kept);
	memcpy(begin, hidden, marked);
	begin[marked + kept] = '\0';
}

void
options_hide(const struct options *options, char *line, uint64_t size)
{
	char *target = strchr(line, ' '), *version = find_version(line);
	char *query;

	if (!target || target >= version)
		return;
	target++;
	query = memchr(target, '?', (size_t)(version - target));
	if (!options->targets)
		replace(line, (size_t)size, target, version);
	else if (!options->queries && query)
		replace(line, (size_t)size, query + 1, version);
}

int
options_next_connection(const struct options *options,
    struct prong_request *request, uint64_t *cursor,
    struct prong_connection_stats *stats)
{
	int result = prong_connection_stats(request, cursor, stats);

	if (result > 0)
		options_hide(options, stats->request, sizeof(stats->request));
	return result;
}

int
options_next_handler(const struct options *options,
    struct prong_request *request, uint64_t *cursor,
    struct prong_handler_stats *stats)
{
	int result = prong_handler_stats(request, cursor, stats);

	if (result > 0)
		options_hide(options, stats->crash_request,
		    sizeof(stats->crash_request));
	return result;
}
