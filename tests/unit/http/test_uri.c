/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/uri.h"
#include "unit/guard.h"

#define COUNT(a)  ((int)(sizeof(a) / sizeof((a)[0])))

#define AUTHORITY URI_BAD_AUTHORITY
#define FORM	  URI_BAD_FORM

/* What a target is taken apart into: "form host:port path ?query". */
static const struct {
	const char *method, *target;
	enum uri_verdict verdict;
	const char *expected;
} targets[] = {
	/* origin-form */
	{ "GET", "/", URI_OK, "origin - /" },
	{ "GET", "/file.txt", URI_OK, "origin - /file.txt" },
	{ "GET", "/a?b", URI_OK, "origin - /a ?b" },
	{ "GET", "/a?", URI_OK, "origin - /a ?" },
	{ "GET", "/?a=1?b=/", URI_OK, "origin - / ?a=1?b=/" },
	{ "GET", "//host/a", URI_OK, "origin - //host/a" },
	{ "GET", "/a//b/../c/.", URI_OK, "origin - /a//b/../c/." },
	{ "GET", "/%41%2f?%zz%", URI_OK, "origin - /%41%2f ?%zz%" },
	{ "GET", "/;a=b,c:d@e!$&'()*+-._~", URI_OK,
	    "origin - /;a=b,c:d@e!$&'()*+-._~" },
	{ "GET", "/[a]|^", URI_OK, "origin - /[a]|^" },
	{ "GET", "/?[a]|^{}`\\", URI_OK, "origin - / ?[a]|^{}`\\" },
	{ "OPTIONS", "/", URI_OK, "origin - /" },
	{ "GET", "/%", URI_BAD_ENCODING, "" },
	{ "GET", "/%1", URI_BAD_ENCODING, "" },
	{ "GET", "/%zz", URI_BAD_ENCODING, "" },
	{ "GET", "/%u0066", URI_BAD_ENCODING, "" },
	{ "GET", "/%%32%65", URI_BAD_ENCODING, "" },
	{ "GET", "/% 20", URI_BAD_OCTET, "" },
	{ "GET", "/a#b", URI_BAD_OCTET, "" },
	{ "GET", "/a?b#c", URI_BAD_OCTET, "" },
	{ "GET", "/\"a\"", URI_BAD_OCTET, "" },
	{ "GET", "/?\"a\"", URI_BAD_OCTET, "" },
	{ "GET", "/<a>", URI_BAD_OCTET, "" },
	{ "GET", "/?<a>", URI_BAD_OCTET, "" },
	{ "GET", "/a\\b", URI_BAD_OCTET, "" },
	{ "GET", "/`id`", URI_BAD_OCTET, "" },
	{ "GET", "/{a}", URI_BAD_OCTET, "" },
	{ "GET", "/\xc3\xa4", URI_BAD_OCTET, "" },
	{ "GET", "/?\xc3\xa4", URI_BAD_OCTET, "" },
	{ "GET", "/\x01", URI_BAD_OCTET, "" },
	{ "GET", "/\x7f", URI_BAD_OCTET, "" },
	/* absolute-form */
	{ "GET", "http://localhost/a?b", URI_OK, "http localhost /a ?b" },
	{ "GET", "HTTP://localhost/a", URI_OK, "http localhost /a" },
	{ "GET", "https://localhost/", URI_OK, "https localhost /" },
	{ "GET", "HttpS://LocalHost/", URI_OK, "https LocalHost /" },
	{ "GET", "http://localhost", URI_OK, "http localhost /" },
	{ "GET", "http://localhost?a", URI_OK, "http localhost / ?a" },
	{ "GET", "http://localhost:80/", URI_OK, "http localhost:80 /" },
	{ "GET", "http://localhost:/", URI_OK, "http localhost /" },
	{ "GET", "http://[::1]:8080/", URI_OK, "http [::1]:8080 /" },
	{ "POST", "http://a/../b", URI_OK, "http a /../b" },
	{ "OPTIONS", "http://a/", URI_OK, "http a /" },
	{ "OPTIONS", "http://a?b", URI_OK, "http a / ?b" },
	{ "GET", "http:///a", AUTHORITY, "" },
	{ "GET", "http://", AUTHORITY, "" },
	{ "GET", "http://?a", AUTHORITY, "" },
	{ "GET", "http://:80/", AUTHORITY, "" },
	{ "GET", "http://localhost:80x/", AUTHORITY, "" },
	{ "GET", "http://localhost::80/", AUTHORITY, "" },
	{ "GET", "http://localhost:65536/", AUTHORITY, "" },
	{ "GET", "http://[::1/", AUTHORITY, "" },
	{ "GET", "http://[::1]x/", AUTHORITY, "" },
	{ "GET", "http://user@localhost/", AUTHORITY, "" },
	{ "GET", "http://user:pw@localhost/", AUTHORITY, "" },
	{ "GET", "http://localhost\\@evil/", AUTHORITY, "" },
	{ "GET", "http://local#host/", AUTHORITY, "" },
	{ "GET", "ftp://localhost/", URI_BAD_SCHEME, "" },
	{ "GET", "httpx://localhost/", URI_BAD_SCHEME, "" },
	{ "GET", "ws://localhost/", URI_BAD_SCHEME, "" },
	{ "GET", "file:///etc/passwd", URI_BAD_SCHEME, "" },
	{ "GET", "http:/localhost/", FORM, "" },
	{ "GET", "http:localhost", FORM, "" },
	{ "GET", "://localhost/", FORM, "" },
	{ "GET", "1http://localhost/", FORM, "" },
	{ "GET", "ht_tp://localhost/", FORM, "" },
	{ "GET", "http://localhost/%zz", URI_BAD_ENCODING, "" },
	/* authority-form */
	{ "CONNECT", "localhost:443", URI_OK, "authority localhost:443" },
	{ "CONNECT", "[::1]:443", URI_OK, "authority [::1]:443" },
	{ "CONNECT", "localhost", AUTHORITY, "" },
	{ "CONNECT", "localhost:", AUTHORITY, "" },
	{ "CONNECT", ":443", AUTHORITY, "" },
	{ "CONNECT", "", AUTHORITY, "" },
	{ "CONNECT", "/", AUTHORITY, "" },
	{ "CONNECT", "*", AUTHORITY, "" },
	{ "CONNECT", "localhost:443/", AUTHORITY, "" },
	{ "CONNECT", "http://localhost:80", AUTHORITY, "" },
	{ "CONNECT", "user@localhost:443", AUTHORITY, "" },
	{ "GET", "localhost:443", FORM, "" },
	/* asterisk-form */
	{ "OPTIONS", "*", URI_OK, "asterisk -" },
	{ "OPTIONS", "http://a:80", URI_OK, "asterisk a:80" },
	{ "GET", "*", FORM, "" },
	{ "options", "*", FORM, "" },
	{ "OPTIONS", "**", FORM, "" },
	{ "OPTIONS", "*?a", FORM, "" },
	/* none */
	{ "GET", "", FORM, "" },
	{ "GET", "file.txt", FORM, "" },
	{ "GET", "foo/bar", FORM, "" },
	{ "GET", "?a=1", FORM, "" },
	{ "GET", "!", FORM, "" },
	{ "GET", "../a", FORM, "" },
	{ "GET", "%2f", FORM, "" },
	{ "GET", "\\a", FORM, "" },
};

