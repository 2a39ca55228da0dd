/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_linked.h"

#include <string.h>

#include <ltdl.h>

/* libtool makes it for a program that is linked with -dlpreopen, from the names of
 * archives (without an address) and the symbols in each. */
#pragma weak lt__PROGRAM__LTX_preloaded_symbols

bool
plugin_linked_any(void)
{
	return lt_preloaded_symbols;
}

/* "static.a" becomes "static". False: the name is none of a handler. */
static bool
take_name(const char *archive, char name[SETTING_NAME_MAX_CHARS + 1])
{
	size_t n = strlen(archive);

	if (n < 3 || n - 2 > SETTING_NAME_MAX_CHARS ||
	    strcmp(archive + n - 2, ".a") != 0)
		return false;
	memcpy(name, archive, n - 2);
	name[n - 2] = '\0';
	return true;
}

void
plugin_linked_list(struct plugin_linked *list)
{
	const lt_dlsymlist *s = lt_preloaded_symbols;

	list->count = 0;
	for (; s && s->name && list->count < PLUGIN_LINKED_MAX; s++)
		if (!s->address &&
		    take_name(s->name, list->text[list->count])) {
			list->names[list->count] = list->text[list->count];
			list->count++;
		}
}

bool
plugin_linked_has(const char *name)
{
	struct plugin_linked list;
	size_t i;

	plugin_linked_list(&list);
	for (i = 0; i < list.count; i++)
		if (strcmp(list.names[i], name) == 0)
			return true;
	return false;
}

void
plugin_linked_open(void)
{
	if (plugin_linked_any())
		lt_dlpreload_default(lt_preloaded_symbols);
}
