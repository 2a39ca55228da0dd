/* SPDX-License-Identifier: ISC */
#include <arpa/inet.h>
#include <check.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "base/address.h"
#include "unit/guard.h"

#define COUNT(a) ((int)(sizeof(a) / sizeof((a)[0])))

#define PATH_107 \
	"/234567890123456789012345678901234567890123456789" \
	"012345678901234567890123456789012345678901234567890123456" \
	"7"

static const struct {
	const char *text, *formatted, *host;
	int port;
} addresses[] = {
	{ "127.0.0.1:80", "127.0.0.1:80", "127.0.0.1", 80 },
	{ "0.0.0.0:0", "0.0.0.0:0", "0.0.0.0", 0 },
	{ "255.255.255.255:65535", "255.255.255.255:65535", "255.255.255.255",
	    65535 },
	{ "[::]:80", "[::]:80", "::", 80 },
	{ "[::1]:8080", "[::1]:8080", "::1", 8080 },
	{ "[2001:DB8:0:0::1]:443", "[2001:db8::1]:443", "2001:db8::1", 443 },
	{ "[ffff:ffff:ffff:ffff:ffff:ffff:255.255.255.255]:65535",
	    "[ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff]:65535",
	    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", 65535 },
	{ "[::ffff:192.0.2.1]:80", "192.0.2.1:80", "192.0.2.1", 80 },
	{ "unix:/run/prong.sock", "unix:/run/prong.sock", "", -1 },
	{ "unix:/", "unix:/", "", -1 },
	{ "unix:/a:80", "unix:/a:80", "", -1 },
	{ "unix:" PATH_107, "unix:" PATH_107, "", -1 },
};

START_TEST(reads_and_writes_addresses)
{
	struct address address;
	const char *why = NULL;
	char *out = guard_room(ADDRESS_TEXT_BYTES);
	char *text = guard_copy(addresses[_i].text,
	    strlen(addresses[_i].text) + 1);

	ck_assert_msg(address_parse_listen(text, &address, &why), "%s: %s",
	    text, why);
	ck_assert_str_eq(address_format(&address, out),
	    addresses[_i].formatted);
	ck_assert_str_eq(address_format_host(&address, out),
	    addresses[_i].host);
	ck_assert_int_eq(address_port(&address), addresses[_i].port);
}
END_TEST

static const struct {
	const char *text, *why; /* a word of the reason */
} refused[] = {
	{ "", "ADDRESS:PORT" },
	{ "80", "ADDRESS:PORT" },
	{ "127.0.0.1", "ADDRESS:PORT" },
	{ "[::1]", "ADDRESS:PORT" },
	{ "localhost", "ADDRESS:PORT" },
	{ "127.0.0.1:", "port" },
	{ "127.0.0.1:x", "port" },
	{ "127.0.0.1:-1", "port" },
	{ "127.0.0.1:+1", "port" },
	{ "127.0.0.1: 80", "port" },
	{ "127.0.0.1:80 ", "port" },
	{ "127.0.0.1:65536", "port" },
	{ "127.0.0.1:18446744073709551696", "port" },
	{ ":80", "0.0.0.0:PORT" },
	{ "*:80", "0.0.0.0:PORT" },
	{ "::1:80", "brackets" },
	{ ":::80", "brackets" },
	{ "localhost:80", "names" },
	{ "127.0.0.256:80", "names" },
	{ "127.1:80", "names" },
	{ "127.0.0.01:80", "names" },
	{ " 127.0.0.1:80", "names" },
	{ "http://127.0.0.1:80", "that is a URL" },
	{ "[127.0.0.1]:80", "IPv6" },
	{ "[]:80", "IPv6" },
	{ "[::g]:80", "IPv6" },
	{ "[fe80::1]:80", "needs its interface" },
	{ "[febf:ffff::1]:80", "needs its interface" },
	{ "[fe80::1%]:80", "name of an interface" },
	{ "[fe80::1%no-such-one]:80", "name of an interface" },
	{ "[fe80::1%lo0000000000000000000000]:80", "name of an interface" },
	{ "[fe80::1%1]:80", "name of an interface" },
	{ "[::1%lo]:80", "only a link-local" },
	{ "[fec0::1%lo]:80", "only a link-local" },
	{ "[%lo]:80", "IPv6" },
	{ "127.0.0.1%lo:80", "names" },
	{ "[1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1]:80", "IPv6" },
	{ "[::1:80", "brackets" },
	{ "unix:", "path" },
	{ "unix:run/sock", "path" },
	{ "unix:@name", "path" },
	{ "unix:" PATH_107 "8", "107" },
};

START_TEST(says_why_it_is_no_address)
{
	struct address address;
	const char *why = "";
	const char *text = guard_copy(refused[_i].text,
	    strlen(refused[_i].text) + 1);

	ck_assert_msg(!address_parse_listen(text, &address, &why), "%s", text);
	ck_assert_msg(strstr(why, refused[_i].why), "%s: %s", text, why);
}
END_TEST

START_TEST(writes_addresses_that_accept_gives)
{
	struct address none = { .length = 0 }, nameless, abstract;
	struct sockaddr_un un = { .sun_family = AF_UNIX };
	char out[ADDRESS_TEXT_BYTES];

	ck_assert_str_eq(address_format(&none, out), "unknown");
	ck_assert_str_eq(address_format_host(&none, out), "");
	ck_assert_int_eq(address_port(&none), -1);

	memset(&nameless, 0, sizeof(nameless));
	memcpy(&nameless.storage, &un, sizeof(un));
	nameless.length = sizeof(sa_family_t);
	ck_assert_str_eq(address_format(&nameless, out), "unix:");

	abstract = nameless;
	memcpy((char *)&abstract.storage +
		offsetof(struct sockaddr_un, sun_path),
	    "\0name", 5);
	abstract.length = offsetof(struct sockaddr_un, sun_path) + 5;
	ck_assert_str_eq(address_format(&abstract, out), "unix:");

	/* The kernel does not promise a NUL at the end of a full path. */
	memset((char *)&nameless.storage +
		offsetof(struct sockaddr_un, sun_path),
	    'x', sizeof(un.sun_path));
	nameless.length = sizeof(un);
	ck_assert_uint_eq(strlen(address_format(&nameless, out)), 5 + 108);
}
END_TEST

static struct address
read_address(const char *text)
{
	struct address address;
	const char *why;

	ck_assert(address_parse_listen(text, &address, &why));
	return address;
}

/* An address alone, with some port. */
static struct address
read_host(const char *text)
{
	struct address address;
	struct sockaddr_in in = { .sin_family = AF_INET, .sin_port = 7 };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6, .sin6_port = 7 };

	memset(&address, 0, sizeof(address));
	if (strncmp(text, "unix:", 5) == 0)
		return read_address(text);
	if (inet_pton(AF_INET, text, &in.sin_addr) == 1) {
		memcpy(&address.storage, &in, sizeof(in));
		address.length = sizeof(in);
	} else {
		ck_assert_int_eq(inet_pton(AF_INET6, text, &in6.sin6_addr), 1);
		memcpy(&address.storage, &in6, sizeof(in6));
		address.length = sizeof(in6);
	}
	return address;
}

