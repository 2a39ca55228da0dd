/*
 * The table of the server's settings, and whether prongd.conf(5) says the same.
 *
 * SPDX-License-Identifier: ISC
 */
#include <check.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/quantity.h"
#include "config/configuration.h"
#include "config/limit.h"
#include "config/policy.h"
#include "config/server_setting.h"

#define MANUAL_MAX_BYTES 131072

static char manual[MANUAL_MAX_BYTES];

static void
read_manual(void)
{
	const char *source = getenv("srcdir");
	char path[4096];
	size_t length;
	FILE *file;

	snprintf(path, sizeof(path), "%s/man/prongd.conf.5",
	    source ? source : ".");
	file = fopen(path, "r");
	ck_assert_msg(file, "%s", path);
	length = fread(manual, 1, sizeof(manual) - 1, file);
	ck_assert_uint_lt(length, sizeof(manual) - 1);
	manual[length] = '\0';
	fclose(file);
}

/* The text of a section, without that of the next; to be freed. */
static char *
section(const char *title)
{
	char heading[64];
	const char *start, *end;

	snprintf(heading, sizeof(heading), "\n.Sh %s\n", title);
	start = strstr(manual, heading);
	ck_assert_msg(start, "%s", title);
	start += strlen(heading);
	end = strstr(start, "\n.Sh ");
	return strndup(start, (size_t)(end ? end + 1 - start : 65536));
}

/* The entry of a setting up to the next one, to be freed; NULL: none. */
static char *
entry(const char *text, const char *name)
{
	char heading[128];
	const char *start, *end;

	snprintf(heading, sizeof(heading), ".It Ic %s No ", name);
	start = strstr(text, heading);
	if (!start)
		return NULL;
	end = strstr(start, "\n.It ");
	return end ? strndup(start, (size_t)(end + 1 - start)) : strdup(start);
}

static bool
has_entry(const char *text, const char *name)
{
	char *found = entry(text, name);
	bool result = found;

	free(found);
	return result;
}

/* Takes the name of the next entry off the text. */
static bool
next_entry(const char **text, char name[64])
{
	const char *at = strstr(*text, ".It Ic ");

	if (!at)
		return false;
	ck_assert_int_eq(sscanf(at, ".It Ic %63s", name), 1);
	*text = at + 1;
	return true;
}

static const struct server_setting *
find(const char *name)
{
	const struct server_setting *row;
	size_t i = 0;

	while ((row = server_setting_at(i++)))
		if (strcmp(row->name, name) == 0)
			return row;
	return NULL;
}

START_TEST(every_row_has_an_entry)
{
	char *text = section("THE SERVER");
	const struct server_setting *row;
	size_t i = 0;

	while ((row = server_setting_at(i++)))
		ck_assert_msg(has_entry(text, row->name), "%s", row->name);
	ck_assert_uint_gt(i, 20);
	free(text);
}
END_TEST

START_TEST(every_entry_has_a_row)
{
	char *text = section("THE SERVER"), name[64];
	const char *at = text;

	while (next_entry(&at, name))
		ck_assert_msg(find(name) ||
			(limits_know(name) && !limits_know_below_server(name)),
		    "%s", name);
	free(text);
}
END_TEST

START_TEST(every_limit_has_an_entry)
{
	char *of_server = section("THE SERVER"), *of_all = section("LIMITS");
	const char *names[LIMITS_MAX], *at = of_all;
	size_t count = limits_names(names, true);
	char name[64];

	for (size_t i = 0; i < count; i++)
		ck_assert_msg(has_entry(limits_know_below_server(names[i]) ?
				      of_all :
				      of_server,
				  names[i]),
		    "%s", names[i]);
	while (next_entry(&at, name))
		ck_assert_msg(limits_know_below_server(name), "%s", name);
	free(of_server);
	free(of_all);
}
END_TEST

START_TEST(every_policy_has_an_entry)
{
	char *text = section("POLICY"), name[64];
	const char *names[POLICY_NAMES], *at = text;

	ck_assert_uint_eq(policy_names(names), POLICY_NAMES);
	for (size_t i = 0; i < POLICY_NAMES; i++)
		ck_assert_msg(has_entry(text, names[i]), "%s", names[i]);
	while (next_entry(&at, name))
		ck_assert_msg(policy_knows(name), "%s", name);
	free(text);
}
END_TEST

