/* SPDX-License-Identifier: ISC */
#include "fixture.h"

#include <check.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

struct porter *porter;
char sent[FIXTURE_BYTES];

void
fixture_setup(size_t connections, const struct porter_workers *workers)
{
	size_t i;

	for (i = 0; i < sizeof(sent); i++)
		sent[i] = (char)(i * i % 251);
	porter = porter_start("porter of a test", FIXTURE_PRIVATE, connections,
	    workers);
	ck_assert_ptr_nonnull(porter);
}

void
fixture_teardown(void)
{
	int status;

	close(porter_socket(porter));
	ck_assert_int_eq(waitpid(porter_pid(porter), &status, 0),
	    porter_pid(porter));
	ck_assert_int_eq(status, 0);
}

struct connection_facts
fixture_facts(void)
{
	struct connection_facts facts = { .requests = 7, .secure = true };

	address_set_ip(&facts.client, AF_INET, "\x7f\0\0\1", 8080);
	address_set_ip(&facts.server, AF_INET6, "0123456789abcdef", 443);
	return facts;
}
