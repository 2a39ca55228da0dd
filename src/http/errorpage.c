/*
 * Error pages: one small document that needs no other file, for dark and light
 * screens. See errorpage.h. Pure.
 *
 * SPDX-License-Identifier: ISC
 */
#include "http/errorpage.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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
	return location[0] == '/' || strncasecmp(location, "http://", 7) == 0 ||
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
		return "The server failed to answer. Its log says why.";
	case 501:
		return "This server does not know how to do that.";
	case 503:
		return "Not available just now. Please try again later.";
	default:
		return NULL;
	}
}

static void
put_head(struct text *text, int status)
{
	char number[16];

	snprintf(number, sizeof(number), "%d", status);
	put_string(text,
	    "<!DOCTYPE html>\n<html lang=\"en\">\n"
	    "<meta charset=\"utf-8\">\n"
	    "<meta name=\"viewport\" content=\"width=device-width\">\n"
	    "<title>");
	put_string(text, number);
	put_string(text, " ");
	put_escaped(text, status_reason(status));
	put_string(text,
	    "</title>\n<style>\n"
	    ":root { color-scheme: light dark; }\n"
	    "body { font: 1.1em/1.5 system-ui, sans-serif; max-width: 32em;"
	    " margin: 15vh auto; padding: 0 1em; }\n"
	    "h1 { font-size: 1.5em; font-weight: 600; }\n"
	    "h1 span { opacity: .5; margin-right: .4em; }\n"
	    "</style>\n<h1><span>");
	put_string(text, number);
	put_string(text, "</span>");
	put_escaped(text, status_reason(status));
	put_string(text, "</h1>\n");
}

static void
put_advice(struct text *text, const char *advice)
{
	if (!advice)
		return;
	put_string(text, "<p>");
	put_escaped(text, advice);
	put_string(text, "</p>\n");
}

size_t
errorpage_write(char *at, size_t size, int status, const char *location)
{
	struct text text = { .at = at, .size = size };

	put_head(&text, status);
	if (location && is_safe_link(location)) {
		put_string(&text, "<p>This is now at <a href=\"");
		put_escaped(&text, location);
		put_string(&text, "\">");
		put_escaped(&text, location);
		put_string(&text, "</a>.</p>\n");
	} else {
		put_advice(&text, advice(status));
	}
	return text.length;
}

size_t
errorpage_write_advice(char *at, size_t size, int status, const char *advice)
{
	struct text text = { .at = at, .size = size };

	put_head(&text, status);
	put_advice(&text, advice);
	return text.length;
}