static void
describe(const struct uri_target *target, char *out, size_t size)
{
	static const char *const forms[] = { "origin", "http", "authority",
		"asterisk" };
	int n = snprintf(out, size, "%s",
	    target->https ? "https" : forms[target->form]);

	if (target->has_host)
		n += snprintf(out + n, size - (size_t)n, " %.*s",
		    (int)target->host.name.len, target->host.name.data);
	else
		n += snprintf(out + n, size - (size_t)n, " -");
	if (target->host.port >= 0)
		n += snprintf(out + n, size - (size_t)n, ":%d",
		    target->host.port);
	if (target->path.len > 0)
		n += snprintf(out + n, size - (size_t)n, " %.*s",
		    (int)target->path.len, target->path.data);
	if (target->has_query)
		snprintf(out + n, size - (size_t)n, " ?%.*s",
		    (int)target->query.len, target->query.data);
}

START_TEST(takes_targets_apart)
{
	struct uri_target target = { .form = URI_AUTHORITY };
	enum uri_verdict verdict =
	    uri_target_parse(slice_from_string(targets[_i].method),
		guard_text(targets[_i].target), &target);
	char got[256] = "";

	ck_assert_msg(verdict == targets[_i].verdict, "%s: %s",
	    targets[_i].target, uri_verdict_text(verdict));
	if (verdict == URI_OK)
		describe(&target, got, sizeof(got));
	ck_assert_str_eq(got, targets[_i].expected);
}
END_TEST

#define SLASH	  URI_ENCODED_SLASH
#define FORBIDDEN URI_FORBIDDEN_OCTET
#define UTF8	  URI_BAD_UTF8
#define ABOVE	  URI_ABOVE_ROOT

