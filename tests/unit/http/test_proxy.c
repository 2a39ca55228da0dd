/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/proxy.h"
#include "unit/guard.h"

#define COUNT(a)     ((int)(sizeof(a) / sizeof((a)[0])))
#define OCTETS(text) text, sizeof(text) - 1

#define SIGNATURE    "\r\n\r\n\0\r\nQUIT\n"
#define V4_ADDRESSES \
	"\xc0\0\2\1" \
	"\xc6\x33\x64\1" \
	"\x12\x67" \
	"\0\x50"
#define V4 SIGNATURE "\x21\x11\0\x0c" V4_ADDRESSES
#define V6_ADDRESSES \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\1" \
	"\x20\1\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\2" \
	"\xff\xff" \
	"\x01\xbb"
#define ZEROS_27  "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
#define ZEROS_108 ZEROS_27 ZEROS_27 ZEROS_27 ZEROS_27
#define X_27	  "xxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
	const char *data;
	size_t length;
	const char *client, *server; /* NULL: those of the connection */
	bool secure;
} complete[] = {
	{ OCTETS("PROXY TCP4 192.0.2.1 198.51.100.1 4711 80\r\n"),
	    "192.0.2.1:4711", "198.51.100.1:80", false },
	{ OCTETS("PROXY TCP4 255.255.255.255 255.255.255.255 65535 "
		 "65535\r\n"),
	    "255.255.255.255:65535", "255.255.255.255:65535", false },
	{ OCTETS("PROXY TCP4 0.0.0.0 0.0.0.0 0 0\r\n"), "0.0.0.0:0",
	    "0.0.0.0:0", false },
	{ OCTETS("PROXY TCP6 2001:db8::1 ::1 1 2\r\n"), "[2001:db8::1]:1",
	    "[::1]:2", false },
	{ OCTETS("PROXY TCP6 ::ffff:192.0.2.1 ::1 1 2\r\n"), "192.0.2.1:1",
	    "[::1]:2", false },
	{ OCTETS("PROXY TCP6 ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535", false },
	{ OCTETS("PROXY UNKNOWN\r\n"), NULL, NULL, false },
	{ OCTETS("PROXY UNKNOWN \r\n"), NULL, NULL, false },
	{ OCTETS("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 65535\r\n"),
	    NULL, NULL, false }, /* 107 octets */
	{ OCTETS("PROXY UNKNOWN \0\x01 what ever\r\n"), NULL, NULL, false },
	/* Version 2. */
	{ OCTETS(V4), "192.0.2.1:4711", "198.51.100.1:80", false },
	{ OCTETS(SIGNATURE "\x21\x12\0\x0c" V4_ADDRESSES), "192.0.2.1:4711",
	    "198.51.100.1:80", false },
	{ OCTETS(SIGNATURE "\x21\x21\0\x24" V6_ADDRESSES),
	    "[2001:db8::1]:65535", "[2001:db8::2]:443", false },
	{ OCTETS(SIGNATURE "\x21\x22\0\x24" V6_ADDRESSES),
	    "[2001:db8::1]:65535", "[2001:db8::2]:443", false },
	{ OCTETS(SIGNATURE "\x21\x31\0\xd8" ZEROS_108 ZEROS_108),
	    "unix:", "unix:", false },
	{ OCTETS(SIGNATURE "\x21\x31\0\xd8"
			   "/a" ZEROS_27 ZEROS_27 ZEROS_27
			   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
			   "/run/b" ZEROS_27 ZEROS_27 ZEROS_27
			   "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	    "unix:/a", "unix:/run/b", false },
	{ OCTETS(SIGNATURE "\x21\x32\0\xd8" X_27 X_27 X_27 X_27 ZEROS_108),
	    "unix:", "unix:", false },
	/* No addresses, or none that count. */
	{ OCTETS(SIGNATURE "\x21\0\0\0"), NULL, NULL, false },
	{ OCTETS(SIGNATURE "\x21\0\0\4\4\0\1x"), NULL, NULL, false },
	{ OCTETS(SIGNATURE "\x20\0\0\0"), NULL, NULL, false },
	{ OCTETS(SIGNATURE "\x20\x11\0\x0c" V4_ADDRESSES), NULL, NULL, false },
	{ OCTETS(SIGNATURE "\x20\x11\0\3abc"), NULL, NULL, false },
	{ OCTETS(SIGNATURE "\x20\xff\0\1\xff"), NULL, NULL, false },
	/* Extensions. */
	{ OCTETS(SIGNATURE "\x21\x11\0\x0f" V4_ADDRESSES "\4\0\0"),
	    "192.0.2.1:4711", "198.51.100.1:80", false },
	{ OCTETS(SIGNATURE "\x21\x11\0\x18" V4_ADDRESSES "\2\0\1a"
			   "\xee\0\5abcde"),
	    "192.0.2.1:4711", "198.51.100.1:80", false },
	{ OCTETS(SIGNATURE "\x21\x11\0\x14" V4_ADDRESSES "\x20\0\5\1\0\0\0\0"),
	    "192.0.2.1:4711", "198.51.100.1:80", true },
	{ OCTETS(SIGNATURE "\x21\x11\0\x14" V4_ADDRESSES "\x20\0\5\6\0\0\0\0"),
	    "192.0.2.1:4711", "198.51.100.1:80", false },
	{ OCTETS(SIGNATURE "\x21\x11\0\x1e" V4_ADDRESSES
			   "\x20\0\x0f\7\0\0\0\0\x21\0\7TLSv1.3"),
	    "192.0.2.1:4711", "198.51.100.1:80", true },
	{ OCTETS(SIGNATURE "\x21\x11\0\x13" V4_ADDRESSES
			   "\3\0\4\x03\x7d\x5a\xce"),
	    "192.0.2.1:4711", "198.51.100.1:80", false },
};

static void
check_address(const char *want, const struct address *address)
{
	char text[ADDRESS_TEXT_BYTES];

	ck_assert_str_eq(address_format(address, text), want);
}

START_TEST(reads_a_header)
{
	size_t length = complete[_i].length;
	char *data = guard_copy(complete[_i].data, length);
	struct proxy_header header;

	ck_assert_int_eq(proxy_parse(data, length, &header), PROXY_COMPLETE);
	ck_assert_uint_eq(header.length, length);
	ck_assert_int_eq(header.has_addresses, complete[_i].client ? 1 : 0);
	ck_assert_int_eq(header.secure, complete[_i].secure);
	if (complete[_i].client) {
		check_address(complete[_i].client, &header.client);
		check_address(complete[_i].server, &header.server);
	}
}
END_TEST

START_TEST(waits_for_every_octet_of_it)
{
	for (size_t n = 0; n < complete[_i].length; n++) {
		char *data = guard_copy(complete[_i].data, n);
		struct proxy_header header = { .length = 77 };

		ck_assert_msg(proxy_parse(data, n, &header) == PROXY_INCOMPLETE,
		    "after %zu octets", n);
		ck_assert_uint_eq(header.length, 77);
	}
}
END_TEST

START_TEST(leaves_what_follows)
{
	static const char request[] = "GET / HTTP/1.1\r\n";
	size_t length = complete[_i].length;
	char data[1024];
	struct proxy_header header;

	memcpy(data, complete[_i].data, length);
	memcpy(data + length, request, sizeof(request));
	ck_assert_int_eq(proxy_parse(data, length + sizeof(request), &header),
	    PROXY_COMPLETE);
	ck_assert_uint_eq(header.length, length);
}
END_TEST

static const struct {
	const char *data;
	size_t length;
	enum proxy_verdict verdict;
} refused[] = {
	{ OCTETS("G"), PROXY_ABSENT },
	{ OCTETS("GET / HTTP/1.1\r\n"), PROXY_ABSENT },
	{ OCTETS("proxy "), PROXY_ABSENT },
	{ OCTETS("PROXY\t"), PROXY_ABSENT },
	{ OCTETS(" PROXY"), PROXY_ABSENT },
	{ OCTETS("\n"), PROXY_ABSENT },
	{ OCTETS("\x16\x03\x01"), PROXY_ABSENT },
	{ OCTETS("\r\n\r\nPROXY"), PROXY_ABSENT },
	{ OCTETS("\r\n\r\n\0\r\nQUIT\r"), PROXY_ABSENT },
	{ OCTETS("\r\n\r\n\0\r\nquit\n"), PROXY_ABSENT },
	/* Lines. */
	{ OCTETS("PROXY \r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 \r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 \r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 2 3\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY  TCP4 1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4  1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4  1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4\t1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY tcp4 1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP5 1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY UDP4 1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY UNKNOWNS\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 ::1 ::1 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP6 1.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP6 [::1] [::1] 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP6 fe80::1%lo ::1 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.256 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 01.2.3.4 1.2.3.4 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 a 1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 65536 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 65536\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 01 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 +1 2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 0x2\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY TCP4 1.2.3.4 1.2.3.4 1 2\rx"), PROXY_BAD_LINE },
	{ OCTETS("PROXY UNKNOWN a\nb\r\n"), PROXY_BAD_LINE },
	{ OCTETS("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r\n"),
	    PROXY_TOO_LONG }, /* 108 octets */
	{ OCTETS("PROXY UNKNOWN ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff "
		 "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff 65535 655350\r"),
	    PROXY_TOO_LONG },
	{ OCTETS("PROXY UNKNOWN " X_27 X_27 X_27 X_27), PROXY_TOO_LONG },
	/* Version 2, as soon as it can be told. */
	{ OCTETS(SIGNATURE "\x11"), PROXY_BAD_VERSION },
	{ OCTETS(SIGNATURE "\x01"), PROXY_BAD_VERSION },
	{ OCTETS(SIGNATURE "\x31"), PROXY_BAD_VERSION },
	{ OCTETS(SIGNATURE "\x22"), PROXY_BAD_COMMAND },
	{ OCTETS(SIGNATURE "\x2f"), PROXY_BAD_COMMAND },
	{ OCTETS(SIGNATURE "\x21\x01\0\0"), PROXY_BAD_FAMILY },
	{ OCTETS(SIGNATURE "\x21\x10\0\x0c" V4_ADDRESSES), PROXY_BAD_FAMILY },
	{ OCTETS(SIGNATURE "\x21\x13\0\x0c" V4_ADDRESSES), PROXY_BAD_FAMILY },
	{ OCTETS(SIGNATURE "\x21\x41\0\x0c" V4_ADDRESSES), PROXY_BAD_FAMILY },
	{ OCTETS(SIGNATURE "\x21\x11\0\0"), PROXY_BAD_LENGTH },
	{ OCTETS(SIGNATURE "\x21\x11\0\x0b" V4_ADDRESSES), PROXY_BAD_LENGTH },
	{ OCTETS(SIGNATURE "\x21\x21\0\x0c" V4_ADDRESSES), PROXY_BAD_LENGTH },
	{ OCTETS(SIGNATURE "\x21\x31\0\x0c" V4_ADDRESSES), PROXY_BAD_LENGTH },
	{ OCTETS(SIGNATURE "\x21\x11\xff\xff"), PROXY_TOO_LONG },
	{ OCTETS(SIGNATURE "\x20\0\x0f\xf1"), PROXY_TOO_LONG },
	{ OCTETS(SIGNATURE "\x21\x11\0\x0d" V4_ADDRESSES "\4"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x0e" V4_ADDRESSES "\4\0"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x0f" V4_ADDRESSES "\4\0\1"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x10" V4_ADDRESSES "\4\xff\xff"
			   "a"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x13" V4_ADDRESSES "\x20\0\4\1\0\0\0"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x12" V4_ADDRESSES "\3\0\3abc"),
	    PROXY_BAD_EXTENSION },
	{ OCTETS(SIGNATURE "\x21\x11\0\x13" V4_ADDRESSES
			   "\3\0\4\x03\x7d\x5a\xcf"),
	    PROXY_BAD_CHECKSUM },
	{ OCTETS(SIGNATURE "\x21\0\0\1x"), PROXY_BAD_EXTENSION },
};

START_TEST(refuses_what_is_none)
{
	size_t length = refused[_i].length;
	char *data = guard_copy(refused[_i].data, length);
	struct proxy_header header = { .length = 77 };
	enum proxy_verdict verdict = proxy_parse(data, length, &header);

	ck_assert_msg(verdict == refused[_i].verdict, "%s",
	    proxy_verdict_text(verdict));
	ck_assert_uint_eq(header.length, 77);
	ck_assert_uint_gt(strlen(proxy_verdict_text(verdict)), 0);
}
END_TEST

START_TEST(reads_the_longest_header)
{
	static const char start[] = SIGNATURE "\x21\x11\x0f\xf0" V4_ADDRESSES
					      "\4\x0f\xe1";
	char *data = guard_room(PROXY_MAX_BYTES);
	struct proxy_header header;

	memset(data, 'x', PROXY_MAX_BYTES);
	memcpy(data, start, sizeof(start) - 1);
	ck_assert_int_eq(proxy_parse(data, PROXY_MAX_BYTES, &header),
	    PROXY_COMPLETE);
	ck_assert_uint_eq(header.length, PROXY_MAX_BYTES);
	ck_assert_int_eq(proxy_parse(data, PROXY_MAX_BYTES - 1, &header),
	    PROXY_INCOMPLETE);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("proxy");
	TCase *tcase = tcase_create("proxy");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, reads_a_header, 0, COUNT(complete));
	tcase_add_loop_test(tcase, waits_for_every_octet_of_it, 0,
	    COUNT(complete));
	tcase_add_loop_test(tcase, leaves_what_follows, 0, COUNT(complete));
	tcase_add_loop_test(tcase, refuses_what_is_none, 0, COUNT(refused));
	tcase_add_test(tcase, reads_the_longest_header);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
