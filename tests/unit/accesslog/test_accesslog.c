/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "accesslog/accesslog.h"
#include "base/arena.h"
#include "config/log_format.h"
#include "http/fields.h"
#include "http/head.h"
#include "message/response.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct http_field fields[2];
static struct http_head head;
static struct accesslog_entry entry;
static struct response_field type = { NULL, "Content-Type", "text/css" };
static struct response response = { .fields = &type };

static const struct log_format *
parsed(const char *format)
{
	static struct arena arena;
	static max_align_t block[512];

	if (!arena.first)
		arena_init(&arena, block, sizeof(block));
	arena_reset(&arena);
	ck_assert_ptr_null(log_format_check(format));
	return log_format_parse(format, &arena);
}

static void
set_request(const char *method, const char *target, const char *agent)
{
	fields[0].name = slice_from_string("User-Agent");
	fields[0].value = slice_from_string(agent);
	head.method = slice_from_string(method);
	entry.target = slice_from_string(target);
}

static void
setup(void)
{
	setenv("TZ", "UTC", 1);
	tzset();
	memset(&head, 0, sizeof(head));
	head.major = head.minor = 1;
	head.fields = fields;
	head.field_count = 1;
	entry = (struct accesslog_entry){ .client = "192.0.2.1",
		.host = "example.org",
		.time = 784111777,
		.duration_us = 1234,
		.status = 200,
		.bytes = 14,
		.route = "/a b",
		.handler = "static",
		.head = &head,
		.response = &response };
	set_request("GET", "/a", "agent");
}

static const struct {
	const char *format, *line;
} formats[] = {
	{ LOG_FORMAT_COMBINED,
	    "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] "
	    "\"GET /a HTTP/1.1\" 200 14 \"-\" \"agent\"\n" },
	{ "", "\n" },
	{ "plain", "plain\n" },
	{ "%%", "%\n" },
	{ "%h|%l|%u", "192.0.2.1|-|-\n" },
	{ "%m %U %H", "GET /a HTTP/1.1\n" },
	{ "%s %b %B %D", "200 14 14 1234\n" },
	{ "%V %v", "example.org example.org\n" },
	{ LOG_FORMAT_COMMON,
	    "192.0.2.1 - - [06/Nov/1994:08:49:37 +0000] "
	    "\"GET /a HTTP/1.1\" 200 14\n" },
	{ "%a %>s%s", "192.0.2.1 200200\n" },
	{ "%q|", "|\n" },
	{ "%T %{s}T %{ms}T %{us}T", "0 0 1 1234\n" },
	{ "%R %{route}R", "static /a\\x20b\n" },
	{ "%h%h%%h", "192.0.2.1192.0.2.1%h\n" },
	{ "%{user-agent}i", "agent\n" },
	{ "%{X}i", "-\n" },
	{ "%{content-type}o", "text/css\n" },
	{ "%{X}o", "-\n" },
};

START_TEST(writes_a_format)
{
	char line[512];
	size_t length;

	length = accesslog_format_line(line, sizeof(line),
	    parsed(formats[_i].format), &entry);
	ck_assert_uint_eq(length, strlen(formats[_i].line));
	ck_assert_mem_eq(line, formats[_i].line, length);
}
END_TEST

static const struct {
	const char *sent, *text, *json;
} escapes[] = {
	{ "plain", "plain", "plain" },
	{ "a b", "a b", "a b" },
	{ "\"", "\\\"", "\\\"" },
	{ "\\", "\\\\", "\\\\" },
	{ "\\\"", "\\\\\\\"", "\\\\\\\"" },
	{ "\n", "\\x0a", "\\u000a" },
	{ "\x1b[31m", "\\x1b[31m", "\\u001b[31m" },
	{ "\x7f", "\\x7f", "\\u007f" },
	{ "\x80\xff", "\\x80\\xff", "\\u0080\\u00ff" },
	{ "%s%n", "%s%n", "%s%n" },
	{ "%{X}i", "%{X}i", "%{X}i" },
};

