/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stddef.h>

#include "plugins/shared/negotiate.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
	const char *list, *coding;
	int weight;
} weights[] = {
	{ NULL, "gzip", NEGOTIATE_UNNAMED },
	{ "", "gzip", NEGOTIATE_UNNAMED },
	{ "gzip", "gzip", 1000 },
	{ "GZIP", "gzip", 1000 },
	{ "gzip", "br", NEGOTIATE_UNNAMED },
	{ "gzipped", "gzip", NEGOTIATE_UNNAMED },
	{ "x-gzip", "gzip", 1000 },
	{ "x-br", "br", NEGOTIATE_UNNAMED },
	{ "gzip;q=0", "gzip", 0 },
	{ "gzip;q=0.", "gzip", 0 },
	{ "gzip;q=0.000", "gzip", 0 },
	{ "gzip;q=0.001", "gzip", 1 },
	{ "gzip;q=0.5", "gzip", 500 },
	{ "gzip;q=0.25", "gzip", 250 },
	{ "gzip;q=1", "gzip", 1000 },
	{ "gzip;q=1.", "gzip", 1000 },
	{ "gzip;q=1.000", "gzip", 1000 },
	{ "gzip;Q=0.5", "gzip", 500 },
	{ "gzip ; q=0.5", "gzip", 500 },
	{ "gzip\t;\tq=0.5", "gzip", 500 },
	{ "br, gzip;q=0.8, *;q=0.1", "gzip", 800 },
	{ "br, gzip;q=0.8, *;q=0.1", "zstd", 100 },
	{ "*", "gzip", 1000 },
	{ "*;q=0", "gzip", 0 },
	{ "*, gzip;q=0", "gzip", 0 },
	{ "gzip;q=0, *", "gzip", 0 },
	{ ", ,gzip,", "gzip", 1000 },
	{ "br;level=1;q=0.4", "br", 400 },
	{ "br;x=\"y;q=0\";q=0.3", "br", 300 },
	{ "br;x=\"a, gzip\"", "gzip", NEGOTIATE_UNNAMED },
	{ "br;x=\"a\\\", gzip\"", "gzip", NEGOTIATE_UNNAMED },
	/* Weights that are none. */
	{ "gzip;q=", "gzip", 0 },
	{ "gzip;q=2", "gzip", 0 },
	{ "gzip;q=1.001", "gzip", 0 },
	{ "gzip;q=1.1", "gzip", 0 },
	{ "gzip;q=0.0001", "gzip", 0 },
	{ "gzip;q=.5", "gzip", 0 },
	{ "gzip;q=-1", "gzip", 0 },
	{ "gzip;q=0,5", "gzip", 0 },
	{ "gzip;q=0.5x", "gzip", 0 },
	{ "gzip;q=00.5", "gzip", 0 },
	{ "gzip;q=1e0", "gzip", 0 },
	{ "gzip;q=\"0.5\"", "gzip", 0 },
	{ "gzip;q=bad, *;q=0.2", "gzip", 0 },
};

START_TEST(weighs_codings)
{
	int got = negotiate_coding(weights[_i].list, weights[_i].coding);

	ck_assert_msg(got == weights[_i].weight, "%s in \"%s\": %d, not %d",
	    weights[_i].coding, weights[_i].list, got, weights[_i].weight);
}
END_TEST

static const struct {
	const char *accept;
	bool is_json;
} accepts[] = {
	{ NULL, false },
	{ "", false },
	{ "*/*", false },
	{ "application/json", true },
	{ "Application/JSON", true },
	{ "application/jsonp", false },
	{ "application/*", true },
	{ "application/*, text/html", false },
	{ "application/json;q=0", false },
	{ "application/json, */*", true },
	{ "application/json, text/html", true },
	{ "application/json;q=0.9, text/html", false },
	{ "application/json;q=0.9, text/html;q=0.8", true },
	{ "text/html, */*;q=0.8", false },
	{ "*/*;q=0.9, text/*;q=0.5", true },
	{ "*/*;q=0.9, text/*;q=0.5, application/json;q=0.1", false },
};

START_TEST(json_is_for_those_who_like_it_better)
{
	ck_assert_msg(negotiate_json(accepts[_i].accept, "text/html") ==
		accepts[_i].is_json,
	    "\"%s\"", accepts[_i].accept);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("negotiate");
	TCase *tcase = tcase_create("negotiate");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, weighs_codings, 0, COUNT(weights));
	tcase_add_loop_test(tcase, json_is_for_those_who_like_it_better, 0,
	    COUNT(accepts));
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
