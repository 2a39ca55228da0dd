/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/chunked.h"
#include "unit/guard.h"

#define COUNT(a)      ((int)(sizeof(a) / sizeof((a)[0])))
#define B(bytes)      bytes, sizeof(bytes) - 1

#define MAX_EXTENSION 24
#define MAX_TRAILER   40
#define MAX_TRAILERS  3

static const struct chunked_limits limits = { MAX_EXTENSION, MAX_TRAILER,
	MAX_TRAILERS };

#define DONE	      CHUNKED_DONE
#define MORE	      CHUNKED_MORE
#define SIZE	      CHUNKED_BAD_SIZE
#define LARGE	      CHUNKED_SIZE_TOO_LARGE
#define EXTENSION     CHUNKED_BAD_EXTENSION
#define EXT_LARGE     CHUNKED_EXTENSIONS_TOO_LARGE
#define LINE_END      CHUNKED_BAD_LINE_END
#define CHUNK_END     CHUNKED_BAD_CHUNK_END
#define TRAILER	      CHUNKED_BAD_TRAILER
#define TRAILER_LARGE CHUNKED_TRAILERS_TOO_LARGE

/* rest: how many octets at the end are not the body's, or are not looked at
 * because one before them is wrong. */
static const struct {
	const char *title;
	enum chunked_verdict verdict;
	const char *body;
	size_t rest;
	const char *bytes;
	size_t length;
} cases[] = {
	{ "empty", DONE, "", 0, B("0\r\n\r\n") },
	{ "one chunk", DONE, "hello", 0, B("5\r\nhello\r\n0\r\n\r\n") },
	{ "two chunks", DONE, "hello world", 0,
	    B("5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n") },
	{ "small hex", DONE, "0123456789", 0,
	    B("a\r\n0123456789\r\n0\r\n\r\n") },
	{ "large hex", DONE, "0123456789", 0,
	    B("A\r\n0123456789\r\n0\r\n\r\n") },
	{ "two digits", DONE, "0123456789abcdefghi", 0,
	    B("13\r\n0123456789abcdefghi\r\n0\r\n\r\n") },
	{ "leading zeros", DONE, "hello", 0, B("0005\r\nhello\r\n0\r\n\r\n") },
	{ "twenty digits", DONE, "hello", 0,
	    B("00000000000000000005\r\nhello\r\n0\r\n\r\n") },
	{ "a last chunk of zeros", DONE, "a", 0, B("1\r\na\r\n000\r\n\r\n") },
	{ "CRLF in the data", DONE, "ab\r\n\r\nc", 0,
	    B("7\r\nab\r\n\r\nc\r\n0\r\n\r\n") },
	{ "what looks like an end", DONE, "0\r\n\r\n", 0,
	    B("5\r\n0\r\n\r\n\r\n0\r\n\r\n") },
	{ "a request after it", DONE, "a", 18,
	    B("1\r\na\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n") },
	{ "an LF after it", DONE, "a", 1, B("1\r\na\r\n0\r\n\r\n\n") },
	/* Extensions. */
	{ "a name", DONE, "a", 0, B("1;x\r\na\r\n0\r\n\r\n") },
	{ "a name and a value", DONE, "a", 0, B("1;x=y\r\na\r\n0\r\n\r\n") },
	{ "two", DONE, "a", 0, B("1;x=y;z\r\na\r\n0\r\n\r\n") },
	{ "one on the last chunk", DONE, "a", 0, B("1\r\na\r\n0;x=y\r\n\r\n") },
	{ "space before ;", DONE, "a", 0, B("1 \t ;x\r\na\r\n0\r\n\r\n") },
	{ "space after ;", DONE, "a", 0, B("1; \tx\r\na\r\n0\r\n\r\n") },
	{ "space around =", DONE, "a", 0, B("1;x \t= y\r\na\r\n0\r\n\r\n") },
	{ "space before a second ;", DONE, "a", 0,
	    B("1;x ;y=z ; a\r\na\r\n0\r\n\r\n") },
	{ "a quoted value", DONE, "a", 0,
	    B("1;x=\"b c,;=\t\"\r\na\r\n0\r\n\r\n") },
	{ "an empty quoted value", DONE, "a", 0,
	    B("1;x=\"\"\r\na\r\n0\r\n\r\n") },
	{ "escapes", DONE, "a", 0, B("1;x=\"b\\\"c;\\\\\"\r\na\r\n0\r\n\r\n") },
	{ "space after a quoted value and ;", DONE, "a", 0,
	    B("1;x=\"b\" ;c\r\na\r\n0\r\n\r\n") },
	{ "obs-text in quotes", DONE, "a", 0,
	    B("1;x=\"\xc3\xa9\"\r\na\r\n0\r\n\r\n") },
	{ "no name", EXTENSION, "", 9, B("1;\r\na\r\n0\r\n\r\n") },
	{ "no second name", EXTENSION, "", 9, B("1;x;\r\na\r\n0\r\n\r\n") },
	{ "no name before =", EXTENSION, "", 11, B("1;=y\r\na\r\n0\r\n\r\n") },
	{ "no value", EXTENSION, "", 9, B("1;x=\r\na\r\n0\r\n\r\n") },
	{ "no value before ;", EXTENSION, "", 11,
	    B("1;x=;y\r\na\r\n0\r\n\r\n") },
	{ "two values", EXTENSION, "", 11, B("1;x=y=z\r\na\r\n0\r\n\r\n") },
	{ "a space in a name", EXTENSION, "", 12,
	    B("1;a b=c\r\na\r\n0\r\n\r\n") },
	{ "a space in a value", EXTENSION, "", 10,
	    B("1;a=b c\r\na\r\n0\r\n\r\n") },
	{ "a name that is quoted", EXTENSION, "", 12,
	    B("1;\"x\"\r\na\r\n0\r\n\r\n") },
	{ "an octet after the quotes", EXTENSION, "", 10,
	    B("1;x=\"y\"z\r\na\r\n0\r\n\r\n") },
	{ "quotes that do not close", EXTENSION, "", 9,
	    B("1;x=\"y\r\na\r\n0\r\n\r\n") },
	{ "an escaped CR", EXTENSION, "", 9, B("1;x=\"\\\r\na\r\n0\r\n\r\n") },
	{ "space before CR", EXTENSION, "", 9, B("1;x \r\na\r\n0\r\n\r\n") },
	{ "a slash", EXTENSION, "", 10, B("1;x/\r\na\r\n0\r\n\r\n") },
	{ "NUL", EXTENSION, "", 11, B("1;a\0b\r\na\r\n0\r\n\r\n") },
	{ "NUL in quotes", EXTENSION, "", 11,
	    B("1;a=\"\0\"\r\na\r\n0\r\n\r\n") },
	{ "DEL in quotes", EXTENSION, "", 11,
	    B("1;a=\"\x7f\"\r\na\r\n0\r\n\r\n") },
	{ "LF in a name", EXTENSION, "", 11, B("1;a\nb\r\na\r\n0\r\n\r\n") },
	{ "LF after a name", EXTENSION, "", 8, B("1;a\na\r\n0\r\n\r\n") },
	{ "CR after ;", EXTENSION, "", 11, B("1;\rx\r\na\r\n0\r\n\r\n") },
	{ "CR CR after a name", LINE_END, "", 9, B("1;a\r\rXX\r\n0\r\n\r\n") },
	{ "as large as can be", DONE, "a", 0,
	    B("1;aaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n0\r\n\r\n") },
	{ "one octet more", EXT_LARGE, "", 10,
	    B("1;aaaaaaaaaaaaaaaaaaaaaaaa\r\na\r\n0\r\n\r\n") },
	{ "too large in sum", EXT_LARGE, "a", 4,
	    B("1;aaaaaaaaaaaa\r\na\r\n0;aaaaaaaaaaa\r\n\r\n") },
	/* Sizes. */
	{ "no size", SIZE, "", 13, B("\r\nhello\r\n0\r\n\r\n") },
	{ "no digits", SIZE, "", 14, B("Z\r\nhello\r\n0\r\n\r\n") },
	{ "an extension alone", SIZE, "", 8, B(";x\r\n0\r\n\r\n") },
	{ "a space in front", SIZE, "", 15, B(" 5\r\nhello\r\n0\r\n\r\n") },
	{ "a space before the last", SIZE, "a", 5, B("1\r\na\r\n 0\r\n\r\n") },
	{ "a space behind", EXTENSION, "", 13, B("5 \r\nhello\r\n0\r\n\r\n") },
	{ "spaces and tabs behind", EXTENSION, "", 13,
	    B("5  \t \r\nhello\r\n0\r\n\r\n") },
	{ "a space behind the last", EXTENSION, "a", 3,
	    B("1\r\na\r\n0 \r\n\r\n") },
	{ "a space within", EXTENSION, "", 14, B("1 0\r\nhello\r\n0\r\n\r\n") },
	{ "plus", SIZE, "", 15, B("+5\r\nhello\r\n0\r\n\r\n") },
	{ "minus", SIZE, "", 15, B("-5\r\nhello\r\n0\r\n\r\n") },
	{ "minus zero", SIZE, "a", 5, B("1\r\na\r\n-0\r\n\r\n") },
	{ "0x", SIZE, "", 15, B("0x5\r\nhello\r\n0\r\n\r\n") },
	{ "underscore", SIZE, "", 15, B("0_5\r\nhello\r\n0\r\n\r\n") },
	{ "a comma", SIZE, "", 15, B("5,5\r\nhello\r\n0\r\n\r\n") },
	{ "a letter beyond f", SIZE, "", 14, B("5g\r\nhello\r\n0\r\n\r\n") },
	{ "a dot", SIZE, "", 15, B("5.0\r\nhello\r\n0\r\n\r\n") },
	{ "NUL behind", SIZE, "", 14, B("5\0\r\nhello\r\n0\r\n\r\n") },
	{ "vertical tab behind", SIZE, "", 14, B("5\v\r\nhello\r\n0\r\n\r\n") },
	{ "obs-text", SIZE, "", 14, B("\xb5\r\nhello\r\n0\r\n\r\n") },
	{ "LF alone", LINE_END, "", 12, B("5\nhello\r\n0\r\n\r\n") },
	{ "CR alone", LINE_END, "", 11, B("5\rhello\r\n0\r\n\r\n") },
	{ "CR CR LF", LINE_END, "", 13, B("5\r\r\nhello\r\n0\r\n\r\n") },
	{ "the most", MORE, "a", 0, B("7fffffffffffffff\r\na") },
	{ "one more", LARGE, "", 3, B("8000000000000000\r\na") },
	{ "2^64 - 1", LARGE, "", 3, B("ffffffffffffffff\r\na") },
	{ "2^64 + 5", LARGE, "", 3, B("10000000000000005\r\na") },
	{ "2^68", LARGE, "", 4, B("100000000000000000\r\na") },
	{ "too many in sum", LARGE, "a", 2,
	    B("1\r\na\r\n7fffffffffffffff\r\n") },
	{ "zeros to the limit", MORE, "", 0,
	    B("0000000000000000000000000000000000000000") },
	{ "zeros beyond it", EXT_LARGE, "", 0,
	    B("00000000000000000000000000000000000000000") },
	/* Ends of chunks. */
	{ "data too long", CHUNK_END, "hello", 7,
	    B("5\r\nhellox\r\n0\r\n\r\n") },
	{ "data too short", CHUNK_END, "hello\r\n0\r", 2,
	    B("9\r\nhello\r\n0\r\n\r\n") },
	{ "no CRLF after data", CHUNK_END, "hello", 4,
	    B("5\r\nhello0\r\n\r\n") },
	{ "LF after data", CHUNK_END, "hello", 5, B("5\r\nhello\n0\r\n\r\n") },
	{ "CR after data", CHUNK_END, "hello", 4, B("5\r\nhello\r0\r\n\r\n") },
	{ "a space after data", CHUNK_END, "hello", 7,
	    B("5\r\nhello \r\n0\r\n\r\n") },
	{ "no last chunk", SIZE, "hello", 1, B("5\r\nhello\r\n\r\n") },
	/* Trailers. */
	{ "a trailer", DONE, "a", 0, B("1\r\na\r\n0\r\nX: y\r\n\r\n") },
	{ "two trailers", DONE, "a", 0,
	    B("1\r\na\r\n0\r\nVary: *\r\nX-Check:1\r\n\r\n") },
	{ "an empty value", DONE, "", 0, B("0\r\nX:\r\n\r\n") },
	{ "tab and obs-text", DONE, "", 0, B("0\r\nX:\t\xe9 :\r\n\r\n") },
	{ "framing in a trailer", DONE, "", 18,
	    B("0\r\nContent-Length: 99\r\n\r\nGET / HTTP/1.1\r\n\r\n") },
	{ "no colon", TRAILER, "", 3, B("0\r\ngarbage\r\n\r\n") },
	{ "no name", TRAILER, "", 6, B("0\r\n: y\r\n\r\n") },
	{ "space before the colon", TRAILER, "", 7, B("0\r\nX : y\r\n\r\n") },
	{ "a space in the name", TRAILER, "", 8, B("0\r\nX y: z\r\n\r\n") },
	{ "a folded line", TRAILER, "", 5, B("0\r\nX: y\r\n z\r\n\r\n") },
	{ "a space first", TRAILER, "", 8, B("0\r\n X: y\r\n\r\n") },
	{ "NUL in a value", TRAILER, "", 5, B("0\r\nX: \0y\r\n\r\n") },
	{ "a control in a value", TRAILER, "", 5, B("0\r\nX: \x1by\r\n\r\n") },
	{ "NUL in a name", TRAILER, "", 7, B("0\r\nX\0y: \r\n\r\n") },
	{ "a bare LF", TRAILER, "", 1, B("0\r\nX: y\n\n") },
	{ "a bare CR", TRAILER, "", 4, B("0\r\nX: y\rz\r\n\r\n") },
	{ "an end of LF", TRAILER, "", 0, B("0\r\n\n") },
	{ "an end of CR CR", TRAILER, "", 1, B("0\r\n\r\r\n") },
	{ "an end of CR and more", TRAILER, "", 3, B("0\r\n\rXX\r\n") },
	{ "XX for CRLF", TRAILER, "", 21,
	    B("0\r\nXXGET / HTTP/1.1\r\nHost: a\r\n") },
	{ "as many as can be", DONE, "", 0, B("0\r\na:\r\nb:\r\nc:\r\n\r\n") },
	{ "one more", TRAILER_LARGE, "", 5,
	    B("0\r\na:\r\nb:\r\nc:\r\nd:\r\n\r\n") },
	{ "as large as can be", DONE, "", 0,
	    B("0\r\nX:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n") },
	{ "one octet more", TRAILER_LARGE, "", 2,
	    B("0\r\nX:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n\r\n") },
	/* Not at the end yet. */
	{ "nothing", MORE, "", 0, B("") },
	{ "a size", MORE, "", 0, B("5") },
	{ "a size line", MORE, "", 0, B("5\r\n") },
	{ "half a chunk", MORE, "he", 0, B("5\r\nhe") },
	{ "a chunk", MORE, "hello", 0, B("5\r\nhello") },
	{ "a chunk and CR", MORE, "hello", 0, B("5\r\nhello\r") },
	{ "the last size line", MORE, "", 0, B("0\r\n") },
	{ "the last CR", MORE, "", 0, B("0\r\n\r") },
	{ "an extension", MORE, "", 0, B("5;x=\"") },
	{ "a trailer's name", MORE, "", 0, B("0\r\nX") },
};

