/*
 * Places of routes: each row is a route, and the processes that serve it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <prong/handler.h>

#include "base/log.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/place.h"
#include "config/report.h"
#include "config/site.h"
#include "config/sources.h"

#define PROMISE PRONG_SHARES_PROCESS
#define AGAIN	PRONG_REUSES_PROCESS

/* A handler; without a name: none. */
struct model {
	const char *name;
	uint64_t promises, needs;
	uint32_t abi_minor;
};

#define OURS(name) \
	{ \
		name, PROMISE, 0, 1 \
	}
#define FOREIGN \
	{ \
		"hello", PROMISE, 0, 1 \
	}
#define MUTE \
	{ \
		"act", 0, 0, 1 \
	}
#define OLD \
	{ \
		"flag", PROMISE, 0, 0 \
	}
#define FORKING(name) \
	{ \
		name, PROMISE, PRONG_NEEDS_PROCESSES, 1 \
	}
#define THREADED \
	{ \
		"echo", PROMISE, PRONG_NEEDS_THREADS, 1 \
	}

#define NO_PROMISE "does not promise that it can share a process"

static const struct row {
	const char *settings; /* of the route */
	struct model handlers[2];
	bool has_workers;
	enum route_place place;
	const char *handler, *why; /* NULL: none */
} rows[] = {
	/* Without workers */
	{ "", { OURS("static") }, false, ROUTE_OWN, NULL, "workers = 0" },
	{ "process = \"own\";", { OURS("static") }, false, ROUTE_OWN, NULL,
	    "process = \"own\"" },
	{ "process = \"shared\";", { OURS("static") }, false, ROUTE_OWN, NULL,
	    "workers = 0" },

	/* Handlers of prong's own */
	{ "", { OURS("static") }, true, ROUTE_WORKER, NULL, NULL },
	{ "", { OURS("flag") }, true, ROUTE_WORKER, NULL, NULL },
	{ "", { OURS("status") }, true, ROUTE_WORKER, NULL, NULL },
	{ "", { OURS("echo") }, true, ROUTE_WORKER, NULL, NULL },
	{ "", { OURS("flag"), OURS("static") }, true, ROUTE_WORKER, NULL,
	    NULL },
	{ "process = \"auto\";", { OURS("echo") }, true, ROUTE_WORKER, NULL,
	    NULL },
	{ "", { THREADED }, true, ROUTE_WORKER, NULL, NULL },
	{ "process = \"own\";", { OURS("echo") }, true, ROUTE_OWN, NULL,
	    "process = \"own\"" },

	/* Handlers of other authors, and what none may lack */
	{ "", { FOREIGN }, true, ROUTE_OWN, "hello", "does not come with" },
	{ "", { OURS("flag"), FOREIGN }, true, ROUTE_OWN, "hello",
	    "does not come with" },
	{ "", { FOREIGN, OURS("static") }, true, ROUTE_OWN, "hello",
	    "does not come with" },
	{ "", { MUTE }, true, ROUTE_OWN, "act", NO_PROMISE },
	{ "", { OURS("flag"), MUTE }, true, ROUTE_OWN, "act", NO_PROMISE },
	{ "", { OLD }, true, ROUTE_OWN, "flag", NO_PROMISE },
	{ "", { FORKING("echo") }, true, ROUTE_OWN, "echo",
	    "can start processes" },

	/* Processes that are used again, or as many as may be */
	{ "processes = { requests = 9; };", { { "hello", AGAIN, 0, 1 } }, true,
	    ROUTE_POOL, NULL, NULL },
	{ "processes = { requests = 9; }; max_memory = 1; max_cpu_time = "
	  "\"1 s\";",
	    { { "hello", AGAIN, 0, 1 } }, true, ROUTE_POOL, NULL, NULL },
	{ "processes = { requests = 9; };",
	    { { "flag", AGAIN, 0, 1 }, { "hello", AGAIN, 0, 1 } }, true,
	    ROUTE_POOL, NULL, NULL },
	{ "processes = { max = 9; };", { MUTE }, true, ROUTE_POOL, NULL, NULL },
	{ "processes = { max = 9; };", { MUTE }, false, ROUTE_POOL, NULL,
	    NULL },
	{ "processes = { max = 9; }; fresh = true;", { FORKING("cgi") }, false,
	    ROUTE_POOL, NULL, NULL },

	/* Settings of a process, and limits of time, which are none */
	{ "fresh = true;", { OURS("echo") }, true, ROUTE_OWN, NULL, "fresh" },
	{ "fresh = false;", { OURS("echo") }, true, ROUTE_WORKER, NULL, NULL },
	{ "max_cpu_time = \"1 s\";", { OURS("echo") }, true, ROUTE_OWN, NULL,
	    "max_cpu_time" },
	{ "max_memory = \"1 B\";", { OURS("echo") }, true, ROUTE_OWN, NULL,
	    "max_memory" },
	{ "max_open_files = 1;", { OURS("echo") }, true, ROUTE_OWN, NULL,
	    "max_open_files" },
	{ "max_cpu_time = \"0 s\"; max_memory = 0; max_open_files = 0;",
	    { OURS("echo") }, true, ROUTE_WORKER, NULL, NULL },
	{ "max_request_time = \"1 s\"; max_request_total = \"2 s\";"
	  "gone_grace = \"1 s\"; max_body = 1; max_processes = 1;",
	    { OURS("echo") }, true, ROUTE_WORKER, NULL, NULL },
	{ "max_memory = \"1 B\"; process = \"own\";", { OURS("echo") }, true,
	    ROUTE_OWN, NULL, "process = \"own\"" },

	/* Shared */
	{ "process = \"shared\";", { FOREIGN }, true, ROUTE_SHARED, NULL,
	    NULL },
	{ "process = \"shared\";", { OURS("flag"), FOREIGN }, true,
	    ROUTE_SHARED, NULL, NULL },
	{ "process = \"shared\";", { OURS("static") }, true, ROUTE_SHARED, NULL,
	    NULL },
	{ "process = \"shared\"; max_request_time = \"1 s\";", { FOREIGN },
	    true, ROUTE_SHARED, NULL, NULL },
	{ "process = \"shared\";", { MUTE }, true, ROUTE_OWN, "act",
	    NO_PROMISE },
	{ "process = \"shared\";", { OLD }, true, ROUTE_OWN, "flag",
	    NO_PROMISE },
	{ "process = \"shared\";", { FOREIGN, FORKING("cgi") }, true, ROUTE_OWN,
	    "cgi", "can start processes" },
	{ "process = \"shared\"; fresh = true;", { FOREIGN }, true, ROUTE_OWN,
	    NULL, "fresh" },
	{ "process = \"shared\"; max_memory = \"1 GiB\";", { FOREIGN }, true,
	    ROUTE_OWN, NULL, "max_memory" },
};

