/*
 * Listings: the page. It needs no other file and runs no script.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <prong/handler.h>

#include "shared/escape.h"
#include "static/listing.h"

static const char style[] =
    "<style>\n"
    ":root { color-scheme: light dark; --line: #8884; --faint: #767676;\n"
    "  --link: #0b57a4; }\n"
    "@media (prefers-color-scheme: dark) {\n"
    "  :root { --faint: #999; --link: #7db8f0; } }\n"
    "body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem;\n"
    "  margin: 0 auto; padding: 1.5rem 1rem; }\n"
    "h1 { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; }\n"
    "a { color: var(--link); text-decoration: none; }\n"
    "a:hover, a:focus-visible { text-decoration: underline; }\n"
    "table { width: 100%; border-collapse: collapse; }\n"
    "th { text-align: left; font-weight: 500; color: var(--faint); }\n"
    "th, td { padding: .35rem .5rem; border-bottom: 1px solid var(--line); }\n"
    "tbody tr:hover { background: var(--line); }\n"
    "td:first-child { overflow-wrap: anywhere; }\n"
    "th + th, td + td { text-align: right; white-space: nowrap;\n"
    "  font-variant-numeric: tabular-nums; color: var(--faint); }\n"
    ".folder { font-weight: 600; }\n"
    "p { color: var(--faint); }\n"
    "@media (max-width: 34rem) { th + th + th, td + td + td "
    "{ display: none; } }\n"
    "</style>\n";

/* The end of the segment of a path that begins at text. */
static const char *
segment_end(const char *text)
{
	return text + strcspn(text, "/");
}

static size_t
count_segments(const char *path)
{
	size_t count = 0;

	for (path += strspn(path, "/"); *path != '\0';
	     path += strspn(path, "/")) {
		path = segment_end(path);
		count++;
	}
	return count;
}

/* Writes a link to a folder above, by up times "../". */
static int
write_crumb(struct prong_request *request, const char *text, size_t up)
{
	if (prong_print(request, "<a href=\"./") < 0)
		return -1;
	while (up-- > 0)
		if (prong_print(request, "../") < 0)
			return -1;
	if (prong_print(request, "\">") < 0 || escape_html(request, text) < 0)
		return -1;
	return prong_print(request, "</a>");
}

/* Writes links to the route and to each folder below: "/docs/", "a/", "b/". */
static int
write_crumbs(struct prong_request *request)
{
	const char *route = prong_route(request), *path, *end;
	size_t left;
	char *name;

	path = prong_path_info(request);
	left = count_segments(path);
	if (write_crumb(request, *route != '\0' ? route : "/", left) < 0)
		return -1;
	if (left > 0 && route[0] != '\0' && route[strlen(route) - 1] != '/' &&
	    prong_print(request, "/") < 0)
		return -1;
	for (path += strspn(path, "/"); *path != '\0';
	     path = end + strspn(end, "/")) {
		end = segment_end(path);
		name = prong_alloc(request, (uint64_t)(end - path) + 1);
		if (!name)
			return -1;
		memcpy(name, path, (size_t)(end - path));
		if (write_crumb(request, name, --left) < 0 ||
		    prong_print(request, "/") < 0)
			return -1;
	}
	return 0;
}

static const char *
format_size(char *out, size_t size, int64_t bytes)
{
	static const char units[] = "KMGTPE";
	double amount = (double)bytes;
	int unit = -1;

	while (amount >= 999.5 && unit < 5) {
		amount /= 1024;
		unit++;
	}
	if (unit < 0)
		snprintf(out, size, "%" PRId64 " B", bytes);
	else
		snprintf(out, size, amount < 9.95 ? "%.1f %ciB" : "%.0f %ciB",
		    amount, units[unit]);
	return out;
}

static int
write_row(struct prong_request *request, const struct listing_entry *entry)
{
	char href[3 * (NAME_MAX + 1) + 1], size[32], when[32];
	const char *slash = entry->is_folder ? "/" : "";
	time_t modified = (time_t)entry->modified;
	struct tm tm = { 0 };

	escape_path(href, entry->name);
	gmtime_r(&modified, &tm);
	if (strftime(when, sizeof(when), "%Y-%m-%d %H:%M", &tm) == 0)
		when[0] = '\0';
	/* "./" keeps a name like "a:b" from being read as a scheme. */
	if (prong_printf(request, "<tr><td><a%s href=\"./",
		entry->is_folder ? " class=\"folder\"" : "") < 0 ||
	    escape_html(request, href) < 0 ||
	    prong_printf(request, "%s\">", slash) < 0 ||
	    escape_html(request, entry->name) < 0)
		return -1;
	return prong_printf(request, "%s</a></td><td>%s</td><td>%s</td></tr>\n",
	    slash,
	    entry->is_folder ? "" :
			       format_size(size, sizeof(size), entry->size),
	    when);
}

static int
write_head(struct prong_request *request)
{
	if (prong_print(request,
		"<!doctype html>\n<html lang=\"en\">\n"
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		"content=\"width=device-width\">\n<title>") < 0 ||
	    escape_html(request, prong_path(request)) < 0 ||
	    prong_print(request, "</title>\n") < 0 ||
	    prong_print(request, style) < 0 ||
	    prong_print(request, "<h1>") < 0 || write_crumbs(request) < 0)
		return -1;
	return prong_print(request,
	    "</h1>\n<table>\n<thead><tr><th>Name</th>"
	    "<th>Size</th><th>Modified (UTC)</th></tr></thead>\n<tbody>\n");
}

int
listing_write_page(struct prong_request *request, const struct listing *listing)
{
	size_t i;

	if (write_head(request) < 0)
		return -1;
	if (count_segments(prong_path_info(request)) > 0 &&
	    prong_print(request,
		"<tr><td><a class=\"folder\" href=\"../\">../"
		"</a></td><td></td><td></td></tr>\n") < 0)
		return -1;
	for (i = 0; i < listing->count; i++)
		if (write_row(request, &listing->entries[i]) < 0)
			return -1;
	if (prong_print(request, "</tbody>\n</table>\n") < 0)
		return -1;
	if (listing->cut)
		return prong_print(request, "<p>There are more.</p>\n");
	return listing->count > 0 ?
	    0 :
	    prong_print(request, "<p>This folder is empty.</p>\n");
}
