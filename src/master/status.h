/*
 * The status that prong(1) shows: lines of a keyword and values, which prong(1)
 * puts into words or into JSON.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_STATUS_H
#define PRONG_MASTER_STATUS_H

struct master_state;
struct reload;

/* Tells clients that wait for it; doing: "serving", say. */
void status_say(const struct master_state *state, const struct reload *reload,
    const char *doing);

#endif