struct outcome {
	enum chunked_verdict verdict;
	char body[128];
	size_t body_length, consumed;
};

/* Decodes with input in pieces of at most in_step and output of out_step. */
static void
decode(const char *bytes, size_t length, size_t in_step, size_t out_step,
    struct outcome *outcome)
{
	struct chunked chunked;

	memset(outcome, 0, sizeof(*outcome));
	chunked_init(&chunked, &limits);
	do {
		size_t left = length - outcome->consumed;
		size_t n = left < in_step ? left : in_step;
		size_t consumed, produced;
		char *out = guard_room(out_step);

		outcome->verdict = chunked_decode(&chunked,
		    guard_copy(bytes + outcome->consumed, n), n, &consumed, out,
		    out_step, &produced);
		ck_assert_uint_le(consumed, n);
		ck_assert_uint_le(produced, out_step);
		ck_assert_uint_le(outcome->body_length + produced, 128);
		memcpy(outcome->body + outcome->body_length, out, produced);
		outcome->body_length += produced;
		outcome->consumed += consumed;
	} while (outcome->verdict == CHUNKED_MORE &&
	    outcome->consumed < length);
}

static void
check(int i, size_t in_step, size_t out_step)
{
	struct outcome got;

	decode(cases[i].bytes, cases[i].length, in_step, out_step, &got);
	ck_assert_msg(got.verdict == cases[i].verdict,
	    "%s, in pieces of %zu and %zu: %s", cases[i].title, in_step,
	    out_step, chunked_verdict_text(got.verdict));
	ck_assert_msg(got.body_length == strlen(cases[i].body) &&
		memcmp(got.body, cases[i].body, got.body_length) == 0,
	    "%s: \"%.*s\"", cases[i].title, (int)got.body_length, got.body);
	ck_assert_msg(got.consumed == cases[i].length - cases[i].rest,
	    "%s: %zu octets left", cases[i].title,
	    cases[i].length - got.consumed);
}

