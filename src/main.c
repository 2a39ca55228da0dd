/*
 * prongd: chooses the kind of process by the command line, and runs it.
 *
 * SPDX-License-Identifier: ISC
 */
#include <stdlib.h>

#include "base/log.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/report.h"
#include "config/sources.h"
#include "generation/generation.h"
#include "handover/command.h"
#include "master/activation.h"
#include "master/loader.h"
#include "master/master.h"
#include "master/notify.h"
#include "master/proof.h"
#include "once.h"
#include "plugin/plugin_check.h"

static int
test(const struct command *command)
{
	struct report report = { 0 };
	struct configuration *c = loader_configuration(command, &report);
	int result;

	if (!c)
		return EXIT_FAILURE;
	result = plugin_check_all(c, &report);
	if (result == 0)
		log_info("%s: nothing is wrong", c->sources->items[0].path);
	configuration_free(c);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static int
once(const struct command *command)
{
	struct report report = { 0 };
	struct configuration *c = loader_configuration(command, &report);
	struct plugin_set *plugins = c ? loader_plugins(c, &report) : NULL;

	if (plugins)
		return once_run(c, plugins);
	configuration_free(c);
	return EXIT_FAILURE;
}

int
main(int argc, char *argv[])
{
	static struct command command; /* used until the process ends */

	title_init(argc, argv);
	command_parse(&command, argc, argv);
	if (command.mode == COMMAND_GENERATION)
		return generation_run(command.descriptor);
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
