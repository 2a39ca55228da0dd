/*
 * The status that prong(1) shows: lines of a keyword and values, which prong(1)
 * prints as text or as JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_STATUS_H
#define PRONG_MASTER_STATUS_H

struct master_state;
struct reload;

/* Sends the status to the clients that wait for it. doing: "serving", for
 * instance. */
void status_say(const struct master_state *state, const struct reload *reload,
    const char *doing);

#endif
