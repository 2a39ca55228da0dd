/*
 * The log process of a generation: the only one that has the access log and the
 * error log open while the generation serves. It writes what connections and
 * generation put into their rings (rings.h). A log that is stuck stops it alone.
 * It opens no file and starts no process.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_GENERATION_LOG_PROCESS_H
#define PRONG_GENERATION_LOG_PROCESS_H

#include <stdint.h>

struct configuration;
struct rings;
struct sandbox;

struct log_process_facts {
	const struct configuration *configuration;
	const struct sandbox *sandbox;
	struct rings *rings;
	int private_base; /* as in processes.h; the descriptors are private */
	int control;	  /* a SEQPACKET socket to the generation */
	int error_log;
	int access_log; /* -1: none */
};

/* What the generation orders, and what it is told. */
enum log_process_order {
	LOG_PROCESS_FLUSH,  /* write all */
	LOG_PROCESS_END,    /* write all and end */
	LOG_PROCESS_DONE,   /* told: the order was obeyed */
	LOG_PROCESS_DROPPED /* told: lines of the access log were dropped */
};

struct log_process_message {
	uint64_t order; /* enum log_process_order */
};

/* Called in the forked process. */
_Noreturn void log_process_run(const struct log_process_facts *facts);

#endif