START_TEST(escapes_what_a_client_sent)
{
	char line[512], want[128];
	size_t length;

	set_request("GET", "/a", escapes[_i].sent);
	length = accesslog_format_line(line, sizeof(line),
	    parsed("%{User-Agent}i"), &entry);
	snprintf(want, sizeof(want), "%s\n", escapes[_i].text);
	ck_assert_uint_eq(length, strlen(want));
	ck_assert_mem_eq(line, want, length);

	length = accesslog_format_line(line, sizeof(line),
	    parsed(LOG_FORMAT_JSON), &entry);
	snprintf(want, sizeof(want), ",\"user_agent\":\"%s\"}\n",
	    escapes[_i].json);
	ck_assert_mem_eq(line + length - strlen(want), want, strlen(want));
}
END_TEST

/* In every place of a request that a client fills, every octet: one line, and
 * as many quotes and backslashes as that octet takes. */
START_TEST(no_octet_leaves_its_field)
{
	static const char *const formats_of_text[] = { "\"%{User-Agent}i\"",
		"%U", "%q", "%m", "%u", "%V" };
	char octet = (char)_i, text[] = { '?', octet, '\0' }, line[512];

	set_request(text + (octet == '\0'), text, text);
	entry.user = entry.host = text + 1;
	fields[0].value.len = entry.target.len = 2;
	for (size_t i = 0; i < sizeof(formats_of_text) / sizeof(char *); i++) {
		size_t length = accesslog_format_line(line, sizeof(line),
		    parsed(formats_of_text[i]), &entry);

		ck_assert_int_eq(line[length - 1], '\n');
		for (size_t j = 0; j + 1 < length; j++)
			ck_assert(line[j] >= 0x20 && line[j] < 0x7f);
		if (i > 0)
			ck_assert_ptr_null(memchr(line, '"', 1));
		else if (octet == '"' || octet == '\\')
			ck_assert_uint_eq(length, sizeof("\"?\\x\"\n") - 1);
	}
}
END_TEST

START_TEST(splits_the_target)
{
	char line[512];
	size_t length;

	set_request("GET", "/a?b?c=%00", "agent");
	length = accesslog_format_line(line, sizeof(line), parsed("%U %q|"),
	    &entry);
	ck_assert_mem_eq(line, "/a ?b?c=%00|\n", length);
	entry.target.len = 0;
	length = accesslog_format_line(line, sizeof(line), parsed("%U %q|"),
	    &entry);
	ck_assert_mem_eq(line, "- |\n", length);
}
END_TEST

START_TEST(writes_json)
{
	static const char want[] =
	    "{\"time\":\"1994-11-06T08:49:37+0000\","
	    "\"status\":200,\"bytes\":14,\"duration_us\":1234,"
	    "\"client\":\"192.0.2.1\",\"route\":\"/a b\","
	    "\"handler\":\"static\",\"user\":\"j\\\"oe\","
	    "\"host\":\"example.org\",\"method\":\"GET\","
	    "\"protocol\":\"HTTP/1.1\",\"target\":\"/a\",\"referer\":\"\","
	    "\"user_agent\":\"agent\"}\n";
	char line[512];
	size_t length;

	entry.user = "j\"oe";
	length = accesslog_format_line(line, sizeof(line),
	    parsed(LOG_FORMAT_JSON), &entry);
	ck_assert_uint_eq(length, sizeof(want) - 1);
	ck_assert_mem_eq(line, want, length);
}
END_TEST

START_TEST(keeps_words_apart)
{
	char line[512];
	size_t length;

	entry.user = "a b";
	length = accesslog_format_line(line, sizeof(line), parsed("%u"),
	    &entry);
	ck_assert_mem_eq(line, "a\\x20b\n", length);
	entry.user = "";
	length = accesslog_format_line(line, sizeof(line), parsed("%u"),
	    &entry);
	ck_assert_mem_eq(line, "-\n", length);
}
END_TEST

