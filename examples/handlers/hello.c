/*
 * hello - the smallest handler that has an option.
 *
 *	cc -fPIC -shared -fvisibility=hidden -Wl,-z,defs -Wl,-z,now \
 *	    -o hello.so hello.c
 *
 * and in a route of the configuration: hello = { greeting = "Good day"; };
 *
 * SPDX-License-Identifier: ISC
 */
#include <prong/handler.h>

struct hello {
	const char *greeting;
};

static int
hello(struct prong_request *req, const void *config)
{
	const struct hello *h = config;
	const char *who = prong_query(req, "name");

	prong_field(req, "Content-Type", "text/plain; charset=utf-8");
	prong_printf(req, "%s, %s\n", h->greeting, who ? who : "world");
	return PRONG_DONE;
}

static const struct prong_option options[] = {
	PRONG_STRING(struct hello, greeting, "hello", "what to say"),
	PRONG_END,
};

PRONG_HANDLER(.name = "hello", .summary = "greets", .options = options,
    .config_size = sizeof(struct hello), .handle = hello);
