/*
 * The scoreboard: the state of each connection, for the status page. A sealed
 * memfd holds a page for each connection. A connection maps only its own page
 * and can only read the others. The generation adds the
 * counts of a page to its totals when the process has ended. Values of a page
 * are not trusted: they are shown, and never used as a pointer or an index.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_SCOREBOARD_H
#define PRONG_BASE_SCOREBOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/ledgers.h"
#include "base/release.h"
#include "base/tally.h"
#include "base/totals.h"

struct prong_connection_stats;
struct prong_handler_stats;
struct prong_generation_stats;
struct prong_process_stats;
struct prong_reload_stats;
struct prong_sample;
struct prong_server_stats;
struct scoreboard;
struct shared_memory;

/* Of a page; behind it is the tally of the process. */
#define SCOREBOARD_PAGE_BYTES	1024
#define SCOREBOARD_CLIENT_BYTES 64
#define SCOREBOARD_ID_BYTES	65

/* Slots beyond the given number, for connections to status_listen. */
#define SCOREBOARD_RESERVED 8

enum scoreboard_state {
	SCOREBOARD_FREE,
	SCOREBOARD_WAITING, /* for a request */
	SCOREBOARD_READING, /* the head of a request */
	SCOREBOARD_HANDLING,
	SCOREBOARD_SENDING,
	SCOREBOARD_CLOSING,
	SCOREBOARD_CRASHED /* the crash has been logged */
};

/* Only the connection writes its page, and the generation before and after. The
 * generation may set is_draining, is_unwanted and is_stopping at any time. */
struct scoreboard_page {
	uint32_t state;		       /* enum scoreboard_state */
	volatile uint32_t is_draining; /* the next response is the last */
	int32_t log_error;	       /* errno of the last dropped line */
	uint32_t has_core;	       /* set by a guardian, at its end */
	uint32_t is_waiting;	       /* for the client, in a handler */
	volatile uint32_t is_unwanted; /* to end if no request has come */
	struct release release;	       /* of the client's socket */
	uint64_t pid;
	uint64_t requests;
	uint64_t bytes_received, bytes_sent;
	uint64_t responses[6];	      /* by class */
	uint64_t lines_dropped;	      /* of the access log */
	uint64_t bytes_taken;	      /* of the sent ones, if measured */
	uint64_t connections;	      /* that a worker has accepted, */
	uint64_t refused;	      /* and refused */
	int64_t since, request_since; /* seconds since 1970 */
	uint64_t calls;		      /* of handlers */
	int64_t turn_ms;	      /* of clock_ms: since then it waits,
				       * reads or handles; 0: always */
	/* Limits of the handler at work; 0: none. */
	int64_t time_ms, total_ms, cpu_ms, gone_ms;
	char client[SCOREBOARD_CLIENT_BYTES];
	char request[256];
	char handler[32];
	uint32_t is_unrecorded; /* the request is neither logged nor counted */
	volatile uint32_t is_stopping; /* the generation is */
	uint32_t has_left;	       /* a worker that drains: its listeners */
	volatile uint32_t
	    others_wait;	/* set by the generation: for this process,
					* so that an idle client leaves it */
	uint32_t handler_index; /* of handler in the configuration, + 1 */
	uint32_t is_retired;	/* a handler says that it is of no more use */
	int64_t since_ms, request_since_ms; /* of clock_ms */
	char id[SCOREBOARD_ID_BYTES]; /* of the request, once it was made */
	char route[64];		      /* of a member of a pool */
};

/* What a connection claims: its progress, and the limits of the handler at
 * work (0: none). */
struct scoreboard_signs {
	uint32_t state;
	uint64_t requests;
	uint64_t octets; /* received, sent and taken */
	uint64_t calls;	 /* of handlers */
	bool is_waiting; /* for the client */
	bool has_left;	 /* its listeners, as a worker */
	int64_t time_ms, total_ms, cpu_ms, gone_ms;
};