static const struct {
	const char *a, *b;
	bool equal;
} pairs[] = {
	{ "127.0.0.1:80", "127.0.0.1:80", true },
	{ "127.0.0.1:80", "127.0.0.1:81", false },
	{ "127.0.0.1:80", "127.0.0.2:80", false },
	{ "[::1]:80", "[0:0::1]:80", true },
	{ "[fe80::1%lo]:80", "[fe80::1%lo]:80", true },
	{ "[fe80::1%lo]:80", "[fe80::1%lo]:81", false },
	{ "[::]:80", "0.0.0.0:80", false },
	{ "[::ffff:127.0.0.1]:80", "127.0.0.1:80", true },
	{ "unix:/a", "unix:/a", true },
	{ "unix:/a", "unix:/ab", false },
	{ "unix:/a", "127.0.0.1:80", false },
};

START_TEST(knows_the_interface_of_an_address)
{
	struct address one = read_address("[fe80::1%lo]:80"), other = one;
	struct address plain = read_address("[::1]:80");
	char out[ADDRESS_TEXT_BYTES];
	struct sockaddr_in6 in6;

	ck_assert_str_eq(address_format_listen(&one, out), "[fe80::1%lo]:80");
	ck_assert_str_eq(address_format(&one, out), "[fe80::1]:80");
	ck_assert_str_eq(address_format_listen(&plain, out), "[::1]:80");
	memcpy(&in6, &one.storage, sizeof(in6));
	ck_assert_uint_eq(in6.sin6_scope_id, if_nametoindex("lo"));
	in6.sin6_scope_id = UINT32_MAX;
	memcpy(&other.storage, &in6, sizeof(in6));
	ck_assert(!address_equal(&one, &other));
	ck_assert_str_eq(address_format_listen(&other, out), "[fe80::1]:80");
}
END_TEST

START_TEST(compares_addresses)
{
	struct address a = read_address(pairs[_i].a);
	struct address b = read_address(pairs[_i].b);

	ck_assert_int_eq(address_equal(&a, &b), pairs[_i].equal);
	ck_assert_int_eq(address_equal(&b, &a), pairs[_i].equal);
}
END_TEST

static const struct {
	const char *a, *b;
	bool same;
} clients[] = {
	{ "192.0.2.1", "192.0.2.1", true },
	{ "192.0.2.1", "192.0.2.2", false },
	{ "192.0.2.1", "::ffff:192.0.2.1", true },
	{ "2001:db8::1", "2001:db8::ffff:1", true },
	{ "2001:db8::1", "2001:db8:0:0:ffff:ffff:ffff:ffff", true },
	{ "2001:db8::1", "2001:db8:0:1::1", false },
	{ "::", "0.0.0.0", false },
	{ "unix:/a", "unix:/b", true },
	{ "unix:/a", "0.0.0.0", false },
	{ "unix:/a", "::", false },
};

START_TEST(tells_clients_apart)
{
	struct address a = read_host(clients[_i].a);
	struct address b = read_host(clients[_i].b);
	struct address_key x = address_client_key(&a);
	struct address_key y = address_client_key(&b);

	ck_assert_msg((memcmp(&x, &y, sizeof(x)) == 0) == clients[_i].same,
	    "%s and %s", clients[_i].a, clients[_i].b);
}
END_TEST

int
main(void)
{
	Suite *suite = suite_create("address");
	TCase *tcase = tcase_create("address");
	SRunner *runner = srunner_create(suite);

	suite_add_tcase(suite, tcase);
	tcase_add_loop_test(tcase, reads_and_writes_addresses, 0,
	    COUNT(addresses));
	tcase_add_loop_test(tcase, says_why_it_is_no_address, 0,
	    COUNT(refused));
	tcase_add_test(tcase, writes_addresses_that_accept_gives);
	tcase_add_test(tcase, knows_the_interface_of_an_address);
	tcase_add_loop_test(tcase, compares_addresses, 0, COUNT(pairs));
	tcase_add_loop_test(tcase, tells_clients_apart, 0, COUNT(clients));
	srunner_set_tap(runner, "-");
	srunner_run_all(runner, CK_SILENT);
	srunner_free(runner);
	return 0;
}
