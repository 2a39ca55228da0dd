/*
 * The PROXY protocol's header. See proxy.h.
 *
 *	version 1	PROXY TCP4 192.0.2.1 198.51.100.1 4711 80 CRLF
 *			PROXY UNKNOWN anything CRLF
 *	version 2	signature (12) | version, command (1) | family (1) |
 *			length of the rest (2) | addresses | extensions
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/proxy.h"

#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "base/slice.h"

#define FIXED_BYTES	16 /* of version 2, before the addresses */
#define UNIX_PATH_BYTES 108

/* Extensions: type (1), length (2), value. */
#define EXTENSION_BYTES	      3
#define EXTENSION_CRC32C      0x03
#define EXTENSION_SSL	      0x20
#define SSL_BYTES	      5 /* client's bits (1), result (4) */
#define SSL_CLIENT_SPEAKS_TLS 0x01

static const char line_start[] = "PROXY ";
static const char signature[] = "\r\n\r\n\0\r\nQUIT\n";

#define LINE_START_BYTES (sizeof(line_start) - 1)
#define SIGNATURE_BYTES	 (sizeof(signature) - 1)

/* Whether data begins with start, or with as much of start as it has octets. */
static bool
agrees(const char *data, size_t length, const char *start, size_t size)
{
	return memcmp(data, start, length < size ? length : size) == 0;
}

/*
 * Version 1.
 */

/* Takes the octets before the next space, or all. */
static struct slice
take_word(struct slice *line)
{
	const char *space = line->len == 0 ? NULL :
					     memchr(line->data, ' ', line->len);
	struct slice word = *line;

	if (!space) {
		*line = slice_skip(*line, line->len);
		return word;
	}
	word.len = (size_t)(space - line->data);
	*line = slice_skip(*line, word.len + 1);
	return word;
}

/* Reads a decimal number without leading zeros. */
static bool
parse_port(struct slice text, uint16_t *port)
{
	uint64_t number;

	if (!slice_parse_number(text, &number) || number > UINT16_MAX ||
	    (text.len > 1 && text.data[0] == '0'))
		return false;
	*port = (uint16_t)number;
	return true;
}

static bool
parse_line_addresses(struct slice line, int family, struct proxy_header *header)
{
	struct slice client = take_word(&line), server = take_word(&line);
	struct slice client_port = take_word(&line);
	uint16_t from, to;

	return parse_port(client_port, &from) && parse_port(line, &to) &&
	    address_parse_ip(client, family, from, &header->client) &&
	    address_parse_ip(server, family, to, &header->server);
}

static enum proxy_verdict
parse_line(struct slice line, struct proxy_header *header)
{
	struct slice family = take_word(&line);

	if (slice_is(family, "UNKNOWN"))
		return PROXY_COMPLETE;
	header->has_addresses = true;
	if (slice_is(family, "TCP4") &&
	    parse_line_addresses(line, AF_INET, header))
		return PROXY_COMPLETE;
	if (slice_is(family, "TCP6") &&
	    parse_line_addresses(line, AF_INET6, header))
		return PROXY_COMPLETE;
	return PROXY_BAD_LINE;
}

static enum proxy_verdict
parse_version_1(const char *data, size_t length, struct proxy_header *header)
{
	size_t seen = length < PROXY_LINE_MAX_BYTES ? length :
						      PROXY_LINE_MAX_BYTES;
	const char *cr = memchr(data, '\r', seen);
	struct slice line;

	if (memchr(data, '\n', !cr ? seen : (size_t)(cr - data)))
		return PROXY_BAD_LINE;
	if (!cr || cr == data + PROXY_LINE_MAX_BYTES - 1)
		return length < PROXY_LINE_MAX_BYTES ? PROXY_INCOMPLETE :
						       PROXY_TOO_LONG;
	if (cr + 1 == data + length)
		return PROXY_INCOMPLETE;
	if (cr[1] != '\n')
		return PROXY_BAD_LINE;
	header->length = (size_t)(cr + 2 - data);
	line = (struct slice){ data + LINE_START_BYTES,
		(size_t)(cr - data) - LINE_START_BYTES };
	return parse_line(line, header);
}

/*
 * Version 2.
 */

static unsigned
octet_at(const char *data, size_t i)
{
	return (unsigned char)data[i];
}

static uint16_t
number_at(const char *data, size_t i)
{
	return (uint16_t)(octet_at(data, i) << 8 | octet_at(data, i + 1));
}

/* CRC-32C (RFC 3720 12.1); its own four octets at hole count as zero. */
static uint32_t
checksum(const char *data, size_t length, size_t hole)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length; i++) {
		if (i < hole || i >= hole + 4)
			crc ^= octet_at(data, i);
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? UINT32_C(0x82f63b78) : 0);
	}
	return ~crc;
}

static enum proxy_verdict
check_sum(const char *data, size_t at, size_t size, size_t length)
{
	uint32_t told;

	if (size != 4)
		return PROXY_BAD_EXTENSION;
	told = (uint32_t)number_at(data, at) << 16 | number_at(data, at + 2);
	return checksum(data, length, at) == told ? PROXY_COMPLETE :
						    PROXY_BAD_CHECKSUM;
}

