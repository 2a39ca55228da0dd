/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "http/head.h"
#include "unit/guard.h"

#define COUNT(a)   ((int)(sizeof(a) / sizeof((a)[0])))
#define B(bytes)   bytes, sizeof(bytes) - 1

#define MAX_LINE   100
#define MAX_HEAD   300
#define MAX_FIELDS 8

static const struct http_limits limits = { MAX_LINE, MAX_HEAD, MAX_FIELDS };

/* Beginnings of heads: what a case is about comes after them. */
#define GET	"GET / HTTP/1.1\r\nHost: a\r\n"
#define POST	"POST / HTTP/1.1\r\nHost: a\r\n"
#define GET10	"GET / HTTP/1.0\r\n"
#define CHUNKED "Transfer-Encoding: chunked\r\n"

#define OK	HTTP_COMPLETE
#define MORE	HTTP_INCOMPLETE

static const struct {
	const char *title;
	enum http_verdict verdict;
	const char *bytes;
	size_t length;
} heads[] = {
	/* The request line. */
	{ "plain", OK, B(GET "\r\n") },
	{ "HTTP/1.0", OK, B(GET10 "\r\n") },
	{ "a query", OK, B("GET /a?b=c HTTP/1.0\r\n\r\n") },
	{ "an unknown method", OK, B("MKCOLA / HTTP/1.0\r\n\r\n") },
	{ "a method of all tchars", OK,
	    B("M!#$%&'*+-.^_`|~09 / HTTP/1.0\r\n\r\n") },
	{ "a method in small letters", OK, B("get / HTTP/1.0\r\n\r\n") },
	{ "a target of nonsense", OK, B("GET \"<^>\" HTTP/1.0\r\n\r\n") },
	{ "one empty line before it", OK, B("\r\n" GET "\r\n") },
	{ "two empty lines before it", OK, B("\r\n\r\n" GET "\r\n") },
	{ "three empty lines before it", HTTP_TOO_MANY_EMPTY_LINES,
	    B("\r\n\r\n\r\n" GET "\r\n") },
	{ "a LF before it", HTTP_BARE_LF, B("\n" GET "\r\n") },
	{ "a CR before it", HTTP_BARE_CR, B("\r" GET "\r\n") },
	{ "CRs", HTTP_BARE_CR, B("\r\r\r\r") },
	{ "a space before it", HTTP_BAD_METHOD, B(" " GET "\r\n") },
	{ "a tab before it", HTTP_BAD_METHOD, B("\t" GET "\r\n") },
	{ "a space alone", HTTP_BAD_METHOD, B(" \r\nHost: a\r\n\r\n") },
	{ "a byte order mark", HTTP_BAD_METHOD, B("\xef\xbb\xbf" GET "\r\n") },
	{ "a ClientHello", HTTP_TLS_NOT_SPOKEN,
	    B("\x16\x03\x01\x00\xc8\x01\x00\x00\xc4\x03\x03") },
	{ "SSLv2", HTTP_BAD_METHOD, B("\x80\x2e\x01\x00\x02") },
	{ "HTTP/2", HTTP_VERSION_NOT_SUPPORTED,
	    B("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n") },
	{ "SSH", HTTP_BAD_METHOD, B("SSH-2.0-OpenSSH_9.2\r\n\r\n") },
	{ "PROXY version 1", HTTP_BAD_TARGET,
	    B("PROXY TCP4 192.0.2.1 192.0.2.2 5 443\r\n" GET "\r\n") },
	{ "PROXY version 2", HTTP_BAD_METHOD,
	    B("\r\n\r\n\0\r\nQUIT\n\x21\x11\0\x0c") },
	{ "a response", HTTP_BAD_METHOD, B("HTTP/1.1 200 OK\r\n\r\n") },
	{ "a method alone", HTTP_BAD_METHOD, B("GET\r\nHost: a\r\n\r\n") },
	{ "a method and a space", HTTP_NO_VERSION, B("GET \r\n\r\n") },
	{ "a method and two spaces", HTTP_BAD_TARGET, B("GET  \r\n\r\n") },
	{ "no method", HTTP_BAD_METHOD, B("/ HTTP/1.1\r\n\r\n") },
	{ "no space after the method", HTTP_BAD_METHOD,
	    B("GET/HTTP/1.0\r\n\r\n") },
	{ "a colon in the method", HTTP_BAD_METHOD,
	    B("GET: / HTTP/1.1\r\n\r\n") },
	{ "a colon first", HTTP_BAD_METHOD, B(":GET / HTTP/1.1\r\n\r\n") },
	{ "NUL in the method", HTTP_BAD_METHOD,
	    B("GET\0PROXY / HTTP/1.1\r\n\r\n") },
	{ "NUL for a method", HTTP_BAD_METHOD, B("\0 / HTTP/1.0\r\n\r\n") },
	{ "a tab in the method", HTTP_BAD_METHOD,
	    B("G\tT / HTTP/1.0\r\n\r\n") },
	{ "obs-text in the method", HTTP_BAD_METHOD,
	    B("GET\xff / HTTP/1.0\r\n\r\n") },
	{ "a space in the method", HTTP_BAD_TARGET,
	    B("G ET / HTTP/1.0\r\n\r\n") },
	{ "the longest method", OK,
	    B("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.0\r\n\r\n") },
	{ "a longer method", HTTP_METHOD_TOO_LONG,
	    B("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA / HTTP/1.0\r\n\r\n") },
	{ "an endless method", HTTP_METHOD_TOO_LONG,
	    B("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA") },
	{ "an empty target", HTTP_BAD_TARGET, B("GET  HTTP/1.1\r\n\r\n") },
	{ "two spaces before the target", HTTP_BAD_TARGET,
	    B("GET  / HTTP/1.1\r\n\r\n") },
	{ "two spaces after it", HTTP_BAD_TARGET,
	    B("GET /  HTTP/1.1\r\n\r\n") },
	{ "a tab before it", HTTP_BAD_METHOD, B("GET\t/ HTTP/1.1\r\n\r\n") },
	{ "a tab after it", HTTP_NO_VERSION, B("GET /\tHTTP/1.1\r\n\r\n") },
	{ "a form feed before it", HTTP_BAD_METHOD,
	    B("GET\f/ HTTP/1.1\r\n\r\n") },
	{ "a CR before it", HTTP_BARE_CR, B("GET\r/ HTTP/1.1\r\n\r\n") },
	{ "NUL before it", HTTP_BAD_METHOD, B("GET\0/ HTTP/1.1\r\n\r\n") },
	{ "a LF after it", HTTP_BARE_LF, B("GET /\nHTTP/1.1\r\n\r\n") },
	{ "a space in it", HTTP_BAD_TARGET, B("GET /a b HTTP/1.1\r\n\r\n") },
	{ "a tab in it", HTTP_BAD_TARGET, B("GET /a\tb HTTP/1.1\r\n\r\n") },
	{ "NUL in it", HTTP_CONTROL_OCTET, B("GET /a\0 HTTP/1.1\r\n\r\n") },
	{ "NUL in its query", HTTP_CONTROL_OCTET,
	    B("GET /?a=\0b HTTP/1.1\r\n\r\n") },
	{ "a control in it", HTTP_CONTROL_OCTET,
	    B("GET /\x01 HTTP/1.1\r\n\r\n") },
	{ "DEL in it", HTTP_CONTROL_OCTET, B("GET /\x7f HTTP/1.1\r\n\r\n") },
	{ "CR in it", HTTP_BARE_CR, B("GET /a\rb HTTP/1.1\r\n\r\n") },
	{ "UTF-8 in it", OK, B("GET /\xc3\xa4 HTTP/1.0\r\n\r\n") },
	{ "Latin-1 in it", OK, B("GET /\xe4?\xff HTTP/1.0\r\n\r\n") },
	{ "a trailing tab", HTTP_BAD_VERSION,
	    B("GET / HTTP/1.1\t\r\nHost: a\r\n\r\n") },
	{ "a trailing space", HTTP_BAD_TARGET,
	    B("GET / HTTP/1.1 \r\nHost: a\r\n\r\n") },
	{ "a fourth word", HTTP_BAD_TARGET, B("GET / HTTP/1.0 x\r\n\r\n") },
	{ "a bare LF", HTTP_BARE_LF, B("GET / HTTP/1.1\nHost: a\n\n") },
	{ "two CRs", HTTP_BARE_CR, B("GET / HTTP/1.1\r\r\n\r\n") },
	/* Versions. */
	{ "HTTP/0.9's form", HTTP_NO_VERSION, B("GET /\r\n") },
	{ "no version, then fields", HTTP_NO_VERSION,
	    B("GET /HTTP/1.0\r\nHost: a\r\n\r\n") },
	{ "HTTP/1.9", OK, B("GET / HTTP/1.9\r\nHost: a\r\n\r\n") },
	{ "HTTP/0.9", HTTP_VERSION_NOT_SUPPORTED, B("GET / HTTP/0.9\r\n\r\n") },
	{ "HTTP/2.0", HTTP_VERSION_NOT_SUPPORTED, B("GET / HTTP/2.0\r\n\r\n") },
	{ "HTTP/3.0", HTTP_VERSION_NOT_SUPPORTED, B("GET / HTTP/3.0\r\n\r\n") },
	{ "http", HTTP_BAD_VERSION, B("GET / http/1.1\r\n\r\n") },
	{ "Http", HTTP_BAD_VERSION, B("GET / Http/1.1\r\n\r\n") },
	{ "FTP", HTTP_BAD_VERSION, B("GET / FTP/1.1\r\n\r\n") },
	{ "IHTTP", HTTP_BAD_VERSION, B("GET / IHTTP/1.0\r\n\r\n") },
	{ "HTTP/", HTTP_BAD_VERSION, B("GET / HTTP/\r\n\r\n") },
	{ "HTTP/1", HTTP_BAD_VERSION, B("GET / HTTP/1\r\n\r\n") },
	{ "HTTP/1.", HTTP_BAD_VERSION, B("GET / HTTP/1.\r\n\r\n") },
	{ "HTTP/.1", HTTP_BAD_VERSION, B("GET / HTTP/.1\r\n\r\n") },
	{ "HTTP/11", HTTP_BAD_VERSION, B("GET / HTTP/11\r\n\r\n") },
	{ "HTTP/1,1", HTTP_BAD_VERSION, B("GET / HTTP/1,1\r\n\r\n") },
	{ "HTTP/1.11", HTTP_BAD_VERSION, B("GET / HTTP/1.11\r\n\r\n") },
	{ "HTTP/01.1", HTTP_BAD_VERSION, B("GET / HTTP/01.1\r\n\r\n") },
	{ "HTTP/a.b", HTTP_BAD_VERSION, B("GET / HTTP/a.b\r\n\r\n") },
	{ "HTTP/1.:", HTTP_BAD_VERSION, B("GET / HTTP/1.:\r\n\r\n") },
	{ "HTTP/1.1x", HTTP_BAD_VERSION, B("GET / HTTP/1.1x\r\n\r\n") },
	{ "HTTP/-1.1", HTTP_BAD_VERSION, B("GET / HTTP/-1.1\r\n\r\n") },
	{ "HTTP/+1.1", HTTP_BAD_VERSION, B("GET / HTTP/+1.1\r\n\r\n") },
	{ "2^32 + 1", HTTP_BAD_VERSION, B("GET / HTTP/4294967297.1\r\n\r\n") },
	{ "257", HTTP_BAD_VERSION, B("GET / HTTP/257.257\r\n\r\n") },
	{ "NUL behind", HTTP_CONTROL_OCTET, B("GET / HTTP/1.0\0\r\n\r\n") },
	{ "CRs within", HTTP_BARE_CR, B("GET / HTTP/\r\r1.1\r\n\r\n") },
	/* Field lines. */
	{ "no space after the colon", OK, B(GET "A:b\r\n\r\n") },
	{ "spaces and tabs around", OK, B(GET "A: \t b \t\r\n\r\n") },
	{ "an empty value", OK, B(GET "A:\r\n\r\n") },
	{ "a value of spaces", OK, B(GET "A: \t \r\n\r\n") },
	{ "a tab within", OK, B(GET "A: b\tc\r\n\r\n") },
	{ "obs-text", OK, B(GET "A: caf\xc3\xa9\x80\xff\r\n\r\n") },
	{ "a name of all tchars", OK, B(GET "!#$%&'*+-.^_`|~0aZ: b\r\n\r\n") },
	{ "colons in a value", OK, B(GET "A: :b: c:\r\n\r\n") },
	{ "the same name twice", OK, B(GET "A: b\r\nA: c\r\n\r\n") },
	{ "underscores do not frame", OK,
	    B(GET "Transfer_Encoding: x\r\nContent_Length: -1E23\r\n\r\n") },
	{ "no colon", HTTP_NO_COLON, B(GET "A\r\n\r\n") },
	{ "no colon, and a space", HTTP_NO_COLON, B(GET "A b\r\n\r\n") },
	{ "an empty name", HTTP_EMPTY_NAME, B(GET ": b\r\n\r\n") },
	{ "a colon alone", HTTP_EMPTY_NAME, B(GET ":\r\nA: b\r\n\r\n") },
	{ "a space before the colon", HTTP_SPACE_BEFORE_COLON,
	    B(GET "A : b\r\n\r\n") },
	{ "a tab before the colon", HTTP_SPACE_BEFORE_COLON,
	    B(GET "A\t: b\r\n\r\n") },
	{ "a space in a name", HTTP_SPACE_BEFORE_COLON,
	    B(GET "A b: c\r\n\r\n") },
	{ "a space before the first", HTTP_FOLDED_LINE,
	    B("GET / HTTP/1.1\r\n Host: a\r\n\r\n") },
	{ "a tab before the first", HTTP_FOLDED_LINE,
	    B("GET / HTTP/1.1\r\n\tHost: a\r\n\r\n") },
	{ "a folded value", HTTP_FOLDED_LINE, B(GET "A: b\r\n c\r\n\r\n") },
	{ "a folded value by a tab", HTTP_FOLDED_LINE,
	    B(GET "A: b\r\n\tc\r\n\r\n") },
	{ "a folded empty value", HTTP_FOLDED_LINE, B(GET "A:\r\n b\r\n\r\n") },
	{ "a folded name", HTTP_NO_COLON, B(GET "A\r\n : b\r\n\r\n") },
	{ "a line of a space", HTTP_FOLDED_LINE, B(GET " \r\n\r\n") },
	{ "a folded length", HTTP_FOLDED_LINE,
	    B(POST "A: b\r\n Content-Length: 38\r\n\r\n") },
	{ "a comma in a name", HTTP_BAD_NAME, B(GET "a,b: c\r\n\r\n") },
	{ "a semicolon in a name", HTTP_BAD_NAME, B(GET "a;b: c\r\n\r\n") },
	{ "a quote in a name", HTTP_BAD_NAME, B(GET "\"a\": c\r\n\r\n") },
	{ "brackets in a name", HTTP_BAD_NAME, B(GET "</a>: c\r\n\r\n") },
	{ "a question mark in a name", HTTP_BAD_NAME, B(GET "a?b: c\r\n\r\n") },
	{ "a backslash in a name", HTTP_BAD_NAME, B(GET "a\\b: c\r\n\r\n") },
	{ "obs-text in a name", HTTP_BAD_NAME,
	    B(GET "\xef"
		  "a: c\r\n\r\n") },
	{ "obs-text after a name", HTTP_BAD_NAME,
	    B(GET "Content-Length\x85: 1\r\n\r\n") },
	{ "NUL in a name", HTTP_CONTROL_OCTET, B(GET "a\0b: c\r\n\r\n") },
	{ "ESC in a name", HTTP_CONTROL_OCTET, B(GET "a\x1b: c\r\n\r\n") },
	{ "DEL in a name", HTTP_CONTROL_OCTET, B(GET "a\x7f: c\r\n\r\n") },
	{ "NUL in a value", HTTP_CONTROL_OCTET, B(GET "A: b\0c\r\n\r\n") },
	{ "NUL at its end", HTTP_CONTROL_OCTET, B(GET "A: b\0\r\n\r\n") },
	{ "SOH in a value", HTTP_CONTROL_OCTET, B(GET "A: b\x01\r\n\r\n") },
	{ "ESC in a value", HTTP_CONTROL_OCTET, B(GET "A: b\x1b\r\n\r\n") },
	{ "DEL in a value", HTTP_CONTROL_OCTET, B(GET "A: b\x7f\r\n\r\n") },
	{ "VT in a value", HTTP_CONTROL_OCTET, B(GET "A: b\v\r\n\r\n") },
	{ "CR in a value", HTTP_BARE_CR, B(GET "A: b\rc\r\n\r\n") },
	{ "CR CR LF", HTTP_BARE_CR, B(GET "A: b\r\r\n\r\n") },
	{ "CR for a line end", HTTP_BARE_CR, B(GET "A: b\rC: d\r\n\r\n") },
	{ "LF in a value", HTTP_BARE_LF, B(GET "A: b\nC: d\r\n\r\n") },
	{ "LF in a name", HTTP_BARE_LF, B(GET "A\nb: d\r\n\r\n") },
	{ "an end of LF", HTTP_BARE_LF, B(GET "A: b\r\n\n") },
	{ "an end of LF LF", HTTP_BARE_LF, B(GET "A: b\n\n") },
	{ "an end of CR CR", HTTP_BARE_CR, B(GET "A: b\r\n\r\r\n") },
	{ "an end of CR and more", HTTP_BARE_CR, B(GET "\rZGET / HTTP/1.1") },
	/* Host. */
	{ "no Host in HTTP/1.1", HTTP_MISSING_HOST,
	    B("GET / HTTP/1.1\r\n\r\n") },
	{ "no Host, another field", HTTP_MISSING_HOST,
	    B("GET / HTTP/1.1\r\nA: b\r\n\r\n") },
	{ "no Host in HTTP/1.9", HTTP_MISSING_HOST,
	    B("GET / HTTP/1.9\r\n\r\n") },
	{ "no Host but in the target", HTTP_MISSING_HOST,
	    B("GET http://a/ HTTP/1.1\r\n\r\n") },
	{ "Host twice", HTTP_REPEATED_HOST, B(GET "Host: a\r\n\r\n") },
	{ "Host twice in HTTP/1.0", HTTP_REPEATED_HOST,
	    B(GET10 "Host: a\r\nHost: a\r\n\r\n") },
	{ "Host apart and in other letters", HTTP_REPEATED_HOST,
	    B(GET "A: b\r\nhOsT: a\r\n\r\n") },
	{ "an empty Host", OK, B("GET / HTTP/1.1\r\nHost:\r\n\r\n") },
	{ "an empty Host twice", HTTP_REPEATED_HOST,
	    B("GET / HTTP/1.1\r\nHost:\r\nHost: a\r\n\r\n") },
	{ "a port", OK, B("GET / HTTP/1.1\r\nHost: a:80\r\n\r\n") },
	{ "an IPv6 address", OK,
	    B("GET / HTTP/1.1\r\nHost: [::1]:80\r\n\r\n") },
	{ "a list", HTTP_BAD_HOST, B("GET / HTTP/1.1\r\nHost: a, b\r\n\r\n") },
	{ "userinfo", HTTP_BAD_HOST, B("GET / HTTP/1.1\r\nHost: a@b\r\n\r\n") },
	{ "a URI", HTTP_BAD_HOST,
	    B("GET / HTTP/1.1\r\nHost: http://a/\r\n\r\n") },
	{ "a path", HTTP_BAD_HOST, B(GET10 "Host: [::1]/../../\r\n\r\n") },
	{ "a folded Host", HTTP_FOLDED_LINE,
	    B("GET / HTTP/1.1\r\nHost:\r\n a\r\n\r\n") },
	/* Content-Length. */
	{ "a length", OK, B(POST "Content-Length: 5\r\n\r\n") },
	{ "no length", OK, B(POST "\r\n") },
	{ "zero", OK, B(POST "Content-Length: 0\r\n\r\n") },
	{ "a leading zero", OK, B(POST "Content-Length: 05\r\n\r\n") },
	{ "spaces around", OK, B(POST "Content-Length: \t 5 \t\r\n\r\n") },
	{ "2^63 - 1", OK,
	    B(POST "Content-Length: 9223372036854775807\r\n\r\n") },
	{ "2^63", HTTP_LENGTH_TOO_LARGE,
	    B(POST "Content-Length: 9223372036854775808\r\n\r\n") },
	{ "2^64 + 5", HTTP_LENGTH_TOO_LARGE,
	    B(POST "Content-Length: 18446744073709551621\r\n\r\n") },
	{ "10^33", HTTP_LENGTH_TOO_LARGE,
	    B(POST
		"Content-Length: 1000000000000000000000000000000000\r\n\r\n") },
	{ "twice the same", HTTP_REPEATED_LENGTH,
	    B(POST "Content-Length: 5\r\nContent-Length: 5\r\n\r\n") },
	{ "two that differ", HTTP_REPEATED_LENGTH,
	    B(POST "Content-Length: 0\r\ncontent-length: 47\r\n\r\n") },
	{ "a list of the same", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 5, 5\r\n\r\n") },
	{ "a list", HTTP_BAD_LENGTH, B(POST "Content-Length: 5, 6\r\n\r\n") },
	{ "a comma", HTTP_BAD_LENGTH, B(POST "Content-Length: 5,\r\n\r\n") },
	{ "an empty length", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: \r\n\r\n") },
	{ "plus", HTTP_BAD_LENGTH, B(POST "Content-Length: +5\r\n\r\n") },
	{ "minus", HTTP_BAD_LENGTH, B(POST "Content-Length: -5\r\n\r\n") },
	{ "minus zero", HTTP_BAD_LENGTH, B(POST "Content-Length: -0\r\n\r\n") },
	{ "hex", HTTP_BAD_LENGTH, B(POST "Content-Length: 0x5\r\n\r\n") },
	{ "letters", HTTP_BAD_LENGTH, B(POST "Content-Length: xyz\r\n\r\n") },
	{ "a letter behind", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 1Z\r\n\r\n") },
	{ "underscore", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 0_5\r\n\r\n") },
	{ "an exponent", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 5e0\r\n\r\n") },
	{ "a point", HTTP_BAD_LENGTH, B(POST "Content-Length: 5.0\r\n\r\n") },
	{ "a parameter", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 5;x\r\n\r\n") },
	{ "quoted", HTTP_BAD_LENGTH, B(POST "Content-Length: \"5\"\r\n\r\n") },
	{ "two numbers", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: 5 5\r\n\r\n") },
	{ "a no-break space", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: \xa0"
		   "5\r\n\r\n") },
	{ "NUL behind", HTTP_CONTROL_OCTET,
	    B(POST "Content-Length: 5\0\r\n\r\n") },
	{ "VT before", HTTP_CONTROL_OCTET,
	    B(POST "Content-Length: \v5\r\n\r\n") },
	{ "a length with a space", HTTP_SPACE_BEFORE_COLON,
	    B(POST "Content-Length : 5\r\n\r\n") },
	{ "a length without colon", HTTP_NO_COLON,
	    B(POST "Content-Length 10\r\n\r\n") },
	/* Transfer-Encoding. */
	{ "chunked", OK, B(POST CHUNKED "\r\n") },
	{ "in other letters", OK,
	    B(POST "tRANSFER-eNCODING: cHuNkeD\r\n\r\n") },
	{ "with tabs", OK, B(POST "Transfer-Encoding:\tchunked\t\r\n\r\n") },
	{ "a comma before", OK, B(POST "Transfer-Encoding: ,chunked\r\n\r\n") },
	{ "a comma behind", OK, B(POST "Transfer-Encoding: chunked,\r\n\r\n") },
	{ "a length, then chunked", HTTP_LENGTH_WITH_CODING,
	    B(POST "Content-Length: 3\r\n" CHUNKED "\r\n") },
	{ "chunked, then a length", HTTP_LENGTH_WITH_CODING,
	    B(POST CHUNKED "Content-Length: 3\r\n\r\n") },
	{ "zero, then chunked", HTTP_LENGTH_WITH_CODING,
	    B(POST "Content-Length: 0\r\n" CHUNKED "\r\n") },
	{ "a bad length, then chunked", HTTP_BAD_LENGTH,
	    B(POST "Content-Length: abc\r\n" CHUNKED "\r\n") },
	{ "a coding in HTTP/1.0", HTTP_CODING_IN_OLD_VERSION,
	    B("POST / HTTP/1.0\r\n" CHUNKED "\r\n") },
	{ "and with a length", HTTP_CODING_IN_OLD_VERSION,
	    B("POST / HTTP/1.0\r\nContent-Length: 3\r\n" CHUNKED "\r\n") },
	{ "an empty coding", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding:\r\n\r\n") },
	{ "commas for a coding", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: , ,\r\n\r\n") },
	{ "an unknown coding", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: blegh\r\n\r\n") },
	{ "gzip", HTTP_BAD_CODING, B(POST "Transfer-Encoding: gzip\r\n\r\n") },
	{ "identity", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: identity\r\n\r\n") },
	{ "gzip, chunked", HTTP_UNKNOWN_CODING,
	    B(POST "Transfer-Encoding: gzip, chunked\r\n\r\n") },
	{ "gzip and chunked in two lines", HTTP_UNKNOWN_CODING,
	    B(POST "Transfer-Encoding: gzip\r\n" CHUNKED "\r\n") },
	{ "a coding with parameters", HTTP_UNKNOWN_CODING,
	    B(POST "Transfer-Encoding: x;a=\"b,c\", chunked\r\n\r\n") },
	{ "identity, chunked", HTTP_UNKNOWN_CODING,
	    B(POST "Transfer-Encoding: identity, chunked\r\n\r\n") },
	{ "chunked, gzip", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked, gzip\r\n\r\n") },
	{ "chunked, identity in two lines", HTTP_BAD_CODING,
	    B(POST CHUNKED "Transfer-Encoding: identity\r\n\r\n") },
	{ "chunked twice", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked, chunked\r\n\r\n") },
	{ "chunked twice in two lines", HTTP_BAD_CODING,
	    B(POST CHUNKED CHUNKED "\r\n") },
	{ "chunked, gzip, chunked", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked, gzip, chunked\r\n\r\n") },
	{ "chunkedchunked", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunkedchunked\r\n\r\n") },
	{ "chunk", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunk\r\n\r\n") },
	{ "xchunked", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: xchunked\r\n\r\n") },
	{ "two words", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: x chunked\r\n\r\n") },
	{ "quoted", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: \"chunked\"\r\n\r\n") },
	{ "in single quotes", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: 'chunked'\r\n\r\n") },
	{ "with a parameter", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked;a=b\r\n\r\n") },
	{ "with a weight", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked ; q=0.5\r\n\r\n") },
	{ "with a semicolon", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked;\r\n\r\n") },
	{ "a colon", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: :chunked\r\n\r\n") },
	{ "a no-break space before", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding:\xa0"
		   "chunked\r\n\r\n") },
	{ "a no-break space behind", HTTP_BAD_CODING,
	    B(POST "Transfer-Encoding: chunked\xa0\r\n\r\n") },
	{ "VT before", HTTP_CONTROL_OCTET,
	    B(POST "Transfer-Encoding:\vchunked\r\n\r\n") },
	{ "FF behind", HTTP_CONTROL_OCTET,
	    B(POST "Transfer-Encoding: chunked\f\r\n\r\n") },
	{ "NUL behind", HTTP_CONTROL_OCTET,
	    B(POST "Transfer-Encoding: chunked\0\r\n\r\n") },
	{ "a name with a space", HTTP_SPACE_BEFORE_COLON,
	    B(POST "Transfer-Encoding : chunked\r\n\r\n") },
	{ "a name with VT", HTTP_CONTROL_OCTET,
	    B(POST "Transfer-Encoding\v: chunked\r\n\r\n") },
	{ "a control before the name", HTTP_CONTROL_OCTET,
	    B(POST "A: b\r\n\x01" CHUNKED "\r\n") },
	{ "obs-text before the name", HTTP_BAD_NAME,
	    B(POST "A: b\r\n\xa0" CHUNKED "\r\n") },
	{ "LF before it", HTTP_BARE_LF, B(POST "A:\n" CHUNKED "\r\n") },
	{ "CR before it", HTTP_BARE_CR, B(POST "A:\r" CHUNKED "\r\n") },
	{ "folded behind LF", HTTP_BARE_LF,
	    B(POST "Transfer-Encoding:\n chunked\r\n\r\n") },
	{ "a folded coding", HTTP_FOLDED_LINE,
	    B(POST "Transfer-Encoding: chunked\r\n  abc\r\n\r\n") },
	/* Expect. */
	{ "100-continue", OK, B(POST CHUNKED "Expect: 100-Continue\r\n\r\n") },
	{ "an empty Expect", OK, B(GET "Expect:\r\n\r\n") },
	{ "another", HTTP_UNKNOWN_EXPECTATION, B(GET "Expect: x\r\n\r\n") },
	{ "one more", HTTP_UNKNOWN_EXPECTATION,
	    B(GET "Expect: 100-continue, x\r\n\r\n") },
	{ "with a parameter", HTTP_UNKNOWN_EXPECTATION,
	    B(GET "Expect: 100-continue;x\r\n\r\n") },
	{ "another in HTTP/1.0", OK, B(GET10 "Expect: x\r\n\r\n") },
	{ "an error beside it counts more", HTTP_BAD_CODING,
	    B(POST "Expect: x\r\nTransfer-Encoding: x\r\n\r\n") },
	/* Limits. */
	{ "as many fields as can be", OK,
	    B(GET "a:\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\n\r\n") },
	{ "one field more", HTTP_TOO_MANY_FIELDS,
	    B(GET "a:\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\na:\r\n\r\n") },
	/* Not complete. */
	{ "nothing", MORE, B("") },
	{ "an empty line", MORE, B("\r\n") },
	{ "a CR", MORE, B("\r") },
	{ "a method", MORE, B("GET") },
	{ "a line without CRLF", MORE, B("GET / HTTP/1.1") },
	{ "a line without LF", MORE, B("GET / HTTP/1.1\r") },
	{ "a line", MORE, B("GET / HTTP/1.1\r\n") },
	{ "a name", MORE, B("GET / HTTP/1.1\r\nHost") },
	{ "a field line", MORE, B(GET) },
	{ "the last CR", MORE, B(GET "\r") },
};

static enum http_verdict
parse_whole(struct http_head *head, struct http_field *fields,
    const char *bytes, size_t length)
{
	http_head_init(head, fields, MAX_FIELDS);
	return http_head_parse(head, guard_copy(bytes, length), length,
	    &limits);
}

static void
check_verdict(enum http_verdict got, int i, const char *how, size_t split)
{
	ck_assert_msg(got == heads[i].verdict, "%s, %s %zu: %s", heads[i].title,
	    how, split, http_verdict_text(got));
}

START_TEST(judges_heads)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	check_verdict(parse_whole(&head, fields, heads[_i].bytes,
			  heads[_i].length),
	    _i, "whole", heads[_i].length);
}
END_TEST

static void
check_same_slice(struct slice a, struct slice b)
{
	ck_assert_msg(slice_equal(a, b), "\"%.*s\", not \"%.*s\"", (int)b.len,
	    b.data, (int)a.len, a.data);
}

static void
check_same_head(const struct http_head *a, const struct http_head *b)
{
	check_same_slice(a->method, b->method);
	check_same_slice(a->target, b->target);
	check_same_slice(a->host, b->host);
	check_same_slice(a->host_parts.name, b->host_parts.name);
	ck_assert_int_eq(a->host_parts.port, b->host_parts.port);
	ck_assert_int_eq(a->minor, b->minor);
	ck_assert_uint_eq(a->field_count, b->field_count);
	for (size_t i = 0; i < a->field_count; i++) {
		check_same_slice(a->fields[i].name, b->fields[i].name);
		check_same_slice(a->fields[i].value, b->fields[i].value);
	}
	ck_assert_int_eq(a->chunked, b->chunked);
	ck_assert_int_eq(a->content_length, b->content_length);
	ck_assert_int_eq(a->expects_continue, b->expects_continue);
	ck_assert_int_eq(a->keep_alive, b->keep_alive);
	ck_assert_uint_eq(a->length, b->length);
}

/* Every call finds the octets at another address. */
START_TEST(judges_alike_at_every_split)
{
	struct http_field fields[MAX_FIELDS], whole_fields[MAX_FIELDS];
	struct http_head head, whole;
	const char *bytes = heads[_i].bytes;
	size_t length = heads[_i].length;

	for (size_t split = 0; split <= length; split++) {
		enum http_verdict verdict = parse_whole(&head, fields, bytes,
		    split);

		if (verdict == MORE)
			verdict = http_head_parse(&head,
			    guard_copy(bytes, length), length, &limits);
		check_verdict(verdict, _i, "split at", split);
		if (parse_whole(&whole, whole_fields, bytes, length) == OK)
			check_same_head(&whole, &head);
	}
}
END_TEST

START_TEST(judges_alike_octet_by_octet)
{
	struct http_field fields[MAX_FIELDS], whole_fields[MAX_FIELDS];
	struct http_head head, whole;
	enum http_verdict verdict = MORE;
	const char *bytes = heads[_i].bytes;
	size_t n;

	http_head_init(&head, fields, MAX_FIELDS);
	for (n = 0; verdict == MORE && n <= heads[_i].length; n++)
		verdict = http_head_parse(&head, guard_copy(bytes, n), n,
		    &limits);
	check_verdict(verdict, _i, "after", n);
	if (parse_whole(&whole, whole_fields, bytes, heads[_i].length) == OK)
		check_same_head(&whole, &head);
}
END_TEST

/* What is wrong is said at the octet that makes it so, before the head, or
 * even the line, is complete. */
static const struct {
	enum http_verdict verdict;
	const char *bytes;
	size_t length;
} early[] = {
	{ HTTP_TLS_NOT_SPOKEN, B("\x16") },
	{ HTTP_BAD_METHOD, B("\x80") },
	{ HTTP_BAD_METHOD, B("\0") },
	{ HTTP_BAD_METHOD, B(" ") },
	{ HTTP_BAD_METHOD, B("{") },
	{ HTTP_BAD_METHOD, B("GET:") },
	{ HTTP_BAD_METHOD, B("HTTP/") },
	{ HTTP_BAD_METHOD, B("GET\r\n") },
	{ HTTP_METHOD_TOO_LONG, B("123456789012345678901234567890123") },
	{ HTTP_BARE_LF, B("\n") },
	{ HTTP_BARE_LF, B("GET /\n") },
	{ HTTP_BARE_CR, B("\r\r") },
	{ HTTP_BARE_CR, B("GET /\rH") },
	{ HTTP_CONTROL_OCTET, B("GET /\0") },
	{ HTTP_CONTROL_OCTET, B("GET / HTTP/1.1\r\nHost: a\x1b") },
	{ HTTP_NO_VERSION, B("GET /\r\n") },
	{ HTTP_BAD_VERSION, B("GET / HTTP/1\r\n") },
	{ HTTP_VERSION_NOT_SUPPORTED, B("PRI * HTTP/2.0\r\n") },
	{ HTTP_FOLDED_LINE, B("GET / HTTP/1.1\r\n a\r\n") },
	{ HTTP_NO_COLON, B("GET / HTTP/1.1\r\na\r\n") },
	{ HTTP_REPEATED_HOST, B(GET "Host: a\r\n") },
	{ HTTP_BAD_HOST, B("GET / HTTP/1.1\r\nHost: a/b\r\n") },
	{ HTTP_BAD_LENGTH, B(GET "Content-Length: x\r\n") },
	{ HTTP_REPEATED_LENGTH,
	    B(GET "Content-Length: 1\r\nContent-Length: 1\r\n") },
	{ HTTP_BAD_CODING, B(GET CHUNKED CHUNKED) },
};

START_TEST(refuses_at_once)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	enum http_verdict verdict = parse_whole(&head, fields, early[_i].bytes,
	    early[_i].length);

	ck_assert_msg(verdict == early[_i].verdict, "%s: %s", early[_i].bytes,
	    http_verdict_text(verdict));
	verdict = parse_whole(&head, fields, early[_i].bytes,
	    early[_i].length - 1);
	ck_assert_msg(verdict == MORE, "%s: %s", early[_i].bytes,
	    http_verdict_text(verdict));
}
END_TEST

/* The persistence of a connection (RFC 9112 9.3). */
static const struct {
	bool keep_alive;
	const char *bytes;
} connections[] = {
	{ true, GET },
	{ false, GET10 },
	{ true, "GET / HTTP/1.2\r\nHost: a\r\n" },
	{ false, GET "Connection: close\r\n" },
	{ false, GET "CONNECTION: CLOSE\r\n" },
	{ true, GET "Connection: keep-alive\r\n" },
	{ true, GET10 "Connection: Keep-Alive\r\n" },
	{ false, GET10 "Connection: close\r\n" },
	{ false, GET "Connection: keep-alive, close\r\n" },
	{ false, GET10 "Connection: keep-alive, close\r\n" },
	{ false, GET "Connection: close, keep-alive\r\n" },
	{ false, GET "Connection: keep-alive\r\nConnection: close\r\n" },
	{ false, GET "Connection: ,close\r\n" },
	{ false, GET "Connection: close,\r\n" },
	{ false, GET "Connection: close,,TE\r\n" },
	{ false, GET "Connection: close, ,TE\r\n" },
	{ false, GET "Connection: TE ,\tclose\r\n" },
	{ true, GET "Connection:\r\n" },
	{ true, GET "Connection: ,,,\r\n" },
	{ true, GET "Connection: closed-loop\r\n" },
	{ true, GET "Connection: not-close\r\n" },
	{ true, GET "Connection: \"close\"\r\n" },
	{ true, GET "Connection: an invalid close\r\n" },
	{ false, GET10 "Connection: an invalid value\r\n" },
	{ false, GET10 "Connection: keep-alive-x\r\n" },
	{ true, GET "Connection: Host\r\n" },
	{ true, GET "Connection: upgrade\r\nUpgrade: x\r\n" },
	{ false, GET10 "Connection: upgrade\r\nUpgrade: x\r\n" },
	{ true, GET "Keep-Alive: 300\r\n" },
	{ false, GET10 "Keep-Alive: 300\r\n" },
	{ true, GET "Close: close\r\n" },
};

START_TEST(tells_whether_the_connection_stays)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	char text[256];

	snprintf(text, sizeof(text), "%s\r\n", connections[_i].bytes);
	ck_assert_int_eq(parse_whole(&head, fields, text, strlen(text)), OK);
	ck_assert_msg(head.keep_alive == connections[_i].keep_alive, "%s",
	    text);
}
END_TEST

static const struct {
	const char *bytes;
	bool chunked;
	int64_t length;
	bool expects;
} bodies[] = {
	{ GET "\r\n", false, -1, false },
	{ GET "Content-Length: 7\r\n\r\n", false, 7, false },
	{ POST "Content-Length: 0\r\n\r\n", false, 0, false },
	{ POST CHUNKED "\r\n", true, -1, false },
	{ "POST / HTTP/1.0\r\nContent-Length: 007\r\n\r\n", false, 7, false },
	{ POST "Content-Length: 7\r\nExpect: 100-continue\r\n\r\n", false, 7,
	    true },
	{ POST "expect: 100-CONTINUE\r\n" CHUNKED "\r\n", true, -1, true },
	{ POST "Content-Length: 0\r\nExpect: 100-continue\r\n\r\n", false, 0,
	    false },
	{ GET "Expect: 100-continue\r\n\r\n", false, -1, false },
	{ "POST / HTTP/1.0\r\nContent-Length: 7\r\n"
	  "Expect: 100-continue\r\n\r\n",
	    false, 7, false },
	{ POST "Content-Length: 7\r\nExpect: 100-continue\r\n"
	       "Expect: 100-continue\r\n\r\n",
	    false, 7, true },
	{ POST "Connection: Content-Length\r\nContent-Length: 7\r\n\r\n", false,
	    7, false },
};

START_TEST(tells_how_the_body_is_framed)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	ck_assert_int_eq(parse_whole(&head, fields, bodies[_i].bytes,
			     strlen(bodies[_i].bytes)),
	    OK);
	ck_assert_int_eq(head.chunked, bodies[_i].chunked);
	ck_assert_int_eq(head.content_length, bodies[_i].length);
	ck_assert_int_eq(head.expects_continue, bodies[_i].expects);
}
END_TEST

START_TEST(gives_the_parts_of_a_head)
{
	static const char bytes[] =
	    "\r\nPOST /a?b HTTP/1.1\r\n"
	    "hOST: a.example:8080 \r\nEmpty:\r\nX-Y: \t z  z\t\r\n\r\nbody";
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	ck_assert_int_eq(parse_whole(&head, fields, B(bytes)), OK);
	ck_assert(slice_is(head.method, "POST"));
	ck_assert(slice_is(head.target, "/a?b"));
	ck_assert_int_eq(head.major, 1);
	ck_assert_int_eq(head.minor, 1);
	ck_assert_uint_eq(head.length, sizeof(bytes) - 1 - 4);
	ck_assert_uint_eq(head.field_count, 3);
	ck_assert(slice_is(fields[0].name, "hOST"));
	ck_assert(slice_is(fields[0].value, "a.example:8080"));
	ck_assert(slice_is(fields[1].name, "Empty"));
	ck_assert(slice_is(fields[1].value, ""));
	ck_assert(slice_is(fields[2].name, "X-Y"));
	ck_assert(slice_is(fields[2].value, "z  z"));
	ck_assert(head.has_host);
	ck_assert(slice_is(head.host, "a.example:8080"));
	ck_assert(slice_is(head.host_parts.name, "a.example"));
	ck_assert_int_eq(head.host_parts.port, 8080);
}
END_TEST

START_TEST(leaves_the_next_request_alone)
{
	static const char bytes[] = GET "\r\n"
					"GET /2 HTTP/1.0\r\n\r\n";
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	size_t first;

	ck_assert_int_eq(parse_whole(&head, fields, B(bytes)), OK);
	first = head.length;
	ck_assert_uint_eq(first, sizeof(GET "\r\n") - 1);
	ck_assert_int_eq(parse_whole(&head, fields, bytes + first,
			     sizeof(bytes) - 1 - first),
	    OK);
	ck_assert(slice_is(head.target, "/2"));
}
END_TEST

START_TEST(keeps_method_and_target_of_a_wrong_head)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	ck_assert_int_eq(parse_whole(&head, fields, B("GET /a HTTP/9.1\r\n")),
	    HTTP_VERSION_NOT_SUPPORTED);
	ck_assert(slice_is(head.method, "GET"));
	ck_assert(slice_is(head.target, "/a"));
	ck_assert_int_eq(parse_whole(&head, fields, B("x\0")), HTTP_BAD_METHOD);
	ck_assert_uint_eq(head.method.len, 0);
	ck_assert_uint_eq(head.target.len, 0);
}
END_TEST

/* Heads that are refused before the request line is parsed. */
static const struct {
	const char *method;
	const char *bytes;
	size_t length;
} abandoned[] = {
	{ "HEAD", B("HEAD /\x01 HTTP/1.1\r\n") },
	{ "HEAD", B("HEAD / HTTP/1.1\n") },
	{ "HEAD", B("\r\nHEAD / HTTP/1.1\n") },
	{ "HEAD", B("HEAD\t/ HTTP/1.1\r\n") },
	{ "HEAD", B("HEAD\n") },
	{ "HEAD", B("HEAD\r\n") },
	{ "HEAD", B("HEAD") },
	{ "HEAD", B("HEAD / HTT") },
	{ "GET", B("GET /\0") },
	{ "HEADS", B("HEADS /\0") },
	{ "", B("GET\n") },
	{ "", B("HEA") },
	{ "", B("HEADS\n") },
	{ "", B("\x16\x03\x01") },
	{ "", B(" HEAD /") },
	{ "", B("") },
};

START_TEST(knows_the_method_of_an_abandoned_head)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	char moved[64];

	http_head_init(&head, fields, MAX_FIELDS);
	http_head_parse(&head, abandoned[_i].bytes, abandoned[_i].length,
	    &limits);
	memcpy(moved, abandoned[_i].bytes, abandoned[_i].length);
	http_head_abandon(&head, moved, abandoned[_i].length);
	ck_assert(slice_is(head.method, abandoned[_i].method));
	if (head.method.len > 0)
		ck_assert(head.method.data >= moved &&
		    head.method.data < moved + sizeof(moved));
}
END_TEST

START_TEST(adapts_an_abandoned_head_to_its_place)
{
	static const char bytes[] = "GET /a HTTP/1.1\r\nHost: a\0";
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	char moved[sizeof(bytes)];

	http_head_init(&head, fields, MAX_FIELDS);
	ck_assert_int_eq(http_head_parse(&head, bytes, sizeof(bytes), &limits),
	    HTTP_CONTROL_OCTET);
	memcpy(moved, bytes, sizeof(bytes));
	http_head_abandon(&head, moved, sizeof(bytes));
	ck_assert_ptr_eq(head.method.data, moved);
	ck_assert_ptr_eq(head.target.data, moved + 4);
	ck_assert(slice_is(head.target, "/a"));
}
END_TEST

START_TEST(tells_whether_a_request_has_begun)
{
	static const struct {
		bool begun;
		const char *bytes;
	} cases[] = {
		{ false, "" },
		{ false, "\r" },
		{ false, "\r\n" },
		{ false, "\r\n\r" },
		{ true, "\r\nG" },
		{ true, "G" },
		{ true, "GET / HTTP/1.1\r\n" },
		{ true, "GET / HTTP/1.1\r\nHost: a\r\n" },
	};
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	for (int i = 0; i < COUNT(cases); i++) {
		ck_assert_int_eq(parse_whole(&head, fields, cases[i].bytes,
				     strlen(cases[i].bytes)),
		    MORE);
		ck_assert_int_eq(http_head_begun(&head), cases[i].begun);
	}
}
END_TEST

/* A head with a target, and a field, filled up to lengths. */
static char *
make_head(size_t line, size_t total)
{
	static char bytes[1024];
	size_t used;

	memset(bytes, 'a', sizeof(bytes));
	memcpy(bytes, "GET /", 5);
	memcpy(bytes + line - 9, " HTTP/1.0\r\nX:", 13);
	used = line + 2;
	ck_assert_uint_ge(total, used + 6);
	memcpy(bytes + total - 4, "\r\n\r\n", 4);
	return bytes;
}

static enum http_verdict
parse_octets(const char *bytes, size_t length)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	enum http_verdict verdict = MORE;

	http_head_init(&head, fields, MAX_FIELDS);
	for (size_t n = 0; verdict == MORE && n <= length; n++)
		verdict = http_head_parse(&head, bytes, n, &limits);
	return verdict;
}

START_TEST(limits_the_request_line)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	char *bytes = make_head(MAX_LINE, 200);

	ck_assert_int_eq(parse_whole(&head, fields, bytes, 200), OK);
	ck_assert_int_eq(parse_octets(bytes, 200), OK);
	bytes = make_head(MAX_LINE + 1, 200);
	ck_assert_int_eq(parse_whole(&head, fields, bytes, 200),
	    HTTP_REQUEST_LINE_TOO_LONG);
	ck_assert_int_eq(parse_octets(bytes, 200), HTTP_REQUEST_LINE_TOO_LONG);
	/* Before its end has come. */
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_LINE), MORE);
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_LINE + 1),
	    HTTP_REQUEST_LINE_TOO_LONG);
}
END_TEST

START_TEST(limits_the_head)
{
	struct http_field fields[MAX_FIELDS];
	struct http_head head;
	char *bytes = make_head(50, MAX_HEAD);

	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_HEAD), OK);
	ck_assert_uint_eq(head.length, MAX_HEAD);
	ck_assert_int_eq(parse_octets(bytes, MAX_HEAD), OK);
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_HEAD - 1), MORE);
	/* What follows the head does not count. */
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_HEAD + 200), OK);
	bytes = make_head(50, MAX_HEAD + 1);
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_HEAD + 1),
	    HTTP_HEAD_TOO_LARGE);
	ck_assert_int_eq(parse_octets(bytes, MAX_HEAD + 1),
	    HTTP_HEAD_TOO_LARGE);
	/* Where the limit's octets are there, and no end, none can come. */
	ck_assert_int_eq(parse_whole(&head, fields, bytes, MAX_HEAD),
	    HTTP_HEAD_TOO_LARGE);
}
END_TEST

