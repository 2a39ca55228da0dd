/*
 * prongd: chooses the kind of process by the command line, and runs it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "base/descriptor.h"
#include "base/identity.h"
#include "base/log.h"
#include "base/requirements.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/report.h"
#include "config/sources.h"
#include "generation/generation.h"
#include "generation/renewed.h"
#include "handover/command.h"
#include "master/activation.h"
#include "master/loader.h"
#include "master/master.h"
#include "master/notify.h"
#include "master/proof.h"
#include "once.h"
#include "plugin/plugin_check.h"
#include "plugin/plugin_set.h"
#include "rehearsal.h"

/* The last line of -t, when there is no error. */
static void
conclude(const char *path, unsigned warnings)
{
	if (warnings == 0)
		log_info("%s: nothing is wrong", path);
	else
		log_info("%s: no error, %u warning%s", path, warnings,
		    warnings == 1 ? "" : "s");
}

static int
test(const struct command *command)
{
	struct report report = { 0 };
	struct configuration *c;
	int result;

	if (!requirements_hold())
		return EXIT_FAILURE;
	/* All errors are told in one run. */
	c = loader_configuration_most(command, &report);
	if (!c)
		return EXIT_FAILURE;
	plugin_check_all(c, &report);
	rehearsal_run(c, &report);
	result = report.errors == 0 ? 0 : -1;
	if (result == 0)
		conclude(c->sources->items[0].path, report.warnings);
	configuration_free(c);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
once(const struct command *command)
{
	struct report report = { 0 };
	struct configuration *c = loader_configuration(command, &report);
	struct plugin_set *plugins = c ? loader_plugins(c, &report) : NULL;

	if (plugins) {
		plugin_set_map_files(plugins);
		return once_run(c, plugins);
	}
	configuration_free(c);
	return EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	static struct command command; /* used until the process ends */

	descriptor_open_standard();
	descriptor_raise_limit();
#ifdef PRONG_STATIC
	identity_use_files();
#endif
	title_init(argc, argv);
	command_parse(&command, argc, argv);
	if (command.mode == COMMAND_GENERATION)
		return generation_run(command.descriptor);
	if (command.mode == COMMAND_RENEWED)
		renewed_run(command.descriptor);
	notify_init();
	if (command.mode != COMMAND_SERVE)
		activation_discard();
	switch (command.mode) {
	case COMMAND_TEST:
		return test(&command);
	case COMMAND_ONCE:
		return once(&command);
	case COMMAND_PROVE:
		return proof_run(&command);
	default:
		return master_run(&command);
	}
}
