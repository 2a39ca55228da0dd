/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

static alignas(max_align_t) char block[256];
static struct arena arena;

static void
setup(void)
{
	memset(block, 'x', sizeof(block));
	arena_init(&arena, block, sizeof(block));
}

static void
teardown(void)
{
	arena_reset(&arena);
}

static bool
is_in_block(const void *memory)
{
	return (uintptr_t)memory >= (uintptr_t)block &&
	    (uintptr_t)memory < (uintptr_t)(block + sizeof(block));
}

START_TEST(gives_zeroed_aligned_memory)
{
	for (size_t size = 0; size < 40; size++) {
		char *memory;

		ck_assert_ptr_nonnull(arena_copy(&arena, "abc", size % 4));
		memory = arena_alloc(&arena, size);
		ck_assert_ptr_nonnull(memory);
		ck_assert_uint_eq((uintptr_t)memory % alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			ck_assert_int_eq(memory[i], 0);
		memset(memory, 'y', size);
	}
}
END_TEST

START_TEST(uses_the_first_block_first)
{
	char *first = arena_alloc(&arena, 100), *second;

	ck_assert(is_in_block(first));
	second = arena_alloc_text(&arena, 100);
	ck_assert(is_in_block(second));
	ck_assert(second >= first + 100);
	ck_assert(!is_in_block(arena_alloc(&arena, 100)));
}
END_TEST

START_TEST(fills_a_block_to_its_last_octet)
{
	ck_assert(is_in_block(arena_alloc_text(&arena, sizeof(block))));
	ck_assert(!is_in_block(arena_alloc_text(&arena, 1)));
}
END_TEST

START_TEST(begins_anew_when_reset)
{
	void *first = arena_alloc(&arena, 16);

	for (int i = 0; i < 100; i++)
		ck_assert_ptr_nonnull(arena_alloc(&arena, 10000));
	arena_reset(&arena);
	ck_assert_ptr_eq(arena_alloc(&arena, 16), first);
}
END_TEST

START_TEST(gives_pieces_larger_than_any_block)
{
	char *memory = arena_alloc(&arena, 1 << 20);

	ck_assert_ptr_nonnull(memory);
	ck_assert_int_eq(memory[(1 << 20) - 1], 0);
}
END_TEST

START_TEST(refuses_sizes_that_no_memory_has)
{
	static const size_t sizes[] = { SIZE_MAX, SIZE_MAX - 1, SIZE_MAX - 8,
		SIZE_MAX - 16, SIZE_MAX - 32, SIZE_MAX / 2 };

	ck_assert_ptr_null(arena_alloc(&arena, sizes[_i]));
	ck_assert_ptr_null(arena_alloc_text(&arena, sizes[_i]));
	ck_assert_ptr_null(arena_copy(&arena, "", SIZE_MAX));
	ck_assert_ptr_nonnull(arena_alloc(&arena, 1));
}
END_TEST

START_TEST(copies_with_a_nul_behind)
{
	ck_assert_str_eq(arena_copy(&arena, "abcdef", 3), "abc");
	ck_assert_str_eq(arena_copy(&arena, NULL, 0), "");
	ck_assert_mem_eq(arena_copy(&arena, "a\0b", 3), "a\0b", 4);
}
END_TEST

START_TEST(grows_the_newest_in_its_place)
{
	char *text = arena_grow_text(&arena, NULL, 0, 10);

	memcpy(text, "0123456789", 10);
	ck_assert_ptr_eq(arena_grow_text(&arena, text, 10, 100), text);
	ck_assert_mem_eq(text, "0123456789", 10);
}
END_TEST

START_TEST(moves_what_grows_and_is_not_the_newest)
{
	char *text = arena_grow_text(&arena, NULL, 0, 10), *larger;

	memcpy(text, "0123456789", 10);
	arena_alloc_text(&arena, 1);
	larger = arena_grow_text(&arena, text, 10, 100);
	ck_assert_ptr_ne(larger, text);
	ck_assert_mem_eq(larger, "0123456789", 10);
	larger = arena_grow_text(&arena, larger, 100, 5000);
	ck_assert(!is_in_block(larger));
	ck_assert_mem_eq(larger, "0123456789", 10);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("arena");
	TCase *tcase = tcase_create("arena");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, teardown);
	tcase_add_test(tcase, gives_zeroed_aligned_memory);
	tcase_add_test(tcase, uses_the_first_block_first);
	tcase_add_test(tcase, fills_a_block_to_its_last_octet);
	tcase_add_test(tcase, begins_anew_when_reset);
	tcase_add_test(tcase, gives_pieces_larger_than_any_block);
	tcase_add_loop_test(tcase, refuses_sizes_that_no_memory_has, 0, 6);
	tcase_add_test(tcase, copies_with_a_nul_behind);
	tcase_add_test(tcase, grows_the_newest_in_its_place);
	tcase_add_test(tcase, moves_what_grows_and_is_not_the_newest);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