START_TEST(decodes_at_once)
{
	check(_i, 1024, 1024);
}
END_TEST

START_TEST(decodes_in_pieces)
{
	for (size_t in_step = 1; in_step <= 7; in_step++)
		for (size_t out_step = 1; out_step <= 4; out_step++)
			check(_i, in_step, out_step);
}
END_TEST

START_TEST(decodes_at_every_split)
{
	const char *bytes = cases[_i].bytes;
	size_t length = cases[_i].length;

	for (size_t split = 0; split <= length; split++) {
		struct chunked chunked;
		size_t consumed, produced;
		enum chunked_verdict verdict;
		char out[128];

		chunked_init(&chunked, &limits);
		verdict = chunked_decode(&chunked, guard_copy(bytes, split),
		    split, &consumed, out, sizeof(out), &produced);
		if (verdict == CHUNKED_MORE)
			verdict = chunked_decode(&chunked,
			    guard_copy(bytes + split, length - split),
			    length - split, &consumed, out, sizeof(out),
			    &produced);
		ck_assert_msg(verdict == cases[_i].verdict, "%s",
		    cases[_i].title);
	}
}
END_TEST

START_TEST(decodes_in_place)
{
	struct chunked chunked;
	size_t consumed, produced;
	char *bytes = guard_copy(cases[_i].bytes, cases[_i].length);

	chunked_init(&chunked, &limits);
	ck_assert_int_eq(chunked_decode(&chunked, bytes, cases[_i].length,
			     &consumed, bytes, cases[_i].length, &produced),
	    cases[_i].verdict);
	ck_assert_uint_eq(produced, strlen(cases[_i].body));
	ck_assert_int_eq(memcmp(bytes, cases[_i].body, produced), 0);
}
END_TEST

