/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plugins/static/cache.h"

#define CONTENT_BYTES 1024

/* What an entry of make_content counts, whose path has four octets. */
#define COST (CACHE_ENTRY_BYTES + 4 + 1 + CONTENT_BYTES)

/* Addresses that are the same in each run, as hashes depend on them. */
#define ONE   ((const void *)(uintptr_t)0x5000)
#define OTHER ((const void *)(uintptr_t)0x5100)

static struct cache cache;

static void
begin(size_t max_octets, unsigned max_descriptors)
{
	cache = (struct cache){ .max_octets = max_octets,
		.max_descriptors = max_descriptors };
}

static void
empty(void)
{
	while (cache.descriptors.oldest)
		cache_remove(&cache, cache.descriptors.oldest);
	while (cache.contents.oldest)
		cache_remove(&cache, cache.contents.oldest);
	ck_assert_uint_eq(cache.entry_count, 0);
	ck_assert_uint_eq(cache.octets, 0);
	ck_assert_uint_eq(cache.descriptor_count, 0);
	free(cache.buckets);
	cache.buckets = NULL;
	cache.bucket_count = 0;
}

static struct cache_entry *
make_content(const void *owner, const char *path, char fill)
{
	const struct cache_key key = cache_key(owner, path);
	struct cache_entry *entry = cache_entry_new(&key, true, CONTENT_BYTES);

	ck_assert_ptr_nonnull(entry);
	memset(entry->content, fill, CONTENT_BYTES);
	return entry;
}

static void
keep_content(const void *owner, const char *path, char fill)
{
	struct cache_entry *entry = make_content(owner, path, fill);

	cache_keep(&cache, entry);
	cache_release(entry);
}

static int
keep_descriptor(const char *path)
{
	const struct cache_key key = cache_key(ONE, path);
	struct cache_entry *entry = cache_entry_new(&key, false, 0);
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	ck_assert_ptr_nonnull(entry);
	ck_assert_int_ge(fd, 0);
	entry->fd = fd;
	cache_keep(&cache, entry);
	cache_release(entry);
	return fd;
}

static struct cache_entry *
find(const void *owner, const char *path)
{
	const struct cache_key key = cache_key(owner, path);

	return cache_find(&cache, &key);
}

/* The first octet of the content that is kept for a path; 0: none is. */
static char
content_of(const void *owner, const char *path)
{
	struct cache_entry *entry = find(owner, path);
	char first = 0;

	if (entry)
		first = entry->content ? entry->content[0] : '-';
	cache_release(entry);
	return first;
}

static bool
is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

START_TEST(a_cache_of_zeros_keeps_nothing)
{
	begin(0, 0);
	ck_assert_ptr_null(find(ONE, "/a.a"));
	keep_content(ONE, "/a.a", 'a');
	ck_assert_ptr_null(find(ONE, "/a.a"));
	ck_assert_ptr_null(cache.buckets);
	empty();
}
END_TEST

START_TEST(an_entry_is_found_by_its_path_and_owner)
{
	begin(100 * COST, 0);
	keep_content(ONE, "/a.a", 'a');
	keep_content(ONE, "/b.b", 'b');
	keep_content(OTHER, "/a.a", 'A');
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	ck_assert_int_eq(content_of(ONE, "/b.b"), 'b');
	ck_assert_int_eq(content_of(OTHER, "/a.a"), 'A');
	ck_assert_int_eq(content_of(OTHER, "/b.b"), 0);
	ck_assert_int_eq(content_of(ONE, "/a.a/"), 0);
	ck_assert_int_eq(content_of(ONE, "/a."), 0);
	ck_assert_int_eq(content_of(ONE, ""), 0);
	empty();
}
END_TEST

START_TEST(a_later_entry_takes_the_place_of_an_earlier_one)
{
	begin(100 * COST, 4);
	keep_content(ONE, "/a.a", 'a');
	keep_content(ONE, "/a.a", 'b');
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'b');
	ck_assert_uint_eq(cache.entry_count, 1);
	ck_assert_uint_eq(cache.octets, COST);
	keep_descriptor("/a.a");
	ck_assert_int_eq(content_of(ONE, "/a.a"), '-');
	ck_assert_uint_eq(cache.entry_count, 1);
	empty();
}
END_TEST

