/*
 * A generation: executed by the master, serves from its start until a later one
 * takes over. Without privileges it loads the handlers, then accepts
 * connections and forks.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_H
#define PRONG_GENERATION_H

/* What goes over the control descriptor, a message each way. */
#define GENERATION_READY	"ready"		/* to the master */
#define GENERATION_WORN		"worn"		/* to it: replace me */
#define GENERATION_DRAIN	"drain"		/* to the generation */
#define GENERATION_STOP		"stop"

/* Runs the generation whose handover is at that descriptor; its exit status. */
int generation_run(int handover_fd);

#endif
