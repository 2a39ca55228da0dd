/* SPDX-License-Identifier: ISC */
#include "base/rings.h"

#include <check.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#define SLOTS	    2
#define CONNECTIONS 200000

static struct rings *rings;
static atomic_bool has_ended;
static atomic_size_t damaged;

static size_t
take(size_t slot, char *copy)
{
	struct rings_facts facts;

	return rings_take(rings, slot, copy, &facts);
}

/* As the log process does. */
static void *
look(void *copy)
{
	while (!has_ended) {
		for (size_t slot = 0; slot < SLOTS; slot++)
			if (take(slot, copy) == RING_DAMAGED)
				damaged++;
		rings_take_own(rings, copy);
	}
	return NULL;
}

/* As the generation and one connection after the other do. */
static void
serve(size_t slot)
{
	const struct ring_record record = {
		.kind = RINGS_ACCESS, .text = "GET / HTTP/1.1", .length = 14
	};
	struct ring_place place;
	uint64_t read;

	ck_assert_int_eq(rings_begin(rings, slot), 0);
	rings_started(rings, slot, &(struct rings_facts){ .pid = 1 });
	place = rings_place(rings, slot, &read);
	ck_assert(ring_put(&place, read, &record));
	rings_end(rings, slot);
}

/* The log process may look at a ring while its slot passes to another. */
START_TEST(a_slot_that_changes_hands_is_not_damaged)
{
	char *copy = malloc(rings_own_bytes());
	pthread_t thread;

	rings = rings_new(SLOTS, NULL);
	ck_assert(rings && copy);
	ck_assert_int_eq(pthread_create(&thread, NULL, look, copy), 0);
	for (int i = 0; i < CONNECTIONS; i++)
		serve((size_t)i % SLOTS);
	has_ended = true;
	pthread_join(thread, NULL);
	ck_assert_uint_eq(damaged, 0);
	free(copy);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("rings");
	TCase *tcase = tcase_create("rings");
	SRunner *runner = srunner_create(suite);

	tcase_add_test(tcase, a_slot_that_changes_hands_is_not_damaged);
	tcase_set_timeout(tcase, 60);
	suite_add_tcase(suite, tcase);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