static const struct {
	const char *raw;
	enum uri_verdict verdict;
	const char *path;
} paths[] = {
	{ "/", URI_OK, "/" },
	{ "/a", URI_OK, "/a" },
	{ "/a/", URI_OK, "/a/" },
	{ "/a/b.c", URI_OK, "/a/b.c" },
	/* Decoded, and once. */
	{ "/%41%2d%5F", URI_OK, "/A-_" },
	{ "/a%20b", URI_OK, "/a b" },
	{ "/10%25.txt", URI_OK, "/10%.txt" },
	{ "/%2541", URI_OK, "/%41" },
	{ "/%252e%252e/x", URI_OK, "/%2e%2e/x" },
	{ "/..%252fx", URI_OK, "/..%2fx" },
	{ "/file.txt%3Fx", URI_OK, "/file.txt?x" },
	{ "/a%23b", URI_OK, "/a#b" },
	{ "/%22%3c%3e", URI_OK, "/\"<>" },
	{ "/a+b", URI_OK, "/a+b" },
	{ "/a;b=c", URI_OK, "/a;b=c" },
	/* Empty segments. */
	{ "//", URI_OK, "/" },
	{ "///a", URI_OK, "/a" },
	{ "/a//b", URI_OK, "/a/b" },
	{ "/a///", URI_OK, "/a/" },
	{ "//evil.example/", URI_OK, "/evil.example/" },
	/* Dot segments. */
	{ "/.", URI_OK, "/" },
	{ "/./", URI_OK, "/" },
	{ "/./a", URI_OK, "/a" },
	{ "/a/.", URI_OK, "/a/" },
	{ "/a/./b", URI_OK, "/a/b" },
	{ "/a/..", URI_OK, "/" },
	{ "/a/../", URI_OK, "/" },
	{ "/a/../b", URI_OK, "/b" },
	{ "/a/b/..", URI_OK, "/a/" },
	{ "/a/b/../..", URI_OK, "/" },
	{ "/a/b/../../c", URI_OK, "/c" },
	{ "/a/b/../c/../d", URI_OK, "/a/d" },
	{ "/ab/..", URI_OK, "/" },
	{ "/a//../b", URI_OK, "/b" },
	{ "/a/.//../b", URI_OK, "/b" },
	{ "/a/%2e/b", URI_OK, "/a/b" },
	{ "/a/%2e%2e/b", URI_OK, "/b" },
	{ "/a/%2E./b", URI_OK, "/b" },
	{ "/a/.%2e/b", URI_OK, "/b" },
	{ "/...", URI_OK, "/..." },
	{ "/..../a", URI_OK, "/..../a" },
	{ "/.a/..b/a..", URI_OK, "/.a/..b/a.." },
	{ "/..;/a", URI_OK, "/..;/a" },
	{ "/..%20/a", URI_OK, "/.. /a" },
	/* Above the root. */
	{ "/..", ABOVE, "" },
	{ "/../", ABOVE, "" },
	{ "/../a", ABOVE, "" },
	{ "//../a", ABOVE, "" },
	{ "/./../a", ABOVE, "" },
	{ "/a/../../b", ABOVE, "" },
	{ "/a/../../a/b", ABOVE, "" },
	{ "/a//////..//////..//////b", ABOVE, "" },
	{ "/a/..//../b", ABOVE, "" },
	{ "/%2e%2e", ABOVE, "" },
	{ "/%2e./a", ABOVE, "" },
	{ "/.%2E/a", ABOVE, "" },
	{ "/a/%2e%2e/%2e%2e", ABOVE, "" },
	{ "/%2e%2e/../%2e./.%2e/../%2e%2e/etc/passwd", ABOVE, "" },
	/* Encoded separators. */
	{ "/%2f", SLASH, "" },
	{ "/%2F", SLASH, "" },
	{ "/a%2fb", SLASH, "" },
	{ "/..%2fa", SLASH, "" },
	{ "/%2e%2e%2fa", SLASH, "" },
	{ "/a%2f..%2f..%2fb", SLASH, "" },
	{ "/a%5cb", URI_BACKSLASH, "" },
	{ "/..%5Ca", URI_BACKSLASH, "" },
	{ "/a\\b", URI_BAD_OCTET, "" },
	{ "/a\\b", URI_BAD_OCTET, "" },
	{ "/..\\a", URI_BAD_OCTET, "" },
	/* NUL and controls. */
	{ "/a%00", FORBIDDEN, "" },
	{ "/a%00.html", FORBIDDEN, "" },
	{ "/..%00/a", FORBIDDEN, "" },
	{ "/%01", FORBIDDEN, "" },
	{ "/%09", FORBIDDEN, "" },
	{ "/%0d%0aSet-Cookie:%20a=b", FORBIDDEN, "" },
	{ "/a%0A", FORBIDDEN, "" },
	{ "/%1b[31m", FORBIDDEN, "" },
	{ "/%1f", FORBIDDEN, "" },
	{ "/%7F", FORBIDDEN, "" },
	/* UTF-8. */
	{ "/caf%C3%A9", URI_OK, "/caf\xc3\xa9" },
	{ "/%c2%80", URI_OK, "/\xc2\x80" },
	{ "/%df%bf", URI_OK, "/\xdf\xbf" },
	{ "/%e0%a0%80", URI_OK, "/\xe0\xa0\x80" },
	{ "/%e2%82%ac", URI_OK, "/\xe2\x82\xac" },
	{ "/%ed%9f%bf", URI_OK, "/\xed\x9f\xbf" },
	{ "/%ee%80%80", URI_OK, "/\xee\x80\x80" },
	{ "/%f0%90%80%80", URI_OK, "/\xf0\x90\x80\x80" },
	{ "/%f0%9f%98%80", URI_OK, "/\xf0\x9f\x98\x80" },
	{ "/%f4%8f%bf%bf", URI_OK, "/\xf4\x8f\xbf\xbf" },
	{ "/%80", UTF8, "" },
	{ "/%bf", UTF8, "" },
	{ "/%ff", UTF8, "" },
	{ "/%fe", UTF8, "" },
	{ "/%c3", UTF8, "" },
	{ "/%c3/%a9", UTF8, "" },
	{ "/%c3x", UTF8, "" },
	{ "/%c3%c3", UTF8, "" },
	{ "/%e2%82", UTF8, "" },
	{ "/%e2%82x", UTF8, "" },
	{ "/%f0%9f%98", UTF8, "" },
	{ "/..%c0%afa", UTF8, "" },
	{ "/%c0%ae%c0%ae/a", UTF8, "" },
	{ "/%c1%9c", UTF8, "" },
	{ "/..%e0%80%afa", UTF8, "" },
	{ "/%e0%9f%bf", UTF8, "" },
	{ "/%f0%80%80%af", UTF8, "" },
	{ "/%f0%8f%bf%bf", UTF8, "" },
	{ "/%ed%a0%80", UTF8, "" },
	{ "/%ed%bf%bf", UTF8, "" },
	{ "/%f4%90%80%80", UTF8, "" },
	{ "/%f5%80%80%80", UTF8, "" },
	{ "/%f8%80%80%80%af", UTF8, "" },
	{ "/%ff/../a", UTF8, "" },
	/* Not a path. */
	{ "", URI_BAD_FORM, "" },
	{ "a", URI_BAD_FORM, "" },
	{ "%2f", URI_BAD_FORM, "" },
	{ "../a", URI_BAD_FORM, "" },
	{ "/%", URI_BAD_ENCODING, "" },
	{ "/%4", URI_BAD_ENCODING, "" },
	{ "/%4g", URI_BAD_ENCODING, "" },
	{ "/%g4", URI_BAD_ENCODING, "" },
	{ "/%u002e", URI_BAD_ENCODING, "" },
	{ "/.%%32%65/a", URI_BAD_ENCODING, "" },
	{ "/%/../a", URI_BAD_ENCODING, "" },
	{ "/a?b", URI_BAD_OCTET, "" },
	{ "/a b", URI_BAD_OCTET, "" },
	{ "/\xc3\xa9", URI_BAD_OCTET, "" },
};

