/*
 * The scoreboard: what each connection process is doing, for the status page.
 * A sealed memfd holds a page a connection; a connection keeps the mapping of
 * its own page alone, all others can only be read through the descriptor. The
 * generation folds a page into its totals when the process has ended. Nothing
 * in a page is trusted: it is shown, never followed and never an index.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SCOREBOARD_H
#define PRONG_BASE_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prong_connection_stats;
struct prong_handler_stats;
struct prong_server_stats;
struct scoreboard;

#define SCOREBOARD_PAGE_BYTES 4096

enum scoreboard_state {
	SCOREBOARD_FREE,
	SCOREBOARD_WAITING, /* for a request */
	SCOREBOARD_READING, /* its head */
	SCOREBOARD_HANDLING,
	SCOREBOARD_SENDING,
	SCOREBOARD_CLOSING,
	SCOREBOARD_CRASHED /* and has logged it */
};

/* Written by its connection alone, and by the generation before and after; but
 * for the one member by which the generation speaks to it. */
struct scoreboard_page {
	uint32_t state;		       /* enum scoreboard_state */
	volatile uint32_t is_draining; /* the next response is the last */
	int32_t log_error;	       /* why the last one was dropped */
	uint32_t reserved;
	uint64_t pid;
	uint64_t requests;
	uint64_t bytes_received, bytes_sent;
	uint64_t responses[6];	      /* by class */
	uint64_t lines_dropped;	      /* of the access log */
	uint64_t bytes_taken;	      /* of those sent, where that was asked */
	int64_t since, request_since; /* seconds since 1970 */
	int64_t kill_at_ms;	      /* clock_ms; 0: not */
	char client[64];
	char request[256];
	char handler[32];
};

/* The progress that a process shows, true or not. */
struct scoreboard_signs {
	uint32_t state;
	uint64_t requests;
	uint64_t octets; /* received, sent, taken */
};

/* NULL and errno. */
struct scoreboard *scoreboard_new(size_t slots, uint64_t generation,
    int64_t master_started, uint64_t master_pid);
void scoreboard_free(struct scoreboard *scoreboard);

/* In the generation: the page of a slot, ready before the fork, which inherits
 * no other; its connection fills in pid, client and since. NULL and errno.
 * Folded after the process has ended; crashed: by a signal that prong did not
 * send. */
struct scoreboard_page *scoreboard_begin(struct scoreboard *scoreboard,
    size_t slot);
void scoreboard_end(struct scoreboard *scoreboard, size_t slot, bool crashed);
/* From here on the server says that it is about to stop. */
void scoreboard_leave(struct scoreboard *scoreboard);

/* Pages that begin from here on say that the generation drains; and one that is
 * in use. */
void scoreboard_drain(struct scoreboard *scoreboard);
void scoreboard_tell_drain(struct scoreboard *scoreboard, size_t slot);

/* Before all else: a handler whose crashes are to be counted. */
void scoreboard_add_handler(struct scoreboard *scoreboard, const char *name);

/* Whether its process has logged why it crashes. */
bool scoreboard_has_logged_crash(const struct scoreboard *scoreboard,
    size_t slot);
/* Whether it is in the midst of a handler. */
bool scoreboard_is_handling(const struct scoreboard *scoreboard, size_t slot);

/* When the process is to be ended, as it says itself; 0: not. */
int64_t scoreboard_kill_at(const struct scoreboard *scoreboard, size_t slot);

/* Lines of the access log that were dropped: by connections that have ended,
 * and so far by that of a slot. *error becomes why, when there were any. */
uint64_t scoreboard_dropped(const struct scoreboard *scoreboard, int *error);
uint64_t scoreboard_dropped_by(const struct scoreboard *scoreboard, size_t slot,
    int *error);
struct scoreboard_signs scoreboard_signs(const struct scoreboard *scoreboard,
    size_t slot);

void scoreboard_count_connections(struct scoreboard *scoreboard, int more);
void scoreboard_count_refused(struct scoreboard *scoreboard);

/* Where it is mapped; 0 bytes when this process has none. */
void scoreboard_span(const void **begin, size_t *bytes);

/* The connections of this process's generation; -1 when there is no
 * scoreboard (--once). As prong_server_stats and prong_connection_stats. */
int scoreboard_server_stats(struct prong_server_stats *stats);
int scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats);
int scoreboard_handler_stats(uint64_t *cursor,
    struct prong_handler_stats *stats);

#endif
