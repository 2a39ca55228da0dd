/* SPDX-License-Identifier: ISC */
#include "generation/renewed.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/handler_stderr.h"
#include "base/log.h"
#include "base/log_channel.h"
#include "base/memfd.h"
#include "base/nudge.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/sources.h"
#include "connection/crash_handler.h"
#include "connection/penalty.h"
#include "connection/renewal.h"
#include "connection/statement.h"
#include "generation/guest.h"
#include "plugin/plugin_set.h"
#include "plugin/plugin_start.h"
#include "plugin/secrets.h"
#include "sandbox/quota.h"

/* With a head of the most octets (max_head), and what was read behind it. */
#define BRIEF_MAX_BYTES ((size_t)64 << 20)

struct renewed {
	struct renewal_brief brief;
	struct sources *sources;
	struct plugin_set *plugins;
	struct secrets secrets;
	struct configuration *configuration;
	struct route *route;
};

static void
end_if(bool has_failed, const char *what)
{
	if (!has_failed)
		return;
	log_error("a process that was executed afresh cannot %s: %s", what,
	    strerror(errno));
	_exit((int)CONNECTION_FAILED);
}

/* Takes the descriptor over. */
static int
take_file(struct renewed *r, enum renewal_kind kind, int fd, const char *name,
    const char *path)
{
	switch (kind) {
	case RENEWAL_SOURCE:
		return sources_add_descriptor(r->sources, path, fd);
	case RENEWAL_PAGE:
		return sources_add_page(r->sources, path, fd);
	case RENEWAL_PLUGIN:
		return plugin_set_add(r->plugins, name, path, fd);
	case RENEWAL_SECRET:
		return secrets_add(&r->secrets, path, fd);
	default:
		errno = EBADMSG;
		return -1;
	}
}

/* The brief is prong's own: nobody else has ever had its descriptor. */
static void
take_files(struct renewed *r, const char *at, const char *end)
{
	enum renewal_kind kind;
	const char *path;
	char *name;
	long fd;

	for (; at < end; at = path + strlen(path) + 1) {
		kind = (enum renewal_kind) * at;
		fd = strtol(at + 1, &name, 10);
		path = name + strlen(name) + 1;
		end_if(take_file(r, kind, (int)fd, name + 1, path) < 0,
		    "take its copies over");
	}
}

static void
read_brief(struct renewed *r, int fd)
{
	size_t length;
	char *text = memfd_read_text(fd, BRIEF_MAX_BYTES, &length);

	end_if(!text, "read its brief");
	close(fd);
	memcpy(&r->brief, text, sizeof(r->brief));
	r->sources = sources_new();
	r->plugins = plugin_set_new();
	end_if(!r->sources || !r->plugins, "keep its copies");
	r->sources->is_handed_over = true;
	take_files(r, text + sizeof(r->brief) + r->brief.unread, text + length);
	/* For connection_run. */
	r->brief.arguments.unread = (struct slice){ text + sizeof(r->brief),
		r->brief.unread };
}

/* Its page, its ring, and what it can only read. Lines go to the log process
 * from then on. */
static void
map_memory(struct renewed *r)
{
	struct connection_arguments *a = &r->brief.arguments;
	const struct renewal_memory *m = &r->brief.memory;
	const struct rings *rings = rings_resume(m->slots, m->workers, a->slot,
	    m->rings[0], m->rings[1]);
	size_t i;

	end_if(!rings, "map its ring");
	log_channel_open(rings, a->slot);
	a->page = scoreboard_resume(m->slots, a->slot, m->scoreboard[0],
	    m->scoreboard[1]);
	end_if(!a->page, "map its page of the scoreboard");
	a->tally = scoreboard_tally(a->page);
	if (r->brief.can_hand_off) {
		a->handoff = statements_resume(a->slot, m->handoff_octets,
		    m->statements);
		end_if(!a->handoff, "map the memory for its handoff");
	}
	close(m->statements);
	if (m->penalties >= 0) {
		a->penalties = penalties_resume(m->penalties);
		end_if(!a->penalties, "map the penalties");
	}
	descriptor_close(m->penalties);
	for (i = 0; i < 2; i++) {
		close(m->rings[i]);
		close(m->scoreboard[i]);
	}
}

/* All were read. */
static void
drop_copies(struct sources *sources)
{
	size_t i;

	for (i = 0; i < sources->count; i++) {
		close(sources->items[i].fd);
		sources->items[i].fd = -1;
	}
	for (i = 0; i < sources->page_count; i++) {
		close(sources->pages[i].fd);
		sources->pages[i].fd = -1;
	}
}

static void
configure(struct renewed *r)
{
	struct connection_arguments *a = &r->brief.arguments;
	struct report report = { 0 };

	r->configuration = configuration_parse(r->sources, &report);
	end_if(!r->configuration ||
		r->brief.handler >= r->configuration->handler_count,
	    "read its configuration");
	drop_copies(r->sources);
	r->route = (struct route *)(uintptr_t)r->configuration
		       ->handlers[r->brief.handler]
		       ->route;
	a->own_route = r->route;
	a->sandbox = sandbox_resume(&r->brief.sandbox, r->configuration,
	    r->route);
	if (!a->sandbox)
		_exit((int)CONNECTION_FAILED);
}

/* Code of handlers runs from here on. The generation watches their time. */
static void
start_handlers(struct renewed *r)
{
	struct connection_arguments *a = &r->brief.arguments;
	struct report report = { 0 };
	struct quota quota = { 0 };

	handler_stderr_open();
	quota_begin(&quota, &r->route->limits, a->page);
	a->has_failed = plugin_start_route(r->configuration, r->route,
			    r->plugins, &r->secrets, &report) < 0;
	quota_end(&quota);
	plugin_set_free(r->plugins);
	secrets_free(&r->secrets);
	if (a->has_failed)
		log_error("route %s: its handlers could not be opened in a "
			  "process executed afresh",
		    r->route->path);
}

void
renewed_run(int brief)
{
	static struct renewed r;

	if (brief == RENEWAL_TRIAL)
		_exit(0);
	descriptor_end_with_exec(3);
	read_brief(&r, brief);
	if (!r.brief.is_dumpable)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	log_open(LOG_STYLE_PLAIN, r.brief.log_level);
	map_memory(&r);
	nudge_open();
	configure(&r);
	crash_handler_open();
	quota_watched(r.brief.arguments.generation);
	quota_put_off(false);
	start_handlers(&r);
	guest_run(&r.brief.arguments, r.configuration);
}