START_TEST(decodes_and_normalises_paths)
{
	struct slice raw = guard_text(paths[_i].raw);
	char *out = guard_room(raw.len + 1);
	size_t length = 42;
	enum uri_verdict verdict = uri_decode_path(raw, out, raw.len + 1,
	    &length);

	ck_assert_msg(verdict == paths[_i].verdict, "%s: %s", paths[_i].raw,
	    uri_verdict_text(verdict));
	if (verdict != URI_OK) {
		ck_assert_uint_eq(length, 42);
		return;
	}
	ck_assert_str_eq(out, paths[_i].path);
	ck_assert_uint_eq(length, strlen(paths[_i].path));
}
END_TEST

/* What a normalised path promises, for whatever octets one can think of. */
START_TEST(never_breaks_its_promise)
{
	static const char *const pieces[] = { "/", "/", ".", "..", "%2e",
		"%2E%2e", "a", "b", "//", "%2f", "%5c", "%00", "%c3%a9", "%c0",
		"\\", ";", "%", "%25" };

	srand(1);
	for (int round = 0; round < 200000; round++) {
		char text[128] = "/", out[128];
		size_t length;

		for (int i = rand() % 12; i > 0; i--)
			strcat(text, pieces[rand() % COUNT(pieces)]);
		if (uri_decode_path(slice_from_string(text), out, sizeof(out),
			&length) != URI_OK)
			continue;
		ck_assert_uint_eq(strlen(out), length);
		ck_assert_int_eq(out[0], '/');
		strcat(out, "/");
		ck_assert_msg(!strstr(out + (length == 1), "//") ||
			out[length - 1] == '/',
		    "%s", text);
		ck_assert_msg(!strstr(out, "/../"), "%s", text);
		ck_assert_msg(!strstr(out, "/./"), "%s", text);
		ck_assert_ptr_null(strchr(out, '\\'));
	}
}
END_TEST

