/* SPDX-License-Identifier: ISC */
#include <check.h>
#include <string.h>

#include "base/address.h"
#include "base/prefix.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

static struct address
read_host(const char *text)
{
	struct slice host = slice_from_string(text);
	int family = strchr(text, ':') ? AF_INET6 : AF_INET;
	struct address address;
	const char *why;

	if (strncmp(text, "unix:", 5) == 0)
		ck_assert(address_parse_listen(text, &address, &why));
	else
		ck_assert(address_parse_ip(host, family, 7, &address));
	return address;
}

static const struct {
	const char *prefix, *address;
	bool contained;
} matches[] = {
	{ "127.0.0.0/8", "127.0.0.1", true },
	{ "127.0.0.0/8", "127.255.255.255", true },
	{ "127.0.0.0/8", "128.0.0.0", false },
	{ "127.0.0.0/8", "126.255.255.255", false },
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1/32", "192.0.2.0", false },
	{ "192.0.2.128/25", "192.0.2.128", true },
	{ "192.0.2.128/25", "192.0.2.127", false },
	{ "192.0.2.0/31", "192.0.2.1", true },
	{ "192.0.2.0/31", "192.0.2.2", false },
	{ "192.0.0.0/9", "192.127.0.1", true },
	{ "192.0.0.0/9", "192.128.0.1", false },
	{ "0.0.0.0/0", "203.0.113.5", true },
	{ "0.0.0.0/0", "::ffff:203.0.113.5", true },
	{ "0.0.0.0/0", "::1", false },
	{ "::/0", "::1", true },
	{ "::/0", "203.0.113.5", false },
	{ "::/0", "::ffff:203.0.113.5", false },
	{ "::1", "::1", true },
	{ "::1", "::2", false },
	{ "::1/128", "0.0.0.1", false },
	{ "2001:db8::/32", "2001:db8:ffff::1", true },
	{ "2001:db8::/32", "2001:db9::1", false },
	{ "2001:db8::/33", "2001:db8:7fff::", true },
	{ "2001:db8::/33", "2001:db8:8000::", false },
	{ "2001:db8::/127", "2001:db8::1", true },
	{ "2001:db8::/127", "2001:db8::2", false },
	{ "fe80::/10", "febf::1", true },
	{ "fe80::/10", "fec0::1", false },
	{ "192.0.2.0/24", "::ffff:192.0.2.7", true },
	{ "::ffff:192.0.2.0/120", "192.0.2.7", true },
	{ "::ffff:192.0.2.0/120", "192.0.3.7", false },
	{ "::ffff:0.0.0.0/96", "198.51.100.1", true },
	{ "::ffff:192.0.2.1", "192.0.2.1", true },
	{ "0.0.0.0/0", "unix:/a", false },
	{ "::/0", "unix:/a", false },
	{ "unix:", "unix:/a", true },
	{ "unix:", "127.0.0.1", false },
	{ "unix:", "::1", false },
};

START_TEST(matches_prefixes)
{
	struct address address = read_host(matches[_i].address);
	struct prefix prefix;
	const char *why = "";
	const char *text = guard_copy(matches[_i].prefix,
	    strlen(matches[_i].prefix) + 1);

	ck_assert_msg(prefix_parse(text, &prefix, &why), "%s: %s", text, why);
	ck_assert_msg(prefix_contains(&prefix, &address) ==
		matches[_i].contained,
	    "%s in %s", matches[_i].address, text);
	ck_assert_int_eq(prefix_any_contains(&prefix, 1, &address),
	    matches[_i].contained);
	ck_assert(!prefix_any_contains(&prefix, 0, &address));
}
END_TEST

static const struct {
	const char *text, *why;
} no_prefixes[] = {
	{ "", "ADDRESS/BITS" },
	{ "unix:/a", "unix:" },
	{ "localhost", "ADDRESS/BITS" },
	{ "/8", "ADDRESS/BITS" },
	{ "127", "ADDRESS/BITS" },
	{ "127.0.0/8", "ADDRESS/BITS" },
	{ "127.0.0.1:80", "ADDRESS/BITS" },
	{ "[::1]", "ADDRESS/BITS" },
	{ "all", "ADDRESS/BITS" },
	{ "127.0.0.0/", "32" },
	{ "127.0.0.0/33", "32" },
	{ "127.0.0.0/x", "32" },
	{ "127.0.0.0/-1", "32" },
	{ "127.0.0.0/255.0.0.0", "32" },
	{ "127.0.0.0/4294967304", "32" },
	{ "127.0.0.0/8/8", "32" },
	{ "fe80::1%lo", "all interfaces" },
	{ "fe80::%lo/10", "all interfaces" },
	{ "::/129", "128" },
	{ "127.0.0.1/8", "bits set" },
	{ "192.0.2.129/25", "bits set" },
	{ "0.0.0.1/0", "bits set" },
	{ "2001:db8::1/32", "bits set" },
	{ "2001:db8::/28", "bits set" },
};

START_TEST(says_why_it_is_no_prefix)
{
	struct prefix prefix;
	const char *why = "";
	const char *text = guard_copy(no_prefixes[_i].text,
	    strlen(no_prefixes[_i].text) + 1);

	ck_assert_msg(!prefix_parse(text, &prefix, &why), "%s", text);
	ck_assert_msg(strstr(why, no_prefixes[_i].why), "%s: %s", text, why);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("prefix");
	TCase *tcase = tcase_create("prefix");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, matches_prefixes, 0, COUNT(matches));
	tcase_add_loop_test(tcase, says_why_it_is_no_prefix, 0,
	    COUNT(no_prefixes));
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
