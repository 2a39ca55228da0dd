/* SPDX-License-Identifier: ISC */
#include "handover/snapshot.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/configuration.h"
#include "config/listen_setting.h"
#include "config/server_setting.h"
#include "config/sources.h"
#include "handover/identity_line.h"
#include "handover/manifest_io.h"
#include "plugin/plugin_set.h"

struct snapshot *
snapshot_new(void)
{
	struct snapshot *set = calloc(1, sizeof(*set));

	if (set) {
		set->control_group = (gid_t)-1;
		set->manifest.audience = MANIFEST_FOR_SNAPSHOT;
	}
	return set;
}

void
snapshot_free(struct snapshot *set)
{
	size_t i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++) {
		free(set->lines[i].value);
		if (set->lines[i].fd >= 0)
			close(set->lines[i].fd);
	}
	free(set->lines);
	free(set);
}

static bool
take_level(struct snapshot *set, int64_t level)
{
	if (level > LEVEL_DEBUG)
		return false;
	set->log_level = (enum log_level)level;
	return true;
}

static void
take_control(struct snapshot *set, const struct snapshot_line *line)
{
	set->control = line->value;
	set->control_is_default = line->keyword ==
	    MANIFEST_DEFAULT_CONTROL_PATH;
}

/* Takes from a line what the master goes by, if anything. False: it makes no
 * sense. */
static bool
interpret(struct snapshot *set, const struct snapshot_line *line,
    int64_t number)
{
	switch (line->keyword) {
	case MANIFEST_IDENTITY:
		return identity_line_parse(&set->identity, line->value);
	case MANIFEST_GROUP:
		return identity_line_add_group(&set->identity, number);
	case MANIFEST_ACCESS_LOG_PATH:
		set->access_log = line->value;
		break;
	case MANIFEST_ERROR_LOG_PATH:
		set->error_log = line->value;
		break;
	case MANIFEST_CONTROL_PATH:
	case MANIFEST_DEFAULT_CONTROL_PATH:
		take_control(set, line);
		break;
	case MANIFEST_CONTROL_GROUP:
		set->control_group = (gid_t)number;
		break;
	case MANIFEST_SITES:
		set->sites = (size_t)number;
		break;
	case MANIFEST_DEFER_ACCEPT:
		set->defer_accept = number != 0;
		break;
	case MANIFEST_LOG_LEVEL:
		return take_level(set, number);
	case MANIFEST_STOP_GRACE:
		set->stop_grace_ms = number;
		break;
	case MANIFEST_DRAIN_TIMEOUT:
		set->drain_timeout_ms = number;
		break;
	case MANIFEST_OPEN_TIMEOUT:
		set->open_timeout_ms = number;
		break;
	default: /* handed on, and no more */
		return line->keyword != MANIFEST_END &&
		    manifest_is_for(line->keyword, MANIFEST_FOR_SNAPSHOT);
	}
	return true;
}

/* Closes the descriptor and keeps errno. -1. */
static int
refuse(char *value, int fd)
{
	int saved = errno;

	free(value);
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

int
snapshot_take(struct snapshot *set, const struct manifest_line *line)
{
	struct snapshot_line *grown,
	    taken = { line->keyword, line->fd, strdup(line->value) };

	if (!taken.value)
		return refuse(NULL, line->fd);
	grown = realloc(set->lines, (set->count + 1) * sizeof(*grown));
	if (!grown)
		return refuse(taken.value, line->fd);
	set->lines = grown;
	if (!interpret(set, &taken, line->number)) {
		errno = EINVAL;
		return refuse(taken.value, line->fd);
	}
	set->lines[set->count++] = taken;
	return 0;
}

int
snapshot_add(struct snapshot *set, const char *text, int fd)
{
	struct manifest_line line;

	if (manifest_parse_message(&set->manifest, &line, text, fd) !=
	    MANIFEST_OK) {
		errno = EINVAL;
		return refuse(NULL, fd);
	}
	return snapshot_take(set, &line);
}

/* Adds a line; fd is duplicated, -1: none. A path with a line's end in it
 * cannot be handed on. */
__attribute__((__format__(__printf__, 4, 5))) static bool
add(struct snapshot *set, enum manifest_keyword keyword, int fd,
    const char *format, ...)
{
	char value[MANIFEST_VALUE_BYTES], text[MANIFEST_LINE_BYTES];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(value, sizeof(value), format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(value) || strchr(value, '\n')) {
		errno = EINVAL;
		return false;
	}
	if (fd >= 0) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return false;
	}
	snprintf(text, sizeof(text), "%s %s", manifest_name(keyword), value);
	return snapshot_add(set, text, fd) == 0;
}

