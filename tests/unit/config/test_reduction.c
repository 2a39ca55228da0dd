/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "config/configuration.h"
#include "config/handler.h"
#include "config/reduction.h"
#include "config/report.h"
#include "config/route.h"
#include "config/site.h"
#include "config/sources.h"

static const char text[] =
    "user = \"nobody\"; max_body = 4294967296L;\n"
    "sites = ( { hosts = [ \"a.test\" ]; routes = (\n"
    "  { path = \"/\"; one = { word = \"secret-1\"; }; },\n"
    "  { path = \"/b\\\"\\\\\"; fresh = true; two = { word = "
    "\"secret-2\\x7f\\n\"; list = ( { deep = [ 1, 0x10 ]; } ); };\n"
    "    three = { word = \"secret-3\"; }; fields = \"A: field\"; } ); },\n"
    "{ routes = ( { exact = \"/c\"; handlers = ( { four = { word = "
    "\"secret-4\"; }; }, { four = { word = \"secret-5\"; }; } ); } ); } );\n";

static struct configuration *
parse(const char *source)
{
	struct report report = { 0 };
	struct configuration *c;

	c = configuration_parse(sources_from_text("test", source, &report),
	    &report);
	ck_assert_ptr_nonnull(c);
	return c;
}

/* The reduced text for the route at that place, parsed again. */
static struct configuration *
reduce(const struct configuration *c, const struct route *route, char **reduced)
{
	size_t length;

	*reduced = reduction_text(&c->sources->items[0], route, &length);
	ck_assert_ptr_nonnull(*reduced);
	ck_assert_uint_eq(strlen(*reduced), length);
	return parse(*reduced);
}

static const char *
word_of(const struct handler *handler)
{
	const char *word = NULL;

	config_setting_lookup_string(handler->group, "word", &word);
	return word;
}

START_TEST(routes_and_handlers_keep_their_places)
{
	struct configuration *c = parse(text), *other;
	size_t i;
	char *reduced;

	ck_assert_uint_eq(c->handler_count, 5);
	for (i = 0; i < c->handler_count; i++) {
		const struct route *route = c->handlers[i]->route;
		size_t j;

		ck_assert(reduction_has(&c->sources->items[0], route));
		other = reduce(c, route, &reduced);
		ck_assert_uint_eq(other->handler_count, c->handler_count);
		for (j = 0; j < c->handler_count; j++) {
			const struct handler *h = c->handlers[j],
					     *o = other->handlers[j];

			ck_assert_str_eq(h->name, o->name);
			ck_assert_str_eq(h->route->path, o->route->path);
			ck_assert_int_eq(h->route->exact, o->route->exact);
			ck_assert_int_eq(h->route->is_fresh,
			    o->route->is_fresh);
			if (h->route == route)
				ck_assert_str_eq(word_of(h), word_of(o));
			else
				ck_assert_ptr_null(word_of(o));
		}
		configuration_free(other);
		free(reduced);
	}
	configuration_free(c);
}
END_TEST

START_TEST(nothing_is_left_of_other_options)
{
	struct configuration *c = parse(text), *other;
	char *reduced;

	other = reduce(c, NULL, &reduced);
	ck_assert_ptr_null(strstr(reduced, "secret"));
	ck_assert_ptr_null(strstr(reduced, "deep"));
	ck_assert_str_eq(other->user, "nobody");
	ck_assert_uint_eq(other->limits.max_body_bytes, UINT64_C(1) << 32);
	configuration_free(other);
	free(reduced);
	other = reduce(c, c->handlers[1]->route, &reduced);
	ck_assert_ptr_nonnull(strstr(reduced, "secret-2"));
	ck_assert_ptr_nonnull(strstr(reduced, "secret-3"));
	ck_assert_ptr_nonnull(strstr(reduced, "field"));
	ck_assert_ptr_null(strstr(reduced, "secret-1"));
	ck_assert_ptr_null(strstr(reduced, "secret-4"));
	ck_assert_ptr_null(strstr(reduced, "secret-5"));
	configuration_free(other);
	free(reduced);
	configuration_free(c);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("reduction");
	Suite *s = suite_create("reduction");
	SRunner *r;

	tcase_add_test(t, routes_and_handlers_keep_their_places);
	tcase_add_test(t, nothing_is_left_of_other_options);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
