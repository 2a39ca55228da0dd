/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include <prong/handler.h>

#include "shared/escape.h"

#define REPLACEMENT "\xef\xbf\xbd"

static int
is_tail(unsigned char c)
{
	return (c & 0xc0) == 0x80;
}

/* The length of the UTF-8 sequence at text; 0 when it is invalid
 * (RFC 3629 4). */
static size_t
utf8_length(const char *text)
{
	const unsigned char *u = (const unsigned char *)text;

	if (u[0] < 0x80)
		return 1;
	if (u[0] >= 0xc2 && u[0] <= 0xdf)
		return is_tail(u[1]) ? 2 : 0;
	if (u[0] >= 0xe0 && u[0] <= 0xef) {
		if ((u[0] == 0xe0 && u[1] < 0xa0) || /* overlong */
		    (u[0] == 0xed && u[1] > 0x9f))   /* surrogate */
			return 0;
		return is_tail(u[1]) && is_tail(u[2]) ? 3 : 0;
	}
	if (u[0] >= 0xf0 && u[0] <= 0xf4) {
		if ((u[0] == 0xf0 && u[1] < 0x90) ||
		    (u[0] == 0xf4 && u[1] > 0x8f)) /* > U+10FFFF */
			return 0;
		return is_tail(u[1]) && is_tail(u[2]) && is_tail(u[3]) ? 4 : 0;
	}
	return 0;
}

bool
escape_is_path_name(const char *text)
{
	size_t length;

	for (; *text != '\0'; text += length) {
		length = utf8_length(text);
		if (length == 0 || *text == '\\' || *text == 0x7f ||
		    (length == 1 && (unsigned char)*text < 0x20))
			return false;
	}
	return true;
}

/* The character of a valid sequence of that length. */
static unsigned
utf8_character(const char *text, size_t length)
{
	static const unsigned char masks[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	const unsigned char *u = (const unsigned char *)text;
	unsigned c = u[0] & masks[length];
	size_t i;

	for (i = 1; i < length; i++)
		c = c << 6 | (u[i] & 0x3f);
	return c;
}

/* C0, DEL and C1: a terminal obeys U+009B as it obeys ESC [. */
static bool
is_control(unsigned c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Marks that are invisible and change the order of the text around them
 * (Unicode, Bidi_Control), that end lines, or that are no text. */
static bool
is_format(unsigned c)
{
	return c == 0x061c || c == 0x200e || c == 0x200f ||
	    (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) ||
	    c == 0xfeff;
}

/* The substitute for a character; NULL: none is needed. buffer has room for
 * \uXXXX. */
typedef const char *substitute(unsigned c, char buffer[8]);

/* Writes text in runs of characters that need no substitute. */
static int
escape_utf8(struct prong_request *request, const char *text, substitute *sub)
{
	const char *run = text, *with;
	char buffer[8];
	size_t length;

	while (*text != '\0') {
		length = utf8_length(text);
		with = length == 0 ? REPLACEMENT :
				     sub(utf8_character(text, length), buffer);
		if (length == 0)
			length = 1;
		if (!with) {
			text += length;
			continue;
		}
		if (prong_write(request, run, (uint64_t)(text - run)) < 0 ||
		    prong_print(request, with) < 0)
			return -1;
		run = text += length;
	}
	return prong_write(request, run, (uint64_t)(text - run));
}

static const char *
html_substitute(unsigned c, char buffer[8])
{
	(void)buffer;
	switch (c) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		/* HTML has no way to write control characters. */
		return is_control(c) ? REPLACEMENT : NULL;
	}
}

static const char *
json_substitute(unsigned c, char buffer[8])
{
	if (c == '"')
		return "\\\"";
	if (c == '\\')
		return "\\\\";
	/* "<" is escaped, too, because JSON is often put into pages. */
	if (!is_control(c) && !is_format(c) && c != '<')
		return NULL;
	snprintf(buffer, 8, "\\u%04x", c);
	return buffer;
}

int
escape_html(struct prong_request *request, const char *text)
{
	return escape_utf8(request, text, html_substitute);
}

int
escape_json(struct prong_request *request, const char *text)
{
	if (prong_print(request, "\"") < 0 ||
	    escape_utf8(request, text, json_substitute) < 0)
		return -1;
	return prong_print(request, "\"");
}

int
escape_plain(struct prong_request *request, const char *text)
{
	const unsigned char *u = (const unsigned char *)text;
	int result = 0;

	for (; *u != '\0' && result == 0; u++)
		if (*u < 0x20 || *u > 0x7e || *u == '\\')
			result = prong_printf(request, "\\x%02x", *u);
		else
			result = prong_write(request, u, 1);
	return result;
}

int
escape_column(struct prong_request *request, const char *text, size_t width)
{
	const unsigned char *u = (const unsigned char *)text;
	size_t columns = 0;
	int n = 0;

	for (; *u != '\0' && n >= 0; u++) {
		n = *u <= 0x20 || *u > 0x7e || *u == '\\' ? 4 : 1;
		columns += (size_t)n;
		if (n > 1)
			n = prong_printf(request, "\\x%02x", *u);
		else
			n = prong_write(request, u, 1);
	}
	for (; columns < width && n >= 0; columns++)
		n = prong_print(request, " ");
	return n;
}

size_t
escape_path(char *out, const char *text)
{
	static const char plain[] =
	    "abcdefghijklmnopqrstuvwxyz"
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~!$&'()*+,;=:@/";
	static const char hex[] = "0123456789ABCDEF";
	const char *begin = out;

	for (; *text != '\0'; text++) {
		if (strchr(plain, *text)) {
			*out++ = *text;
			continue;
		}
		*out++ = '%';
		*out++ = hex[(unsigned char)*text >> 4];
		*out++ = hex[(unsigned char)*text & 15];
	}
	*out = '\0';
	return (size_t)(out - begin);
}
