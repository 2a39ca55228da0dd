/*
 * The protocol of the control socket, over which prong(1) sends requests to the
 * master. The socket is a Unix socket that keeps messages apart
 * (SOCK_SEQPACKET). A client sends one request; the master sends lines, and at
 * last the status of the request:
 *
 *	reload | upgrade | reopen | status | stop | stop now | drain MS
 *
 *	say TEXT		a line, or lines with line feeds between
 *	end STATUS		0: done
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
