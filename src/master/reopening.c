/* SPDX-License-Identifier: ISC */
#include "master/reopening.h"

#include "master/control.h"
#include "master/generation_inputs.h"
#include "master/generation_message.h"
#include "master/generations.h"

/* False: the generation goes on with the old files. */
static bool
pass_on(const struct generation_inputs *inputs, struct generation_process *g,
    uint64_t number)
{
	if (g->control < 0)
		return true;
	g->reopening = number;
	if (generation_message_send(g,
		&(struct protocol_message){
		    .kind = PROTOCOL_REOPEN,
		    .number = number,
		    .fds = { inputs->error_log, inputs->access_log },
		    .fd_count = inputs->access_log >= 0 ? 2 : 1,
		}))
		return true;
	g->reopening = 0;
	log_error("generation %llu cannot get the new logs: try again",
	    (unsigned long long)g->number);
	return false;
}

static void
end_if_done(const struct generations *table, struct control *control)
{
	if (!generations_is_reopening(table))
		control_end(control, CONTROL_REOPEN, 0);
}

void
reopening_begin(struct reopening *r, struct generation_inputs *inputs,
    enum log_style style, struct generations *table, struct control *control)
{
	size_t i;

	r->is_wanted = false;
	if (!generation_inputs_reopen_logs(inputs)) {
		control_say(control, CONTROL_REOPEN, "error: %s",
		    log_last_error());
		control_end(control, CONTROL_REOPEN, 1);
		return;
	}
	generation_inputs_take_log(inputs, style);
	r->count++;
	log_info("the logs are open anew");
	for (i = 0; i < table->count; i++) {
		if (pass_on(inputs, &table->all[i], r->count))
			continue;
		control_say(control, CONTROL_REOPEN, "error: %s",
		    log_last_error());
		control_end(control, CONTROL_REOPEN, 1);
	}
	end_if_done(table, control);
}

void
reopening_end(struct generations *table, struct generation_process *g,
    uint64_t number, struct control *control)
{
	if (g->reopening == 0 || g->reopening != number)
		return;
	g->reopening = 0;
	end_if_done(table, control);
}
