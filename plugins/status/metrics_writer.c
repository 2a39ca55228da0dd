/* SPDX-License-Identifier: ISC */
#include "status/metrics_writer.h"

#include <inttypes.h>
#include <string.h>

#include <prong/handler.h>

/* Of a value; more is cut. */
#define LABEL_BYTES 64

int
metrics_begin(const struct metrics_writer *w, const char *name,
    const char *type, const char *help)
{
	const bool is_counter = strcmp(type, "counter") == 0;
	const char *suffix = is_counter && !w->is_open ? "_total" : "";

	return prong_printf(w->request, "# HELP %s%s %s\n# TYPE %s%s %s\n",
	    name, suffix, help, name, suffix, type);
}

/* Values are names of the configuration and of fixed sets, and ids. What is not
 * printable ASCII in them is a question mark. */
int
metrics_label(const struct metrics_writer *w, const char *name,
    const char *value)
{
	char text[2 * LABEL_BYTES + 1];
	size_t length = 0;

	for (; *value != '\0' && length < sizeof(text) - 2; value++) {
		if (*value == '"' || *value == '\\')
			text[length++] = '\\';
		text[length++] = *value < ' ' || *value > '~' ? '?' : *value;
	}
	text[length] = '\0';
	return prong_printf(w->request, "%s=\"%s\"", name, text);
}

int
metrics_seconds(const struct metrics_writer *w, uint64_t us)
{
	return prong_printf(w->request, "%" PRIu64 ".%06" PRIu64, us / 1000000,
	    us % 1000000);
}