START_TEST(says_when_a_path_has_no_room)
{
	struct slice raw = guard_text("/abc/d");
	char *end = guard_room(7) + 7;
	size_t length;

	for (size_t size = 0; size < 7; size++)
		ck_assert_int_eq(uri_decode_path(raw, end - size, size,
				     &length),
		    URI_TOO_LONG);
	ck_assert_int_eq(uri_decode_path(raw, end - 7, 7, &length), URI_OK);
	ck_assert_int_eq(uri_verdict_status(URI_TOO_LONG), 414);
}
END_TEST

static const struct {
	const char *text;
	bool valid;
	const char *name;
	int port;
} hosts[] = {
	{ "localhost", true, "localhost", -1 },
	{ "LocalHost", true, "LocalHost", -1 },
	{ "localhost:80", true, "localhost", 80 },
	{ "localhost:", true, "localhost", -1 },
	{ "abcd-ef.g02.xyz:", true, "abcd-ef.g02.xyz", -1 },
	{ "a:0", true, "a", 0 },
	{ "a:00080", true, "a", 80 },
	{ "a:65535", true, "a", 65535 },
	{ "example.com.", true, "example.com.", -1 },
	{ "foo_bar.example.com", true, "foo_bar.example.com", -1 },
	{ "-a.c", true, "-a.c", -1 },
	{ ".", true, ".", -1 },
	{ "a,b", true, "a,b", -1 },
	{ "a!$&'()*+,;=~", true, "a!$&'()*+,;=~", -1 },
	{ "a%20b", true, "a%20b", -1 },
	{ "xn--bcher-kva.example", true, "xn--bcher-kva.example", -1 },
	{ "127.0.0.1", true, "127.0.0.1", -1 },
	{ "127.0.0.1:8080", true, "127.0.0.1", 8080 },
	{ "017700000001", true, "017700000001", -1 },
	{ "", true, "", -1 },
	{ "[::]", true, "[::]", -1 },
	{ "[::1]", true, "[::1]", -1 },
	{ "[::1]:80", true, "[::1]", 80 },
	{ "[::1]:", true, "[::1]", -1 },
	{ "[1::]", true, "[1::]", -1 },
	{ "[1:2:3:4:5:6:7:8]", true, "[1:2:3:4:5:6:7:8]", -1 },
	{ "[1::3:4:5:6:7:8]", true, "[1::3:4:5:6:7:8]", -1 },
	{ "[::2:3:4:5:6:7:8]", true, "[::2:3:4:5:6:7:8]", -1 },
	{ "[1:2:3:4:5:6:7::]", true, "[1:2:3:4:5:6:7::]", -1 },
	{ "[2001:DB8::ffff]", true, "[2001:DB8::ffff]", -1 },
	{ "[::ffff:12.30.67.89]", true, "[::ffff:12.30.67.89]", -1 },
	{ "[1:2:3:4:5:6:1.2.3.4]", true, "[1:2:3:4:5:6:1.2.3.4]", -1 },
	{ "[::1.2.3.4]", true, "[::1.2.3.4]", -1 },
	{ "[v1.a]", true, "[v1.a]", -1 },
	{ "[vF.a:b]:1", true, "[vF.a:b]", 1 },
	{ "[v0123456789aBcDeF.!$&'()*+,;=-._~AbC:]", true,
	    "[v0123456789aBcDeF.!$&'()*+,;=-._~AbC:]", -1 },
	{ "a:65536", false, "", 0 },
	{ "a:99999", false, "", 0 },
	{ "a:4294967376", false, "", 0 },
	{ "a:18446744073709551696", false, "", 0 },
	{ "a:b", false, "", 0 },
	{ "a:-1", false, "", 0 },
	{ "a:+1", false, "", 0 },
	{ "a: 1", false, "", 0 },
	{ "a:1 ", false, "", 0 },
	{ "a:1.2", false, "", 0 },
	{ "a:80 x", false, "", 0 },
	{ "a:80/", false, "", 0 },
	{ "a:80:80", false, "", 0 },
	{ "a::80", false, "", 0 },
	{ ":80", false, "", 0 },
	{ ":", false, "", 0 },
	{ " a", false, "", 0 },
	{ "a b", false, "", 0 },
	{ "a\tb", false, "", 0 },
	{ "a, b", false, "", 0 },
	{ "a/b", false, "", 0 },
	{ "a\\b", false, "", 0 },
	{ "a?b", false, "", 0 },
	{ "a#b", false, "", 0 },
	{ "a@b", false, "", 0 },
	{ "http://a/", false, "", 0 },
	{ "<script>", false, "", 0 },
	{ "\"a\"", false, "", 0 },
	{ "a|b", false, "", 0 },
	{ "a^b", false, "", 0 },
	{ "{a}", false, "", 0 },
	{ "a`b", false, "", 0 },
	{ "a\x02", false, "", 0 },
	{ "a\x7f", false, "", 0 },
	{ "a\xa0", false, "", 0 },
	{ "\xff", false, "", 0 },
	{ "a%", false, "", 0 },
	{ "a%1", false, "", 0 },
	{ "a%zz", false, "", 0 },
	{ "4714::abcd:8001", false, "", 0 },
	{ "::1", false, "", 0 },
	{ "[", false, "", 0 },
	{ "]", false, "", 0 },
	{ "[]", false, "", 0 },
	{ "[]:80", false, "", 0 },
	{ "[:]", false, "", 0 },
	{ "[:::]", false, "", 0 },
	{ "[::1", false, "", 0 },
	{ "::1]", false, "", 0 },
	{ "[::1]80", false, "", 0 },
	{ "[::1]:x", false, "", 0 },
	{ "[::1]]", false, "", 0 },
	{ "[[::1]]", false, "", 0 },
	{ "x[::1]", false, "", 0 },
	{ "[1:2:3:4:5:6:7]", false, "", 0 },
	{ "[1:2:3:4:5:6:7:8:9]", false, "", 0 },
	{ "[1:2:3:4:5:6:7:8::]", false, "", 0 },
	{ "[1::2::3]", false, "", 0 },
	{ "[1:2:3:4:5:6:7:]", false, "", 0 },
	{ "[:1:2:3:4:5:6:7]", false, "", 0 },
	{ "[12345::]", false, "", 0 },
	{ "[g::]", false, "", 0 },
	{ "[::1.2.3]", false, "", 0 },
	{ "[::1.2.3.256]", false, "", 0 },
	{ "[::1.2.3.04]", false, "", 0 },
	{ "[::1.2.3.4:5]", false, "", 0 },
	{ "[1.2.3.4::]", false, "", 0 },
	{ "[1:2:3:4:5:6:7:1.2.3.4]", false, "", 0 },
	{ "[1.2.3.4]", false, "", 0 },
	{ "[fe80::1%25eth0]", false, "", 0 },
	{ "[fe80::1%eth0]", false, "", 0 },
	{ "[abcd::e\\f98:0/:7654:321]", false, "", 0 },
	{ "[::1]/../../../", false, "", 0 },
	{ "[v.a]", false, "", 0 },
	{ "[v1.]", false, "", 0 },
	{ "[v1]", false, "", 0 },
	{ "[vg.a]", false, "", 0 },
	{ "[v1.a/b]", false, "", 0 },
	{ "[v1.a%41]", false, "", 0 },
};

