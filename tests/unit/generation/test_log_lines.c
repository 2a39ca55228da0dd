/*
 * The lines of one ring, whose writer the generation knows, and says of it whether
 * its records name their clients.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/log_lines.h"

#include <check.h>
#include <fcntl.h>
#include <stdalign.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "accesslog/accesslog.h"
#include "base/address.h"
#include "base/arena.h"
#include "base/log.h"
#include "base/ring.h"
#include "base/rings.h"
#include "config/configuration.h"
#include "config/log_format.h"

#define RING_OCTETS 4096

#define REST	    " - - [x] \"GET / HTTP/1.1\" 200 1"
#define OWN_LINE    "192.0.2.1" REST "\n"
#define OTHER	    "198.51.100.7"

static alignas(64) unsigned char memory[sizeof(struct ring) + RING_OCTETS];
static struct ring_place place = { (struct ring *)(void *)memory, RING_OCTETS };
static struct configuration configuration;
static max_align_t block[64];
static struct rings_dropped dropped;
static struct rings_facts facts = { .pid = 4711 };
static struct log_lines lines;
static int access_log[2], error_log[2];
static char text[4096];

static void
setup(void)
{
	const char *why;

	memset(memory, 0, sizeof(memory));
	arena_init(&configuration.arena, block, sizeof(block));
	configuration.access_log_format =
	    log_format_parse("%h - - [x] \"%r\" %>s %b", &configuration.arena);
	ck_assert(address_parse_listen("192.0.2.1:1001", &facts.client, &why));
	ck_assert_int_eq(pipe2(access_log, O_NONBLOCK), 0);
	ck_assert_int_eq(pipe2(error_log, O_NONBLOCK), 0);
	ck_assert_int_ge(dup2(error_log[1], STDERR_FILENO), 0);
	log_reopened();
	log_lines_init(&lines, access_log[1], &configuration, &dropped);
}

static void
put(enum rings_kind kind, const char *octets)
{
	const struct ring_record record = { kind, LEVEL_ERROR, octets,
		strlen(octets) };

	ck_assert(ring_put(&place, 0, &record));
}

/* What the log process writes for all records into that log. */
static const char *
written(bool names_clients, int log)
{
	char copy[RING_OCTETS];
	size_t length = ring_copy(&place, 0, copy);
	ssize_t n;

	facts.names_clients = names_clients;
	log_lines_write(&lines, &facts, copy, length);
	log_lines_flush(&lines);
	n = read(log, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

START_TEST(have_the_client_that_the_generation_knows)
{
	put(RINGS_ACCESS, ACCESSLOG_CLIENT REST);
	ck_assert_str_eq(written(false, access_log[0]), OWN_LINE);
}
END_TEST

START_TEST(of_a_connection_name_no_other_client)
{
	put(RINGS_ACCESS, OTHER REST);
	put(RINGS_ACCESS, OTHER " " ACCESSLOG_CLIENT REST);
	ck_assert_str_eq(written(false, access_log[0]), "");
	ck_assert_uint_eq(dropped.access_lines, 2);
}
END_TEST

START_TEST(of_a_process_with_many_name_each_its_client)
{
	put(RINGS_ACCESS, "192.0.2.1" REST);
	put(RINGS_ACCESS, OTHER REST);
	ck_assert_str_eq(written(true, access_log[0]),
	    OWN_LINE OTHER REST "\n");
}
END_TEST

START_TEST(of_a_process_with_many_have_no_mark)
{
	put(RINGS_ACCESS, ACCESSLOG_CLIENT REST);
	ck_assert_str_eq(written(true, access_log[0]), "\\x01" REST "\n");
}
END_TEST

START_TEST(of_the_error_log_say_whose_they_are)
{
	put(RINGS_ERROR, OTHER ":80: 400, malformed");
	ck_assert_ptr_nonnull(strstr(written(false, error_log[0]),
	    "connection of 192.0.2.1:1001 says: " OTHER ":80: 400"));
}
END_TEST

START_TEST(of_the_error_log_begin_with_the_client_of_one_of_many)
{
	put(RINGS_ERROR, OTHER ":80: 400, malformed");
	written(true, error_log[0]);
	ck_assert_ptr_nonnull(strstr(text, ": " OTHER ":80: 400, malformed"));
	ck_assert_ptr_null(strstr(text, "connection of"));
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("log lines");
	TCase *tcase = tcase_create("client");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, have_the_client_that_the_generation_knows);
	tcase_add_test(tcase, of_a_connection_name_no_other_client);
	tcase_add_test(tcase, of_a_process_with_many_name_each_its_client);
	tcase_add_test(tcase, of_a_process_with_many_have_no_mark);
	tcase_add_test(tcase, of_the_error_log_say_whose_they_are);
	tcase_add_test(tcase,
	    of_the_error_log_begin_with_the_client_of_one_of_many);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
