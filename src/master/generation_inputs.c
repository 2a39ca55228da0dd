/* SPDX-License-Identifier: ISC */
#include "master/generation_inputs.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "handover/snapshot.h"
#include "master/errorlog.h"
#include "master/logfile.h"

bool
generation_inputs_open_error_log(struct generation_inputs *in)
{
	in->error_log = errorlog_open(in->set->error_log, &in->set->identity);
	return in->error_log >= 0;
}

bool
generation_inputs_open_access_log(struct generation_inputs *in)
{
	const struct snapshot *set = in->set;

	in->access_log = -1;
	if (!set->access_log)
		return true;
	in->access_log = logfile_open_access(set->access_log, &set->identity);
	return in->access_log >= 0;
}

bool
generation_inputs_reopen_logs(struct generation_inputs *in)
{
	struct generation_inputs next = *in;

	if (!generation_inputs_open_error_log(&next))
		return false;
	if (!generation_inputs_open_access_log(&next)) {
		close(next.error_log);
		return false;
	}
	close(in->error_log);
	descriptor_close(in->access_log);
	*in = next;
	return true;
}

void
generation_inputs_take_log(const struct generation_inputs *in,
    enum log_style style)
{
	const struct snapshot *set = in->set;

	if (errorlog_take(in->error_log) < 0)
		log_error("cannot log to %s: %s", set->error_log,
		    strerror(errno));
	log_open(errorlog_style(set->error_log, style), set->log_level);
}

static void
close_rest(struct generation_inputs *in)
{
	snapshot_free(in->set);
	descriptor_close(in->access_log);
	descriptor_close(in->error_log);
	*in = GENERATION_INPUTS_NONE;
}

void
generation_inputs_close(struct generation_inputs *in,
    const struct generation_inputs *kept, const struct activation *passed)
{
	listeners_close(&in->listeners, kept ? &kept->listeners : NULL, passed);
	close_rest(in);
}

void
generation_inputs_drop(struct generation_inputs *in)
{
	listeners_drop(&in->listeners);
	close_rest(in);
}