START_TEST(reads_hosts)
{
	struct uri_host host = { { "x", 1 }, 42 };
	bool valid = uri_host_parse(guard_text(hosts[_i].text), &host);

	ck_assert_msg(valid == hosts[_i].valid, "%s", hosts[_i].text);
	if (!valid) {
		ck_assert_int_eq(host.port, 42);
		return;
	}
	ck_assert(slice_is(host.name, hosts[_i].name));
	ck_assert_int_eq(host.port, hosts[_i].port);
}
END_TEST

START_TEST(limits_the_length_of_a_host)
{
	char text[300];
	struct uri_host host;

	memset(text, 'a', sizeof(text));
	ck_assert(uri_host_parse(guard_slice(text, URI_HOST_MAX_BYTES), &host));
	ck_assert(!uri_host_parse(guard_slice(text, URI_HOST_MAX_BYTES + 1),
	    &host));
	memcpy(text + URI_HOST_MAX_BYTES, ":80", 3);
	ck_assert(uri_host_parse(guard_slice(text, URI_HOST_MAX_BYTES + 3),
	    &host));
}
END_TEST

static const struct {
	const char *query, *name;
	enum uri_query_verdict verdict;
	const char *value;
} queries[] = {
	{ "a=1", "a", URI_QUERY_FOUND, "1" },
	{ "a=1&b=2", "b", URI_QUERY_FOUND, "2" },
	{ "a=1&a=2", "a", URI_QUERY_FOUND, "1" },
	{ "a", "a", URI_QUERY_FOUND, "" },
	{ "a=", "a", URI_QUERY_FOUND, "" },
	{ "a&b", "b", URI_QUERY_FOUND, "" },
	{ "a=b=c", "a", URI_QUERY_FOUND, "b=c" },
	{ "&&a=1&", "a", URI_QUERY_FOUND, "1" },
	{ "a=x+y", "a", URI_QUERY_FOUND, "x y" },
	{ "a=x%20y%2B", "a", URI_QUERY_FOUND, "x y+" },
	{ "a=%41%c3%a9", "a", URI_QUERY_FOUND, "A\xc3\xa9" },
	{ "a=%26&b=1", "a", URI_QUERY_FOUND, "&" },
	{ "%61=1", "a", URI_QUERY_FOUND, "1" },
	{ "a+b=1", "a b", URI_QUERY_FOUND, "1" },
	{ "a%3Db=1", "a=b", URI_QUERY_FOUND, "1" },
	{ "a=100%", "a", URI_QUERY_FOUND, "100%" },
	{ "a=%zz%4", "a", URI_QUERY_FOUND, "%zz%4" },
	{ "a=%2541", "a", URI_QUERY_FOUND, "%41" },
	{ "a=?/:@", "a", URI_QUERY_FOUND, "?/:@" },
	{ "a=1;b=2", "a", URI_QUERY_FOUND, "1;b=2" },
	{ "a=%0d%0a", "a", URI_QUERY_FOUND, "\r\n" },
	{ "", "a", URI_QUERY_ABSENT, "" },
	{ "b=1", "a", URI_QUERY_ABSENT, "" },
	{ "ab=1", "a", URI_QUERY_ABSENT, "" },
	{ "a=1", "ab", URI_QUERY_ABSENT, "" },
	{ "A=1", "a", URI_QUERY_ABSENT, "" },
	{ "b=a", "a", URI_QUERY_ABSENT, "" },
	{ "b=&c=a=1", "a", URI_QUERY_ABSENT, "" },
	{ "a%00=1", "a", URI_QUERY_ABSENT, "" },
	{ "b%26a=1", "a", URI_QUERY_ABSENT, "" },
	{ "a=x%00y", "a", URI_QUERY_HAS_NUL, "" },
	{ "a=%00&a=1", "a", URI_QUERY_HAS_NUL, "" },
};

