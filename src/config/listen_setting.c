/*
 * An entry of the setting listen. See listen_setting.h.
 *
 * SPDX-License-Identifier: ISC
 */
#include "config/listen_setting.h"

#include <stddef.h>
#include <string.h>

#define PASSED_PREFIX "systemd:"

/* Whether systemd.socket(5) allows that name as FileDescriptorName=. */
static bool
is_passed_name(const char *name)
{
	size_t i;

	for (i = 0; name[i] != '\0'; i++)
		if (name[i] < ' ' || name[i] > '~' || name[i] == ':')
			return false;
	return i >= 1 && i <= 255;
}

bool
listen_setting_parse(const char *text, struct listen_setting *listen,
    const char **why)
{
	const size_t prefix = strlen(PASSED_PREFIX);

	*listen = (struct listen_setting){ .text = text };
	if (strncmp(text, PASSED_PREFIX, prefix) != 0)
		return address_parse_listen(text, &listen->address, why);
	listen->name = text + prefix;
	*why = "after \"" PASSED_PREFIX "\" stands the name of passed sockets, "
	       "of 1 to 255 printable characters without \":\"";
	return is_passed_name(listen->name);
}
