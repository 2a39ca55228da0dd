/*
 * A generation: executed by the master, serves from its start until a later one
 * takes over. Without privileges it loads the handlers, then accepts
 * connections and forks.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_GENERATION_H
#define PRONG_GENERATION_GENERATION_H

/*
 * What goes over the control descriptor, a message each way. Until it is ready a
 * generation also sends the copies of what it logs (log_copy_to).
 */
#define GENERATION_READY "ready" /* to the master */
#define GENERATION_WORN	 "worn"	 /* to it: replace me */
#define GENERATION_COUNT \
	"count" /* to it with a number: of
						   connections; and the question */
#define GENERATION_DRAIN \
	"drain" /* to the generation, with the
						   numbers of listeners that
						   nobody will listen at */
#define GENERATION_DRAINS \
	"drains" /* to the master: it accepts
						   no more */
#define GENERATION_STOP	 "stop"
#define GENERATION_LEAVE "leave" /* to it: say "not ready" */
#define GENERATION_REOPEN \
	"reopen" /* to it with a number, and the
						   logs: the error log, and the
						   access log where there is
						   one */
#define GENERATION_REOPENED \
	"reopened" /* to the master, with that: no
						   connection has those before */
#define GENERATION_WORD_BYTES 2048

/* Runs the generation whose handover is at that descriptor; its exit status. */
int generation_run(int handover_fd);

#endif
