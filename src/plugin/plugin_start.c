/* SPDX-License-Identifier: ISC */
#include "plugin/plugin_start.h"

#include "plugin/option.h"
#include "plugin/plugin.h"
#include "plugin/plugin_open.h"

int
plugin_start(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets, bool is_test,
    struct report *report)
{
	int loaded, filled;

	loaded = plugin_load_all(plugins, configuration, report);
	/* The options of those that were loaded may have errors as well. */
	filled = option_fill_all(configuration, secrets, report);
	if (loaded < 0 || filled < 0)
		return -1;
	return plugin_open_all(configuration, is_test, report);
}
