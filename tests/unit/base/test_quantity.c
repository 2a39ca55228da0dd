/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>

#include "base/quantity.h"

static const struct {
	const char *text;
	int64_t value;	     /* -1: is none */
	const char *printed; /* NULL: not looked at */
} sizes[] = {
	{ "0", 0, "0 B" },
	{ "10", 10, "10 B" },
	{ "10 B", 10, NULL },
	{ "10B", 10, NULL },
	{ "1 kB", 1000, "1000 B" },
	{ "1 KiB", 1024, "1 KiB" },
	{ "64  KiB", 65536, "64 KiB" },
	{ "1536 KiB", 1572864, "1536 KiB" },
	{ "2 MB", 2000000, NULL },
	{ "2 MiB", 2097152, "2 MiB" },
	{ "3 GB", INT64_C(3000000000), NULL },
	{ "3 GiB", INT64_C(3221225472), "3 GiB" },
	{ "1 TB", INT64_C(1000000000000), NULL },
	{ "8388607 TiB", INT64_C(8388607) << 40, "8388607 TiB" },
	{ "9223372036854775807", INT64_MAX, "9223372036854775807 B" },
	{ "9223372036854775808", -1, NULL },
	{ "8388608 TiB", -1, NULL },
	{ "99999999999999999999999", -1, NULL },
	{ "", -1, NULL },
	{ " 1", -1, NULL },
	{ "1 ", -1, NULL },
	{ "-1", -1, NULL },
	{ "+1", -1, NULL },
	{ "0x10", -1, NULL },
	{ "1.5 KiB", -1, NULL },
	{ "1 k", -1, NULL },
	{ "1 kib", -1, NULL },
	{ "1 KB", -1, NULL },
	{ "1\tKiB", -1, NULL },
	{ "KiB", -1, NULL },
	{ "1 KiB ", -1, NULL },
	{ "1 s", -1, NULL },
}, times[] = {
	{ "0 s", 0, "0 ms" },
	{ "1 ms", 1, "1 ms" },
	{ "1500ms", 1500, "1500 ms" },
	{ "10 s", 10000, "10 s" },
	{ "90 s", 90000, "90 s" },
	{ "5 min", 300000, "5 min" },
	{ "24 h", 86400000, "1 d" },
	{ "2 d", 172800000, "2 d" },
	{ "106751991167 d", INT64_C(106751991167) * 86400000, NULL },
	{ "106751991168 d", -1, NULL },
	{ "10", -1, NULL },
	{ "0", -1, NULL },
	{ "", -1, NULL },
	{ "10 S", -1, NULL },
	{ "10 sec", -1, NULL },
	{ "10 m", -1, NULL },
	{ "1 min 30 s", -1, NULL },
	{ "10 KiB", -1, NULL },
};

static const struct {
	const char *text, *size, *time; /* NULL: nothing is meant */
} meant[] = {
	{ "10M", "10 MiB", "10 min" },
	{ "10 m", "10 MiB", "10 min" },
	{ "1KB", "1 KiB", NULL },
	{ "64 kib", "64 KiB", NULL },
	{ "5", NULL, "5 s" },
	{ "5 seconds", NULL, "5 s" },
	{ "2 bytes", "2 B", NULL },
	{ "1 hour", NULL, "1 h" },
	{ "M", NULL, NULL },
	{ "", NULL, NULL },
	{ "1 parsec", NULL, NULL },
	{ "1 MM", NULL, NULL },
	{ "99999999999999999999999999999999999 M", NULL, NULL },
};

static void
check_meant(bool is_meant, const char *found, const char *expected)
{
	ck_assert_int_eq(is_meant, expected != NULL);
	if (expected)
		ck_assert_str_eq(found, expected);
}

START_TEST(guesses_what_is_meant)
{
	char text[QUANTITY_MAX_CHARS];
	bool is_meant = quantity_meant_size(meant[_i].text, text);

	check_meant(is_meant, text, meant[_i].size);
	is_meant = quantity_meant_time(meant[_i].text, text);
	check_meant(is_meant, text, meant[_i].time);
}
END_TEST

START_TEST(reads_and_prints_sizes)
{
	char printed[QUANTITY_MAX_CHARS];
	const char *why = NULL;
	int64_t value = -1;
	int result;

	result = quantity_parse_size(sizes[_i].text, &value, &why);
	ck_assert_msg(value == sizes[_i].value, "%s", sizes[_i].text);
	ck_assert_int_eq(result, value < 0 ? -1 : 0);
	if (result < 0)
		ck_assert_ptr_nonnull(why);
	if (sizes[_i].printed) {
		quantity_print_size(printed, value);
		ck_assert_str_eq(printed, sizes[_i].printed);
	}
}
END_TEST

START_TEST(reads_and_prints_times)
{
	char printed[QUANTITY_MAX_CHARS];
	const char *why = NULL;
	int64_t value = -1;
	int result;

	result = quantity_parse_time(times[_i].text, &value, &why);
	ck_assert_msg(value == times[_i].value, "%s", times[_i].text);
	ck_assert_int_eq(result, value < 0 ? -1 : 0);
	if (result < 0)
		ck_assert_ptr_nonnull(why);
	if (times[_i].printed) {
		quantity_print_time(printed, value);
		ck_assert_str_eq(printed, times[_i].printed);
	}
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("quantity");
	Suite *s = suite_create("quantity");
	SRunner *r;

	tcase_add_loop_test(t, reads_and_prints_sizes, 0,
	    sizeof(sizes) / sizeof(sizes[0]));
	tcase_add_loop_test(t, reads_and_prints_times, 0,
	    sizeof(times) / sizeof(times[0]));
	tcase_add_loop_test(t, guesses_what_is_meant, 0,
	    sizeof(meant) / sizeof(meant[0]));
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
