/* SPDX-License-Identifier: ISC */
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include <prong/handler.h>

#include "shared/extra_fields.h"

struct extra_field {
	const char *name, *value;
	int replaces;
};

/* RFC 9110 5.6.2 */
static const char token[] =
    "!#$%&'*+-.^_`|~0123456789"
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

int
extra_fields_is_value(const char *text)
{
	for (; *text != '\0'; text++)
		if (((unsigned char)*text < 0x20 && *text != '\t') ||
		    *text == 0x7f)
			return 0;
	return 1;
}

/* The fields that prong_field refuses, because only the server sets them. */
static int
is_field_of_server(const char *name)
{
	static const char *const names[] = { "Connection", "Content-Length",
		"Date", "Keep-Alive", "Trailer", "Transfer-Encoding",
		"Upgrade" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strcasecmp(name, names[i]) == 0)
			return 1;
	return 0;
}

/* Splits a line into name and value; NULL, or the description of an error. */
static const char *
parse(struct extra_field *field, struct prong_opening *opening,
    const char *line)
{
	size_t length = strspn(line, token);
	char *name;

	if (length == 0 || line[length] != ':' ||
	    !extra_fields_is_value(line + length))
		return "is no field: one looks like \"Name: value\"";
	name = prong_open_alloc(opening, length + 1);
	if (!name)
		return "finds no memory";
	memcpy(name, line, length);
	field->name = name;
	field->value = line + length + 1;
	field->value += strspn(field->value, " \t");
	field->replaces = strcasecmp(name, "Content-Type") == 0 ||
	    strcasecmp(name, "Cache-Control") == 0;
	return is_field_of_server(name) ?
	    "is a field that the server alone sets" :
	    NULL;
}

int
extra_fields_parse(struct extra_fields *fields, struct prong_opening *opening,
    const char *option, const struct prong_strings *lines)
{
	const char *wrong;
	char name[64];
	int result = 0;
	uint64_t i;

	if (lines->count == 0)
		return 0;
	fields->items = prong_open_alloc(opening,
	    lines->count * sizeof(*fields->items));
	if (!fields->items) {
		prong_open_error(opening, option, "out of memory");
		return -1;
	}
	for (i = 0; i < lines->count; i++) {
		wrong = parse(&fields->items[i], opening, lines->items[i]);
		if (!wrong)
			continue;
		snprintf(name, sizeof(name), "%s.[%u]", option, (unsigned)i);
		prong_open_error(opening, name, "\"%s\" %s", lines->items[i],
		    wrong);
		result = -1;
	}
	fields->count = lines->count;
	return result;
}

void
extra_fields_set(const struct extra_fields *fields,
    struct prong_request *request)
{
	const struct extra_field *field = fields->items;
	size_t i;

	for (i = 0; i < fields->count; i++, field++)
		if (field->replaces)
			prong_field(request, field->name, field->value);
		else
			prong_field_add(request, field->name, field->value);
}
