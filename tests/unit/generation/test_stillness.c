/* SPDX-License-Identifier: ISC */
#include "generation/stillness.h"

#include <check.h>
#include <stdlib.h>

/* A look: after so many milliseconds, at so many turns. */
struct look {
	int64_t after_ms;
	uint64_t turns;
	bool waits;
	enum stillness_verdict verdict;
};

static const struct {
	const char *what;
	struct look looks[8];
} cases[] = {
	{ "one that runs",
	    { { 250, 1, false, STILLNESS_NONE },
		{ 250, 2, false, STILLNESS_NONE },
		{ 1900, 3, false, STILLNESS_NONE },
		{ 1900, 4, false, STILLNESS_NONE } } },
	{ "one that waits",
	    { { 900, 1, true, STILLNESS_NONE },
		{ 900, 1, true, STILLNESS_NONE },
		{ 900, 1, true, STILLNESS_NONE },
		{ 900, 1, true, STILLNESS_NONE } } },
	{ "one that stands still is asked once, and ended",
	    { { 250, 1, false, STILLNESS_NONE },
		{ 900, 1, false, STILLNESS_NONE },
		{ 100, 1, false, STILLNESS_ASK },
		{ 1900, 1, false, STILLNESS_NONE },
		{ 1900, 1, false, STILLNESS_NONE },
		{ 1900, 1, false, STILLNESS_NONE },
		{ 1900, 1, false, STILLNESS_NONE },
		{ 1900, 1, false, STILLNESS_END } } },
	{ "one that goes on is asked again when it stands still again",
	    { { 250, 1, false, STILLNESS_NONE },
		{ 1500, 1, false, STILLNESS_ASK },
		{ 1500, 2, false, STILLNESS_NONE },
		{ 1500, 2, false, STILLNESS_ASK } } },
	{ "a pause of the watcher does not count",
	    { { 250, 1, false, STILLNESS_NONE },
		{ 60000, 1, false, STILLNESS_NONE },
		{ 900, 1, false, STILLNESS_NONE },
		{ 100, 1, false, STILLNESS_ASK } } },
};

START_TEST(verdicts_follow_the_looks)
{
	struct stillness s;
	int64_t now_ms = 5000;
	size_t i;

	stillness_begin(&s, now_ms);
	for (i = 0; i < 8 && cases[_i].looks[i].after_ms > 0; i++) {
		const struct look *l = &cases[_i].looks[i];

		now_ms += l->after_ms;
		ck_assert_msg(stillness_look(&s, l->turns, l->waits, now_ms) ==
			l->verdict,
		    "%s: look %zu", cases[_i].what, i);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("stillness");
	TCase *tcase = tcase_create("stillness");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tcase, verdicts_follow_the_looks, 0,
	    sizeof(cases) / sizeof(cases[0]));
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
