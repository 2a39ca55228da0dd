/* SPDX-License-Identifier: ISC */
#include "generation/crashes.h"

#include <string.h>
#include <sys/wait.h>

#include "base/address.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/scoreboard.h"
#include "config/configuration.h"
#include "generation/children.h"
#include "generation/penalty.h"
#include "sandbox/core.h"

void
crashes_init(struct crashes *c, const struct configuration *configuration)
{
	*c = (struct crashes){ .configuration = configuration };
	if (configuration->crash_penalty_ms > 0)
		c->penalties = penalties_new(configuration->crash_penalty_ms);
}

bool
crashes_log(const struct scoreboard *scoreboard, const struct child *child,
    size_t slot, int status)
{
	char client[ADDRESS_TEXT_BYTES];

	if (!WIFSIGNALED(status) || child->killed)
		return false;
	log_error("connection process %ld of %s was ended by signal %d (%s)%s",
	    (long)child->pid, address_format(&child->client, client),
	    WTERMSIG(status), strsignal(WTERMSIG(status)),
	    scoreboard_has_logged_crash(scoreboard, slot) ?
		"; its crash report is above" :
		"");
	return true;
}

static void
punish(struct crashes *c, const struct child *child, int64_t now_ms)
{
	char client[ADDRESS_TEXT_BYTES];
	int64_t ms;

	if (!c->penalties ||
	    configuration_trusts(c->configuration, &child->client))
		return;
	ms = penalty_add(c->penalties, address_client_key(&child->client),
	    now_ms);
	if (ms > 0)
		log_warning("%s is refused for %lld s: its requests crash "
			    "handlers",
		    address_format_host(&child->client, client),
		    (long long)(ms + 999) / 1000);
}

void
crashes_count(struct crashes *c, const struct child *child, bool dumped_core)
{
	int64_t now_ms = clock_ms();

	if (dumped_core) {
		log_info("process %ld left a core file", (long)child->pid);
		c->next_core_ms = now_ms + CORE_INTERVAL_MS;
	}
	if (now_ms - c->minute_ms >= 60000) {
		c->minute_ms = now_ms;
		c->count = 0;
	}
	if (++c->count == c->configuration->max_crashes)
		c->is_worn = true;
	punish(c, child, now_ms);
}

bool
crashes_punish(const struct crashes *c, const struct address *client)
{
	return c->penalties &&
	    penalty_applies(c->penalties, address_client_key(client),
		clock_ms());
}

bool
crashes_are_too_many(struct crashes *c)
{
	/* The field is written only when it changes: after a fork each page
	 * that is written is copied. */
	if (!c->is_worn)
		return false;
	c->is_worn = false;
	return true;
}

bool
crashes_forbid_core(const struct crashes *c)
{
	return c->configuration->core_folder && clock_ms() < c->next_core_ms;
}
