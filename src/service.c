/* SPDX-License-Identifier: ISC */
#include "service.h"

#include "opening.h"
#include "option.h"
#include "plugin.h"

int
service_open(struct configuration *configuration,
    const struct plugin_set *plugins, struct secrets *secrets, bool is_test,
    struct report *report)
{
	int loaded, filled;

	loaded = plugin_load_all(plugins, configuration, report);
	/* The options of those that were loaded may have errors as well. */
	filled = option_fill_all(configuration, secrets, report);
	if (loaded < 0 || filled < 0)
		return -1;
	return opening_run_all(configuration, is_test, report);
}
