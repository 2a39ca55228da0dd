/*
 * The header of the PROXY protocol, whole and at every length that could have
 * arrived before.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <sys/socket.h>

#include "http/proxy.h"

#define INPUT_MAX_BYTES 1024 /* every length of it is tried */

struct parsed {
	enum proxy_verdict verdict;
	struct proxy_header header;
};

static struct parsed
parse(const uint8_t *data, size_t size)
{
	struct parsed parsed = { 0 };
	char *copy = fuzz_copy(data, size);

	parsed.verdict = proxy_parse(copy, size, &parsed.header);
	free(copy);
	return parsed;
}

static void
check_address(const struct address *address)
{
	char text[ADDRESS_TEXT_BYTES];
	int port = address_port(address);
	int family = address->storage.ss_family;

	assert(family == AF_INET || family == AF_INET6 || family == AF_UNIX);
	assert(address->length > 0 &&
	    address->length <= sizeof(address->storage));
	assert(port >= -1 && port <= 65535);
	assert(address_format(address, text)[0] != '\0');
	assert(strlen(text) < sizeof(text));
}

/* As text, since sockets without a name are never equal. */
static void
check_same(const struct address *a, const struct address *b)
{
	char a_text[ADDRESS_TEXT_BYTES], b_text[ADDRESS_TEXT_BYTES];

	assert(strcmp(address_format(a, a_text), address_format(b, b_text)) ==
	    0);
}

static void
check(const struct parsed *whole, const uint8_t *data, size_t size)
{
	const struct proxy_header *header = &whole->header;
	struct parsed exact;

	assert(proxy_verdict_text(whole->verdict)[0] != '\0');
	if (whole->verdict != PROXY_COMPLETE)
		return;
	assert(header->length > 0 && header->length <= size);
	assert(header->length <= PROXY_MAX_BYTES);
	if (header->has_addresses) {
		check_address(&header->client);
		check_address(&header->server);
	}
	/* What follows has no influence. */
	exact = parse(data, header->length);
	assert(exact.verdict == PROXY_COMPLETE);
	assert(exact.header.length == header->length);
	assert(exact.header.has_addresses == header->has_addresses);
	assert(exact.header.secure == header->secure);
	if (header->has_addresses) {
		check_same(&exact.header.client, &header->client);
		check_same(&exact.header.server, &header->server);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct parsed whole, part;
	size_t length = 0;

	if (size > INPUT_MAX_BYTES)
		size = INPUT_MAX_BYTES;
	whole = parse(data, size);
	check(&whole, data, size);
	/* The first word on it is the last. */
	do
		part = parse(data, length);
	while (part.verdict == PROXY_INCOMPLETE && ++length <= size);
	assert(part.verdict == whole.verdict);
	return 0;
}
