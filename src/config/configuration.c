/*
 * The configuration as a whole. See configuration.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/configuration.h"

#include <errno.h>
#include <grp.h>
#include <stdlib.h>
#include <string.h>

#include "base/prefix.h"
#include "config/handler.h"
#include "config/internal.h"
#include "config/report.h"
#include "config/route.h"
#include "config/server_setting.h"
#include "config/setting.h"
#include "config/site.h"
#include "config/sources.h"

/* The least default of connections that a client may have. */
#define CLIENT_LEAST ((size_t)32)

static void
read_main(struct configuration *c, const config_setting_t *root,
    struct report *report)
{
	int i;

	for (i = 0; i < config_setting_length(root); i++)
		server_setting_read(c,
		    config_setting_get_elem(root, (unsigned)i), report);
}

/* A file of conf.d may only hold sites, so that the main file shows all
 * settings of the server. */
static void
check_part(const config_setting_t *root, struct report *report)
{
	static const char *const names[] = { "sites" };
	int i;

	for (i = 0; i < config_setting_length(root); i++) {
		const config_setting_t *s;

		s = config_setting_get_elem(root, (unsigned)i);
		if (strcmp(config_setting_name(s), "sites") != 0)
			setting_unknown(s, report, names, 1,
			    "all other settings in the main file alone");
	}
}

static size_t
larger(size_t a, size_t b)
{
	return a > b ? a : b;
}

/* A client has an eighth of the connections; an IPv6 network has half of them, if
 * clients have a limit at all. */
static void
complete_ceilings(struct configuration *c)
{
	size_t max = c->max_connections;

	if (!configuration_setting(c, "max_connections_per_client"))
		c->max_connections_per_client = larger(max / 8, CLIENT_LEAST);
	if (configuration_setting(c, "max_connections_per_network"))
		return;
	c->max_connections_per_network = c->max_connections_per_client == 0 ?
	    0 :
	    larger(max / 2, c->max_connections_per_client);
}

struct configuration *
configuration_parse_most(struct sources *sources, struct report *report)
{
	struct configuration *c;
	size_t i;

	if (sources_parse(sources, report) < 0)
		return NULL;
	c = calloc(1, sizeof(*c));
	if (!c) {
		report_error(report, NULL, "configuration: out of memory");
		return NULL;
	}
	arena_init(&c->arena, c->first_block, sizeof(c->first_block));
	server_setting_defaults(c);
	c->sources = sources;
	for (i = 0; i < sources->count; i++) {
		config_setting_t *root;

		root = config_root_setting(&sources->items[i].tree);
		if (i == 0)
			read_main(c, root, report);
		else
			check_part(root, report);
	}
	if (!c->access_log_format)
		report_error(report, NULL, "access_log_format: out of memory");
	complete_ceilings(c);
	if (!configuration_setting(c, "listen"))
		configuration_default_listens(c, report);
	else
		configuration_add_status_listen(c, report);
	site_read_all(c, report);
	return c;
}

struct configuration *
configuration_parse(struct sources *sources, struct report *report)
{
	unsigned before = report->errors;
	struct configuration *c = configuration_parse_most(sources, report);

	if (!c || report->errors == before)
		return c;
	c->sources = NULL;
	configuration_free(c);
	return NULL;
}

void
configuration_free(struct configuration *c)
{
	if (!c)
		return;
	free(c->listens);
	arena_reset(&c->arena);
	sources_free(c->sources);
	free(c);
}

const config_setting_t *
configuration_setting(const struct configuration *c, const char *name)
{
	return config_lookup(&c->sources->items[0].tree, name);
}

bool
configuration_trusts(const struct configuration *c,
    const struct address *client)
{
	return prefix_any_contains(c->trusted_proxies, c->trusted_proxy_count,
	    client);
}

bool
configuration_wants_proxy_header(const struct configuration *c,
    const struct address *client)
{
	return c->proxy_protocol && configuration_trusts(c, client);
}

int
configuration_find_user(struct configuration *c, struct report *report)
{
	struct identity unused;
	const char *setting;
	char why[256];

	if (c->identity.is_known ||
	    identity_find(c->user, c->group, &c->identity, &setting, why,
		sizeof(why)) == 0)
		return 0;
	report_error(report, configuration_setting(c, setting), "%s: %s",
	    setting, why);
	/* The group may be wrong, too. */
	if (strcmp(setting, "user") == 0 && c->group &&
	    identity_find(NULL, c->group, &unused, &setting, why, sizeof(why)) <
		0 &&
	    strcmp(setting, "group") == 0)
		report_error(report, configuration_setting(c, setting),
		    "%s: %s", setting, why);
	return -1;
}

int
configuration_find_control(struct configuration *c, struct report *report)
{
	const struct group *group;

	if (!c->control_group_name)
		return 0;
	errno = 0;
	group = getgrnam(c->control_group_name);
	if (group) {
		c->control_group = group->gr_gid;
		return 0;
	}
	report_error(report, configuration_setting(c, "control_group"),
	    "control_group: found \"%s\", %s; possible: the name of a group",
	    c->control_group_name,
	    errno != 0 ? strerror(errno) : "which is no group here");
	return -1;
}

bool
configuration_has_fresh(const struct configuration *c)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(c, &cursor)))
		if (handler->route->is_fresh)
			return true;
	return false;
}

struct handler *
configuration_next_handler(const struct configuration *c, size_t *cursor)
{
	if (*cursor >= c->handler_count)
		return NULL;
	return c->handlers[(*cursor)++];
}
