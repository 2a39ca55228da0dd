/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdbool.h>

#include "base/pulse.h"

#define DUE   (1000 + PULSE_INTERVAL_MS)
#define LOST  (DUE + PULSE_PATIENCE_MS)
#define AGAIN (LOST + PULSE_LATE_MS)

/* Heard at 1000. One look a row; hears: a message comes then. */
static const struct look {
	int64_t now_ms;
	bool hears;
	enum pulse_verdict verdict;
} looks[][6] = {
	{
	    /* It does not respond. */
	    { DUE - 1, false, PULSE_BEATS },
	    { DUE, false, PULSE_ASK },
	    { DUE + 1, false, PULSE_BEATS },
	    { LOST - 1, false, PULSE_BEATS },
	    { LOST, false, PULSE_STOPPED },
	},
	{
	    /* It responds at the last moment, and is asked again. */
	    { DUE, false, PULSE_ASK },
	    { LOST - 1, true, PULSE_BEATS },
	    { LOST - 2 + PULSE_INTERVAL_MS, false, PULSE_BEATS },
	    { LOST - 1 + PULSE_INTERVAL_MS, false, PULSE_ASK },
	},
	{
	    /* The master has slept, before it asked. */
	    { LOST + 99999, false, PULSE_ASK },
	    { LOST + 100000, false, PULSE_BEATS },
	},
	{
	    /* The master has slept, after it asked. */
	    { DUE, false, PULSE_ASK },
	    { AGAIN, false, PULSE_ASK },
	    { AGAIN + PULSE_PATIENCE_MS - 1, false, PULSE_BEATS },
	    { AGAIN + PULSE_PATIENCE_MS, false, PULSE_STOPPED },
	},
	{
	    /* A bit late is no excuse. */
	    { DUE, false, PULSE_ASK },
	    { AGAIN - 1, false, PULSE_STOPPED },
	},
};

START_TEST(a_look_has_its_verdict)
{
	const struct look *look = looks[_i];
	struct pulse p;

	pulse_hear(&p, 1000);
	for (; look < looks[_i] + 6 && look->now_ms > 0; look++) {
		if (look->hears)
			pulse_hear(&p, look->now_ms);
		ck_assert_int_eq(pulse_check(&p, look->now_ms), look->verdict);
		ck_assert(pulse_due_ms(&p) > look->now_ms ||
		    look->verdict == PULSE_STOPPED);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("pulse");
	Suite *s = suite_create("pulse");
	SRunner *r;

	tcase_add_loop_test(t, a_look_has_its_verdict, 0,
	    (int)(sizeof(looks) / sizeof(looks[0])));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