/* An octet beyond a limit must not count, or the verdict would depend on how
 * the octets arrive. */
START_TEST(looks_at_nothing_beyond_a_limit)
{
	static const char wrong[] = { '\0', '\r', '\n', '\x7f' };
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	for (int i = 0; i < COUNT(wrong); i++) {
		char *bytes = make_head(MAX_LINE + 20, 200);

		bytes[MAX_LINE + 1] = wrong[i];
		ck_assert_int_eq(parse_whole(&head, fields, bytes, 200),
		    HTTP_REQUEST_LINE_TOO_LONG);
		ck_assert_int_eq(parse_octets(bytes, 200),
		    HTTP_REQUEST_LINE_TOO_LONG);
		bytes = make_head(50, MAX_HEAD + 20);
		bytes[MAX_HEAD] = wrong[i];
		ck_assert_int_eq(parse_whole(&head, fields, bytes,
				     MAX_HEAD + 20),
		    HTTP_HEAD_TOO_LARGE);
		ck_assert_int_eq(parse_octets(bytes, MAX_HEAD + 20),
		    HTTP_HEAD_TOO_LARGE);
	}
}
END_TEST

START_TEST(limits_the_head_while_in_the_request_line)
{
	static const struct http_limits narrow = { 1000, 50, MAX_FIELDS };
	struct http_field fields[MAX_FIELDS];
	struct http_head head;

	http_head_init(&head, fields, MAX_FIELDS);
	ck_assert_int_eq(http_head_parse(&head, make_head(100, 200), 60,
			     &narrow),
	    HTTP_REQUEST_LINE_TOO_LONG);
}
END_TEST

