/* SPDX-License-Identifier: ISC */
#include "cli/printable.h"

#include <stdbool.h>

#define REPLACEMENT 0xfffdU

static bool
is_printable(unsigned c)
{
	return c >= 0x20 && c < 0x7f;
}

void
printable_put(FILE *to, unsigned char octet)
{
	if (is_printable(octet))
		putc(octet, to);
	else
		fprintf(to, "\\x%02x", octet);
}

void
printable_print(FILE *to, const char *text)
{
	for (; *text; text++)
		printable_put(to, (unsigned char)*text);
}

size_t
printable_copy(char *to, size_t size, const char *text)
{
	size_t length = 0;

	for (; *text && length + 5 <= size; text++)
		if (is_printable((unsigned char)*text))
			to[length++] = *text;
		else
			length += (size_t)sprintf(to + length, "\\x%02x",
			    (unsigned char)*text);
	to[length] = '\0';
	return length;
}

/* The length that the first octet of a UTF-8 sequence promises; 0: it is none.
 */
static size_t
promised_length(unsigned char first)
{
	if (first < 0x80)
		return 1;
	if ((first & 0xe0) == 0xc0)
		return 2;
	if ((first & 0xf0) == 0xe0)
		return 3;
	return (first & 0xf8) == 0xf0 ? 4 : 0;
}

/* Takes a character (RFC 3629 4), or one octet that begins none. */
static unsigned
take_character(const unsigned char **text)
{
	static const unsigned first_bits[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	static const unsigned least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *u = *text;
	size_t i, length = promised_length(u[0]);
	unsigned c = u[0] & first_bits[length];

	(*text)++;
	for (i = 1; i < length; i++) {
		if ((u[i] & 0xc0) != 0x80)
			return REPLACEMENT;
		c = c << 6 | (u[i] & 0x3f);
	}
	if (length == 0 || c < least[length] || c > 0x10ffff ||
	    (c >= 0xd800 && c < 0xe000))
		return REPLACEMENT;
	*text = u + length;
	return c;
}

static void
put_json(FILE *to, unsigned c)
{
	if (c == '"' || c == '\\')
		fprintf(to, "\\%c", (int)c);
	else if (is_printable(c))
		putc((int)c, to);
	else if (c < 0x10000)
		fprintf(to, "\\u%04x", c);
	else
		fprintf(to, "\\u%04x\\u%04x", 0xd7c0 + (c >> 10),
		    0xdc00 + (c & 0x3ff));
}

void
printable_print_json(FILE *to, const char *text)
{
	const unsigned char *u = (const unsigned char *)text;

	putc('"', to);
	while (*u)
		put_json(to, take_character(&u));
	putc('"', to);
}
