/* SPDX-License-Identifier: ISC */
#include "generation/renewal_kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <libconfig.h>

#include "base/descriptor.h"
#include "base/memfd.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/shared_memory.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/reduction.h"
#include "config/route.h"
#include "config/sources.h"
#include "connection/connection.h"
#include "connection/renewal.h"
#include "generation/processes.h"
#include "handover/handover.h"
#include "plugin/plugin_set.h"
#include "plugin/secrets.h"

/* Numbers between the private descriptors of today and the kit, and how far
 * above private_base the former are looked for. */
#define ROOM	    64
#define PRIVATE_MAX 4096

/* Until the kit is arranged, the descriptor of a file is its index in fds. */
struct renewal_kit {
	struct renewal renewal;
	const struct configuration *configuration;
	const struct plugin_set *plugins;
	const struct secrets *secrets;
	int *fds;
	size_t count;
	int *emptied; /* for each source, the index of its copy; -1: none yet */
};

/* Takes the descriptor over. Its index, or -1 and errno. */
static int
own(struct renewal_kit *k, int fd)
{
	int *grown;

	if (fd < 0)
		return -1;
	grown = reallocarray(k->fds, k->count + 1, sizeof(*grown));
	if (!grown)
		return -1;
	k->fds = grown;
	k->fds[k->count] = fd;
	return (int)k->count++;
}

static int
duplicate(struct renewal_kit *k, int fd)
{
	return own(k, fcntl(fd, F_DUPFD_CLOEXEC, 0));
}

/* Copies name and path. */
static bool
add(struct renewal_route *r, enum renewal_kind kind, int index,
    const char *name, const char *path)
{
	const struct renewal_file file = { kind, index, strdup(name),
		strdup(path) };
	struct renewal_file *grown = reallocarray(r->files, r->count + 1,
	    sizeof(*grown));

	if (grown)
		r->files = grown;
	if (index < 0 || !grown || !file.name || !file.path) {
		free(file.name);
		free(file.path);
		return false;
	}
	r->files[r->count++] = file;
	return true;
}

static int
reduce(struct renewal_kit *k, const struct source *source,
    const struct route *route)
{
	size_t length;
	char *text = reduction_text(source, route, &length);
	int fd = text ? memfd_from_text("prong-configuration", text, length) :
			-1;

	free(text);
	return own(k, fd);
}

static bool
add_sources(struct renewal_kit *k, struct renewal_route *r)
{
	const struct sources *sources = k->configuration->sources;
	size_t i;
	int index;

	for (i = 0; i < sources->count; i++) {
		const struct source *source = &sources->items[i];

		if (reduction_has(source, r->route)) {
			index = reduce(k, source, r->route);
		} else {
			if (k->emptied[i] < 0)
				k->emptied[i] = reduce(k, source, NULL);
			index = k->emptied[i];
		}
		if (!add(r, RENEWAL_SOURCE, index, "", source->path))
			return false;
	}
	for (i = 0; i < sources->page_count; i++)
		if (!add(r, RENEWAL_PAGE, duplicate(k, sources->pages[i].fd),
			"", sources->pages[i].path))
			return false;
	return true;
}

static bool
uses_plugin(const struct route *route, const char *name)
{
	size_t i;

	for (i = 0; i < route->handler_count; i++)
		if (strcmp(route->handlers[i].name, name) == 0)
			return true;
	return false;
}

static bool
add_plugins(struct renewal_kit *k, struct renewal_route *r)
{
	size_t i;

	for (i = 0; i < k->plugins->count; i++) {
		const struct plugin_copy *copy = &k->plugins->copies[i];

		if (uses_plugin(r->route, copy->name) &&
		    !add(r, RENEWAL_PLUGIN, duplicate(k, copy->fd), copy->name,
			copy->path))
			return false;
	}
	return true;
}

/* Whether a string in the group, or below, is the text. */
static bool
names(const config_setting_t *group, const char *text)
{
	int i;

	for (i = 0; i < config_setting_length(group); i++) {
		const config_setting_t *s = config_setting_get_elem(group,
		    (unsigned)i);

		if (config_setting_is_aggregate(s) ?
			names(s, text) :
			config_setting_type(s) == CONFIG_TYPE_STRING &&
			    strcmp(config_setting_get_string(s), text) == 0)
			return true;
	}
	return false;
}

static bool
add_secrets(struct renewal_kit *k, struct renewal_route *r)
{
	size_t i;

	for (i = 0; i < k->secrets->count; i++) {
		const struct secret *secret = &k->secrets->items[i];

		if (names(r->route->setting, secret->path) &&
		    !add(r, RENEWAL_SECRET, duplicate(k, secret->fd), "",
			secret->path))
			return false;
	}
	return true;
}

