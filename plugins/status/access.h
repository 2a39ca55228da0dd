/*
 * Who may see the status: by default clients of this machine, who ask for it
 * themselves, by a name that belongs to it.
 *
 * A browser on this machine runs pages of strangers, who can let a name of theirs
 * stand for 127.0.0.1 (DNS rebinding), and a proxy on this machine passes on what
 * strangers ask for. Both look like a client of this machine.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATUS_ACCESS_H
#define STATUS_ACCESS_H

#include <stdbool.h>

struct prong_request;

/* Whether the client may see the status; if not, the response is a 403 whose text
 * says why, and what to set. */
bool access_check(struct prong_request *request);

#endif
