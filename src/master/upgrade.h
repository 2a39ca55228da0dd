/*
 * An upgrade: another release in the process of the master, so with the same
 * process number, children and listeners. An execve cannot be undone, so the
 * new program first runs as a child, the proof (proof.h). It must understand
 * the arguments and the state that it would begin with, and must find no error
 * in configuration and handlers. Then the master executes it; it continues from
 * that state, and reloads.
 *
 * Reloads and reopenings wait while the proof is under way: they would be
 * incomplete when the other release begins.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_UPGRADE_H
#define PRONG_MASTER_UPGRADE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct activation;
struct control;
struct master_state;

struct upgrade {
	bool is_wanted;	     /* begins when nothing else is under way */
	bool has_proved;     /* the proof has succeeded: execute it */
	pid_t pid;	     /* of the proof; 0: none */
	int socket;	     /* its messages; -1 */
	int program;	     /* open (O_PATH); -1 */
	int64_t deadline_ms; /* of clock_ms; INT64_MAX when pid is 0 */
};

#define UPGRADE_NONE \
	((struct upgrade){ \
	    .socket = -1, .program = -1, .deadline_ms = INT64_MAX })

/* The environment variable with the descriptor of the state. upgrade_execute
 * sets it for the next release. */
#define UPGRADE_RESUME "PRONG_RESUME"

bool upgrade_is_under_way(const struct upgrade *upgrade);

/* Starts the proof, with the arguments of this process. NULL, or why that
 * failed: call upgrade_fail then. */
const char *upgrade_begin(struct upgrade *upgrade, struct master_state *state,
    char *const *arguments);

/* Takes a message of the proof and sends it to clients. Whether there was one.
 * */
bool upgrade_receive(struct upgrade *upgrade, struct control *control);

/* The process of the proof has ended. */
void upgrade_end_proof(struct upgrade *upgrade, struct control *control,
    bool has_succeeded);

/* Executes the new program, after its proof. Returns only on failure, with
 * errno. Requests and signals that come meanwhile wait. */
int upgrade_execute(const struct upgrade *upgrade, struct master_state *state,
    char *const *arguments, struct activation *passed);

/* Ends the upgrade; logs why and tells clients. */
void upgrade_fail(struct upgrade *upgrade, struct control *control,
    const char *why);

#endif