START_TEST(finds_query_values)
{
	struct slice query = guard_text(queries[_i].query);
	char *out = guard_room(query.len + 1);
	size_t length = 42;
	enum uri_query_verdict verdict = uri_query_value(query,
	    queries[_i].name, out, query.len + 1, &length);

	ck_assert_msg(verdict == queries[_i].verdict, "%s in %s",
	    queries[_i].name, queries[_i].query);
	if (verdict != URI_QUERY_FOUND) {
		ck_assert_uint_eq(length, 42);
		return;
	}
	ck_assert_str_eq(out, queries[_i].value);
	ck_assert_uint_eq(length, strlen(queries[_i].value));
}
END_TEST

START_TEST(says_when_a_value_has_no_room)
{
	struct slice query = guard_text("a=1234");
	char *end = guard_room(5) + 5;
	size_t length;

	for (size_t size = 0; size < 5; size++)
		ck_assert_int_eq(uri_query_value(query, "a", end - size, size,
				     &length),
		    URI_QUERY_TOO_LONG);
	ck_assert_int_eq(uri_query_value(query, "a", end - 5, 5, &length),
	    URI_QUERY_FOUND);
}
END_TEST

static const struct {
	const char *target, *encoded;
} encodings[] = {
	{ "/a%41b?c%", "/a%41b?c%" },
	{ "/\xc3\xa4?\xc3\xa4", "/%C3%A4?%C3%A4" },
	{ "/\xff\x80", "/%FF%80" },
	{ "/\"<>`{}|[]^", "/%22%3C%3E%60%7B%7D|[]^" },
	{ "/?\"<>`{}|[]^\\", "/?%22%3C%3E`{}|[]^\\" },
	{ "/a?b?{", "/a?b?{" },
	{ "/a\\b#", "/a\\b#" },
	{ "http://\xc3\xa4/\xc3\xa4", "http://\xc3\xa4/%C3%A4" },
	{ "http://{}?<", "http://{}?%3C" },
	{ "http://a/b://{", "http://a/b://%7B" },
	{ "/http://a/{", "/http://a/%7B" },
	{ "http://\xc3\xa4", "http://\xc3\xa4" },
	{ "\xc3\xa4", "\xc3\xa4" },
	{ "{}:443", "{}:443" },
	{ "*", "*" },
	{ "", "" },
};

