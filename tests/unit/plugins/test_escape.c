/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "http/uri.h"
#include "plugins/shared/escape.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static const struct {
	const char *path, *encoded;
} encodings[] = {
	{ "", "" },
	{ "/", "/" },
	{ "/a/b.c", "/a/b.c" },
	{ "/a b", "/a%20b" },
	{ "/10%.txt", "/10%25.txt" },
	{ "/a?b#c", "/a%3Fb%23c" },
	{ "/caf\xc3\xa9", "/caf%C3%A9" },
	{ "/x\r\nSet-Cookie: a", "/x%0D%0ASet-Cookie:%20a" },
	{ "/\"<>", "/%22%3C%3E" },
	{ "/-._~!$&'()*+,;=:@", "/-._~!$&'()*+,;=:@" },
	{ "/\\evil.example/", "/%5Cevil.example/" },
	{ "/[a]|^{}`", "/%5Ba%5D%7C%5E%7B%7D%60" },
	{ "/\x7f\x80\xff", "/%7F%80%FF" },
};

START_TEST(encodes_paths)
{
	char out[64];

	memset(out, 'x', sizeof(out));
	ck_assert_uint_eq(escape_path(out, encodings[_i].path),
	    strlen(encodings[_i].encoded));
	ck_assert_str_eq(out, encodings[_i].encoded);
}
END_TEST

START_TEST(a_request_decodes_what_was_encoded)
{
	char path[] = "/x", encoded[16], decoded[16];
	size_t length;

	for (int c = ' '; c < 0x7f; c++) {
		/* No path that was decoded has these as a segment. */
		if (c == '/' || c == '\\' || c == '.')
			continue;
		path[1] = (char)c;
		escape_path(encoded, path);
		ck_assert_int_eq(uri_decode_path(slice_from_string(encoded),
				     decoded, sizeof(decoded), &length),
		    URI_OK);
		ck_assert_str_eq(decoded, path);
	}
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("escape");
	TCase *tcase = tcase_create("escape");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, encodes_paths, 0, COUNT(encodings));
	tcase_add_test(tcase, a_request_decodes_what_was_encoded);
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
