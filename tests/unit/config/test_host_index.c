/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>

#include "base/arena.h"
#include "config/host_index.h"
#include "config/site.h"

#define HOSTS 1000

static char names[HOSTS][32];
static struct host hosts[HOSTS];
static struct arena arena;

static void
make(struct host_index *x, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++) {
		snprintf(names[i], sizeof(names[i]), "%s%zu.example",
		    i % 2 ? "*.h" : "h", i);
		hosts[i].name = names[i];
	}
	ck_assert_int_eq(host_index_make(x, &arena, hosts, count), 0);
}

START_TEST(each_host_is_found)
{
	static const size_t counts[] = { 1, 2, 3, 4, 64, 65, HOSTS };
	struct host_index x = { 0 };
	size_t i;

	make(&x, counts[_i]);
	for (i = 0; i < counts[_i]; i++)
		ck_assert_ptr_eq(host_index_find(&x, names[i]), &hosts[i]);
}
END_TEST

START_TEST(no_other_is_found)
{
	struct host_index x = { 0 };
	char name[32];
	size_t i;

	make(&x, HOSTS);
	ck_assert_ptr_null(host_index_find(&x, ""));
	for (i = 0; i < HOSTS; i++) {
		snprintf(name, sizeof(name), "other%zu.example", i);
		ck_assert_ptr_null(host_index_find(&x, name));
	}
}
END_TEST

START_TEST(an_index_of_no_host_finds_none)
{
	struct host_index x = { 0 };

	ck_assert_ptr_null(host_index_find(&x, "h.example"));
	make(&x, 0);
	ck_assert_ptr_null(host_index_find(&x, "h.example"));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("host_index");
	Suite *s = suite_create("host_index");
	SRunner *r;

	tcase_add_loop_test(t, each_host_is_found, 0, 7);
	tcase_add_test(t, no_other_is_found);
	tcase_add_test(t, an_index_of_no_host_finds_none);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
