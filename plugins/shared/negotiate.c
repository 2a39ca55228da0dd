/* SPDX-License-Identifier: ISC */
#include <string.h>
#include <strings.h>

#include "shared/negotiate.h"

struct element {
	const char *name;
	size_t length;
	int weight;
};

/* RFC 9110 12.4.2: "0" or "1" and at most three decimals, at most 1. */
static int
parse_weight(const char *text, size_t length)
{
	int weight, unit = 100;
	size_t i;

	if (length < 1 || length > 5 || (text[0] != '0' && text[0] != '1'))
		return 0;
	weight = (text[0] - '0') * 1000;
	if (length > 1 && text[1] != '.')
		return 0;
	for (i = 2; i < length; i++, unit /= 10) {
		if (text[i] < '0' || text[i] > '9')
			return 0;
		weight += (text[i] - '0') * unit;
	}
	return weight <= 1000 ? weight : 0;
}

/* The end of a parameter: the next ";" or "," outside quotes. */
static const char *
parameter_end(const char *at)
{
	int quoted = 0;

	for (; *at != '\0'; at++) {
		if (quoted && *at == '\\' && at[1] != '\0')
			at++;
		else if (*at == '"')
			quoted = !quoted;
		else if (!quoted && (*at == ';' || *at == ','))
			break;
	}
	return at;
}

/* Reads the next element of the list; NULL when there is none. */
static const char *
next_element(const char *at, struct element *element)
{
	const char *end;

	at += strspn(at, ", \t");
	if (*at == '\0')
		return NULL;
	element->name = at;
	element->length = strcspn(at, ";, \t");
	element->weight = 1000;
	for (at = parameter_end(at); *at == ';'; at = end) {
		at++;
		at += strspn(at, " \t");
		end = parameter_end(at);
		if ((at[0] == 'q' || at[0] == 'Q') && at[1] == '=')
			element->weight = parse_weight(at + 2,
			    strcspn(at + 2, ";, \t"));
	}
	return at;
}

static bool
is_named(const struct element *element, const char *name, size_t length)
{
	return element->length == length &&
	    strncasecmp(element->name, name, length) == 0;
}

int
negotiate_coding(const char *accept_encoding, const char *coding)
{
	struct element element;
	int named = NEGOTIATE_UNNAMED, any = NEGOTIATE_UNNAMED;
	const char *at = accept_encoding;

	if (!at)
		return NEGOTIATE_UNNAMED;
	while ((at = next_element(at, &element))) {
		/* "x-gzip" is "gzip" by another name (RFC 9110 8.4.1.3). */
		if (is_named(&element, coding, strlen(coding)) ||
		    (strcmp(coding, "gzip") == 0 &&
			is_named(&element, "x-gzip", 6)))
			named = element.weight;
		else if (is_named(&element, "*", 1))
			any = element.weight;
	}
	return named != NEGOTIATE_UNNAMED ? named : any;
}

int
negotiate_media(const char *accept, const char *type, bool *exactly)
{
	struct element element;
	int weight = NEGOTIATE_UNNAMED, found = 0, rank;
	size_t main_length = (size_t)(strchr(type, '/') - type) + 1;

	while (accept && (accept = next_element(accept, &element))) {
		if (is_named(&element, type, strlen(type)))
			rank = 3;
		else if (element.length == main_length + 1 &&
		    element.name[main_length] == '*' &&
		    strncasecmp(element.name, type, main_length) == 0)
			rank = 2;
		else if (is_named(&element, "*/*", 3))
			rank = 1;
		else
			continue;
		if (rank < found)
			continue;
		found = rank;
		weight = element.weight;
	}
	*exactly = found == 3;
	return weight;
}

bool
negotiate_json(const char *accept, const char *type)
{
	bool json_named, type_named;
	int json, other;

	if (!accept)
		return false;
	json = negotiate_media(accept, "application/json", &json_named);
	other = negotiate_media(accept, type, &type_named);
	if (json <= 0)
		return false;
	return json > other || (json == other && json_named);
}
