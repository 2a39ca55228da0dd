/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "config/handler.h"
#include "config/route.h"
#include "connection/statement.h"

static struct handler handlers[] = { { .index = 7 }, { .index = 8 } };
static const struct route route = { .handlers = handlers, .handler_count = 2 };
static const struct connection_facts facts = { .requests = 3,
	.client.length = 16 };

/* What a child does with its page; ends with the status 0 if all is well. */
static void
in_child(struct statements *s, size_t slot, int (*act)(struct statement *))
{
	struct statement *own = statements_begin(s, slot);
	int status;
	pid_t pid;

	ck_assert_ptr_nonnull(own);
	pid = fork();
	if (pid == 0)
		_exit(act(own));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

static int
make(struct statement *own)
{
	const struct address_key key = { { 4, 1, 2, 3, 4 } };

	statement_make(own, &route, &facts, key);
	return 0;
}

/* Whether there is memory, which the kernel finds out. */
static bool
is_mapped(const void *p)
{
	return msync((void *)(uintptr_t)p, 1, MS_ASYNC) == 0 || errno != ENOMEM;
}

static int
make_twice(struct statement *own)
{
	if (!is_mapped(own))
		return 1;
	make(own);
	return is_mapped(own) ? 2 : 0;
}

static int
look_around(struct statement *own)
{
	const char *page = (const char *)own;

	return is_mapped(page - 4096) || is_mapped(page + 4096);
}

static int
do_nothing(struct statement *own)
{
	(void)own;
	return 0;
}

START_TEST(reaches_the_generation)
{
	struct statements *s = statements_new(4);
	struct statement copy;

	in_child(s, 2, make);
	ck_assert(statements_read(s, 2, &copy));
	ck_assert_uint_eq(copy.handler, 7);
	ck_assert_uint_eq(copy.facts.requests, 3);
	ck_assert_uint_eq(copy.key.bytes[4], 4);
	ck_assert(!statements_read(s, 1, &copy));
}
END_TEST

START_TEST(takes_the_page_away)
{
	in_child(statements_new(4), 1, make_twice);
}
END_TEST

START_TEST(has_no_page_of_others)
{
	struct statements *s = statements_new(4);

	in_child(s, 2, do_nothing);
	in_child(s, 1, look_around);
}
END_TEST

START_TEST(is_empty_for_the_next_process)
{
	struct statements *s = statements_new(4);
	struct statement copy;

	in_child(s, 0, make);
	in_child(s, 0, do_nothing);
	ck_assert(!statements_read(s, 0, &copy));
}
END_TEST

static int
lie(struct statement *own)
{
	own->is_made = 1;
	own->facts.client.length = 100000;
	return 0;
}

START_TEST(has_lengths_that_are_checked)
{
	struct statements *s = statements_new(4);
	struct statement copy;

	in_child(s, 0, lie);
	ck_assert(!statements_read(s, 0, &copy));
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("statement");
	Suite *s = suite_create("statement");
	SRunner *r;

	tcase_add_test(t, reaches_the_generation);
	tcase_add_test(t, takes_the_page_away);
	tcase_add_test(t, has_no_page_of_others);
	tcase_add_test(t, is_empty_for_the_next_process);
	tcase_add_test(t, has_lengths_that_are_checked);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
