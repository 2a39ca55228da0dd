/*
 * Handshakes: clients who have begun to connect to a listener, and whom accept(2)
 * does not give yet. Their end of the connection may be open, and their request on
 * its way: with TCP_DEFER_ACCEPT (tcp(7)) the kernel waits for its first octets. A
 * listener that is closed resets them.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_MASTER_HANDSHAKES_H
#define PRONG_MASTER_HANDSHAKES_H

#include <stdbool.h>

/* Whether there are any at the port of that listener. False also for a Unix
 * socket, and if the kernel does not tell. */
bool handshakes_any(int listener);

#endif