/* The request that a connection claims to have had. */
struct scoreboard_request {
	char line[256];
	char handler[32];
	int64_t since;	  /* seconds since 1970 */
	int64_t since_ms; /* of clock_ms */
};

/* What a scoreboard says of its generation and the master. */
struct scoreboard_origin {
	uint64_t generation; /* its number */
	uint64_t master_pid;
	int64_t master_started;	   /* seconds since 1970 */
	int64_t master_started_ms; /* of clock_ms */
	int totals;		   /* the descriptor (totals.h); 0: none */
	int file; /* of its memory, from the master (shared_memory.h); 0: none */
};

/* Makes the scoreboard of a generation, for max connections at a time beside
 * those in reserved places. is_lasting: as in shared_memory.h. NULL and
 * errno. */
struct scoreboard *scoreboard_new(size_t slots, size_t max,
    const struct scoreboard_origin *origin, bool is_lasting);
void scoreboard_free(struct scoreboard *scoreboard);

/* Before the first fork: the first slots are those of so many workers, whose
 * connections are in ledgers (ledgers.h). The first of them accept, the last are
 * members of pools, which the ledgers have as others. */
void scoreboard_have_workers(struct scoreboard *scoreboard, size_t workers,
    size_t accepting, const struct ledgers_size *ledgers);

/* A generation that drains says how many connections it has left. */
void scoreboard_tell_connections(struct scoreboard *scoreboard, size_t count);

/* The memory, whose descriptors the caller may move. */
struct shared_memory *scoreboard_memory(struct scoreboard *scoreboard);

/* In a process executed afresh: the page of that slot, of a scoreboard with so
 * many. The caller closes the descriptors. NULL and errno. */
struct scoreboard_page *scoreboard_resume(size_t slots, size_t slot,
    int writable, int readable);

/* In the generation, before the fork: prepares the page of a slot, the only one
 * that the forked connection inherits. The connection sets pid, client and
 * since. NULL and errno. scoreboard_end adds the counts of the page to the
 * totals after the process has ended; crashed: the handler that has crashed, ""
 * for none of them, NULL if the process has not crashed. */
struct scoreboard_page *scoreboard_begin(struct scoreboard *scoreboard,
    size_t slot);
void scoreboard_end(struct scoreboard *scoreboard, size_t slot,
    const char *crashed);
/* Before the end: whether the request that the connection claims to have was not
 * recorded. Then it is copied, to be counted. */
bool scoreboard_take_request(struct scoreboard *scoreboard, size_t slot,
    struct scoreboard_request *request);
/* Counts a request that the process in a slot has not recorded any more, with its
 * status and the place of its method (methods.h). */
void scoreboard_count_lost(struct scoreboard *scoreboard, size_t slot,
    const struct scoreboard_request *request, int status, size_t method);
/* Before the end: what is shown of the last crash of a handler; "" for none. The
 * page says which client and which request. */
void scoreboard_note_crash(const struct scoreboard *scoreboard, size_t slot,
    const char *handler, int signal, pid_t pid);
/* The process was ended at a limit of the handler that it claims to be in. */
void scoreboard_note_limit(const struct scoreboard *scoreboard, size_t slot);
/* The tally of the process that has the page as its own. */
static inline struct tally *
scoreboard_tally(struct scoreboard_page *page)
{
	return (struct tally *)(void *)((char *)page + SCOREBOARD_PAGE_BYTES);
}

/* In the connection: the client is shown by that text, cut to the room for it. */
void scoreboard_name_client(struct scoreboard_page *page, const char *text);
/* Called by the generation when it has closed the client's socket. */
void scoreboard_release(struct scoreboard *scoreboard, size_t slot);
/* From now on the statistics say that the server is about to stop. */
void scoreboard_leave(struct scoreboard *scoreboard);

/* Tells later connections that the generation drains; tells the connection in a
 * slot. */
void scoreboard_drain(struct scoreboard *scoreboard);
void scoreboard_tell_drain(struct scoreboard *scoreboard, size_t slot);

/* Tells later connections that the generation stops; tells the connection in a
 * slot, which has to be nudged (nudge.h). */
