/*
 * What the parts of the master share, for them alone:
 *
 *	master.c		the loop, signals, the start and the end
 *	master_generation.c	starts generations, hears and replaces them
 *	master_reload.c		from a reading to a generation that takes over
 *	master_command.c	what prong(1) asks for
 *	master_reopen.c		other log files in their place
 *	master_upgrade.c	another release in its place
 *	master_state.c		what that one goes on from
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_MASTER_STATE_H
#define PRONG_MASTER_MASTER_STATE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/types.h>

#include "base/log.h"
#include "master/activation.h"
#include "master/generations.h"
#include "master/listeners.h"
#include "master/loader.h"

struct command;
struct control;
struct snapshot;

enum reload_phase {
	RELOAD_NONE,
	RELOAD_READING,	 /* reload.loader is under way */
	RELOAD_STARTING, /* a generation of reload.next is */
	RELOAD_YIELDING	 /* it serves; the one before is to say
					   that it accepts no more */
};

/* What a generation is made from. */
struct basis {
	struct snapshot *set; /* NULL: none yet */
	struct listeners listeners;
	int access_log; /* -1: none */
	int error_log;	/* -1: it is not open yet */
};

#define MASTER_NO_BASIS ((struct basis){ .access_log = -1, .error_log = -1 })

struct reload {
	enum reload_phase phase;
	bool again;	 /* asked for once more meanwhile */
	bool has_failed; /* the last one that ended */
	int64_t ended;	 /* seconds since 1970; 0: none has */
	struct loader loader;
	struct basis next;
	uint64_t generation; /* that starts from it */
	uint64_t before;     /* that it takes over from; 0: none */
	int64_t yield_ms;    /* is waited for until then, or
					   INT64_MAX */
};

struct upgrade {
	bool is_wanted;	     /* but something else comes first */
	bool has_proved;     /* that it can: it is next */
	pid_t pid;	     /* of the proof; 0: none */
	int socket;	     /* what it says; -1 */
	int program;	     /* open (O_PATH); -1 */
	int64_t deadline_ms; /* INT64_MAX when pid is 0 */
};

#define MASTER_NO_UPGRADE \
	((struct upgrade){ \
	    .socket = -1, .program = -1, .deadline_ms = INT64_MAX })

struct master {
	const struct command *command;
	struct basis basis; /* the last good one */
	struct reload reload;
	struct upgrade upgrade;
	struct generations table;
	struct control *control;
	struct activation activation; /* sockets that were passed */
	int binary;		      /* this program, open (O_PATH) */
	char *program;		      /* the path it was started by */
	enum log_style style;	      /* of standard error as it was */
	int64_t started;	      /* seconds since 1970 */
	uint64_t generations;	      /* so far */
	uint64_t reopenings;	      /* so far */
	bool wants_reopen;	      /* but a reload comes first */
	bool stopping;
	bool failed;		  /* the first one never got ready */
	int64_t stop_deadline_ms; /* INT64_MAX: not stopping */
	int64_t leave_ms;	  /* stops then; INT64_MAX: does not */
	int64_t restart_ms;	  /* INT64_MAX: none is due */
	int64_t delay_ms;
	int64_t renewed_ms;    /* when a worn one was replaced last */
	int64_t status_due_ms; /* INT64_MAX: nobody asked */
};

/*
 * master.c
 */

/* Requests under way finish, idle connections close. A second call waits for
 * nobody. */
void master_stop(struct master *m);
/* Has it say that the server is about to stop, if that is so. */
void master_tell_leave(const struct master *m,
    const struct generation_process *g);

/* This process logs as the basis wants it. */
void master_take_log(const struct master *m, const struct basis *basis);

/*
 * master_generation.c
 */

/* A generation from that basis, which is to say ready in time. False after
 * logging. */
bool master_start_generation(struct master *m, const struct basis *basis);

/* One from the last good basis, now or after a delay. */
void master_restart_generation(struct master *m);

/* Takes a message from it; whether there was one. */
bool master_hear_generation(struct master *m, struct generation_process *g);
/* It was waited for. */
void master_generation_ended(struct master *m, struct generation_process *g,
    int status);

/* Ends those whose time is over; what ends a process told to stop, in time. */
void master_check_generations(struct master *m);
int64_t master_stop_time_ms(const struct master *m);
/* What a start may take. */
int64_t master_start_time_ms(const struct snapshot *set);

/* Has it accept no more, but what waits at listeners that kept has not. */
void master_drain_generation(struct master *m, struct generation_process *g,
    const struct listeners *kept);

/*
 * master_reload.c
 */

/* Also the first start, when there is no basis. */
void master_reload(struct master *m);

/* There is room, or time, again. */
void master_reload_next(struct master *m);

void master_reload_polled(struct master *m);

/* The generation of that number is ready, or did not get there. */
bool master_reload_is(const struct master *m, uint64_t generation);
void master_open_control(struct master *m, const struct snapshot *set);
void master_reload_ready(struct master *m, uint64_t before);
/* A generation accepts no more, or has ended. */
void master_reload_yielded(struct master *m, uint64_t generation);
void master_reload_failed(struct master *m);

void master_basis_close(struct master *m, struct basis *basis,
    const struct basis *kept);

/*
 * master_command.c
 */

void master_obey(struct master *m);
void master_status(struct master *m);

/*
 * master_reopen.c
 */

/* Opens the logs again, now or when a reload has ended. */
void master_reopen(struct master *m);
void master_reopen_next(struct master *m);
/* A generation has no connection with the logs of that number any more. */
void master_reopened(struct master *m, struct generation_process *g,
    uint64_t number);

/*
 * master_upgrade.c
 */

/* Begins it, now or when what is under way has ended. */
void master_upgrade(struct master *m);
void master_upgrade_next(struct master *m);
/* Meanwhile reloads and reopenings wait. */
bool master_upgrade_is_under_way(const struct master *m);
/* The server is about to stop. */
void master_upgrade_give_up(struct master *m);

/* Takes a message of the proof, and looks at the clock. */
void master_upgrade_polled(struct master *m);
/* The proof's process was waited for. */
void master_upgrade_proved(struct master *m, bool has_succeeded);

/*
 * master_state.c
 */

/* Writes all that another release must know into a memfd, which like all in it
 * survives an exec. The memfd, or -1 after logging. */
int master_write_state(struct master *m);

/* In the new release. False after logging. */
bool master_read_state(struct master *m, int fd);

#endif
