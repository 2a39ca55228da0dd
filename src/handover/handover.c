/*
 * The handover, line by line: how each is made, and what it means to a
 * generation. A release reads only its own, as the first line says which wrote
 * it.
 *
 * SPDX-License-Identifier: ISC
 */
#include "handover/handover.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/refused.h"
#include "config/sources.h"
#include "handover/identity_line.h"
#include "handover/manifest_io.h"
#include "handover/snapshot.h"
#include "plugin/plugin_set.h"

int
handover_write(const struct handover *h, const struct snapshot *set)
{
	struct manifest_writer w;
	size_t i;
	int fd;

	manifest_writer_init(&w, "prong-handover", MANIFEST_FOR_GENERATION);
	manifest_write(&w, MANIFEST_RELEASE, -1, PRONG_VERSION);
	manifest_printf(&w, MANIFEST_GENERATION, -1, "%llu",
	    (unsigned long long)h->generation);
	manifest_printf(&w, MANIFEST_RELOAD, -1, "%d", h->is_reload ? 1 : 0);
	manifest_printf(&w, MANIFEST_STARTED, -1, "%lld",
	    (long long)h->master_started);
	manifest_printf(&w, MANIFEST_STARTED_MS, -1, "%lld",
	    (long long)h->master_started_ms);
	manifest_printf(&w, MANIFEST_LOG, -1, "%d %d", (int)h->log_style,
	    (int)h->log_level);
	manifest_write(&w, MANIFEST_CONTROL_FD, h->control, "");
	manifest_write(&w, MANIFEST_TOTALS_FD, h->totals, "");
	manifest_write(&w, MANIFEST_SCOREBOARD_FD, h->scoreboard, "");
	manifest_write(&w, MANIFEST_LEDGERS_FD, h->ledgers, "");
	manifest_write(&w, MANIFEST_BULLETIN_FD, h->bulletin, "");
	manifest_write(&w, MANIFEST_ACCESS_LOG_FD, h->access_log, "");
	for (i = 0; i < h->listener_count; i++)
		manifest_write(&w, MANIFEST_LISTENER_FD, h->listeners[i], "");
	snapshot_write(set, &w);
	fd = manifest_writer_finish(&w);
	if (fd < 0)
		log_error("cannot write the handover: %s", strerror(errno));
	return fd;
}

static bool
take_listener(struct handover *h, int fd)
{
	int *grown = realloc(h->listeners,
	    (h->listener_count + 1) * sizeof(*grown));

	if (!grown)
		return false;
	h->listeners = grown;
	h->listeners[h->listener_count++] = fd;
	return true;
}

static bool
take_log(struct handover *h, const char *value)
{
	int style, level;

	if (sscanf(value, "%d %d", &style, &level) != 2)
		return false;
	h->log_style = (enum log_style)style;
	h->log_level = (enum log_level)level;
	log_open(h->log_style, h->log_level);
	return true;
}

/* The value: a name, which has no space, and a path. */
static bool
take_plugin(struct handover *h, const struct manifest_line *line)
{
	const char *path = strchr(line->value, ' ');
	char *name;
	bool ok;

	if (!path)
		return false;
	name = strndup(line->value, (size_t)(path - line->value));
	ok = name && plugin_set_add(h->plugins, name, path + 1, line->fd) == 0;
	free(name);
	return ok;
}

/* Lines that the master writes of its own. */
static bool
take_fact(struct handover *h, const struct manifest_line *line)
{
	switch (line->keyword) {
	case MANIFEST_RELEASE:
		return strcmp(line->value, PRONG_VERSION) == 0;
	case MANIFEST_GENERATION:
		h->generation = (uint64_t)line->number;
		return true;
	case MANIFEST_RELOAD:
		h->is_reload = line->number != 0;
		return true;
	case MANIFEST_STARTED:
		h->master_started = line->number;
		return true;
	case MANIFEST_STARTED_MS:
		h->master_started_ms = line->number;
		return true;
	case MANIFEST_LOG:
		return take_log(h, line->value);
	case MANIFEST_CONTROL_FD:
		h->control = line->fd;
		return true;
	case MANIFEST_TOTALS_FD:
		h->totals = line->fd;
		return true;
	case MANIFEST_SCOREBOARD_FD:
		h->scoreboard = line->fd;
		return true;
	case MANIFEST_LEDGERS_FD:
		h->ledgers = line->fd;
		return true;
	case MANIFEST_BULLETIN_FD:
		h->bulletin = line->fd;
		return true;
	case MANIFEST_ACCESS_LOG_FD:
		h->access_log = line->fd;
		return true;
	case MANIFEST_LISTENER_FD:
		return take_listener(h, line->fd);
	default:
		return false;
	}
}

/* Lines of the snapshot; or of the master. */
static bool
take_line(struct handover *h, const struct manifest_line *line)
{
	switch (line->keyword) {
	case MANIFEST_SOURCE_FD:
		return sources_add_descriptor(h->sources, line->value,
			   line->fd) == 0;
	case MANIFEST_PAGE_FD:
		return sources_add_page(h->sources, line->value, line->fd) == 0;
	case MANIFEST_PLUGIN_FD:
		return take_plugin(h, line);
	case MANIFEST_IDENTITY:
		return identity_line_parse(&h->identity, line->value);
	case MANIFEST_GROUP:
		return identity_line_add_group(&h->identity, line->number);
	default:
		return take_fact(h, line);
	}
}

static int
read_lines(struct handover *h, struct manifest_reader *r)
{
	struct manifest_line line;
	enum manifest_event event;

	while ((event = manifest_read(r, &line)) == MANIFEST_LINE) {
		errno = 0;
		if (!take_line(h, &line)) {
			event = MANIFEST_REFUSED;
			break;
		}
	}
	if (event == MANIFEST_FAILED)
		log_error("cannot read the handover: %s%s", strerror(errno),
		    refused_hint(errno));
	else if (event == MANIFEST_REFUSED && r->error == MANIFEST_OK &&
	    errno != 0)
		log_error("cannot use the line \"%s\" of the handover: %s%s",
		    r->text, strerror(errno), refused_hint(errno));
	else if (event == MANIFEST_REFUSED)
		log_error("the handover has an unusable line \"%s\": %s; only "
			  "a prongd %s master executes this",
		    r->text, manifest_describe(r->error), PRONG_VERSION);
	else if (event == MANIFEST_CUT)
		log_error("the handover is cut: it lacks the line \"%s\"",
		    manifest_name(MANIFEST_END));
	else if (h->control < 0)
		log_error("the handover names no control descriptor");
	else
		return 0;
	return -1;
}

int
handover_read(int fd, struct handover *h)
{
	struct manifest_reader reader;
	int result = -1;

	*h = (struct handover){ .control = -1,
		.totals = -1,
		.bulletin = -1,
		.scoreboard = -1,
		.ledgers = -1,
		.access_log = -1 };
	h->sources = sources_new();
	h->plugins = plugin_set_new();
	if (manifest_reader_open(&reader, fd, MANIFEST_FOR_GENERATION) == 0 &&
	    h->sources && h->plugins) {
		h->sources->is_handed_over = true;
		result = read_lines(h, &reader);
	} else {
		log_error("cannot read the handover: %s", strerror(errno));
	}
	manifest_reader_close(&reader);
	return result;
}

void
handover_drop_copies(struct handover *h)
{
	size_t i;

	plugin_set_free(h->plugins);
	h->plugins = NULL;
	for (i = 0; i < h->sources->count; i++) {
		close(h->sources->items[i].fd);
		h->sources->items[i].fd = -1;
	}
}
