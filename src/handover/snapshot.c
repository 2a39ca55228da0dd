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
#include "config/sources.h"
#include "handover/handover.h"
#include "plugin/plugin_set.h"

struct snapshot *
snapshot_new(void)
{
	struct snapshot *set = calloc(1, sizeof(*set));

	if (set)
		set->control_group = (gid_t)-1;
	return set;
}

void
snapshot_free(struct snapshot *set)
{
	size_t i;

	if (!set)
		return;
	for (i = 0; i < set->count; i++) {
		free(set->lines[i].text);
		if (set->lines[i].fd >= 0)
			close(set->lines[i].fd);
	}
	free(set->lines);
	free(set);
}

static bool
take_text(const char **to, const char *value)
{
	*to = value;
	return true;
}

static bool
take_number(int64_t *to, const char *value)
{
	char *end;

	errno = 0;
	*to = strtoll(value, &end, 10);
	return errno == 0 && end != value && *end == '\0' && *to >= 0;
}

static bool
take_level(struct snapshot *set, const char *value)
{
	int64_t level;

	if (!take_number(&level, value) || level > LEVEL_DEBUG)
		return false;
	set->log_level = (enum log_level)level;
	return true;
}

static bool
take_group(struct snapshot *set, const char *value)
{
	int64_t group;

	if (!take_number(&group, value))
		return false;
	set->control_group = (gid_t)group;
	return true;
}

/* The lines that come with a descriptor, and are nothing without. */
static bool
needs_descriptor(const char *keyword)
{
	return strcmp(keyword, "source") == 0 || strcmp(keyword, "page") == 0 ||
	    strcmp(keyword, "plugin") == 0;
}

static bool
take(struct snapshot *set, const char *keyword, const char *value)
{
	if (needs_descriptor(keyword) || strcmp(keyword, "listen") == 0)
		return true;
	if (strcmp(keyword, "identity") == 0)
		return handover_read_identity(&set->identity, value);
	if (strcmp(keyword, "group") == 0)
		return handover_read_group(&set->identity, value);
	if (strcmp(keyword, "access-log-path") == 0)
		return take_text(&set->access_log, value);
	if (strcmp(keyword, "error-log") == 0)
		return take_text(&set->error_log, value);
	if (strcmp(keyword, "default-control-path") == 0) {
		set->control_is_default = true;
		return take_text(&set->control, value);
	}
	if (strcmp(keyword, "control-path") == 0)
		return take_text(&set->control, value);
	if (strcmp(keyword, "control-group") == 0)
		return take_group(set, value);
	if (strcmp(keyword, "log-level") == 0)
		return take_level(set, value);
	if (strcmp(keyword, "stop-grace") == 0)
		return take_number(&set->stop_grace_ms, value);
	if (strcmp(keyword, "drain-timeout") == 0)
		return take_number(&set->drain_timeout_ms, value);
	return strcmp(keyword, "open-timeout") == 0 &&
	    take_number(&set->open_timeout_ms, value);
}

/* Whether the line makes sense; takes from it what the master goes by. */
static bool
take_line(struct snapshot *set, const char *text, int fd)
{
	const char *space = strchr(text, ' ');
	char keyword[32];

	if (!space || (size_t)(space - text) >= sizeof(keyword))
		return false;
	memcpy(keyword, text, (size_t)(space - text));
	keyword[space - text] = '\0';
	return needs_descriptor(keyword) == (fd >= 0) &&
	    take(set, keyword, space + 1);
}

int
snapshot_add(struct snapshot *set, const char *text, int fd)
{
	struct snapshot_line *grown, line = { strdup(text), fd };
	int saved;

	if (!line.text)
		goto fail;
	grown = realloc(set->lines, (set->count + 1) * sizeof(*grown));
	if (!grown)
		goto fail;
	set->lines = grown;
	if (!take_line(set, line.text, fd)) {
		errno = EINVAL;
		goto fail;
	}
	set->lines[set->count++] = line;
	return 0;
fail:
	saved = errno;
	free(line.text);
	if (fd >= 0)
		close(fd);
	errno = saved;
	return -1;
}

/* Adds a line; fd is duplicated, -1: none. A path with a line's end in it
 * cannot be handed over. */
__attribute__((__format__(__printf__, 3, 4))) static bool
add(struct snapshot *set, int fd, const char *format, ...)
{
	char text[SNAPSHOT_LINE_BYTES];
	va_list ap;
	int n;

	va_start(ap, format);
	n = vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text) || strchr(text, '\n')) {
		errno = EINVAL;
		return false;
	}
	if (fd >= 0) {
		fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
		if (fd < 0)
			return false;
	}
	return snapshot_add(set, text, fd) == 0;
}

static bool
add_sources(struct snapshot *set, const struct sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++)
		if (!add(set, sources->items[i].fd, "source %s",
			sources->items[i].path))
			return false;
	for (i = 0; i < sources->page_count; i++)
		if (!add(set, sources->pages[i].fd, "page %s",
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

		if (!add(set, p->fd, "plugin %s %s", p->name, p->path))
			return false;
	}
	return true;
}

static bool
add_identity(struct snapshot *set, const struct identity *identity)
{
	char text[HANDOVER_IDENTITY_BYTES];
	size_t i;

	if (!add(set, -1, "%s", handover_identity(identity, text)))
		return false;
	for (i = 0; i < identity->group_count; i++)
		if (!add(set, -1, "group %ju", (uintmax_t)identity->groups[i]))
			return false;
	return true;
}

static bool
add_logs(struct snapshot *set, const struct configuration *c)
{
	if (c->access_log && !add(set, -1, "access-log-path %s", c->access_log))
		return false;
	return add(set, -1, "error-log %s",
		   c->error_log		? c->error_log :
		       c->log_to_syslog ? "syslog" :
					  "stderr") &&
	    add(set, -1, "log-level %d", (int)c->log_level);
}

static bool
add_control(struct snapshot *set, const struct configuration *c)
{
	if (!c->control)
		return true;
	if (c->control_group != (gid_t)-1 &&
	    !add(set, -1, "control-group %ju", (uintmax_t)c->control_group))
		return false;
	return add(set, -1, "%s %s",
	    c->control_is_default ? "default-control-path" : "control-path",
	    c->control);
}

static bool
add_times(struct snapshot *set, const struct configuration *c)
{
	return add(set, -1, "stop-grace %lld", (long long)c->stop_grace_ms) &&
	    add(set, -1, "drain-timeout %lld",
		(long long)c->drain_timeout_ms) &&
	    add(set, -1, "open-timeout %lld", (long long)c->open_timeout_ms);
}

static bool
add_listens(struct snapshot *set, const struct configuration *c)
{
	size_t i;

	for (i = 0; i < c->listen_count; i++)
		if (!add(set, -1, "listen %s", c->listens[i].text))
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
	    add_logs(set, c) && add_control(set, c) && add_times(set, c))
		return set;
	saved = errno;
	snapshot_free(set);
	errno = saved;
	return NULL;
}

const char *
snapshot_value(const struct snapshot *set, size_t line, const char *keyword)
{
	const char *text = set->lines[line].text;
	size_t length = strlen(keyword);

	if (strncmp(text, keyword, length) != 0 || text[length] != ' ')
		return NULL;
	return text + length + 1;
}