START_TEST(announces_chunks_before_they_arrive)
{
	struct chunked chunked;
	size_t consumed, produced;

	chunked_init(&chunked, &limits);
	ck_assert_uint_eq(chunked.announced, 0);
	chunked_decode(&chunked, "5\r\nhello\r\n10", 12, &consumed,
	    guard_room(5), 5, &produced);
	ck_assert_uint_eq(chunked.announced, 5);
	chunked_decode(&chunked, "00\r\n", 4, &consumed, NULL, 0, &produced);
	ck_assert_uint_eq(chunked.announced, 5 + 0x1000);
}
END_TEST

START_TEST(waits_for_room)
{
	struct chunked chunked;
	size_t consumed, produced;

	chunked_init(&chunked, &limits);
	ck_assert_int_eq(chunked_decode(&chunked, "5\r\nhello", 8, &consumed,
			     NULL, 0, &produced),
	    CHUNKED_MORE);
	ck_assert_uint_eq(consumed, 3);
	ck_assert_uint_eq(produced, 0);
}
END_TEST

START_TEST(stays_at_the_end)
{
	struct chunked chunked;
	size_t consumed, produced;

	chunked_init(&chunked, &limits);
	ck_assert_int_eq(chunked_decode(&chunked, "0\r\n\r\n", 5, &consumed,
			     NULL, 0, &produced),
	    CHUNKED_DONE);
	ck_assert_int_eq(chunked_decode(&chunked, "5\r\n", 3, &consumed, NULL,
			     0, &produced),
	    CHUNKED_DONE);
	ck_assert_uint_eq(consumed, 0);
}
END_TEST