void scoreboard_stop(struct scoreboard *scoreboard);
void scoreboard_tell_stop(struct scoreboard *scoreboard, size_t slot);

/* Tells the connection in a slot to end if no request has come; it has to be
 * nudged, too. */
void scoreboard_tell_end(struct scoreboard *scoreboard, size_t slot);

/* Tells the process in a slot whether others wait for it; if they do, it has to be
 * nudged. */
void scoreboard_tell_others(struct scoreboard *scoreboard, size_t slot,
    bool others_wait);

/* Adds a handler whose crashes are counted; before the first connection. */
void scoreboard_add_handler(struct scoreboard *scoreboard, const char *name);
/* After that: it is counted apart on a route of that path. */
void scoreboard_add_route(struct scoreboard *scoreboard, const char *name,
    const char *path);

/* The state that the connection in a slot claims (enum scoreboard_state), and the
 * time since which it claims to wait, to read or to handle. */
uint32_t scoreboard_state(const struct scoreboard *scoreboard, size_t slot);
int64_t scoreboard_turn_ms(const struct scoreboard *scoreboard, size_t slot);

/* Adds what living connections have counted to the counts of the server: called
 * before another generation shows these. */
void scoreboard_settle(struct scoreboard *scoreboard);

/* The name of the handler in the page of a slot, which is not trusted. */
void scoreboard_handler(const struct scoreboard *scoreboard, size_t slot,
    char name[32]);

/* The client in that page, in text, which is not trusted either. */
void scoreboard_client(const struct scoreboard *scoreboard, size_t slot,
    char text[SCOREBOARD_CLIENT_BYTES]);

/* Whether a guardian says that the connection in the slot left a core file. */
bool scoreboard_has_core(const struct scoreboard *scoreboard, size_t slot);

/* The number of dropped lines of the access log: of all ended connections, and
 * of the connection in a slot. *error becomes the last errno if there are
 * any. */
uint64_t scoreboard_dropped(const struct scoreboard *scoreboard, int *error);
uint64_t scoreboard_dropped_by(const struct scoreboard *scoreboard, size_t slot,
    int *error);
struct scoreboard_signs scoreboard_signs(const struct scoreboard *scoreboard,
    size_t slot);

void scoreboard_count_connections(struct scoreboard *scoreboard, int more);
void scoreboard_count_refused(struct scoreboard *scoreboard,
    enum refusal refusal);

/* In the generation: takes a sample of all counts when one is due. The time of the
 * next call (clock_ms); INT64_MAX: when something has happened. */
int64_t scoreboard_keep_history(struct scoreboard *scoreboard);

/* Statistics of this process's generation, as prong_server_stats and
 * prong_connection_stats of handler.h; -1 without a scoreboard (--once). */
int scoreboard_server_stats(struct prong_server_stats *stats);
/* *handler: the index of the handler at work in the configuration, as the
 * process claims; SIZE_MAX: none. */
int scoreboard_connection_stats(uint64_t *cursor,
    struct prong_connection_stats *stats, size_t *handler);
/* response: a number for which figures that were read for it before are as good; 0:
 * none are. */
int scoreboard_handler_stats(uint64_t *cursor,
    struct prong_handler_stats *stats, int64_t response);
/* As the functions of handler.h; scoreboard_reload_stats returns 0, or -1. */
int scoreboard_generation_stats(uint64_t *cursor,
    struct prong_generation_stats *stats);
int scoreboard_reload_stats(struct prong_reload_stats *stats);
int scoreboard_process_stats(uint64_t *cursor,
    struct prong_process_stats *stats);

/* As prong_history. */
int scoreboard_history(uint64_t *cursor, struct prong_sample *sample);

/* In prong(1): looks at the memory of a generation, by descriptors for reading that
 * the master has passed (-1: none), so that the functions above show it. What it says
 * is not trusted. False: it is damaged, or that of another release. */
bool scoreboard_look(int scoreboard, int ledgers, int totals);
void scoreboard_look_away(void);

#endif
