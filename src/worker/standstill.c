/* SPDX-License-Identifier: ISC */
#include "worker/standstill.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>

#include "base/job.h"
#include "base/log.h"
#include "plugin/backtrace.h"

/* libc does not use it, nor does quota.h. */
#define STANDSTILL_SIGNAL (SIGRTMAX - 3)

static void
tell(int signal)
{
	const struct job *job = job_in_handler();
	const int saved = errno;

	(void)signal;
	if (job)
		log_error("this worker stands still in the handler %s of route "
			  "%s; request of %s",
		    job->handler, job->route, job->client);
	else
		log_error("this worker stands still, outside of any handler");
	backtrace_log();
	errno = saved;
}

void
standstill_open(void)
{
	const struct sigaction action = { .sa_handler = tell,
		.sa_flags = SA_ONSTACK | SA_RESTART };

	sigaction(STANDSTILL_SIGNAL, &action, NULL);
}

void
standstill_ask(pid_t worker)
{
	kill(worker, STANDSTILL_SIGNAL);
}
