/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "handover/snapshot.h"

#define NONE false
#define WITH true

static const struct {
	const char *line;
	bool has_fd, is_good;
} lines[] = {
	{ "source-fd /etc/prong/prongd.conf", WITH, true },
	{ "source-fd /a path with spaces", WITH, true },
	{ "source-fd /etc/prong/prongd.conf", NONE, false },
	{ "page-fd /srv/404.html", WITH, true },
	{ "page-fd /srv/404.html", NONE, false },
	{ "plugin-fd static /usr/lib/prong/static.so", WITH, true },
	{ "plugin-fd static /usr/lib/prong/static.so", NONE, false },
	{ "listen 127.0.0.1:80", NONE, true },
	{ "listen 127.0.0.1:80", WITH, false },
	{ "identity 33 33 0 www-data", NONE, true },
	{ "identity 33 33 0 ", NONE, true },
	{ "identity 33 33", NONE, false },
	{ "identity www-data", NONE, false },
	{ "group 33", NONE, true },
	{ "error-log-path stderr", NONE, true },
	{ "error-log-path stderr", WITH, false },
	{ "access-log-path -", NONE, true },
	{ "control-path /run/prong/control", NONE, true },
	{ "default-control-path /run/prong/control", NONE, true },
	{ "control-group 0", NONE, true },
	{ "control-group -1", NONE, false },
	{ "control-group wheel", NONE, false },
	{ "log-level 0", NONE, true },
	{ "log-level 3", NONE, true },
	{ "log-level 4", NONE, false },
	{ "log-level -1", NONE, false },
	{ "defer-accept 1", NONE, true },
	{ "defer-accept true", NONE, false },
	{ "stop-grace 0", NONE, true },
	{ "stop-grace 9223372036854775807", NONE, true },
	{ "stop-grace 9223372036854775808", NONE, false },
	{ "stop-grace 10 s", NONE, false },
	{ "stop-grace ", NONE, false },
	{ "stop-grace", NONE, false },
	{ "drain-timeout x", NONE, false },
	{ "open-timeout 1", NONE, true },
	{ "open-timeout -1", NONE, false },
	{ "", NONE, false },
	{ " ", NONE, false },
	{ "wish 1", NONE, false },
	{ "source-f /a", WITH, false },
	{ "a-keyword-that-is-longer-than-any-other-one 1", NONE, false },
};

START_TEST(a_line_is_taken_or_refused)
{
	struct snapshot *set = snapshot_new();
	char text[MANIFEST_LINE_BYTES];
	int fd = lines[_i].has_fd ? open("/dev/null", O_RDONLY) : -1;
	int result = snapshot_add(set, lines[_i].line, fd);

	if (lines[_i].is_good) {
		ck_assert_int_eq(result, 0);
		ck_assert_uint_eq(set->count, 1);
		snprintf(text, sizeof(text), "%s %s",
		    manifest_name(set->lines[0].keyword), set->lines[0].value);
		ck_assert_str_eq(text, lines[_i].line);
		ck_assert_int_eq(set->lines[0].fd, fd);
	} else {
		ck_assert_int_eq(result, -1);
		ck_assert_int_eq(errno, EINVAL);
		ck_assert_uint_eq(set->count, 0);
	}
	/* In both cases it was taken over. */
	if (fd >= 0) {
		ck_assert_int_eq(fcntl(fd, F_GETFD) >= 0, lines[_i].is_good);
		snapshot_free(set);
		ck_assert_int_lt(fcntl(fd, F_GETFD), 0);
	} else {
		snapshot_free(set);
	}
}
END_TEST

START_TEST(the_master_goes_by_it)
{
	struct snapshot *set = snapshot_new();
	char text[] = "error-log-path /var/log/prong/error.log";

	ck_assert_int_eq(set->control_group, (gid_t)-1);
	ck_assert_int_eq(snapshot_add(set, text, -1), 0);
	/* The line is the set's own. */
	memset(text, 'x', sizeof(text) - 1);
	ck_assert_str_eq(set->error_log, "/var/log/prong/error.log");
	ck_assert_int_eq(snapshot_add(set, "identity 7 8 1 a b", -1), 0);
	ck_assert_int_eq(snapshot_add(set, "group 9", -1), 0);
	ck_assert_int_eq(set->identity.uid, 7);
	ck_assert_int_eq(set->identity.gid, 8);
	ck_assert_str_eq(set->identity.name, "a b");
	ck_assert_int_eq(set->identity.groups[0], 9);
	ck_assert_int_eq(snapshot_add(set, "default-control-path /c", -1), 0);
	ck_assert_str_eq(set->control, "/c");
	ck_assert(set->control_is_default);
	ck_assert_int_eq(snapshot_add(set, "control-group 5", -1), 0);
	ck_assert_int_eq(set->control_group, 5);
	ck_assert_int_eq(snapshot_add(set, "stop-grace 1", -1), 0);
	ck_assert_int_eq(snapshot_add(set, "drain-timeout 2", -1), 0);
	ck_assert_int_eq(snapshot_add(set, "open-timeout 3", -1), 0);
	ck_assert_int_eq(set->stop_grace_ms, 1);
	ck_assert_int_eq(set->drain_timeout_ms, 2);
	ck_assert_int_eq(set->open_timeout_ms, 3);
	ck_assert_ptr_null(set->access_log);
	snapshot_free(set);
}
END_TEST

START_TEST(values_are_found_by_keyword)
{
	struct snapshot *set = snapshot_new();

	snapshot_add(set, "listen 127.0.0.1:80", -1);
	ck_assert_str_eq(snapshot_value(set, 0, MANIFEST_LISTEN),
	    "127.0.0.1:80");
	ck_assert_ptr_null(snapshot_value(set, 0, MANIFEST_LISTENER_FD));
	ck_assert_ptr_null(snapshot_value(set, 0, MANIFEST_SOURCE_FD));
	snapshot_free(set);
	snapshot_free(NULL);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("snapshot");
	SRunner *runner = srunner_create(suite);

	tcase_add_loop_test(tests, a_line_is_taken_or_refused, 0,
	    sizeof(lines) / sizeof(lines[0]));
	tcase_add_test(tests, the_master_goes_by_it);
	tcase_add_test(tests, values_are_found_by_keyword);
	suite_add_tcase(suite, tests);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