#define ROWS (int)(sizeof(rows) / sizeof(rows[0]))

/* The configuration of a row, whose route is in line 2; its handlers have these
 * plugins. */
static struct configuration *
parse(const struct row *row, struct prong_handler plugins[2])
{
	struct report report = { 0 };
	struct configuration *c;
	char text[1024];

	snprintf(text, sizeof(text),
	    "%s sites = ( { routes = (\n{ path = \"/\";\n%s\n%s = { }; %s%s } "
	    "); } );",
	    row->has_workers ? "workers = \"auto\";" : "", row->settings,
	    row->handlers[0].name,
	    row->handlers[1].name ? row->handlers[1].name : "",
	    row->handlers[1].name ? " = { };" : "");
	c = configuration_parse(sources_from_text("test", text, &report),
	    &report);
	ck_assert_ptr_nonnull(c);
	for (size_t i = 0; i < c->handler_count; i++) {
		const struct model *model = &row->handlers[i];

		plugins[i] =
		    (struct prong_handler){ .abi_minor = model->abi_minor,
			    .needs = model->needs,
			    .promises = model->promises };
		c->handlers[i]->plugin = &plugins[i];
	}
	return c;
}

START_TEST(a_place_is_decided)
{
	const struct row *row = &rows[_i];
	struct prong_handler plugins[2];
	struct configuration *c = parse(row, plugins);
	struct place_decision d = place_decide(&c->sites[0].routes[0],
	    row->has_workers);

	ck_assert_int_eq(d.place, row->place);
	ck_assert_int_eq(!d.handler, !row->handler);
	if (row->handler)
		ck_assert_str_eq(d.handler->name, row->handler);
	ck_assert_int_eq(!d.why, !row->why);
	if (row->why)
		ck_assert_msg(strstr(d.why, row->why), "%s", d.why);
	configuration_free(c);
}
END_TEST

/* Whether the last message tells the line of the setting, and what is wrong. */
static void
check_message(const struct row *row)
{
	const char *message = log_last_error();

	ck_assert_msg(strstr(message,
			  "test:3: process: found \"shared\" in a "),
	    "%s", message);
	ck_assert_msg(strstr(message, "; possible: "), "%s", message);
	ck_assert_msg(strstr(message,
			  row->has_workers ? row->why : "workers = \"auto\""),
	    "%s", message);
	if (row->handler)
		ck_assert_msg(strstr(message, row->handler), "%s", message);
}

START_TEST(a_place_is_set_or_its_error_reported)
{
	const struct row *row = &rows[_i];
	struct prong_handler plugins[2];
	struct configuration *c = parse(row, plugins);
	struct report report = { 0 };
	bool is_wrong = strstr(row->settings, "shared") &&
	    row->place == ROUTE_OWN;

	ck_assert_int_eq(place_settle(c, &report), is_wrong ? -1 : 0);
	ck_assert_uint_eq(report.errors, is_wrong ? 1 : 0);
	ck_assert_int_eq(c->sites[0].routes[0].place, row->place);
	if (is_wrong)
		check_message(row);
	configuration_free(c);
}
END_TEST

START_TEST(a_route_without_a_plugin_keeps_its_place)
{
	struct prong_handler plugins[2];
	struct configuration *c = parse(&rows[3], plugins);
	struct report report = { 0 };

	c->handlers[0]->plugin = NULL;
	ck_assert_int_eq(place_settle(c, &report), 0);
	ck_assert_int_eq(c->sites[0].routes[0].place, ROUTE_OWN);
	configuration_free(c);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("place");
	Suite *s = suite_create("place");
	SRunner *r;

	tcase_add_loop_test(t, a_place_is_decided, 0, ROWS);
	tcase_add_loop_test(t, a_place_is_set_or_its_error_reported, 0, ROWS);
	tcase_add_test(t, a_route_without_a_plugin_keeps_its_place);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