START_TEST(the_entry_that_was_not_used_longest_leaves)
{
	begin(3 * COST, 0);
	keep_content(ONE, "/a.a", 'a');
	keep_content(ONE, "/b.b", 'b');
	keep_content(ONE, "/c.c", 'c');
	ck_assert_uint_eq(cache.octets, 3 * COST);
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	keep_content(ONE, "/d.d", 'd');
	ck_assert_int_eq(content_of(ONE, "/b.b"), 0);
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	ck_assert_int_eq(content_of(ONE, "/c.c"), 'c');
	ck_assert_int_eq(content_of(ONE, "/d.d"), 'd');
	ck_assert_uint_eq(cache.octets, 3 * COST);
	empty();
}
END_TEST

START_TEST(an_entry_beyond_the_bound_is_not_kept)
{
	begin(COST, 0);
	keep_content(ONE, "/a.a", 'a');
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	keep_content(ONE, "/bb.b", 'b'); /* one octet more */
	ck_assert_int_eq(content_of(ONE, "/bb.b"), 0);
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	empty();
}
END_TEST

START_TEST(descriptors_have_a_bound_of_their_own)
{
	int fds[3];

	begin(100 * COST, 2);
	keep_content(ONE, "/x.x", 'x');
	fds[0] = keep_descriptor("/a.a");
	fds[1] = keep_descriptor("/b.b");
	ck_assert_int_eq(content_of(ONE, "/a.a"), '-');
	fds[2] = keep_descriptor("/c.c");
	ck_assert_int_eq(content_of(ONE, "/b.b"), 0);
	ck_assert(!is_open(fds[1]));
	ck_assert(is_open(fds[0]));
	ck_assert(is_open(fds[2]));
	ck_assert_uint_eq(cache.descriptor_count, 2);
	ck_assert_int_eq(content_of(ONE, "/x.x"), 'x');
	empty();
	ck_assert(!is_open(fds[0]));
	ck_assert(!is_open(fds[2]));
}
END_TEST

START_TEST(a_descriptor_can_be_had_back)
{
	int fds[2];

	begin(100 * COST, 2);
	keep_content(ONE, "/x.x", 'x');
	fds[0] = keep_descriptor("/a.a");
	fds[1] = keep_descriptor("/b.b");
	errno = EMFILE;
	ck_assert(cache_drop_descriptor(&cache));
	ck_assert_int_eq(errno, EMFILE);
	ck_assert(!is_open(fds[0]));
	ck_assert(is_open(fds[1]));
	ck_assert(cache_drop_descriptor(&cache));
	ck_assert(!cache_drop_descriptor(&cache));
	ck_assert_int_eq(content_of(ONE, "/x.x"), 'x');
	empty();
}
END_TEST

START_TEST(without_descriptors_none_is_kept)
{
	int fd;

	begin(100 * COST, 0);
	fd = keep_descriptor("/a.a");
	ck_assert(!is_open(fd));
	ck_assert_ptr_null(find(ONE, "/a.a"));
	empty();
}
END_TEST

START_TEST(descriptors_leave_when_no_content_is_left)
{
	int fd;

	begin(COST, 2);
	fd = keep_descriptor("/d.d");
	keep_content(ONE, "/a.a", 'a');
	ck_assert(!is_open(fd));
	ck_assert_int_eq(content_of(ONE, "/a.a"), 'a');
	empty();
}
END_TEST

/* While one request waits, others evict, replace or remove its entry. */
START_TEST(an_entry_stays_for_who_holds_it)
{
	struct cache_entry *held, *again;

	begin(COST, 0);
	keep_content(ONE, "/a.a", 'a');
	held = find(ONE, "/a.a");
	again = find(ONE, "/a.a");
	ck_assert_ptr_eq(held, again);
	switch (_i) {
	case 0:
		keep_content(ONE, "/b.b", 'b');
		break;
	case 1:
		keep_content(ONE, "/a.a", 'b');
		break;
	default:
		cache_remove(&cache, held);
	}
	cache_remove(&cache, held);
	cache_release(again);
	ck_assert_int_eq(held->content[0], 'a');
	ck_assert_int_eq(held->content[CONTENT_BYTES - 1], 'a');
	ck_assert_str_eq(held->key.path, "/a.a");
	ck_assert_int_ne(content_of(ONE, "/a.a"), 'a');
	cache_release(held);
	empty();
}
END_TEST

START_TEST(a_descriptor_stays_for_who_holds_it)
{
	struct cache_entry *held;
	int fd;

	begin(100 * COST, 1);
	fd = keep_descriptor("/a.a");
	held = find(ONE, "/a.a");
	keep_descriptor("/b.b");
	ck_assert_uint_eq(cache.descriptor_count, 1);
	ck_assert(is_open(fd));
	cache_release(held);
	ck_assert(!is_open(fd));
	empty();
}
END_TEST