START_TEST(writes_what_there_is_of_a_refused_request)
{
	char line[512];
	size_t length;

	memset(&head, 0, sizeof(head));
	entry.target.len = 0;
	length = accesslog_format_line(line, sizeof(line), parsed("%r"),
	    &entry);
	ck_assert_mem_eq(line, "-\n", length);
	head.method = slice_from_string("GET");
	length = accesslog_format_line(line, sizeof(line), parsed("%r"),
	    &entry);
	ck_assert_mem_eq(line, "GET\n", length);
	entry.target = slice_from_string("/a");
	length = accesslog_format_line(line, sizeof(line), parsed("%r"),
	    &entry);
	ck_assert_mem_eq(line, "GET /a\n", length);
}
END_TEST

static bool
is_printable(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++)
		if (text[i] < 0x20 || text[i] >= 0x7f)
			return false;
	return true;
}

/* However long the fields and however short the line: it ends in LF, holds
 * nothing but printable ASCII, and JSON is closed. */
START_TEST(stays_whole_when_cut)
{
	static const char *const all[] = { LOG_FORMAT_COMBINED,
		LOG_FORMAT_JSON };
	char agent[4000], line[5000];

	for (size_t i = 0; i < sizeof(agent) - 1; i++)
		agent[i] = (char)(i % 7 == 0 ? '"' : i % 5 == 0 ? 0x80 : ',');
	agent[sizeof(agent) - 1] = '\0';
	set_request("GET", agent, agent);
	for (size_t size = ACCESSLOG_MIN_BYTES; size < sizeof(line); size++) {
		size_t length;

		/* What was there before must not be taken for a member. */
		for (size_t i = 0; i < sizeof(line); i++)
			line[i] = "\",\1"[i % 3];
		length = accesslog_format_line(line, size, parsed(all[_i]),
		    &entry);
		ck_assert_uint_le(length, size);
		ck_assert_int_eq(line[length - 1], '\n');
		ck_assert(is_printable(line, length - 1));
		if (_i == 1)
			ck_assert_int_eq(line[length - 2], '}');
	}
}
END_TEST

START_TEST(tells_the_status_behind_the_longest_fields)
{
	char agent[10000], line[4096];
	size_t length;

	memset(agent, 0x80, sizeof(agent) - 1);
	agent[sizeof(agent) - 1] = '\0';
	set_request("GET", agent, agent);
	fields[1].name = slice_from_string("Referer");
	fields[1].value = slice_from_string(agent);
	head.field_count = 2;
	length = accesslog_format_line(line, sizeof(line),
	    parsed(LOG_FORMAT_COMBINED), &entry);
	line[length - 1] = '\0';
	ck_assert_ptr_nonnull(strstr(line, "... HTTP/1.1\" 200 14 \""));
	ck_assert_str_eq(line + length - 5, "...\"");
}
END_TEST

