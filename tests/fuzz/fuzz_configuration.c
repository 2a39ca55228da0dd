/*
 * The text of a configuration: parsed and freed. Whatever it says, either there
 * is a configuration that can be walked over, or an error was reported.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/site.h"
#include "config/sources.h"

/* libconfig 1.5 loses the text of a string, an empty one too, when a syntax
 * error follows it. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\nleak:libconfig_yylex\n";
}

static void
check_limits(const struct limits *limits)
{
	assert(limits->max_head_bytes >= 256);
	assert(limits->max_fields >= 1 && limits->max_fields <= 10000);
	assert(limits->head_timeout_ms > 0 && limits->idle_timeout_ms > 0);
}

static void
check_route(const struct route *route)
{
	assert(route->path[0] == '/');
	assert(strlen(route->path) == route->path_length);
	assert(route->handler_count > 0);
	for (size_t i = 0; i < route->handler_count; i++)
		assert(route->handlers[i].route == route);
	check_limits(&route->limits);
}

static void
check(const struct configuration *c)
{
	struct handler *handler;
	size_t cursor = 0, count = 0;

	assert(c->listen_count > 0 && c->site_count > 0);
	assert(c->default_site);
	assert(c->max_connections > 0);
	check_limits(&c->limits);
	for (size_t i = 0; i < c->site_count; i++)
		for (size_t j = 0; j < c->sites[i].route_count; j++)
			check_route(&c->sites[i].routes[j]);
	for (size_t i = 1; i < c->host_count; i++)
		assert(strcmp(c->hosts[i - 1].name, c->hosts[i].name) < 0);
	while ((handler = configuration_next_handler(c, &cursor)))
		assert(handler->index == count++ && handler->group);
	assert(count == c->handler_count);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	struct report report = { 0 };
	struct sources *sources = sources_from_text("fuzz", text, &report);
	struct configuration *configuration;

	assert(sources);
	configuration = configuration_parse(sources, &report);
	assert((!configuration) == (report.errors > 0));
	if (configuration)
		check(configuration);
	else
		sources_free(sources);
	configuration_free(configuration);
	free(text);
	return 0;
}
