/*
 * Permissions: gathering from option tables, order, and what would permit more.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <stdbool.h>
#include <string.h>

#include <prong/handler.h>

#include "config/handler.h"
#include "config/route.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"

struct own {
	const char *root, *file, *state;
	struct prong_strings also;
	int64_t port, number;
	struct prong_groups groups;
};

struct member {
	const char *program;
};

static const struct prong_option member_options[] = {
	PRONG_PATH(struct member, program, PRONG_EXECUTE, NULL, ""),
	PRONG_END,
};

static const struct prong_option options[] = {
	PRONG_PATH(struct own, root, PRONG_READ | PRONG_FOLDER, NULL, ""),
	PRONG_PATH(struct own, file, PRONG_READ, NULL, ""),
	PRONG_PATH(struct own, state, PRONG_WRITE | PRONG_FOLDER, NULL, ""),
	PRONG_PATHS(struct own, also, PRONG_READ | PRONG_FOLDER, ""),
	PRONG_PORT(struct own, port, 0, ""),
	PRONG_INT(struct own, number, 0, 0, 9, ""),
	PRONG_GROUPS(struct own, groups, struct member, member_options, ""),
	PRONG_END,
};

static struct prong_handler plugin = {
	.option_size = sizeof(struct prong_option),
	.options = options,
};

static struct handler
handler_of(struct own *own)
{
	return (struct handler){
		.name = "own", .plugin = &plugin, .config = own
	};
}

static struct permissions
gather(struct own *own)
{
	struct handler h = handler_of(own);
	struct permissions p = { 0 };

	ck_assert_int_eq(permissions_add_handler(&p, &h), 0);
	return p;
}

static const struct gather_case {
	struct own own;
	const char *path; /* of the only rule; NULL: none */
	unsigned access;
	const char *file;
} gather_cases[] = {
	{ { .root = NULL }, NULL, 0, NULL },
	{ { .root = "/srv" }, "/srv", LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST,
	    NULL },
	{ { .file = "/a/b" }, "/a", LANDLOCK_MAY_READ, "/a/b" },
	{ { .file = "/a" }, "/", LANDLOCK_MAY_READ, "/a" },
	{ { .state = "/var/x" }, "/var/x", LANDLOCK_MAY_WRITE, NULL },
	/* Twice the same is one rule with both accesses. */
	{ { .root = "/srv", .state = "/srv" }, "/srv",
	    LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST | LANDLOCK_MAY_WRITE, NULL },
	{ { .root = "/srv", .file = "/srv/x" }, "/srv",
	    LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST, NULL },
};

START_TEST(options_make_rules)
{
	const struct gather_case *c = &gather_cases[_i];
	struct own own = c->own;
	struct permissions p = gather(&own);

	ck_assert_uint_eq(p.path_count, c->path ? 1 : 0);
	if (c->path) {
		ck_assert_str_eq(p.paths[0].path, c->path);
		ck_assert_uint_eq(p.paths[0].access, c->access);
		ck_assert_ptr_eq(p.paths[0].file, c->file);
	}
	permissions_free(&p);
}
END_TEST

START_TEST(paths_and_ports_are_sorted_and_each_once)
{
	static const char *const also[] = { "/c", "/a", "/b", "/a" };
	static const struct member members[] = { { "/bin/x" }, { NULL } };
	struct own own = { .also = { also, 4 },
		.port = 80,
		.number = 7,
		.groups = { members, 2 } };
	struct handler handlers[2] = { handler_of(&own), handler_of(&own) };
	struct route route = { .handlers = handlers, .handler_count = 2 };
	struct permissions p = { 0 };

	ck_assert_int_eq(permissions_add(&p, &route), 0);
	ck_assert_uint_eq(p.path_count, 4);
	ck_assert_str_eq(p.paths[0].path, "/a");
	ck_assert_str_eq(p.paths[1].path, "/b");
	ck_assert_str_eq(p.paths[2].path, "/bin");
	ck_assert_uint_eq(p.paths[2].access, LANDLOCK_MAY_EXECUTE);
	ck_assert_str_eq(p.paths[3].path, "/c");
	ck_assert_uint_eq(p.port_count, 1);
	ck_assert_uint_eq(p.ports[0], 80);
	permissions_free(&p);
}
END_TEST

/* Those that differ are ordered one way or the other, and the other way round
 * when they are exchanged. */
