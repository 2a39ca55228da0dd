/*
 * An upgrade: another release in the master's place, in the same process, so with
 * the same number, children and listeners. After execve there is no way back, so
 * the new program first proves itself as a child (proof.h): it must understand the
 * arguments and the state that it would begin with, and find nothing wrong with
 * configuration and handlers. Then it is executed, goes on from that state, and
 * reloads.
 *
 * Reloads and reopenings wait while the proof is under way: they would be half
 * done when the other release begins.
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
	bool is_wanted;	     /* but something else comes first */
	bool has_proved;     /* that it can: it is next */
	pid_t pid;	     /* of the proof; 0: none */
	int socket;	     /* its messages; -1 */
	int program;	     /* open (O_PATH); -1 */
	int64_t deadline_ms; /* of clock_ms; INT64_MAX when pid is 0 */
};

#define UPGRADE_NONE \
	((struct upgrade){ \
	    .socket = -1, .program = -1, .deadline_ms = INT64_MAX })

/* The environment's variable that names the state, a descriptor, of the release
 * before: upgrade_execute sets it for the next one. */
#define UPGRADE_RESUME "PRONG_RESUME"

bool upgrade_is_under_way(const struct upgrade *upgrade);

/* Starts the proof, with the arguments of this process. NULL, or why it has
 * failed: then call upgrade_fail. */
const char *upgrade_begin(struct upgrade *upgrade, struct master_state *state,
    char *const *arguments);

/* Takes a message of the proof, for clients. Whether there was one. */
bool upgrade_receive(struct upgrade *upgrade, struct control *control);

/* The proof's process was waited for. */
void upgrade_end_proof(struct upgrade *upgrade, struct control *control,
    bool has_succeeded);

/* Executes the program that has proved itself. Comes back only when it could not:
 * errno. Requests and signals that come meanwhile wait. */
int upgrade_execute(const struct upgrade *upgrade, struct master_state *state,
    char *const *arguments, struct activation *passed);

/* Ends it; logs why and tells clients. */
void upgrade_fail(struct upgrade *upgrade, struct control *control,
    const char *why);

#endif
