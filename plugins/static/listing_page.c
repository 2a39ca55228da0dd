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
#include "static/listing_order.h"

/* Widths are fixed, so that columns stay where they are from folder to folder. */
#define STYLE \
	"\n" \
	":root { color-scheme: light dark; --line: #8884; --faint: #666;\n" \
	"  --link: #0b57a4; }\n" \
	"@media (prefers-color-scheme: dark) {\n" \
	"  :root { --faint: #aaa; --link: #7db8f0; } }\n" \
	"html { scrollbar-gutter: stable; }\n" \
	"body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem;\n" \
	"  margin: 0 auto; padding: 1.5rem 1rem; }\n" \
	"h1 { font-size: 1.25rem; font-weight: 600; overflow-wrap: anywhere; " \
	"}\n" \
	"a { color: var(--link); text-decoration: none; }\n" \
	"a:hover, a:focus-visible { text-decoration: underline; }\n" \
	"table { width: 100%; table-layout: fixed; border-collapse: " \
	"collapse; }\n" \
	"th { text-align: left; font-weight: 400; }\n" \
	"thead th { font-weight: 500; }\n" \
	"thead th, thead a { color: var(--faint); }\n" \
	"th, td { padding: .35rem .5rem; border-bottom: 1px solid " \
	"var(--line); }\n" \
	"tbody tr:hover { background: var(--line); }\n" \
	"tbody th { overflow-wrap: anywhere; }\n" \
	"th + th, td { text-align: right; white-space: nowrap;\n" \
	"  font-variant-numeric: tabular-nums; color: var(--faint); }\n" \
	"th + th { width: 6rem; }\n" \
	"th + th + th { width: 11rem; }\n" \
	".folder { font-weight: 600; }\n" \
	"p { color: var(--faint); }\n" \
	"@media (max-width: 34rem) { th + th + th, td + td { display: none; " \
	"} }\n"

/* The hash is that of STYLE (CSP 2.4.2); a test computes it. */
const char listing_page_policy[] =
    "default-src 'none'; base-uri 'none'; form-action 'none'; "
    "style-src 'sha256-aM+2VypcBjSw6dNrKKhXssdZBlLgWprtfvQwhIMyZH8='";

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
	return prong_print(request, "/</a>");
}

/* Writes links to the top of the host and to each folder below. Those above the
 * route may be of other routes. */
static int
write_crumbs(struct prong_request *request)
{
	const char *path = prong_path(request), *end;
	size_t left = count_segments(path);
	char *name;

	if (write_crumb(request, "", left) < 0)
		return -1;
	for (path += strspn(path, "/"); *path != '\0';
	     path = end + strspn(end, "/")) {
		end = segment_end(path);
		name = prong_alloc(request, (uint64_t)(end - path) + 1);
		if (!name)
			return -1;
		memcpy(name, path, (size_t)(end - path));
		if (write_crumb(request, name, --left) < 0)
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
write_size(struct prong_request *request, int64_t bytes)
{
	char size[32];

	return prong_printf(request,
	    "<data value=\"%" PRId64 "\" title=\"%" PRId64 " bytes\">%s</data>",
	    bytes, bytes, format_size(size, sizeof(size), bytes));
}

static int
write_time(struct prong_request *request, int64_t modified)
{
	char exact[32], text[32];
	time_t seconds = (time_t)modified;
	struct tm tm = { 0 };

	gmtime_r(&seconds, &tm);
	if (strftime(exact, sizeof(exact), "%Y-%m-%dT%H:%M:%SZ", &tm) == 0 ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &tm) == 0)
		return 0;
	return prong_printf(request, "<time datetime=\"%s\">%s</time>", exact,
	    text);
}

static int
write_row(struct prong_request *request, const struct listing_entry *entry)
{
	char href[3 * (NAME_MAX + 1) + 1];
	const char *slash = entry->is_folder ? "/" : "";

	escape_path(href, entry->name);
	/* "./" keeps a name like "a:b" from being read as a scheme. */
	if (prong_printf(request, "<tr><th scope=\"row\"><a%s href=\"./",
		entry->is_folder ? " class=\"folder\"" : "") < 0 ||
	    escape_html(request, href) < 0 ||
	    prong_printf(request, "%s\">", slash) < 0 ||
	    escape_html(request, entry->name) < 0 ||
	    prong_printf(request, "%s</a></th><td>", slash) < 0)
		return -1;
	if ((!entry->is_folder && write_size(request, entry->size) < 0) ||
	    prong_print(request, "</td><td>") < 0 ||
	    write_time(request, entry->modified) < 0)
		return -1;
	return prong_print(request, "</td></tr>\n");
}

/* Writes the head of a column, with a link to the listing in its order: names
 * ascend at first, sizes and times descend. In the order of this column the link
 * turns it round. */
static int
write_column(struct prong_request *request, enum listing_column column,
    const struct listing_order *order)
{
	static const char letters[] = "NSM";
	static const char *const titles[] = { "Name", "Size",
		"Modified (UTC)" };
	const bool is_current = order->column == column;
	const bool descends = is_current ? !order->descends :
					   column != LISTING_NAME;

	if (prong_print(request, "<th scope=\"col\"") < 0 ||
	    (is_current &&
		prong_printf(request, " aria-sort=\"%scending\"",
		    order->descends ? "des" : "as") < 0))
		return -1;
	if (prong_printf(request, "><a href=\"./?C=%c;O=%c\">%s</a>",
		letters[column], descends ? 'D' : 'A', titles[column]) < 0 ||
	    (is_current &&
		prong_printf(request, " <span aria-hidden=\"true\">%s</span>",
		    order->descends ? "\xe2\x96\xbe" : "\xe2\x96\xb4") < 0))
		return -1;
	return prong_print(request, "</th>");
}

static int
write_head(struct prong_request *request, const struct listing_order *order)
{
	enum listing_column column;

	if (prong_print(request,
		"<!doctype html>\n<html lang=\"en\">\n"
		"<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
		"content=\"width=device-width\">\n<title>") < 0 ||
	    escape_html(request, prong_path(request)) < 0 ||
	    prong_print(request,
		"</title>\n<style>" STYLE "</style>\n<main>\n<h1>") < 0 ||
	    write_crumbs(request) < 0 ||
	    prong_print(request, "</h1>\n<table>\n<thead><tr>") < 0)
		return -1;
	for (column = LISTING_NAME; column <= LISTING_MODIFIED; column++)
		if (write_column(request, column, order) < 0)
			return -1;
	return prong_print(request, "</tr></thead>\n<tbody>\n");
}

static int
write_foot(struct prong_request *request, const struct listing *listing)
{
	return prong_printf(request, "</tbody>\n</table>\n%s</main>\n",
	    listing->cut	? "<p>There are more.</p>\n" :
		!listing->count ? "<p>This folder is empty.</p>\n" :
				  "");
}

int
listing_write_page(struct prong_request *request, const struct listing *listing,
    const struct listing_order *order)
{
	size_t i;

	if (write_head(request, order) < 0)
		return -1;
	if (count_segments(prong_path(request)) > 0 &&
	    prong_print(request,
		"<tr><th scope=\"row\"><a class=\"folder\" href=\"../\" "
		"aria-label=\"parent folder\">../"
		"</a></th><td></td><td></td></tr>\n") < 0)
		return -1;
	for (i = 0; i < listing->count; i++)
		if (write_row(request, &listing->entries[i]) < 0)
			return -1;
	return write_foot(request, listing);
}
