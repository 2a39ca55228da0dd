/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/prefix.h"
#include "config/configuration.h"
#include "config/folder_site.h"
#include "config/handler.h"
#include "config/listen_setting.h"
#include "config/report.h"
#include "config/route.h"
#include "config/site.h"
#include "config/sources.h"

#define SITES "sites = ( { routes = ( { path = \"/\"; a = { }; } ); } );"

/* libconfig 1.5 loses the text of a string when a syntax error follows it. */
const char *__lsan_default_suppressions(void);

const char *
__lsan_default_suppressions(void)
{
	return "leak:strbuf_append\n";
}

static struct configuration *
parse(const char *text)
{
	struct report report = { 0 };
	struct configuration *c;

	c = configuration_parse(sources_from_text("test", text, &report),
	    &report);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(report.errors, 0);
	return c;
}

START_TEST(has_defaults)
{
	struct configuration *c = parse(SITES);

	ck_assert_uint_eq(c->listen_count, 2);
	ck_assert_str_eq(c->listens[0].text, "0.0.0.0:80");
	ck_assert_str_eq(c->listens[1].text, "[::]:80");
	ck_assert_ptr_null(c->listens[0].setting);
	ck_assert_ptr_null(c->user);
	ck_assert_ptr_null(c->group);
	ck_assert(!c->log_to_syslog);
	ck_assert_ptr_null(c->error_log);
	ck_assert_int_eq(c->log_level, LEVEL_INFO);
	ck_assert_str_eq(c->access_log, "-");
	ck_assert_uint_eq(c->workers, 0);
	ck_assert_uint_eq(c->max_connections, 2048);
	ck_assert_uint_eq(c->max_connections_per_client, 256);
	ck_assert_uint_eq(c->max_connections_per_network, 1024);
	ck_assert_int_eq(c->queue_timeout_ms, 5000);
	ck_assert_int_eq(c->stop_grace_ms, 10000);
	ck_assert_int_eq(c->open_timeout_ms, 10000);
	ck_assert_uint_eq(c->limits.max_request_line_bytes, 8192);
	ck_assert_uint_eq(c->limits.max_head_bytes, 32768);
	ck_assert_uint_eq(c->limits.max_fields, 100);
	ck_assert_uint_eq(c->limits.max_body_bytes, 1048576);
	ck_assert_int_eq(c->limits.head_timeout_ms, 10000);
	ck_assert_int_eq(c->limits.body_timeout_ms, 20000);
	ck_assert_uint_eq(c->limits.min_body_rate, 500);
	ck_assert_int_eq(c->limits.send_timeout_ms, 30000);
	ck_assert_int_eq(c->limits.idle_timeout_ms, 15000);
	ck_assert_uint_eq(c->limits.max_requests, 1000);
	ck_assert_int_eq(c->limits.max_request_time_ms, 60000);
	ck_assert_int_eq(c->limits.max_request_total_ms, 0);
	ck_assert_int_eq(c->limits.gone_grace_ms, 10000);
	configuration_free(c);
}
END_TEST

START_TEST(reads_the_server)
{
	struct configuration *c = parse(
	    "listen = [ \"127.0.0.1:8080\", \"unix:/run/p\", \"[::1]:0\","
	    "  \"[::1]:0\" ];"
	    "user = \"www-data\"; group = \"adm\"; error_log = \"syslog\";"
	    "log_level = \"debug\"; access_log = \"off\";"
	    "plugin_dir = \"/p\"; max_connections = 65536;"
	    "max_connections_per_client = 0; queue_timeout = \"1 s\";"
	    "trusted_proxies = [ \"10.0.0.0/8\", \"::1\" ];"
	    "stop_grace = \"0 s\"; open_timeout = \"1 min\";"
	    "max_body = 5000000000L; max_head = \"1 MiB\";" SITES);

	ck_assert_uint_eq(c->listen_count, 4);
	ck_assert_ptr_nonnull(c->listens[3].setting);
	ck_assert_str_eq(c->user, "www-data");
	ck_assert_str_eq(c->group, "adm");
	ck_assert(c->log_to_syslog);
	ck_assert_int_eq(c->log_level, LEVEL_DEBUG);
	ck_assert_ptr_null(c->access_log);
	ck_assert_str_eq(c->plugin_folder, "/p");
	ck_assert_uint_eq(c->max_connections, 65536);
	ck_assert_uint_eq(c->max_connections_per_client, 0);
	ck_assert_uint_eq(c->max_connections_per_network, 0);
	ck_assert_uint_eq(c->trusted_proxy_count, 2);
	ck_assert_int_eq(c->queue_timeout_ms, 1000);
	ck_assert_int_eq(c->stop_grace_ms, 0);
	ck_assert_int_eq(c->open_timeout_ms, 60000);
	ck_assert_uint_eq(c->limits.max_body_bytes, UINT64_C(5000000000));
	ck_assert_uint_eq(c->limits.max_head_bytes, 1048576);
	configuration_free(c);
}
END_TEST

