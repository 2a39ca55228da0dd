/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/ownership.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static char top[] = "/tmp/test-ownership-XXXXXX";

/* Paths below the top; a mode of 0: as it is. */
static const struct {
	const char *changed;
	mode_t mode;
	const char *path;
	int error; /* 0: it is opened */
} cases[] = {
	{ "", 0, "/a/b/file", 0 },
	{ "", 0, "//a/./b/../b//file", 0 },
	{ "", 0, "/a/link", 0 },
	{ "", 0, "/a/absolute", 0 },
	{ "", 0, "/folder/file", 0 },
	{ "", 0, "/a/none", ENOENT },
	{ "", 0, "/a/b/file/", ENOTDIR },
	{ "", 0, "/a/b", EACCES },
	{ "", 0, "/a/b/", EACCES },
	{ "", 0, "/a/pipe", EACCES },
	{ "", 0, "/a/loop", ELOOP },
	{ "/a/b/file", 0664, "/a/b/file", EPERM },
	{ "/a/b/file", 0646, "/a/b/file", EPERM },
	{ "/a/b/file", 0400, "/a/b/file", 0 },
	{ "/a/b", 0775, "/a/b/file", EPERM },
	{ "/a/b", 01777, "/a/b/file", EPERM },
	{ "/a/b", 01777, "/a/link", EPERM },
	{ "/a/b", 01777, "/a/absolute", EPERM },
	{ "/a", 0777, "/a/b/file", EPERM },
	{ "/a", 0777, "/folder/file", EPERM },
	{ "/a", 0777, "/b/file", 0 },
	/* As below /tmp: only what is a folder of ours. */
	{ "/a", 01777, "/a/b/file", 0 },
	{ "/a", 01777, "/a/link", EPERM },
	{ "/a", 01777, "/folder/file", 0 },
	{ "", 0777, "/b/file", EPERM },
	{ "/b", 0, "/b/file", 0 },
};

static void
path_of(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s%s", top, name);
}

static void
make(const char *name, mode_t mode)
{
	char path[PATH_MAX];

	path_of(path, name);
	if (S_ISDIR(mode))
		ck_assert_int_eq(mkdir(path, 0755), 0);
	else
		ck_assert_int_eq(mknod(path, mode, 0), 0);
	ck_assert_int_eq(chmod(path, mode & 07777), 0);
}

static void
make_link(const char *to, const char *name)
{
	char path[PATH_MAX];

	path_of(path, name);
	ck_assert_int_eq(symlink(to, path), 0);
}

static void
make_all(void)
{
	char absolute[PATH_MAX];

	strcpy(top + strlen(top) - 6, "XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(top));
	chmod(top, 0755);
	make("/a", S_IFDIR | 0755);
	make("/a/b", S_IFDIR | 0755);
	make("/a/b/file", S_IFREG | 0644);
	make("/a/pipe", S_IFIFO | 0600);
	make("/b", S_IFDIR | 0755);
	make("/b/file", S_IFREG | 0755);
	make_link("b/file", "/a/link");
	path_of(absolute, "/a/b/file");
	make_link(absolute, "/a/absolute");
	make_link("loop", "/a/loop");
	make_link("a/b", "/folder");
}

static void
remove_all(void)
{
	static const char *const names[] = { "/folder", "/a/loop",
		"/a/absolute", "/a/link", "/b/file", "/b", "/a/pipe",
		"/a/b/file", "/a/b", "/a", "" };
	char path[PATH_MAX];
	int i;

	for (i = 0; i < COUNT(names); i++) {
		path_of(path, names[i]);
		remove(path);
	}
}

START_TEST(a_path_is_ours_in_each_part)
{
	char path[PATH_MAX], changed[PATH_MAX], text[OWNERSHIP_TEXT_BYTES];
	char expected[OWNERSHIP_TEXT_BYTES];
	int fd;

	path_of(path, cases[_i].path);
	path_of(changed, cases[_i].changed);
	if (cases[_i].mode)
		ck_assert_int_eq(chmod(changed, cases[_i].mode), 0);
	errno = 0;
	fd = ownership_open(path, text);
	ck_assert_int_eq(fd < 0 ? errno : 0, cases[_i].error);
	if (fd >= 0) {
		ck_assert_int_eq(fcntl(fd, F_GETFD), FD_CLOEXEC);
		close(fd);
		return;
	}
	if (cases[_i].error == EPERM)
		snprintf(expected, sizeof(expected),
		    "found %s with owner %ld and mode %04o; possible: ",
		    changed, (long)geteuid(), (unsigned)cases[_i].mode);
	else
		snprintf(expected, sizeof(expected), "%s: ", path);
	ck_assert_int_eq(strncmp(text, expected, strlen(expected)), 0);
}
END_TEST

START_TEST(a_long_path_is_refused)
{
	char path[PATH_MAX + 2], text[OWNERSHIP_TEXT_BYTES];

	memset(path, 'x', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	ck_assert_int_lt(ownership_open(path, text), 0);
	ck_assert_int_eq(errno, ENAMETOOLONG);
	path[0] = '/';
	path[NAME_MAX + 2] = '\0';
	ck_assert_int_lt(ownership_open(path, text), 0);
	ck_assert_int_eq(errno, ENAMETOOLONG);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("ownership");
	TCase *tests = tcase_create("ownership");
	SRunner *runner = srunner_create(suite);

	tcase_add_checked_fixture(tests, make_all, remove_all);
	tcase_add_loop_test(tests, a_path_is_ours_in_each_part, 0,
	    COUNT(cases));
	tcase_add_test(tests, a_long_path_is_refused);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