START_TEST(limits_fields_to_the_room_there_is)
{
	struct http_field fields[1];
	struct http_head head;

	http_head_init(&head, fields, 1);
	ck_assert_int_eq(http_head_parse(&head, B(GET "\r\n"), &limits), OK);
	http_head_init(&head, fields, 1);
	ck_assert_int_eq(http_head_parse(&head, B(GET "A: b\r\n\r\n"), &limits),
	    HTTP_TOO_MANY_FIELDS);
	http_head_init(&head, NULL, 0);
	ck_assert_int_eq(http_head_parse(&head, B(GET10 "\r\n"), &limits), OK);
}
END_TEST

START_TEST(has_a_status_for_every_verdict)
{
	for (int v = HTTP_COMPLETE; v <= HTTP_UNKNOWN_EXPECTATION; v++) {
		int status = http_verdict_status((enum http_verdict)v);
		const char *text = http_verdict_text((enum http_verdict)v);

		ck_assert_ptr_nonnull(text);
		ck_assert_int_ne(text[strlen(text) - 1], '.');
		if (v == HTTP_COMPLETE || v == HTTP_INCOMPLETE)
			ck_assert_int_eq(status, 0);
		else
			ck_assert(status >= 400 && status <= 505);
	}
	ck_assert_int_eq(http_verdict_status(HTTP_METHOD_TOO_LONG), 501);
	ck_assert_int_eq(http_verdict_status(HTTP_UNKNOWN_CODING), 501);
	ck_assert_int_eq(http_verdict_status(HTTP_VERSION_NOT_SUPPORTED), 505);
	ck_assert_int_eq(http_verdict_status(HTTP_REQUEST_LINE_TOO_LONG), 414);
	ck_assert_int_eq(http_verdict_status(HTTP_HEAD_TOO_LARGE), 431);
	ck_assert_int_eq(http_verdict_status(HTTP_TOO_MANY_FIELDS), 431);
	ck_assert_int_eq(http_verdict_status(HTTP_LENGTH_TOO_LARGE), 413);
	ck_assert_int_eq(http_verdict_status(HTTP_UNKNOWN_EXPECTATION), 417);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("http");
	TCase *tcase = tcase_create("http");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, judges_heads, 0, COUNT(heads));
	tcase_add_loop_test(tcase, judges_alike_at_every_split, 0,
	    COUNT(heads));
	tcase_add_loop_test(tcase, judges_alike_octet_by_octet, 0,
	    COUNT(heads));
	tcase_add_loop_test(tcase, refuses_at_once, 0, COUNT(early));
	tcase_add_loop_test(tcase, tells_whether_the_connection_stays, 0,
	    COUNT(connections));
	tcase_add_loop_test(tcase, tells_how_the_body_is_framed, 0,
	    COUNT(bodies));
	tcase_add_test(tcase, gives_the_parts_of_a_head);
	tcase_add_test(tcase, leaves_the_next_request_alone);
	tcase_add_test(tcase, keeps_method_and_target_of_a_wrong_head);
	tcase_add_loop_test(tcase, knows_the_method_of_an_abandoned_head, 0,
	    COUNT(abandoned));
	tcase_add_test(tcase, adapts_an_abandoned_head_to_its_place);
	tcase_add_test(tcase, tells_whether_a_request_has_begun);
	tcase_add_test(tcase, limits_the_request_line);
	tcase_add_test(tcase, limits_the_head);
	tcase_add_test(tcase, looks_at_nothing_beyond_a_limit);
	tcase_add_test(tcase, limits_the_head_while_in_the_request_line);
	tcase_add_test(tcase, limits_fields_to_the_room_there_is);
	tcase_add_test(tcase, has_a_status_for_every_verdict);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