static const struct {
	const char *text;
	size_t workers;
} workers[] = {
	{ "", 0 },
	{ "workers = 0;", 0 },
	{ "workers = 1;", 1 },
	{ "workers = 256;", CONFIGURATION_WORKERS_MAX },
	{ "workers = 2L;", 2 },
	{ "workers = \"auto\";", CONFIGURATION_WORKERS_AUTO },
};

START_TEST(workers_are_a_number_or_auto)
{
	char text[256];
	struct configuration *c;

	snprintf(text, sizeof(text), "%s %s", workers[_i].text, SITES);
	c = parse(text);
	ck_assert_uint_eq(c->workers, workers[_i].workers);
	configuration_free(c);
}
END_TEST

START_TEST(limits_are_inherited_wherever_they_stand)
{
	struct configuration *c = parse(
	    "sites = ("
	    "  { routes = ("
	    "      { path = \"/\"; a = { }; },"
	    "      { path = \"/b\"; a = { }; max_body = 3; } );"
	    "    idle_timeout = \"2 s\"; },"
	    "  { hosts = \"h\"; routes = ( { path = \"/\"; a = { }; } ); } );"
	    "max_body = 1; max_requests = 7;");
	const struct site *first = &c->sites[0], *second = &c->sites[1];

	ck_assert_uint_eq(first->limits.max_body_bytes, 1);
	ck_assert_uint_eq(first->routes[0].limits.max_body_bytes, 1);
	ck_assert_uint_eq(first->routes[1].limits.max_body_bytes, 3);
	ck_assert_uint_eq(first->routes[1].limits.max_requests, 7);
	ck_assert_int_eq(first->routes[1].limits.idle_timeout_ms, 2000);
	ck_assert_int_eq(second->routes[0].limits.idle_timeout_ms, 15000);
	ck_assert_uint_eq(second->routes[0].limits.max_body_bytes, 1);
	configuration_free(c);
}
END_TEST

START_TEST(handlers_keep_their_order)
{
	struct configuration *c =
	    parse("sites = ( { routes = ("
		  "  { flag = { }; path = \"/\"; max_body = 1; static = { }; },"
		  "  { exact = \"/x/\"; handlers = ( { flag = { }; },"
		  "    { echo = { }; }, { flag = { }; } ); } ); } );");
	static const char *const names[] = { "flag", "static", "flag", "echo",
		"flag" };
	const struct handler *h;
	size_t cursor = 0, i = 0;

	while ((h = configuration_next_handler(c, &cursor))) {
		ck_assert_uint_lt(i, 5);
		ck_assert_str_eq(h->name, names[i]);
		ck_assert_uint_eq(h->index, i);
		ck_assert_ptr_eq(h->route, &c->sites[0].routes[i / 2 > 0]);
		i++;
	}
	ck_assert_uint_eq(i, 5);
	ck_assert(c->sites[0].routes[1].exact);
	ck_assert_uint_eq(c->sites[0].routes[1].path_length, 3);
	configuration_free(c);
}
END_TEST

START_TEST(addresses_are_read)
{
	struct configuration *c = parse(
	    "sites = ( { routes = ( { path = \"/\"; a = { };"
	    " allow = \"127.0.0.1\"; deny = ( \"10.0.0.0/8\", \"::/0\" ); }"
	    "); } );");
	const struct route *route = &c->sites[0].routes[0];

	ck_assert_uint_eq(route->policy.allow_count, 1);
	ck_assert_uint_eq(route->policy.deny_count, 2);
	ck_assert_uint_eq(route->policy.allow[0].bits, 32);
	configuration_free(c);
}
END_TEST

START_TEST(parts_add_sites)
{
	struct report report = { 0 };
	struct sources *main_part, *other, *all = sources_new();
	struct configuration *c;

	main_part = sources_from_text("main", "user = \"x\";", &report);
	other = sources_from_text("part", SITES, &report);
	ck_assert_int_eq(sources_add_descriptor(all, "main",
			     dup(main_part->items[0].fd)),
	    0);
	ck_assert_int_eq(sources_add_descriptor(all, "part",
			     dup(other->items[0].fd)),
	    0);
	c = configuration_parse(all, &report);
	ck_assert_ptr_nonnull(c);
	ck_assert_uint_eq(c->site_count, 1);
	ck_assert_str_eq(report_file_of(c->sites[0].setting), "part");
	ck_assert_ptr_nonnull(configuration_setting(c, "user"));
	ck_assert_ptr_null(configuration_setting(c, "group"));
	configuration_free(c);
	sources_free(main_part);
	sources_free(other);
}
END_TEST

START_TEST(sources_are_sealed)
{
	struct report report = { 0 };
	struct sources *s = sources_from_text("x", "abc", &report);
	char *text;

	ck_assert_int_eq(write(s->items[0].fd, "x", 1), -1);
	ck_assert_int_eq(ftruncate(s->items[0].fd, 0), -1);
	ck_assert_int_eq(fcntl(s->items[0].fd, F_GETFD), FD_CLOEXEC);
	text = s->items[0].text;
	ck_assert_str_eq(text, "abc");
	sources_free(s);
}
END_TEST

