/*
 * Refused system calls: a policy (of a container, of a systemd unit) makes them
 * fail, and nobody thinks of it.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_REFUSED_H
#define PRONG_BASE_REFUSED_H

/* Of what may have refused a system call with that errno: a text for the end of
 * a message, or "". */
const char *refused_hint(int error);

#endif