/* Lines that a broken process puts into its ring. \001 is the mark. */
static const struct {
	const char *format, *line;
	bool can_be;
} claims[] = {
	{ LOG_FORMAT_COMBINED, "\001 - - \"GET /\"", true },
	{ LOG_FORMAT_COMBINED, "192.0.2.9 - - \"GET /\"", false },
	{ LOG_FORMAT_COMBINED, " \001", false },
	{ LOG_FORMAT_COMBINED, "\001 \001", false },
	{ LOG_FORMAT_COMBINED, "", false },
	/* The client is not the first. */
	{ "%t %h \"%r\"", "[01/Jan/2026:00:00:00 +0000] \001 \"GET /\"", true },
	{ "%t %h \"%r\"",
	    "[01/Jan/2026:00:00:00 +0000] 192.0.2.9 \"GET /\001\"", false },
	{ "%t %h \"%r\"", "[192.0.2.9] \001 \"GET /\"", false },
	{ "%v %h", "192.0.2.9 \001", true },
	{ "%v %h", "x 192.0.2.9 \001", false },
	{ "%v:%P %h %s", "a:b:7 \001 200", true },
	{ "\"%r\" %h %s", "\"GET /\\\" \\\\\" \001 200", true },
	{ "\"%r\" %h %s", "\"GET /\" 192.0.2.9 200 \"\" \001 200", false },
	{ "\"%r\" %h %s", "\"GET /\" 192.0.2.9 200\001", false },
	{ "%s %h %h", "200 \001 \001", true },
	{ "%s %h %h", "200 192.0.2.9 \001\001", false },
	{ "%%%l%q%h", "%-\001", true },
	{ "%%%l%q%h", "%-?a\001", true },
	{ "%s", "200", true },
	{ "%s", "200 \001", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\"}", true },
	{ LOG_FORMAT_JSON, "{\"time\":\"-\",\"status\":-1,\"client\":\"\001\"}",
	    true },
	{ LOG_FORMAT_JSON, "", false },
	{ LOG_FORMAT_JSON, "{}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"192.0.2.9\"}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\"", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\"} ", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"client\":\"\001\"}", false },
	{ LOG_FORMAT_JSON,
	    "{\"client\":\"\001\",\"\\u0063lient\":\"192.0.2.9\"}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"CLIENT\":\"192.0.2.9\"}",
	    false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":\"\\u0041\"}",
	    false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":\"\\u001f\\u00ff\"}",
	    true },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":\"\\u00\"}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":\"\001\"}", false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":{\"client\":1}}",
	    false },
	{ LOG_FORMAT_JSON, "{\"client\":\"\001\",\"user\":\"\\\"}", false },
	{ LOG_FORMAT_JSON, "{\"user\":\"x\",\"client\":\"\001\"}", false },
	{ LOG_FORMAT_JSON,
	    "{\"client\":\"\001\",\"user\":\"x\",\"host\":\"y\"}", true },
};

START_TEST(finds_lines_that_name_another)
{
	ck_assert_int_eq(accesslog_has_client(parsed(claims[_i].format),
			     claims[_i].line, strlen(claims[_i].line)),
	    claims[_i].can_be);
}
END_TEST

/* Whatever a client has sent, and however it is cut. */
START_TEST(finds_its_own_lines_true)
{
	static const char *const targets[] = { "/a", "\001\x7f\xff\"\\,}" };
	static char long_target[20000];
	static const char *const written[] = { LOG_FORMAT_JSON,
		LOG_FORMAT_COMBINED, "%t %v %h %r", "\"%r\" %>s %h",
		"%D %{User-Agent}i %U%q \"%{Referer}i\" %m %H %u %R %h",
		"%r %r %r %r %h %h" };
	char line[4096];
	size_t length;

	memset(long_target, _i % 2 ? ',' : '"', sizeof(long_target) - 1);
	entry.client = ACCESSLOG_CLIENT;
	entry.user = _i < 4 ? NULL : long_target;
	set_request("GET", _i % 4 < 2 ? targets[_i % 2] : long_target,
	    long_target);
	for (size_t i = 0; i < COUNT(written); i++) {
		length = accesslog_format_line(line, sizeof(line),
		    parsed(written[i]), &entry);
		ck_assert(accesslog_has_client(parsed(written[i]), line,
		    length - 1));
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("accesslog");
	TCase *tcase = tcase_create("accesslog");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_loop_test(tcase, writes_a_format, 0, COUNT(formats));
	tcase_add_loop_test(tcase, escapes_what_a_client_sent, 0,
	    COUNT(escapes));
	tcase_add_loop_test(tcase, no_octet_leaves_its_field, 0, 256);
	tcase_add_test(tcase, splits_the_target);
	tcase_add_test(tcase, writes_json);
	tcase_add_test(tcase, keeps_words_apart);
	tcase_add_test(tcase, writes_what_there_is_of_a_refused_request);
	tcase_add_loop_test(tcase, stays_whole_when_cut, 0, 2);
	tcase_add_test(tcase, tells_the_status_behind_the_longest_fields);
	tcase_add_loop_test(tcase, finds_lines_that_name_another, 0,
	    COUNT(claims));
	tcase_add_loop_test(tcase, finds_its_own_lines_true, 0, 8);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