static const struct compare_case {
	struct own a, b;
	uint64_t needs, memory, files, cpu; /* of a only */
	bool same;
} compare_cases[] = {
	{ { .root = "/srv" }, { .root = "/srv" }, 0, 0, 0, 0, true },
	{ { .root = NULL }, { .root = NULL }, 0, 0, 0, 0, true },
	{ { .root = "/srv", .file = "/a/x" },
	    { .root = "/srv", .file = "/a/y" }, 0, 0, 0, 0, true },
	{ { .number = 1 }, { .number = 2 }, 0, 0, 0, 0, true },
	{ { .root = "/srv" }, { .root = "/srw" }, 0, 0, 0, 0, false },
	{ { .root = "/srv" }, { .state = "/srv" }, 0, 0, 0, 0, false },
	{ { .root = "/srv" }, { .root = NULL }, 0, 0, 0, 0, false },
	{ { .port = 1 }, { .port = 2 }, 0, 0, 0, 0, false },
	{ { .port = 1 }, { .root = NULL }, 0, 0, 0, 0, false },
	{ { .root = NULL }, { .root = NULL }, PRONG_NEEDS_NETWORK, 0, 0, 0,
	    false },
	{ { .root = NULL }, { .root = NULL }, 0, 1, 0, 0, false },
	{ { .root = NULL }, { .root = NULL }, 0, 0, 1, 0, false },
	{ { .root = NULL }, { .root = NULL }, 0, 0, 0, 1, false },
};

START_TEST(equal_means_the_same_rules)
{
	const struct compare_case *c = &compare_cases[_i];
	struct own first = c->a, second = c->b;
	struct permissions a = gather(&first), b = gather(&second);
	int order;

	a.needs |= c->needs;
	a.max_memory_bytes = c->memory;
	a.max_open_files = c->files;
	a.max_cpu_ms = c->cpu;
	order = permissions_compare(&a, &b);
	ck_assert_int_eq(order == 0, c->same);
	ck_assert_int_eq(permissions_compare(&b, &a), -order);
	permissions_free(&a);
	permissions_free(&b);
}
END_TEST

static const struct explain_case {
	struct own own;
	const char *path;
	unsigned access;
	const char *clause;
} explain_cases[] = {
	{ { .root = NULL }, "/etc/passwd", LANDLOCK_MAY_READ,
	    "a path option that names it, with PRONG_READ in its flags, would "
	    "permit it" },
	{ { .root = "/srv" }, "/srv/a", LANDLOCK_MAY_WRITE,
	    "PRONG_WRITE in the flags of its option \"root\" would permit it" },
	{ { .root = "/srv" }, "/srvice", LANDLOCK_MAY_WRITE,
	    "a path option that names it, with PRONG_WRITE in its flags, "
	    "would permit it" },
	/* The innermost is what its author meant. */
	{ { .root = "/srv", .state = "/srv/state" }, "/srv/state/x",
	    LANDLOCK_MAY_EXECUTE,
	    "PRONG_EXECUTE in the flags of its option "
	    "\"state\" would permit it" },
	{ { .state = "/srv" }, "/srv", LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST,
	    "PRONG_READ | PRONG_FOLDER in the flags of its option \"state\" "
	    "would permit it" },
	{ { .root = NULL }, "/x", LANDLOCK_MAY_READ | LANDLOCK_MAY_WRITE,
	    "a path option that names it, with PRONG_READ | PRONG_WRITE in "
	    "its flags, would permit it" },
	{ { .root = "/" }, "/srv/a", LANDLOCK_MAY_READ,
	    "its option \"root\" names /, but a link leads elsewhere, or the "
	    "folder is another one since the start: then a reload would "
	    "permit it" },
	{ { .root = "/srv" }, "relative", LANDLOCK_MAY_READ,
	    "a path option that names it, with PRONG_READ in its flags, would "
	    "permit it" },
};

START_TEST(what_would_permit_it_is_told)
{
	const struct explain_case *c = &explain_cases[_i];
	struct own own = c->own;
	struct handler h = handler_of(&own);
	char clause[256], small[8];

	ck_assert_str_eq(permissions_explain(&h, c->path, c->access, clause,
			     sizeof(clause)),
	    c->clause);
	permissions_explain(&h, c->path, c->access, small, sizeof(small));
	ck_assert_uint_eq(strlen(small), sizeof(small) - 1);
}
END_TEST

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

int
main(void)
{
	Suite *suite = suite_create("permission");
	TCase *tcase = tcase_create("permission");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, options_make_rules, 0, COUNT(gather_cases));
	tcase_add_test(tcase, paths_and_ports_are_sorted_and_each_once);
	tcase_add_loop_test(tcase, equal_means_the_same_rules, 0,
	    COUNT(compare_cases));
	tcase_add_loop_test(tcase, what_would_permit_it_is_told, 0,
	    COUNT(explain_cases));
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
