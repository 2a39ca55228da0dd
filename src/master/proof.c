/* SPDX-License-Identifier: ISC */
#include "master/proof.h"

#include <stdbool.h>
#include <stddef.h>

#include "base/descriptor.h"
#include "base/log.h"
#include "config/configuration.h"
#include "config/report.h"
#include "handover/command.h"
#include "master/errorlog.h"
#include "master/loader.h"
#include "master/master_state.h"
#include "plugin/plugin_check.h"

int
proof_run(const struct command *command)
{
	struct master_state state = MASTER_STATE_NONE;
	struct report report = { 0 };
	struct configuration *c;
	bool ok;

	log_copy_to(command->copy);
	ok = master_state_read(&state, command->descriptor);
	/* Handlers are tried in a fork of this process, and nothing of the state
	 * is theirs. */
	master_state_drop(&state);
	descriptor_close(errorlog_original());
	if (!ok)
		return 1;
	c = loader_configuration(command, &report);
	ok = c && plugin_check_all(c, &report) == 0;
	configuration_free(c);
	return ok ? 0 : 1;
}
