/*
 * The protocol of the control socket, over which prong(1) sends requests to the
 * master. The socket is a Unix socket that keeps messages apart
 * (SOCK_SEQPACKET). A client sends one request; the master sends lines, and at
 * last the status of the request:
 *
 *	reload | upgrade | reopen | status | figures | stop | stop now | drain MS
 *
 *	say TEXT		a line, or lines with line feeds between
 *	generation NUMBER PID PHASE	with descriptors for reading: the memory
 *				of its scoreboard, and of its ledgers
 *	totals			with a descriptor of the counts of the server
 *	end STATUS		0: done
 *
 * The reply to figures says nothing else than what is in memory, so the master asks
 * no generation for it, and none has to respond.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRONG_BASE_CONTROL_PROTOCOL_H
#define PRONG_BASE_CONTROL_PROTOCOL_H

/* A path fits into sockaddr_un. */
#define CONTROL_PATH_BYTES    108
#define CONTROL_MESSAGE_BYTES 4096
/* The text of a message "say TEXT", with its NUL. */
#define CONTROL_LINE_BYTES (CONTROL_MESSAGE_BYTES - 4)

/*
 * Writes the default path of the control socket: in XDG_RUNTIME_DIR for an
 * ordinary user with that variable, else RUNSTATEDIR/prong/control. Returns
 * path.
 */
const char *control_protocol_default_path(char path[CONTROL_PATH_BYTES]);

#endif