static bool
add_sources(struct snapshot *set, const struct sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		if (!add(set, MANIFEST_SOURCE_FD, sources->items[i].fd, "%s",
			sources->items[i].path))
			return false;
	for (i = 0; i < sources->page_count; i++)
		if (!add(set, MANIFEST_PAGE_FD, sources->pages[i].fd, "%s",
			sources->pages[i].path))
			return false;
	return true;
}

static bool
add_plugins(struct snapshot *set, const struct plugin_set *plugins)
{
	size_t i;

	for (i = 0; i < plugins->count; i++) {
		const struct plugin_copy *p = &plugins->copies[i];

		if (!add(set, MANIFEST_PLUGIN_FD, p->fd, "%s %s", p->name,
			p->path))
			return false;
	}
	return true;
}

static bool
add_identity(struct snapshot *set, const struct identity *identity)
{
	char text[IDENTITY_LINE_BYTES];
	size_t i;

	if (!add(set, MANIFEST_IDENTITY, -1, "%s",
		identity_line_format(identity, text)))
		return false;
	for (i = 0; i < identity->group_count; i++)
		if (!add(set, MANIFEST_GROUP, -1, "%ju",
			(uintmax_t)identity->groups[i]))
			return false;
	return true;
}

static bool
add_logs(struct snapshot *set, const struct configuration *c)
{
	if (c->access_log &&
	    !add(set, MANIFEST_ACCESS_LOG_PATH, -1, "%s", c->access_log))
		return false;
	return add(set, MANIFEST_ERROR_LOG_PATH, -1, "%s",
	    c->error_log	 ? c->error_log :
		c->log_to_syslog ? "syslog" :
				   "stderr");
}

static bool
add_control(struct snapshot *set, const struct configuration *c)
{
	if (!c->control)
		return true;
	if (c->control_group != (gid_t)-1 &&
	    !add(set, MANIFEST_CONTROL_GROUP, -1, "%ju",
		(uintmax_t)c->control_group))
		return false;
	return add(set,
	    c->control_is_default ? MANIFEST_DEFAULT_CONTROL_PATH :
				    MANIFEST_CONTROL_PATH,
	    -1, "%s", c->control);
}

/* A line for each of the server's settings that has a keyword: the master goes
 * by its number. */
static bool
add_settings(struct snapshot *set, const struct configuration *c)
{
	const struct server_setting *row;
	char text[64];
	size_t i;

	for (i = 0; (row = server_setting_at(i)); i++) {
		if (!row->keyword)
			continue;
		snprintf(text, sizeof(text), "%s %lld", row->keyword,
		    (long long)server_setting_number(row, c));
		if (snapshot_add(set, text, -1) < 0)
			return false;
	}
	return true;
}

static bool
add_listens(struct snapshot *set, const struct configuration *c)
{
	size_t i;

	for (i = 0; i < c->listen_count; i++)
		if (!add(set, MANIFEST_LISTEN, -1, "%s", c->listens[i].text))
			return false;
	return true;
}

struct snapshot *
snapshot_from(const struct configuration *c, const struct plugin_set *plugins)
{
	struct snapshot *set = snapshot_new();
	int saved;

	if (set && add_sources(set, c->sources) && add_plugins(set, plugins) &&
	    add_identity(set, &c->identity) && add_listens(set, c) &&
	    add(set, MANIFEST_SITES, -1, "%zu", c->site_count) &&
	    add(set, MANIFEST_DEFER_ACCEPT, -1, "%d", c->defer_accept) &&
	    add_logs(set, c) && add_control(set, c) && add_settings(set, c))
		return set;
	saved = errno;
	snapshot_free(set);
	errno = saved;
	return NULL;
}

void
snapshot_write(const struct snapshot *set, struct manifest_writer *w)
{
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct snapshot_line *line = &set->lines[i];

		if (manifest_is_for(line->keyword, w->manifest.audience))
			manifest_write(w, line->keyword, line->fd, line->value);
	}
}

int
snapshot_send(const struct snapshot *set, int socket)
{
	struct manifest m = { .audience = MANIFEST_FOR_SNAPSHOT };
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct snapshot_line *line = &set->lines[i];

		if (manifest_send(&m, socket, line->keyword, line->fd,
			line->value) < 0)
			return -1;
	}
	return manifest_send(&m, socket, MANIFEST_END, -1, "");
}

const char *
snapshot_value(const struct snapshot *set, size_t line,
    enum manifest_keyword keyword)
{
	return set->lines[line].keyword == keyword ? set->lines[line].value :
						     NULL;
}
