/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "connection/handoff.h"

#define ROOM 8

static struct handoff *handoff;
static char data[ROOM + 1];
static uint64_t requests;

static void
setup(void)
{
	handoff = calloc(1, handoff_bytes(ROOM));
	ck_assert_ptr_nonnull(handoff);
	memset(data, 0, sizeof(data));
	requests = 0;
}

static void
teardown(void)
{
	free(handoff);
}

static struct iovec
piece(const char *text)
{
	return (struct iovec){ (void *)(uintptr_t)text, strlen(text) };
}

START_TEST(the_next_process_takes_what_was_left)
{
	const struct iovec pieces[] = { piece("GET"), piece(""),
		piece(" /ab.") };

	ck_assert_int_eq(handoff_leave(handoff, ROOM, pieces, 3, 7), 0);
	ck_assert_int_eq(handoff_take(handoff, ROOM, data, &requests), ROOM);
	ck_assert_str_eq(data, "GET /ab.");
	ck_assert_uint_eq(requests, 7);
}
END_TEST

START_TEST(nothing_may_be_left)
{
	ck_assert_int_eq(handoff_take(handoff, ROOM, data, &requests), -1);
	ck_assert_int_eq(errno, ENODATA);
	ck_assert_int_eq(handoff_leave(handoff, ROOM, NULL, 0, 7), 0);
	ck_assert_int_eq(handoff_take(handoff, ROOM, data, &requests), 0);
	ck_assert_uint_eq(requests, 7);
}
END_TEST

START_TEST(one_octet_too_many_is_refused)
{
	const struct iovec pieces[] = { piece("GET"), piece(" /abc.") };

	ck_assert_int_eq(handoff_leave(handoff, ROOM, pieces, 2, 7), -1);
	ck_assert_int_eq(errno, EMSGSIZE);
	ck_assert_int_eq(handoff_take(handoff, ROOM, data, &requests), -1);
	ck_assert_int_eq(errno, ENODATA);
}
END_TEST

START_TEST(a_false_length_is_refused)
{
	static const uint64_t lengths[] = { ROOM + 1, UINT64_MAX, SIZE_MAX,
		UINT64_C(1) << 63 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		handoff->length = lengths[i];
		handoff->is_left = 1;
		ck_assert_int_eq(handoff_take(handoff, ROOM, data, &requests),
		    -1);
		ck_assert_int_eq(errno, EMSGSIZE);
	}
	ck_assert_str_eq(data, "");
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("handoff");
	Suite *s = suite_create("handoff");
	SRunner *r;

	tcase_add_checked_fixture(t, setup, teardown);
	tcase_add_test(t, the_next_process_takes_what_was_left);
	tcase_add_test(t, one_octet_too_many_is_refused);
	tcase_add_test(t, nothing_may_be_left);
	tcase_add_test(t, a_false_length_is_refused);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
