/*
 * The handover's text:
 *
 *	prong VERSION
 *	generation NUMBER
 *	started SECONDS
 *	log STYLE LEVEL
 *	control FD
 *	access-log FD
 *	listener FD		(one line each)
 *
 * and the lines of a good set (snapshot.h), with descriptors:
 *
 *	identity UID GID BY-DEFAULT NAME
 *	group GID		(one line each)
 *	source FD PATH
 *	page FD PATH
 *	plugin FD NAME PATH
 *
 * The others of these are for the master. A release reads only its own: the
 * first line says which wrote it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "handover/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/sources.h"
#include "handover/snapshot.h"
#include "plugin/plugin_set.h"

static bool
survive_exec(int fd)
{
	return fcntl(fd, F_SETFD, 0) == 0;
}

/* The name ends the line; an ordinary user has none and needs none. */
const char *
handover_identity(const struct identity *identity,
    char text[HANDOVER_IDENTITY_BYTES])
{
	snprintf(text, HANDOVER_IDENTITY_BYTES, "identity %ju %ju %d %s",
	    (uintmax_t)identity->uid, (uintmax_t)identity->gid,
	    identity->by_default, identity->name);
	return text;
}

bool
handover_read_identity(struct identity *identity, const char *value)
{
	uintmax_t uid, gid;
	int by_default, end = 0;

	if (sscanf(value, "%ju %ju %d %n", &uid, &gid, &by_default, &end) < 3)
		return false;
	identity->is_known = true;
	identity->uid = (uid_t)uid;
	identity->gid = (gid_t)gid;
	identity->by_default = by_default;
	snprintf(identity->name, sizeof(identity->name), "%s", value + end);
	return true;
}

bool
handover_read_group(struct identity *identity, const char *value)
{
	if (identity->group_count == IDENTITY_GROUPS_MAX)
		return false;
	identity->groups[identity->group_count++] = (gid_t)strtoul(value, NULL,
	    10);
	return true;
}

static bool
write_facts(FILE *f, const struct handover *h)
{
	fprintf(f,
	    "prong %s\ngeneration %llu\nstarted %lld\n"
	    "log %d %d\ncontrol %d\naccess-log %d\n",
	    PRONG_VERSION, (unsigned long long)h->generation,
	    (long long)h->master_started, (int)h->log_style, (int)h->log_level,
	    h->control, h->access_log);
	return survive_exec(h->control) &&
	    (h->access_log < 0 || survive_exec(h->access_log));
}

static bool
write_listeners(FILE *f, const struct handover *h)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < h->listener_count; i++) {
		fprintf(f, "listener %d\n", h->listeners[i]);
		ok &= survive_exec(h->listeners[i]);
	}
	return ok;
}

bool
handover_write_set(FILE *f, const struct snapshot *set)
{
	bool ok = true;
	size_t i;

	for (i = 0; i < set->count; i++) {
		const struct snapshot_line *line = &set->lines[i];
		size_t keyword = strcspn(line->text, " ");

		if (line->fd < 0) {
			fprintf(f, "%s\n", line->text);
			continue;
		}
		fprintf(f, "%.*s %d%s\n", (int)keyword, line->text, line->fd,
		    line->text + keyword);
		ok &= survive_exec(line->fd);
	}
	return ok;
}

int
handover_write(const struct handover *h, const struct snapshot *set)
{
	int fd = memfd_create("prong-handover", 0);
	FILE *f = fd < 0 ? NULL : fdopen(dup(fd), "w");
	bool ok;

	if (!f) {
		log_error("cannot make a handover: %s", strerror(errno));
		if (fd >= 0)
			close(fd);
		return -1;
	}
	ok = write_facts(f, h) && write_listeners(f, h) &&
	    handover_write_set(f, set);
	if (fclose(f) != 0 || !ok || lseek(fd, 0, SEEK_SET) < 0) {
		log_error("cannot write the handover: %s", strerror(errno));
		close(fd);
		return -1;
	}
	return fd;
}

