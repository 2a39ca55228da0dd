/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/route.h"
#include "config/site.h"
#include "config/sources.h"

/* The handlers' names tell the sites: no plugin is needed to find a route. */
#define ROOT(name) "routes = ( { path = \"/\"; " name " = { }; } );"

static const char head[] =
    "sites = ("
    "  { hosts = \"first.example\"; " ROOT(
	"first") " },"
		 "  { hosts = [ \"example.org\", \"www.Example.ORG\", "
		 "\"[::1]\" ];"
		 "    routes = ("
		 "      { path = \"/a\"; a = { }; },"
		 "      { path = \"/a/b\"; ab = { }; },"
		 "      { exact = \"/a/b\"; only = { }; },"
		 "      { exact = \"/slash/\"; slash = { }; },"
		 "      { path = \"/a/bcd\"; abcd = { }; } ); },"
		 "  { hosts = \"*.example.org\"; " ROOT(
		     "wild") " },"
			     "  { hosts = \"*.b.example.org\"; " ROOT(
				 "wilder") " },";
static const char tail[] = "  { hosts = \"last.example\"; " ROOT("last") " }"
									 ");";
static const char any[] = "{ routes = ( { path = \"/\"; any = { }; },"
			  "    { path = \"/x\"; x = { }; } ); },";

static const struct {
	const char *host;
	const char *name; /* of the handler at "/" */
} hosts[] = {
	{ "first.example", "first" },
	{ "FIRST.Example", "first" },
	{ "first.example:8080", "first" },
	{ "first.example.", "first" },
	{ "first.example.:80", "first" },
	{ "last.example", "last" },
	{ "a.example.org", "wild" },
	{ "a.example.org:80", "wild" },
	{ "a.c.example.org", "wild" },
	{ "b.example.org", "wild" },
	{ "a.b.example.org", "wilder" },
	{ "a.a.b.example.org", "wilder" },
	{ "A.B.EXAMPLE.ORG.", "wilder" },
	{ "xb.example.org", "wild" },
	{ ".example.org", "any" },
	{ "xexample.org", "any" },
	{ "other", "any" },
	{ "", "any" },
	{ ":80", "any" },
	{ ".", "any" },
	{ "*.example.org", "any" },
	{ "[::2]", "any" },
	{ "[", "any" },
	{ "first.example.org.first.example", "any" },
};

static const struct {
	const char *path;
	const char *name; /* NULL: no route */
} paths[] = {
	{ "/", NULL },
	{ "/a", "a" },
	{ "/a/", "a" },
	{ "/a/x", "a" },
	{ "/ab", NULL },
	{ "/A", NULL },
	{ "/a/b", "only" },
	{ "/a/b/", "ab" },
	{ "/a/b/c", "ab" },
	{ "/a/bc", "a" },
	{ "/a/bcd", "abcd" },
	{ "/a/bcd/e", "abcd" },
	{ "/a/bcde", "a" },
	{ "/slash/", "slash" },
	{ "/slash", NULL },
	{ "/slash/x", NULL },
};

static struct configuration *
parse(const char *middle)
{
	char whole[4096];
	struct report report = { 0 };
	struct configuration *c;
	struct sources *sources;

	snprintf(whole, sizeof(whole), "%s%s%s", head, middle, tail);
	sources = sources_from_text("test", whole, &report);
	c = configuration_parse(sources, &report);
	ck_assert_ptr_nonnull(c);
	return c;
}

static struct slice
slice_of(const char *s)
{
	return (struct slice){ s, strlen(s) };
}

static void
check_site(const struct configuration *c, const char *host, const char *name)
{
	const struct site *site = route_find_site(c, slice_of(host));

	ck_assert_ptr_nonnull(site);
	ck_assert_msg(strcmp(site->routes[0].handlers[0].name, name) == 0,
	    "\"%s\" gives %s", host, site->routes[0].handlers[0].name);
}

START_TEST(a_host_finds_its_site)
{
	struct configuration *c = parse(any);

	check_site(c, hosts[_i].host, hosts[_i].name);
	configuration_free(c);
}
END_TEST

START_TEST(several_hosts_share_a_site)
{
	struct configuration *c = parse(any);

	check_site(c, "example.org", "a");
	check_site(c, "www.example.org", "a");
	check_site(c, "[::1]:8080", "a");
	check_site(c, "[::1]", "a");
	configuration_free(c);
}
END_TEST

START_TEST(without_a_site_for_any_host_the_first_answers)
{
	struct configuration *c = parse("");

	check_site(c, "other", "first");
	check_site(c, "", "first");
	configuration_free(c);
}
END_TEST

START_TEST(a_long_host_is_some_other)
{
	struct configuration *c = parse(any);
	char host[300];
	size_t n;

	memset(host, 'a', sizeof(host));
	memcpy(host + 241, ".example.org", 13);
	check_site(c, host, "wild"); /* 253 octets */
	for (n = 254; n < sizeof(host); n++) {
		memset(host, 'a', n);
		memcpy(host + n - 12, ".example.org", 12);
		ck_assert_ptr_nonnull(route_find_site(c,
		    (struct slice){ host, n }));
	}
	ck_assert_ptr_eq(route_find_site(c, (struct slice){ NULL, 0 }),
	    c->default_site);
	ck_assert_ptr_eq(route_find_site(c,
			     (struct slice){ "first.example\0", 14 }),
	    c->default_site);
	configuration_free(c);
}
END_TEST

static const struct route *
find(const struct configuration *c, const char *host, const char *path,
    size_t length)
{
	return route_find_in(route_find_site(c, slice_of(host)), path, length);
}

START_TEST(a_path_finds_its_route)
{
	struct configuration *c = parse(any);
	const char *path = paths[_i].path;
	const struct route *route;

	route = find(c, "example.org", path, strlen(path));
	if (!paths[_i].name) {
		ck_assert_msg(!route, "%s", path);
	} else {
		ck_assert_msg(route, "%s", path);
		ck_assert_str_eq(route->handlers[0].name, paths[_i].name);
	}
	configuration_free(c);
}
END_TEST

START_TEST(the_length_of_a_path_counts)
{
	struct configuration *c = parse(any);
	const struct route *route;

	route = find(c, "x", "/xyz", 2);
	ck_assert_str_eq(route->handlers[0].name, "x");
	route = find(c, "x", "/x", 1);
	ck_assert_str_eq(route->handlers[0].name, "any");
	configuration_free(c);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("route");
	Suite *s = suite_create("route");
	SRunner *r;

	tcase_add_loop_test(t, a_host_finds_its_site, 0,
	    sizeof(hosts) / sizeof(hosts[0]));
	tcase_add_test(t, several_hosts_share_a_site);
	tcase_add_test(t, without_a_site_for_any_host_the_first_answers);
	tcase_add_test(t, a_long_host_is_some_other);
	tcase_add_loop_test(t, a_path_finds_its_route, 0,
	    sizeof(paths) / sizeof(paths[0]));
	tcase_add_test(t, the_length_of_a_path_counts);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
