/*
 * Outline: which folders take the place of many paths. The paths of the tables
 * lead nowhere, so their names alone count; links have a test of their own.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sandbox/landlock.h"
#include "sandbox/outline.h"
#include "sandbox/permission.h"

#define READ	  LANDLOCK_MAY_READ
#define LIST	  LANDLOCK_MAY_LIST
#define WRITE	  LANDLOCK_MAY_WRITE
#define RUN	  LANDLOCK_MAY_EXECUTE

#define MAX_PATHS 40

struct path {
	const char *path;
	unsigned access;
};

static void
add(struct permissions *p, const char *path, unsigned access)
{
	if (!p->paths)
		p->paths = calloc(MAX_PATHS, sizeof(*p->paths));
	ck_assert_ptr_nonnull(p->paths);
	ck_assert_uint_lt(p->path_count, MAX_PATHS);
	p->paths[p->path_count++] =
	    (struct permitted_path){ .path = strdup(path), .access = access };
}

static const struct outline_case {
	struct path in[16];
	size_t max;
	struct path out[16];
} cases[] = {
	/* As many as are allowed stay, one more is too many. */
	{ { { "/nope/a", READ }, { "/nope/b", READ } }, 2,
	    { { "/nope/a", READ }, { "/nope/b", READ } } },
	{ { { "/nope/a", READ }, { "/nope/b", READ | LIST } }, 1,
	    { { "/nope", READ | LIST } } },
	/* The deepest folder comes first, and no more than needed. */
	{ { { "/nope/a", READ }, { "/nope/x/1", READ }, { "/nope/x/2", READ } },
	    2, { { "/nope/a", READ }, { "/nope/x", READ } } },
	{ { { "/nope/a", READ }, { "/nope/x/1", READ }, { "/nope/x/2", READ } },
	    1, { { "/nope", READ } } },
	/* A crowd comes before a couple, though that is deeper. */
	{ { { "/nope/c/1", READ }, { "/nope/c/2", READ }, { "/nope/c/3", READ },
	      { "/nope/c/4", READ }, { "/nope/c/5", READ },
	      { "/nope/c/6", READ }, { "/nope/c/7", READ },
	      { "/nope/c/8", READ }, { "/nope/x/y/1", READ },
	      { "/nope/x/y/2", READ } },
	    3,
	    { { "/nope/c", READ }, { "/nope/x/y/1", READ },
		{ "/nope/x/y/2", READ } } },
	/* A name that begins as another one is another one. */
	{ { { "/nope/a", READ }, { "/nopes/a", READ }, { "/nopes/b", READ } },
	    2, { { "/nope/a", READ }, { "/nopes", READ } } },
	/* A folder among its own paths. */
	{ { { "/nope", READ }, { "/nope/a", READ } }, 1,
	    { { "/nope", READ } } },
	/* Who reads many paths writes to none of them. */
	{ { { "/nope/a", READ }, { "/nope/b", READ }, { "/nope/b/w", WRITE } },
	    1, { { "/nope", READ }, { "/nope/b/w", WRITE } } },
	{ { { "/nope/a", WRITE }, { "/nope/b", READ | WRITE },
	      { "/nope/c", RUN } },
	    1, { { "/nope", READ | WRITE }, { "/nope/c", RUN } } },
	/* The whole tree takes no path's place. */
	{ { { "/nope", READ }, { "/neither", READ } }, 1,
	    { { "/neither", READ }, { "/nope", READ } } },
	{ { { "/", READ }, { "/nope", READ } }, 1,
	    { { "/", READ }, { "/nope", READ } } },
};

START_TEST(folders_take_the_place_of_paths)
{
	const struct outline_case *c = &cases[_i];
	struct permissions p = { 0 };
	size_t i;

	for (i = 0; c->in[i].path; i++)
		add(&p, c->in[i].path, c->in[i].access);
	ck_assert_int_eq(outline_make(&p, c->max), 0);
	for (i = 0; i < p.path_count && c->out[i].path; i++) {
		ck_assert_str_eq(p.paths[i].path, c->out[i].path);
		ck_assert_uint_eq(p.paths[i].access, c->out[i].access);
	}
	ck_assert_uint_eq(i, p.path_count);
	ck_assert_ptr_null(c->out[i].path);
	permissions_free(&p);
}
END_TEST

/* A folder around the name of a link does not permit what it leads to. */
START_TEST(a_link_counts_as_what_it_leads_to)
{
	char folder[] = "/tmp/prong-outline-XXXXXX", path[64], target[64];
	struct permissions p = { 0 };

	ck_assert_ptr_nonnull(mkdtemp(folder));
	snprintf(target, sizeof(target), "%s/target", folder);
	ck_assert_int_eq(mkdir(target, 0700), 0);
	snprintf(path, sizeof(path), "%s/link", folder);
	ck_assert_int_eq(symlink(target, path), 0);
	add(&p, path, READ);
	add(&p, "/nope/a", READ);
	add(&p, "/nope/b", READ);
	ck_assert_int_eq(outline_make(&p, 2), 0);
	ck_assert_uint_eq(p.path_count, 2);
	ck_assert_str_eq(p.paths[0].path, "/nope");
	ck_assert_str_eq(p.paths[1].path, target);
	permissions_free(&p);
	unlink(path);
	rmdir(target);
	rmdir(folder);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("outline");
	TCase *tcase = tcase_create("outline");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, folders_take_the_place_of_paths, 0,
	    sizeof(cases) / sizeof(cases[0]));
	tcase_add_test(tcase, a_link_counts_as_what_it_leads_to);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
