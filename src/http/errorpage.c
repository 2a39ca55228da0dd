/*
 * Error pages: fills in the constants of page.h. See errorpage.h. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/errorpage.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "http/page.h"
#include "http/status.h"

struct text {
	char *at;
	size_t size, length;
};

static void
put(struct text *text, const char *piece, size_t length)
{
	if (text->length < text->size) {
		size_t room = text->size - text->length;

		memcpy(text->at + text->length, piece,
		    length < room ? length : room);
	}
	text->length += length;
}

static void
put_string(struct text *text, const char *string)
{
	put(text, string, strlen(string));
}

static void
put_escaped(struct text *text, const char *string)
{
	for (; *string != '\0'; string++) {
		switch (*string) {
		case '<':
			put_string(text, "&lt;");
			break;
		case '>':
			put_string(text, "&gt;");
			break;
		case '&':
			put_string(text, "&amp;");
			break;
		case '"':
			put_string(text, "&quot;");
			break;
		case '\'':
			put_string(text, "&#39;");
			break;
		default:
			put(text, string, 1);
			break;
		}
	}
}

/* A handler may make Location from data of a client, so a javascript: URI must
 * not become a link. */
static bool
is_safe_link(const char *location)
{
	return location[0] == '/' || strncmp(location, "./", 2) == 0 ||
	    strncasecmp(location, "http://", 7) == 0 ||
	    strncasecmp(location, "https://", 8) == 0;
}

static const char *
advice(int status)
{
	switch (status) {
	case 400:
		return "The request was malformed.";
	case 401:
		return "This needs a name and a password.";
	case 403:
		return "This is not open to you.";
	case 404:
		return "There is nothing at this address.";
	case 405:
		return "This address does not take that method.";
	case 408:
		return "The request took too long to arrive.";
	case 413:
		return "The request is larger than this address takes.";
	case 414:
	case 431:
		return "The request is longer than this server reads.";
	case 429:
		return "Too many requests. Please wait a little.";
	case 500:
		return ERRORPAGE_FAILED;
	case 501:
		return "This server does not know how to do that.";
	case 503:
		return "Not available just now. Please try again later.";
	default:
		return NULL;
	}
}

static void
put_paragraph(struct text *text, const char *sentence)
{
	if (!sentence)
		return;
	put_string(text, "<p>");
	put_escaped(text, sentence);
	put_string(text, "</p>\n");
}

static void
put_link(struct text *text, const char *location)
{
	put_string(text, "<p>This is now at <a href=\"");
	put_escaped(text, location);
	put_string(text, "\">");
	put_escaped(text, location);
	put_string(text, "</a>.</p>\n");
}

/* An error of this address says nothing of others, so its page leads home. */
static void
put_page(struct text *text, int status, const char *location,
    const char *sentence)
{
	char title[64];

	snprintf(title, sizeof(title), "%d %s", status, status_reason(status));
	put_string(text, PAGE_BEFORE_TITLE);
	put_escaped(text, title);
	put_string(text, PAGE_BEFORE_HEADING);
	put_escaped(text, title);
	put_string(text, PAGE_AFTER_HEADING);
	if (location && is_safe_link(location))
		put_link(text, location);
	else
		put_paragraph(text, sentence);
	if (status >= 400)
		put_string(text, PAGE_HOME);
	put_string(text, PAGE_END);
}

size_t
errorpage_write(char *at, size_t size, int status, const char *location)
{
	struct text text = { .at = at, .size = size };

	put_page(&text, status, location, advice(status));
	return text.length;
}

size_t
errorpage_write_advice(char *at, size_t size, int status, const char *advice)
{
	struct text text = { .at = at, .size = size };

	put_page(&text, status, NULL, advice);
	return text.length;
}