START_TEST(listens_can_be_replaced)
{
	struct configuration *c = parse("listen = \"127.0.0.1:1\";" SITES);
	const char *const good[] = { "127.0.0.1:2", "[::1]:2" };
	const char *const bad[] = { "127.0.0.1:2", "127.0.0.1:2" };
	struct report report = { 0 };

	ck_assert_int_eq(configuration_replace_listens(c, good, 2, &report), 0);
	ck_assert_uint_eq(c->listen_count, 2);
	ck_assert_int_eq(address_port(&c->listens[0].address), 2);
	ck_assert_int_eq(configuration_replace_listens(c, bad, 2, &report), -1);
	ck_assert_uint_eq(report.errors, 1);
	configuration_free(c);
}
END_TEST

START_TEST(passed_sockets_are_named)
{
	struct configuration *c =
	    parse("listen = [ \"0.0.0.0:80\", \"systemd:a b\", \"systemd:x\" "
		  "];" SITES);

	ck_assert_uint_eq(c->listen_count, 3);
	ck_assert_ptr_null(c->listens[0].name);
	ck_assert_str_eq(c->listens[1].name, "a b");
	ck_assert_uint_eq(c->listens[1].address.length, 0);
	ck_assert_str_eq(c->listens[2].text, "systemd:x");
	configuration_free(c);
}
END_TEST

START_TEST(names_of_passed_sockets_have_a_limit)
{
	struct configuration *c = parse(SITES);
	struct report report = { 0 };
	const char *text;
	char name[8 + 257] = "systemd:";

	memset(name + 8, 'n', 256);
	name[8 + 255] = '\0';
	text = name;
	ck_assert_int_eq(configuration_replace_listens(c, &text, 1, &report),
	    0);
	name[8 + 255] = 'n';
	ck_assert_int_eq(configuration_replace_listens(c, &text, 1, &report),
	    -1);
	configuration_free(c);
}
END_TEST

/* Whatever the folder is called, its name comes out of the text again. */
START_TEST(a_folder_is_served_under_any_name)
{
	char base[] = "/tmp/prong-XXXXXX", name[128];
	struct report report = { 0 };
	const config_setting_t *root;
	struct configuration *c;

	ck_assert_ptr_nonnull(mkdtemp(base));
	snprintf(name, sizeof(name), "%s/a \"b\" \\x41\n\xc3\xa9", base);
	ck_assert_int_eq(mkdir(name, 0700), 0);
	c = configuration_parse(folder_site_sources(name, "/p\"", true,
				    &report),
	    &report);
	ck_assert_ptr_nonnull(c);
	ck_assert_str_eq(c->plugin_folder, "/p\"");
	ck_assert_uint_eq(c->sites[0].route_count, 1);
	root = config_setting_get_member(c->handlers[0]->group, "root");
	ck_assert_str_eq(config_setting_get_string(root), name);
	configuration_free(c);
	rmdir(name);
	rmdir(base);
}
END_TEST

/* Any text at all ends in a report or a configuration, not in a crash: every
 * beginning of a good one, and each with an octet changed. */
START_TEST(broken_texts_are_survived)
{
	static const char good[] =
	    "listen = [ \"127.0.0.1:1\" ]; # c\n/* d */ max_body = 0x10L;\n"
	    "sites = ( { hosts = \"*.a\"; routes = ( { path = \"/a/b\"; "
	    "f = { x = -1.5; y = \"\\\"\"; }; allow = [ \"::1\" ]; } ); } );";
	static const char marks[] = "\"\\{}[]()=;,#/*@0-a\n";
	char text[sizeof(good)];
	struct report report = { 0 };
	struct configuration *c;
	struct sources *s;
	size_t n, m;

	for (n = 0; n < sizeof(good) - 1; n++) {
		for (m = 0; m < sizeof(marks); m++) {
			memcpy(text, good, sizeof(good));
			text[n] = marks[m];
			s = sources_from_text("x", text, &report);
			c = configuration_parse(s, &report);
			if (c)
				configuration_free(c);
			else
				sources_free(s);
		}
	}
	ck_assert_uint_gt(report.errors, 1000);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("configuration");
	Suite *s = suite_create("configuration");
	SRunner *r;

	tcase_add_test(t, has_defaults);
	tcase_add_test(t, reads_the_server);
	tcase_add_loop_test(t, workers_are_a_number_or_auto, 0,
	    (int)(sizeof(workers) / sizeof(workers[0])));
	tcase_add_test(t, limits_are_inherited_wherever_they_stand);
	tcase_add_test(t, handlers_keep_their_order);
	tcase_add_test(t, addresses_are_read);
	tcase_add_test(t, parts_add_sites);
	tcase_add_test(t, sources_are_sealed);
	tcase_add_test(t, listens_can_be_replaced);
	tcase_add_test(t, passed_sockets_are_named);
	tcase_add_test(t, names_of_passed_sockets_have_a_limit);
	tcase_add_test(t, a_folder_is_served_under_any_name);
	tcase_add_test(t, broken_texts_are_survived);
	tcase_set_timeout(t, 30);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
