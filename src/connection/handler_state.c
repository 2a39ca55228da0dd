/* SPDX-License-Identifier: ISC */
#include "connection/handler_state.h"

#include <stdbool.h>
#include <stdlib.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "connection/handler_log.h"

struct instance {
	void *state;
	bool is_prepared, has_failed;
};

static struct instance *instances; /* by handler->index */

/* The argument of a child callback. */
struct child {
	struct prong_child public;
	const struct handler *handler;
};

static struct instance *
instance_of(const struct configuration *configuration,
    const struct handler *handler)
{
	if (!instances)
		instances = calloc(configuration->handler_count,
		    sizeof(*instances));
	return !instances ? NULL : &instances[handler->index];
}

static void *
state_of(struct instance *instance, const struct handler *handler)
{
	if (!instance || handler->plugin->state_size == 0)
		return NULL;
	if (!instance->state)
		instance->state = calloc(1, handler->plugin->state_size);
	return instance->state;
}

void *
handler_state_of(const struct configuration *configuration,
    const struct handler *handler)
{
	return state_of(instance_of(configuration, handler), handler);
}

static const struct handler *
handler_of(const struct prong_child *child)
{
	return ((const struct child *)child)->handler;
}

static void *
get_child_state(struct prong_child *child)
{
	const struct handler *handler = handler_of(child);

	return state_of(&instances[handler->index], handler);
}

__attribute__((__format__(__printf__, 3, 0))) static void
log_line(struct prong_child *child, int32_t level, const char *format,
    va_list ap)
{
	handler_log_child(handler_of(child), level, format, ap);
}

static const struct prong_child_api child_api = {
	.size = sizeof(child_api), .state = get_child_state, .vlog = log_line
};

int
handler_state_prepare(const struct configuration *configuration,
    const struct handler *handler)
{
	struct instance *instance;
	struct child child = { { &child_api }, handler };

	/* State is allocated when a handler needs it: after a fork it is
	 * expensive to touch the pages of malloc. */
	if (!handler->plugin->child)
		return 0;
	instance = instance_of(configuration, handler);
	if (!instance) {
		log_error("there is no memory for the handlers' state");
		return -1;
	}
	if (!instance->is_prepared) {
		instance->is_prepared = true;
		if (handler->plugin->child(&child.public, handler->config) !=
		    0) {
			log_error("handler %s of route %s failed in its child "
				  "callback",
			    handler->name, handler->route->path);
			instance->has_failed = true;
		}
	}
	return instance->has_failed ? -1 : 0;
}
