/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "base/peers.h"

static struct address_key
key(unsigned n)
{
	struct address_key k = { { 0 } };

	memcpy(k.bytes, &n, sizeof(n));
	return k;
}

START_TEST(counts_each_client_on_its_own)
{
	struct peers *p = peers_new(4);

	ck_assert_ptr_nonnull(p);
	peers_add(p, key(1));
	peers_add(p, key(1));
	peers_add(p, key(2));
	ck_assert_uint_eq(peers_count(p, key(1)), 2);
	ck_assert_uint_eq(peers_count(p, key(2)), 1);
	ck_assert_uint_eq(peers_count(p, key(3)), 0);
	peers_remove(p, key(1));
	ck_assert_uint_eq(peers_count(p, key(1)), 1);
	peers_remove(p, key(1));
	ck_assert_uint_eq(peers_count(p, key(1)), 0);
	ck_assert_uint_eq(peers_count(p, key(2)), 1);
}
END_TEST

/* Against a plain array, with the table as full as it can get, so that runs
 * wrap around the end and gaps are closed in the middle of them. */
START_TEST(agrees_with_a_plain_count)
{
	enum { CLIENTS = 64, MAX = 32 };
	unsigned model[CLIENTS] = { 0 }, living = 0, distinct = 0, step, i;
	struct peers *p = peers_new(MAX);

	srand(1);
	for (step = 0; step < 20000; step++) {
		i = (unsigned)rand() % CLIENTS;
		if (rand() % 2 && (model[i] || distinct < MAX)) {
			distinct += model[i]++ == 0;
			living++;
			peers_add(p, key(i));
		} else if (model[i]) {
			distinct -= --model[i] == 0;
			living--;
			peers_remove(p, key(i));
		}
		for (i = 0; i < CLIENTS; i++)
			ck_assert_uint_eq(peers_count(p, key(i)), model[i]);
	}
	ck_assert_uint_gt(living, 0);
}
END_TEST

int
main(void)
{
	TCase *t = tcase_create("peers");
	Suite *s = suite_create("peers");
	SRunner *r;

	tcase_add_test(t, counts_each_client_on_its_own);
	tcase_add_test(t, agrees_with_a_plain_count);
	tcase_set_timeout(t, 60);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_set_tap(r, "-");
	srunner_run_all(r, CK_SILENT);
	srunner_free(r);
	return 0;
}