static void
check_choices(const struct server_setting *row, const char *text)
{
	char choice[64];

	for (size_t i = 0; row->choices[i]; i++) {
		snprintf(choice, sizeof(choice), "Qo %s Qc", row->choices[i]);
		ck_assert_msg(strstr(text, choice), "%s: %s", row->name,
		    choice);
	}
}

START_TEST(entries_name_the_kind)
{
	static const char *const kinds[] = { [SERVER_NAME] = " Ar name ;\n",
		[SERVER_PATH] = " Ar path ;\n",
		[SERVER_COUNT] = " Ar number ;\n",
		[SERVER_TIME] = " Ar time ;\n" };
	char *text = section("THE SERVER");
	const struct server_setting *row;
	size_t i = 0;

	while ((row = server_setting_at(i++))) {
		char *own = entry(text, row->name);

		if (row->kind == SERVER_CHOICE)
			check_choices(row, own);
		else if (row->kind < SERVER_CHOICE && kinds[row->kind])
			ck_assert_msg(strstr(own, kinds[row->kind]), "%s", own);
		free(own);
	}
	free(text);
}
END_TEST

static void
check_default(const struct server_setting *row, const char *text)
{
	const char *at = strstr(text, "Default:"), *why;
	char quoted[32];
	int64_t value = -1;

	ck_assert_msg(at, "%s", row->name);
	at += strlen("Default:");
	if (row->kind == SERVER_COUNT) {
		ck_assert_int_eq(sscanf(at, "%" SCNd64 ".", &value), 1);
	} else {
		ck_assert_int_eq(sscanf(at, " .Dq %31[^.\n]", quoted), 1);
		quoted[strcspn(quoted, "\n") - 1] = '\0';
	}
	if (row->kind == SERVER_TIME)
		ck_assert_int_eq(quantity_parse_time(quoted, &value, &why), 0);
	if (row->kind == SERVER_CHOICE)
		ck_assert_str_eq(quoted, row->choices[row->value]);
	else
		ck_assert_msg(value == row->value, "%s", row->name);
}

START_TEST(entries_tell_the_default)
{
	char *text = section("THE SERVER");
	const struct server_setting *row;
	size_t i = 0;

	while ((row = server_setting_at(i++))) {
		char *own = entry(text, row->name);

		if (row->kind == SERVER_COUNT || row->kind == SERVER_TIME ||
		    row->kind == SERVER_CHOICE)
			check_default(row, own);
		free(own);
	}
	free(text);
}
END_TEST

START_TEST(defaults_lie_within_their_bounds)
{
	const struct server_setting *row;
	size_t i = 0;

	while ((row = server_setting_at(i++))) {
		if (row->kind != SERVER_COUNT && row->kind != SERVER_TIME)
			continue;
		ck_assert_msg(row->value >= row->minimum, "%s", row->name);
		ck_assert_msg(row->value <= row->maximum, "%s", row->name);
	}
}
END_TEST

START_TEST(numbers_are_told_by_keyword)
{
	static struct configuration c;
	const struct server_setting *row;
	size_t i = 0, count = 0;

	server_setting_defaults(&c);
	c.stop_grace_ms = 7;
	c.log_level = LEVEL_DEBUG;
	while ((row = server_setting_at(i++))) {
		if (!row->keyword)
			continue;
		count++;
		if (strcmp(row->keyword, "stop-grace") == 0)
			ck_assert_int_eq(server_setting_number(row, &c), 7);
		else if (strcmp(row->keyword, "log-level") == 0)
			ck_assert_int_eq(server_setting_number(row, &c),
			    LEVEL_DEBUG);
		else
			ck_assert_int_eq(server_setting_number(row, &c),
			    row->value);
	}
	ck_assert_uint_eq(count, 4);
	ck_assert_int_eq(server_setting_number(find("max_crashes"), &c), 20);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("server_setting");
	TCase *tcase = tcase_create("server_setting");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, read_manual, NULL);
	tcase_add_test(tcase, every_row_has_an_entry);
	tcase_add_test(tcase, every_entry_has_a_row);
	tcase_add_test(tcase, every_limit_has_an_entry);
	tcase_add_test(tcase, every_policy_has_an_entry);
	tcase_add_test(tcase, entries_name_the_kind);
	tcase_add_test(tcase, entries_tell_the_default);
	tcase_add_test(tcase, defaults_lie_within_their_bounds);
	tcase_add_test(tcase, numbers_are_told_by_keyword);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