START_TEST(decodes_many_chunks)
{
	struct chunked chunked;
	size_t consumed, produced;
	char byte;

	chunked_init(&chunked, &limits);
	for (int i = 0; i < 100000; i++) {
		ck_assert_int_eq(chunked_decode(&chunked, "1\r\nx\r\n", 6,
				     &consumed, &byte, 1, &produced),
		    CHUNKED_MORE);
		ck_assert_uint_eq(produced, 1);
	}
	ck_assert_uint_eq(chunked.announced, 100000);
}
END_TEST

START_TEST(has_a_status_for_every_verdict)
{
	for (int v = DONE; v <= TRAILER_LARGE; v++) {
		int status = chunked_verdict_status((enum chunked_verdict)v);

		ck_assert_ptr_nonnull(
		    chunked_verdict_text((enum chunked_verdict)v));
		if (v <= MORE)
			ck_assert_int_eq(status, 0);
		else
			ck_assert(status == 400 || status == 413 ||
			    status == 431);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("chunked");
	TCase *tcase = tcase_create("chunked");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, decodes_at_once, 0, COUNT(cases));
	tcase_add_loop_test(tcase, decodes_in_pieces, 0, COUNT(cases));
	tcase_add_loop_test(tcase, decodes_at_every_split, 0, COUNT(cases));
	tcase_add_loop_test(tcase, decodes_in_place, 0, COUNT(cases));
	tcase_add_test(tcase, announces_chunks_before_they_arrive);
	tcase_add_test(tcase, waits_for_room);
	tcase_add_test(tcase, stays_at_the_end);
	tcase_add_test(tcase, decodes_many_chunks);
	tcase_add_test(tcase, has_a_status_for_every_verdict);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