static bool
keep_from_exec(int fd)
{
	return fcntl(fd, F_SETFD, FD_CLOEXEC) == 0;
}

static bool
add_listener(struct handover *h, int fd)
{
	int *grown = realloc(h->listeners,
	    (h->listener_count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	h->listeners = grown;
	h->listeners[h->listener_count++] = fd;
	return keep_from_exec(fd);
}

/* A line with a descriptor and, for some, what it is a descriptor of. */
static bool
read_descriptor(struct handover *h, const char *key, int fd, char *rest)
{
	char *path;

	if (strcmp(key, "listener") == 0)
		return add_listener(h, fd);
	if (strcmp(key, "control") == 0) {
		h->control = fd;
		return keep_from_exec(fd);
	}
	if (strcmp(key, "access-log") == 0) {
		h->access_log = fd;
		return fd < 0 || keep_from_exec(fd);
	}
	if (strcmp(key, "source") == 0)
		return keep_from_exec(fd) &&
		    sources_add_descriptor(h->sources, rest, fd) == 0;
	if (strcmp(key, "page") == 0)
		return keep_from_exec(fd) &&
		    sources_add_page(h->sources, rest, fd) == 0;
	path = strchr(rest, ' ');
	if (strcmp(key, "plugin") != 0 || !path)
		return false;
	*path++ = '\0';
	return keep_from_exec(fd) &&
	    plugin_set_add(h->plugins, rest, path, fd) == 0;
}

/* What a good set says to the master alone. */
static bool
is_for_master(const char *keyword)
{
	static const char *const keywords[] = {
		"listen",
		"access-log-path",
		"error-log",
		"control-path",
		"default-control-path",
		"control-group",
		"log-level",
		"stop-grace",
		"drain-timeout",
		"open-timeout",
	};
	size_t i;

	for (i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++)
		if (strcmp(keywords[i], keyword) == 0)
			return true;
	return false;
}

static bool
read_line(struct handover *h, char *line)
{
	char *value = strchr(line, ' '), *rest;
	long long number;

	if (!value)
		return false;
	*value++ = '\0';
	if (strcmp(line, "prong") == 0)
		return strcmp(value, PRONG_VERSION) == 0;
	if (strcmp(line, "identity") == 0)
		return handover_read_identity(&h->identity, value);
	if (strcmp(line, "group") == 0)
		return handover_read_group(&h->identity, value);
	if (is_for_master(line))
		return true;
	number = strtoll(value, &rest, 10);
	if (rest == value)
		return false;
	rest += *rest == ' ';
	if (strcmp(line, "generation") == 0)
		h->generation = (uint64_t)number;
	else if (strcmp(line, "started") == 0)
		h->master_started = number;
	else if (strcmp(line, "log") == 0) {
		h->log_style = (enum log_style)number;
		h->log_level = (enum log_level)atoi(rest);
		log_open(h->log_style, h->log_level);
	} else
		return read_descriptor(h, line, (int)number, rest);
	return true;
}

int
handover_read(int fd, struct handover *h)
{
	FILE *f = fdopen(fd, "r");
	char *line = NULL;
	size_t size = 0;
	ssize_t n;
	int result = 0;

	*h = (struct handover){ .control = -1, .access_log = -1 };
	h->sources = sources_new();
	h->plugins = plugin_set_new();
	if (!f || !h->sources || !h->plugins) {
		log_error("cannot read the handover: %s", strerror(errno));
		return -1;
	}
	h->sources->is_handed_over = true;
	while (result == 0 && (n = getline(&line, &size, f)) > 0) {
		line[n - 1] = '\0';
		if (!read_line(h, line)) {
			log_error("the handover has an unusable line \"%s\"; "
				  "only a prongd %s master executes this",
			    line, PRONG_VERSION);
			result = -1;
		}
	}
	free(line);
	fclose(f);
	if (result == 0 && h->control < 0) {
		log_error("the handover names no control descriptor");
		result = -1;
	}
	return result;
}