static bool
add_route(struct renewal_kit *k, const struct route *route)
{
	struct renewal_route *grown = reallocarray(k->renewal.routes,
	    k->renewal.count + 1, sizeof(*grown));
	struct renewal_route *r;

	if (!grown)
		return false;
	k->renewal.routes = grown;
	r = &grown[k->renewal.count++];
	*r = (struct renewal_route){ .route = route };
	return add_sources(k, r) && add_plugins(k, r) && add_secrets(k, r);
}

static bool
add_routes(struct renewal_kit *k)
{
	const struct handler *handler;
	size_t cursor = 0;

	while ((handler = configuration_next_handler(k->configuration,
		    &cursor)))
		if (handler->route->is_fresh &&
		    handler == &handler->route->handlers[0] &&
		    !add_route(k, handler->route))
			return false;
	return true;
}

/* Handlers may change the environment of the generation, and put secrets
 * there. */
static char **
copy_environment(void)
{
	size_t count = 0, i;
	char **copy;

	while (environ[count])
		count++;
	copy = calloc(count + 1, sizeof(*copy));
	for (i = 0; copy && i < count; i++)
		copy[i] = strdup(environ[i]);
	return copy;
}

static bool
fill(struct renewal_kit *k)
{
	const size_t count = k->configuration->sources->count;
	size_t i;

	k->renewal.environment = copy_environment();
	k->renewal.memory.penalties = -1;
	k->emptied = calloc(count, sizeof(*k->emptied));
	if (!k->emptied || !k->renewal.environment)
		return false;
	for (i = 0; i < count; i++)
		k->emptied[i] = -1;
	return add_routes(k);
}

int
renewal_kit_make(struct renewal_kit **kit, const struct handover *h,
    const struct configuration *c, const struct secrets *secrets)
{
	struct renewal_kit *k;

	*kit = NULL;
	if (!configuration_has_fresh(c))
		return 0;
	k = calloc(1, sizeof(*k));
	if (k) {
		k->configuration = c;
		k->plugins = h->plugins;
		k->secrets = secrets;
		k->renewal.log_level = h->log_level;
		if (fill(k)) {
			*kit = k;
			return 0;
		}
	}
	free(k);
	log_error("cannot keep what fresh routes need: %s", strerror(errno));
	return -1;
}

struct renewal *
renewal_kit_renewal(struct renewal_kit *k)
{
	return k ? &k->renewal : NULL;
}

static int
highest_from(int base)
{
	int fd = base + PRIVATE_MAX;

	while (fd > base && fcntl(fd, F_GETFD) < 0)
		fd--;
	return fd;
}

static bool
move(int *fd, int lowest)
{
	return *fd < 0 || descriptor_move(fd, lowest) == 0;
}

static bool
move_scoreboard(struct renewal *r, struct shared_memory *m)
{
	if (!move(&m->writable, r->first) || !move(&m->readable, r->first))
		return false;
	r->memory.scoreboard[0] = m->writable;
	r->memory.scoreboard[1] = m->readable;
	return true;
}

/* Each connection maps its ring by the generation's own descriptor. */
static bool
move_rings(struct renewal *r, struct rings *rings)
{
	int *fds = r->memory.rings;

	fds[0] = fcntl(*rings_descriptor(rings), F_DUPFD_CLOEXEC, r->first);
	return fds[0] >= 0 && move(&fds[1], r->first);
}

static int
fail(void)
{
	log_error("cannot arrange the descriptors for fresh routes: %s",
	    strerror(errno));
	return -1;
}

int
renewal_kit_arrange(struct renewal_kit *k, const struct processes_facts *facts,
    size_t slots)
{
	struct renewal *r = renewal_kit_renewal(k);
	struct renewal_memory *m;
	size_t i, j;

	if (!k)
		return 0;
	m = &r->memory;

	m->slots = slots;
	m->workers = facts->workers.count;
	m->handoff_octets = connection_handoff_octets(facts->configuration);
	r->first = highest_from(facts->private_base) + ROOM;
	r->program = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	if (r->program < 0 || !move(&r->program, r->first) ||
	    !move(&m->statements, r->first) || !move(&m->penalties, r->first) ||
	    !move_scoreboard(r, scoreboard_memory(facts->scoreboard)) ||
	    !move_rings(r, facts->rings))
		return fail();
	for (i = 0; i < k->count; i++)
		if (!move(&k->fds[i], r->first))
			return fail();
	for (i = 0; i < r->count; i++)
		for (j = 0; j < r->routes[i].count; j++)
			r->routes[i].files[j].fd =
			    k->fds[r->routes[i].files[j].fd];
	return renewal_try(r) ? 0 : -1;
}