/* Parses the extensions after the addresses; most of them are ignored. */
static enum proxy_verdict
parse_extensions(const char *data, size_t at, struct proxy_header *header)
{
	enum proxy_verdict verdict = PROXY_COMPLETE;

	while (verdict == PROXY_COMPLETE && at < header->length) {
		unsigned type = octet_at(data, at);
		size_t size;

		if (header->length - at < EXTENSION_BYTES)
			return PROXY_BAD_EXTENSION;
		size = number_at(data, at + 1);
		at += EXTENSION_BYTES;
		if (size > header->length - at)
			return PROXY_BAD_EXTENSION;
		if (type == EXTENSION_CRC32C)
			verdict = check_sum(data, at, size, header->length);
		else if (type == EXTENSION_SSL && size < SSL_BYTES)
			verdict = PROXY_BAD_EXTENSION;
		else if (type == EXTENSION_SSL)
			header->secure = octet_at(data, at) &
			    SSL_CLIENT_SPEAKS_TLS;
		at += size;
	}
	return verdict;
}

static void
set_inet(struct proxy_header *header, int family, const char *data)
{
	size_t size = family == AF_INET ? 4 : 16;

	address_set_ip(&header->client, family, data,
	    number_at(data, 2 * size));
	address_set_ip(&header->server, family, data + size,
	    number_at(data, 2 * size + 2));
}

static void
set_unix(struct proxy_header *header, const char *data)
{
	address_set_unix(&header->client, data, strnlen(data, UNIX_PATH_BYTES));
	address_set_unix(&header->server, data + UNIX_PATH_BYTES,
	    strnlen(data + UNIX_PATH_BYTES, UNIX_PATH_BYTES));
}

/* The number of octets of a family's addresses; -1 for an unknown family. The
 * lower half is the transport: 1 for streams, 2 for datagrams. */
static int
address_bytes(unsigned family)
{
	switch (family) {
	case 0x00:
		return 0;
	case 0x11:
	case 0x12:
		return 2 * (4 + 2);
	case 0x21:
	case 0x22:
		return 2 * (16 + 2);
	case 0x31:
	case 0x32:
		return 2 * UNIX_PATH_BYTES;
	default:
		return -1;
	}
}

static enum proxy_verdict
parse_addresses(const char *data, struct proxy_header *header)
{
	unsigned family = octet_at(data, 13);
	int size = address_bytes(family);

	if (size < 0)
		return PROXY_BAD_FAMILY;
	if ((size_t)size > header->length - FIXED_BYTES)
		return PROXY_BAD_LENGTH;
	header->has_addresses = size > 0;
	if (family >> 4 == 1)
		set_inet(header, AF_INET, data + FIXED_BYTES);
	else if (family >> 4 == 2)
		set_inet(header, AF_INET6, data + FIXED_BYTES);
	else if (family >> 4 == 3)
		set_unix(header, data + FIXED_BYTES);
	return parse_extensions(data, FIXED_BYTES + (size_t)size, header);
}

static enum proxy_verdict
parse_version_2(const char *data, size_t length, struct proxy_header *header)
{
	unsigned command;

	if (length <= SIGNATURE_BYTES)
		return PROXY_INCOMPLETE;
	command = octet_at(data, SIGNATURE_BYTES);
	if (command >> 4 != 2)
		return PROXY_BAD_VERSION;
	if ((command & 15) > 1)
		return PROXY_BAD_COMMAND;
	if (length < FIXED_BYTES)
		return PROXY_INCOMPLETE;
	header->length = FIXED_BYTES + (size_t)number_at(data, 14);
	if (header->length > PROXY_MAX_BYTES)
		return PROXY_TOO_LONG;
	if (length < header->length)
		return PROXY_INCOMPLETE;
	/* LOCAL: the rest of the header is ignored. */
	if ((command & 15) == 0)
		return PROXY_COMPLETE;
	return parse_addresses(data, header);
}

enum proxy_verdict
proxy_parse(const char *data, size_t length, struct proxy_header *header)
{
	struct proxy_header parsed = { 0 };
	enum proxy_verdict verdict;

	if (agrees(data, length, signature, SIGNATURE_BYTES))
		verdict = parse_version_2(data, length, &parsed);
	else if (!agrees(data, length, line_start, LINE_START_BYTES))
		verdict = PROXY_ABSENT;
	else if (length < LINE_START_BYTES)
		verdict = PROXY_INCOMPLETE;
	else
		verdict = parse_version_1(data, length, &parsed);
	if (verdict == PROXY_COMPLETE)
		*header = parsed;
	return verdict;
}

const char *
proxy_verdict_text(enum proxy_verdict verdict)
{
	static const char *const texts[] = {
		[PROXY_COMPLETE] = "the header is complete",
		[PROXY_INCOMPLETE] = "the header is not complete",
		[PROXY_ABSENT] = "there is no PROXY header",
		[PROXY_TOO_LONG] = "the PROXY header is too long",
		[PROXY_BAD_LINE] = "the PROXY line is malformed",
		[PROXY_BAD_VERSION] = "the PROXY header has an unknown "
				      "version",
		[PROXY_BAD_COMMAND] = "the PROXY header has an unknown "
				      "command",
		[PROXY_BAD_FAMILY] = "the PROXY header has an unknown family "
				     "of addresses",
		[PROXY_BAD_LENGTH] = "the PROXY header is too short for its "
				     "addresses",
		[PROXY_BAD_EXTENSION] = "an extension in the PROXY header is "
					"malformed",
		[PROXY_BAD_CHECKSUM] = "the PROXY header's checksum is wrong",
	};

	return texts[verdict];
}