START_TEST(encodes_what_clients_leave)
{
	struct slice target = slice_from_string(encodings[_i].target);
	struct slice encoded;
	char out[64];

	encoded.data = out;
	encoded.len = uri_encode_target(target, NULL);
	ck_assert_uint_eq(uri_encode_target(target, out), encoded.len);
	ck_assert(slice_is(encoded, encodings[_i].encoded));
	/* Once is enough. */
	ck_assert_uint_eq(uri_encode_target(encoded, NULL), encoded.len);
}
END_TEST

static const struct {
	const char *raw, *decoded, *spelled;
} slashes[] = {
	{ "/a/b", "/a/b", "/a/b" },
	{ "/a%2fb", "/a\001b", "/a%2Fb" },
	{ "/@a%2Fb/", "/@a\001b/", "/@a%2Fb/" },
	{ "/a%252Fb", "/a%2Fb", "/a%252Fb" },
	{ "/a%25252Fb%2f", "/a%252Fb\001", "/a%25252Fb%2F" },
	{ "/%2f..%2f/../b", "/b", "/b" },
	{ "/..%2fb", "/..\001b", "/..%2Fb" },
	{ "/%2f", "/\001", "/%2F" },
	{ "/%2e%2e%2fb", "/..\001b", "/..%2Fb" },
};

START_TEST(marks_encoded_slashes)
{
	struct slice raw = slice_from_string(slashes[_i].raw);
	char decoded[64], spelled[64];
	size_t length;

	ck_assert_int_eq(uri_decode_path_marked(raw, decoded, raw.len + 1,
			     &length),
	    URI_OK);
	ck_assert_str_eq(decoded, slashes[_i].decoded);
	ck_assert_uint_eq(length, strlen(decoded));
	length = uri_spell_path(decoded, spelled);
	ck_assert_str_eq(spelled, slashes[_i].spelled);
	ck_assert_uint_eq(length, strlen(spelled));
	ck_assert_uint_le(length, raw.len);
}
END_TEST

START_TEST(takes_no_mark_from_a_client)
{
	char out[16];
	size_t length;

	ck_assert_int_eq(uri_decode_path_marked(slice_from_string("/%01"), out,
			     sizeof(out), &length),
	    URI_FORBIDDEN_OCTET);
	ck_assert_int_eq(uri_decode_path_marked(slice_from_string("/\001"), out,
			     sizeof(out), &length),
	    URI_BAD_OCTET);
}
END_TEST

START_TEST(has_words_for_every_verdict)
{
	for (int v = URI_OK; v <= URI_TOO_LONG; v++) {
		ck_assert_ptr_nonnull(uri_verdict_text((enum uri_verdict)v));
		if (v != URI_OK && v != URI_TOO_LONG && v != URI_BACKSLASH &&
		    v != URI_BAD_UTF8)
			ck_assert_int_eq(
			    uri_verdict_status((enum uri_verdict)v), 400);
	}
	ck_assert_int_eq(uri_verdict_status(URI_OK), 0);
	ck_assert_int_eq(uri_verdict_status(URI_TOO_LONG), 414);
	ck_assert_int_eq(uri_verdict_status(URI_BACKSLASH), 404);
	ck_assert_int_eq(uri_verdict_status(URI_BAD_UTF8), 404);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("uri");
	TCase *tcase = tcase_create("uri");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_set_timeout(tcase, 60);
	tcase_add_loop_test(tcase, takes_targets_apart, 0, COUNT(targets));
	tcase_add_loop_test(tcase, decodes_and_normalises_paths, 0,
	    COUNT(paths));
	tcase_add_test(tcase, never_breaks_its_promise);
	tcase_add_test(tcase, says_when_a_path_has_no_room);
	tcase_add_loop_test(tcase, reads_hosts, 0, COUNT(hosts));
	tcase_add_test(tcase, limits_the_length_of_a_host);
	tcase_add_loop_test(tcase, finds_query_values, 0, COUNT(queries));
	tcase_add_test(tcase, says_when_a_value_has_no_room);
	tcase_add_loop_test(tcase, encodes_what_clients_leave, 0,
	    COUNT(encodings));
	tcase_add_loop_test(tcase, marks_encoded_slashes, 0, COUNT(slashes));
	tcase_add_test(tcase, takes_no_mark_from_a_client);
	tcase_add_test(tcase, has_words_for_every_verdict);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
