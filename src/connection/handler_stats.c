/* SPDX-License-Identifier: ISC */
#include "connection/handler_stats.h"

#include <stdio.h>
#include <string.h>

#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"

static int32_t
give(int32_t result, void *out, uint64_t size, const void *whole,
    size_t whole_size)
{
	if (result > 0)
		memcpy(out, whole,
		    size < whole_size ? (size_t)size : whole_size);
	return result;
}

int32_t
handler_stats_server(struct prong_request *request,
    struct prong_server_stats *stats, uint64_t size)
{
	struct prong_server_stats all = { 0 };

	(void)request;
	return give(scoreboard_server_stats(&all) + 1, stats, size, &all,
		   sizeof(all)) -
	    1;
}

/* A process may claim any handler: the route is shown if the name fits. */
static void
show_route(const struct configuration *c, size_t index,
    struct prong_connection_stats *stats)
{
	if (index < c->handler_count &&
	    strncmp(c->handlers[index]->name, stats->handler,
		sizeof(stats->handler) - 1) == 0)
		snprintf(stats->route, sizeof(stats->route), "%s",
		    c->handlers[index]->route->path);
}

int32_t
handler_stats_connection(struct prong_request *request, uint64_t *cursor,
    struct prong_connection_stats *stats, uint64_t size)
{
	const struct channel *channel = ((struct request *)request)->channel;
	struct prong_connection_stats all = { 0 };
	size_t handler;
	int32_t result = scoreboard_connection_stats(cursor, &all, &handler);

	if (result > 0)
		show_route(channel->configuration, handler, &all);
	return give(result, stats, size, &all, sizeof(all));
}

/* A plugin that does not know of routes gets none. */
int32_t
handler_stats_handler(struct prong_request *request, uint64_t *cursor,
    struct prong_handler_stats *stats, uint64_t size)
{
	const int64_t response = ((struct request *)request)->started_us;
	struct prong_handler_stats all = { 0 };
	int32_t result;

	do
		result = scoreboard_handler_stats(cursor, &all, response);
	while (result > 0 && all.route[0] != '\0' && size < sizeof(all));
	return give(result, stats, size, &all, sizeof(all));
}

int32_t
handler_stats_history(struct prong_request *request, uint64_t *cursor,
    struct prong_sample *sample, uint64_t size)
{
	struct prong_sample all = { 0 };

	(void)request;
	return give(scoreboard_history(cursor, &all), sample, size, &all,
	    sizeof(all));
}

int32_t
handler_stats_generation(struct prong_request *request, uint64_t *cursor,
    struct prong_generation_stats *stats, uint64_t size)
{
	struct prong_generation_stats all = { 0 };

	(void)request;
	return give(scoreboard_generation_stats(cursor, &all), stats, size,
	    &all, sizeof(all));
}

int32_t
handler_stats_process(struct prong_request *request, uint64_t *cursor,
    struct prong_process_stats *stats, uint64_t size)
{
	struct prong_process_stats all = { .pid = 0 };

	(void)request;
	return give(scoreboard_process_stats(cursor, &all), stats, size, &all,
	    sizeof(all));
}

int32_t
handler_stats_reload(struct prong_request *request,
    struct prong_reload_stats *stats, uint64_t size)
{
	struct prong_reload_stats all = { 0 };

	(void)request;
	return give(scoreboard_reload_stats(&all) + 1, stats, size, &all,
		   sizeof(all)) -
	    1;
}
