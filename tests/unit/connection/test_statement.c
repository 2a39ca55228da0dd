/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "connection/handoff.h"
#include "connection/statement.h"

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

	statement_make(own, &facts, key);
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
	struct statements *s = statements_new(4, 0, NULL);
	struct statement copy;

	in_child(s, 2, make);
	ck_assert(statements_read(s, 2, &copy));
	ck_assert_uint_eq(copy.facts.requests, 3);
	ck_assert_uint_eq(copy.key.bytes[4], 4);
	ck_assert(!statements_read(s, 1, &copy));
}
END_TEST

START_TEST(takes_the_page_away)
{
	in_child(statements_new(4, 0, NULL), 1, make_twice);
}
END_TEST

START_TEST(has_no_page_of_others)
{
	struct statements *s = statements_new(4, 0, NULL);

	in_child(s, 2, do_nothing);
	in_child(s, 1, look_around);
}
END_TEST

START_TEST(is_empty_for_the_next_process)
{
	struct statements *s = statements_new(4, 0, NULL);
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
	struct statements *s = statements_new(4, 0, NULL);
	struct statement copy;

	in_child(s, 0, lie);
	ck_assert(!statements_read(s, 0, &copy));
}
END_TEST

#define OCTETS 5000

/* Behind the page of the statement, which is given up. */
static struct handoff *
memory_behind(struct statement *own)
{
	return (void *)((char *)own + sysconf(_SC_PAGESIZE));
}

static int
leave(struct statement *own)
{
	static const char octets[OCTETS] = "GET /";
	const struct iovec all = { (void *)(uintptr_t)octets, OCTETS };
	struct handoff *h = memory_behind(own);

	make(own);
	return handoff_leave(h, OCTETS, &all, 1, 8);
}

static int
take(struct statement *own)
{
	static char octets[OCTETS];
	uint64_t requests;

	return handoff_take(memory_behind(own), OCTETS, octets, &requests) !=
	    OCTETS ||
	    requests != 8 || strcmp(octets, "GET /") != 0;
}

static int
find_nothing(struct statement *own)
{
	char octets[OCTETS];
	uint64_t requests;

	return handoff_take(memory_behind(own), OCTETS, octets, &requests) !=
	    -1 ||
	    errno != ENODATA;
}

START_TEST(keeps_a_handoff_for_the_next_process)
{
	struct statements *s = statements_new(4, OCTETS, NULL);

	in_child(s, 1, leave);
	ck_assert_ptr_eq(statements_handoff(s, 1),
	    memory_behind(statements_begin(s, 1)));
	in_child(s, 2, find_nothing);
	in_child(s, 1, take);
	in_child(s, 1, take);
	statements_forget(s, 1);
	in_child(s, 1, find_nothing);
}
END_TEST

/* In a process that was executed afresh, which has nothing but the descriptor. */
static int
resume_in(size_t slot, int descriptor, int (*act)(struct handoff *))
{
	struct handoff *h = statements_resume(slot, OCTETS, descriptor);

	return h ? act(h) : 100;
}

static int
leave_there(struct handoff *h)
{
	static const char octets[OCTETS] = "GET /fresh";
	const struct iovec all = { (void *)(uintptr_t)octets, OCTETS };

	return handoff_leave(h, OCTETS, &all, 1, 9);
}

static int
is_whole(const struct handoff *h, const char *text, uint64_t wanted)
{
	static char octets[OCTETS];
	uint64_t requests;

	return handoff_take(h, OCTETS, octets, &requests) == OCTETS &&
		requests == wanted && strcmp(octets, text) == 0 ?
	    0 :
	    101;
}

static int
take_first(struct handoff *h)
{
	return is_whole(h, "GET /", 8);
}

static int
find_none(struct handoff *h)
{
	char octets[OCTETS];
	uint64_t requests;

	return handoff_take(h, OCTETS, octets, &requests) == -1 &&
		errno == ENODATA ?
	    0 :
	    102;
}

static void
in_fresh_process(size_t slot, int descriptor, int (*act)(struct handoff *))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(resume_in(slot, descriptor, act));
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_int_eq(status, 0);
}

/* A usual process hands off to one that executes itself, and that one back. */
START_TEST(shows_the_same_memory_to_a_process_executed_afresh)
{
	int descriptor;
	struct statements *s = statements_new(4, OCTETS, &descriptor);

	ck_assert_ptr_nonnull(s);
	in_child(s, 2, leave);
	in_fresh_process(2, descriptor, take_first);
	in_fresh_process(2, descriptor, leave_there);
	statements_begin(s, 2);
	ck_assert_int_eq(is_whole(statements_handoff(s, 2), "GET /fresh", 9),
	    0);
}
END_TEST

START_TEST(shows_no_other_slot_to_a_process_executed_afresh)
{
	int descriptor;
	struct statements *s = statements_new(4, OCTETS, &descriptor);

	in_child(s, 1, leave);
	in_child(s, 3, leave);
	in_fresh_process(2, descriptor, find_none);
	in_fresh_process(2, descriptor, leave_there);
	in_fresh_process(1, descriptor, take_first);
	in_fresh_process(3, descriptor, take_first);
}
END_TEST

/* The octets of that memory that this process has, by the kernel's list. */
static size_t
mapped_bytes(void)
{
	FILE *maps = fopen("/proc/self/maps", "re");
	char line[512];
	unsigned long begin, end;
	size_t bytes = 0;

	while (maps && fgets(line, sizeof(line), maps))
		if (strstr(line, "memfd:prong-statements") &&
		    sscanf(line, "%lx-%lx", &begin, &end) == 2)
			bytes += end - begin;
	if (maps)
		fclose(maps);
	return bytes;
}

static int
have_nothing_else(struct handoff *h)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE);

	return !is_mapped(h) ||
	    mapped_bytes() != (handoff_bytes(OCTETS) + page - 1) / page * page;
}

START_TEST(shows_no_page_of_statements_to_a_process_executed_afresh)
{
	int descriptor;

	ck_assert_ptr_nonnull(statements_new(4, OCTETS, &descriptor));
	in_fresh_process(1, descriptor, have_nothing_else);
}
END_TEST

START_TEST(forgets_what_a_process_executed_afresh_has_left)
{
	int descriptor;
	struct statements *s = statements_new(4, OCTETS, &descriptor);

	in_fresh_process(1, descriptor, leave_there);
	statements_forget(s, 1);
	in_fresh_process(1, descriptor, find_none);
	in_child(s, 1, find_nothing);
}
END_TEST

START_TEST(is_made_in_memory_with_a_descriptor_too)
{
	int descriptor;
	struct statements *s = statements_new(4, OCTETS, &descriptor);
	struct statement copy;

	in_child(s, 2, make_twice);
	ck_assert(statements_read(s, 2, &copy));
}
END_TEST

START_TEST(fails_without_a_descriptor)
{
	ck_assert_ptr_null(statements_resume(0, OCTETS, -1));
	ck_assert_int_eq(errno, EBADF);
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
	tcase_add_test(t, keeps_a_handoff_for_the_next_process);
	tcase_add_test(t, shows_the_same_memory_to_a_process_executed_afresh);
	tcase_add_test(t, shows_no_other_slot_to_a_process_executed_afresh);
	tcase_add_test(t,
	    shows_no_page_of_statements_to_a_process_executed_afresh);
	tcase_add_test(t, forgets_what_a_process_executed_afresh_has_left);
	tcase_add_test(t, is_made_in_memory_with_a_descriptor_too);
	tcase_add_test(t, fails_without_a_descriptor);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