START_TEST(an_entry_that_was_never_kept_is_freed)
{
	struct cache_entry *entry = make_content(ONE, "/a.a", 'a');

	begin(100 * COST, 0);
	cache_remove(&cache, entry);
	cache_release(entry);
	cache_release(NULL);
	ck_assert_ptr_null(find(ONE, "/a.a"));
	empty();
}
END_TEST

START_TEST(many_entries_are_kept_within_the_bound)
{
	enum { MANY = 5000, ROOM = 1000 };
	char path[16];
	int found = 0;

	begin(ROOM * (COST + 3), 0);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/%06d", i);
		keep_content(ONE, path, 'x');
		ck_assert_uint_le(cache.octets, cache.max_octets);
	}
	ck_assert_uint_eq(cache.entry_count, ROOM);
	for (int i = 0; i < MANY; i++) {
		snprintf(path, sizeof(path), "/%06d", i);
		if (content_of(ONE, path) != 0) {
			ck_assert_int_ge(i, MANY - ROOM);
			found++;
		}
	}
	ck_assert_int_eq(found, ROOM);
	empty();
}
END_TEST

/* Of 4,096 entries in as many buckets no bucket has more than chance gives. */
START_TEST(hashes_of_similar_paths_differ)
{
	enum { COUNT = 4096 };
	static const char *const formats[] = { "/%d.txt", "/hot/%d.txt",
		"/%d/index.html", "/a/long/folder/with/a/file/%08d" };
	static unsigned buckets[COUNT];
	struct cache_key key;
	char path[64];

	memset(buckets, 0, sizeof(buckets));
	for (int i = 0; i < COUNT; i++) {
		/* The formats are those above. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(path, sizeof(path), formats[_i], i);
#pragma GCC diagnostic pop
		key = cache_key(ONE, path);
		ck_assert_uint_lt(buckets[key.hash % COUNT]++, 12);
	}
}
END_TEST

START_TEST(a_path_is_noted_once)
{
	struct cache_key a = cache_key(ONE, "/a.a"), b = cache_key(ONE, "/b.b"),
			 other = cache_key(OTHER, "/a.a");

	begin(0, 0);
	ck_assert(!cache_note(&cache, &a));
	ck_assert(!cache_note(&cache, &b));
	ck_assert(!cache_note(&cache, &other));
	ck_assert(cache_note(&cache, &a));
	ck_assert(cache_note(&cache, &b));
	ck_assert(cache_note(&cache, &other));
}
END_TEST

START_TEST(notes_are_forgotten_before_they_are_too_many)
{
	const struct cache_key first = cache_key(ONE, "/first");
	struct cache_key key;
	unsigned known = 0;
	char path[16];

	begin(0, 0);
	ck_assert(!cache_note(&cache, &first));
	for (int i = 0; i < 20 * CACHE_MARKS; i++) {
		snprintf(path, sizeof(path), "/%06d", i);
		key = cache_key(ONE, path);
		known += cache_note(&cache, &key);
		ck_assert(cache_note(&cache, &key));
	}
	/* Chance gives 28 %. */
	ck_assert_uint_lt(known, 20 * CACHE_MARKS * 2 / 5);
	ck_assert_uint_le(cache.mark_count, CACHE_MARKS / 2);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("cache");
	TCase *tcase = tcase_create("cache");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_test(tcase, a_cache_of_zeros_keeps_nothing);
	tcase_add_test(tcase, an_entry_is_found_by_its_path_and_owner);
	tcase_add_test(tcase, a_later_entry_takes_the_place_of_an_earlier_one);
	tcase_add_test(tcase, the_entry_that_was_not_used_longest_leaves);
	tcase_add_test(tcase, an_entry_beyond_the_bound_is_not_kept);
	tcase_add_test(tcase, descriptors_have_a_bound_of_their_own);
	tcase_add_test(tcase, a_descriptor_can_be_had_back);
	tcase_add_test(tcase, without_descriptors_none_is_kept);
	tcase_add_test(tcase, descriptors_leave_when_no_content_is_left);
	tcase_add_loop_test(tcase, an_entry_stays_for_who_holds_it, 0, 3);
	tcase_add_test(tcase, a_descriptor_stays_for_who_holds_it);
	tcase_add_test(tcase, an_entry_that_was_never_kept_is_freed);
	tcase_add_test(tcase, many_entries_are_kept_within_the_bound);
	tcase_add_loop_test(tcase, hashes_of_similar_paths_differ, 0, 4);
	tcase_add_test(tcase, a_path_is_noted_once);
	tcase_add_test(tcase, notes_are_forgotten_before_they_are_too_many);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
