/* SPDX-License-Identifier: ISC */
#include "config/folder_site.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "config/report.h"
#include "config/sources.h"

/* Prints text as a string of libconfig's syntax. */
static void
print_quoted(FILE *out, const char *text)
{
	fputc('"', out);
	for (; *text != '\0'; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(out, "\\%c", *text);
		else if ((unsigned char)*text < 0x20 || *text == 0x7f)
			fprintf(out, "\\x%02x", (unsigned char)*text);
		else
			fputc(*text, out);
	}
	fputc('"', out);
}

static void
print_site(FILE *out, const char *folder, const char *plugin_folder,
    bool is_listed)
{
	if (plugin_folder) {
		fputs("plugin_dir = ", out);
		print_quoted(out, plugin_folder);
		fputs(";\n", out);
	}
	fputs("listen = \"127.0.0.1:8080\";\n"
	      "sites = ( { routes = (\n"
	      "  { path = \"/\"; static = { root = ",
	    out);
	print_quoted(out, folder);
	fprintf(out, "; listing = %s; }; }\n); } );\n",
	    is_listed ? "true" : "false");
}

struct sources *
folder_site_sources(const char *folder, const char *plugin_folder,
    bool is_listed, struct report *report)
{
	struct sources *sources = NULL;
	char real[PATH_MAX];
	struct stat st;
	char *text = NULL;
	size_t length;
	FILE *out;

	if (!realpath(folder, real) || stat(real, &st) < 0) {
		report_error(report, NULL, "%s: cannot be served: %s", folder,
		    strerror(errno));
		return NULL;
	}
	if (!S_ISDIR(st.st_mode)) {
		report_error(report, NULL,
		    "%s: found something that is no "
		    "folder; possible: a folder, or -c with a configuration "
		    "file",
		    folder);
		return NULL;
	}
	out = open_memstream(&text, &length);
	if (out) {
		print_site(out, real, plugin_folder, is_listed);
		if (fclose(out) == 0)
			sources = sources_from_text(folder, text, report);
	}
	if (!out || (!sources && !text))
		report_error(report, NULL, "%s: out of memory", folder);
	free(text);
	return sources;
}
