/*
 * Short texts of the configuration: an address to listen at, a prefix, a size,
 * a time. What is read is written, and read again.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <sys/socket.h>

#include "base/address.h"
#include "base/prefix.h"
#include "base/quantity.h"

static void
check_listen(const char *text)
{
	struct address address, again;
	char written[ADDRESS_TEXT_BYTES];
	const char *why = NULL;

	if (!address_parse_listen(text, &address, &why)) {
		assert(why && why[0] != '\0');
		return;
	}
	assert(address.length > 0);
	assert(address_port(&address) >= -1);
	address_format_listen(&address, written);
	assert(strlen(written) < sizeof(written));
	assert(address_parse_listen(written, &again, &why));
	assert(address_equal(&address, &again));
}

static void
check_prefix(const char *text)
{
	struct prefix prefix;
	struct address address;
	const char *why = NULL;

	if (!prefix_parse(text, &prefix, &why)) {
		assert(why && why[0] != '\0');
		return;
	}
	if (prefix.family == AF_UNIX)
		return;
	assert(prefix.bits <= (prefix.family == AF_INET ? 32 : 128));
	address_set_ip(&address, prefix.family, prefix.bytes, 80);
	/* An IPv4 address in the clothes of IPv6 counts as IPv4. */
	if (address.storage.ss_family == prefix.family)
		assert(prefix_contains(&prefix, &address) ||
		    prefix.family == AF_INET6);
	address_client_key(&address);
}

static void
check_quantities(const char *text)
{
	char written[QUANTITY_MAX_CHARS];
	int64_t value, again;
	const char *why = NULL;

	if (quantity_parse_size(text, &value, &why) == 0) {
		quantity_print_size(written, value);
		assert(quantity_parse_size(written, &again, &why) == 0);
		assert(again == value && value >= 0);
	} else {
		assert(why);
	}
	if (quantity_parse_time(text, &value, &why) == 0) {
		quantity_print_time(written, value);
		assert(quantity_parse_time(written, &again, &why) == 0);
		assert(again == value && value >= 0);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);

	check_listen(text);
	check_prefix(text);
	check_quantities(text);
	free(text);
	return 0;
}
