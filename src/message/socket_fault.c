/* SPDX-License-Identifier: ISC */
#include "message/socket_fault.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/log.h"
#include "base/refused.h"

/* Those of a wait, of the client or of the network, also as messages of ICMP tell
 * them (accept(2), ip(7), tcp(7), unix(7)). Any other is a fault of this machine. */
static bool
is_expected(int error)
{
	switch (error) {
	case EAGAIN:
	case EINTR:
	case ECONNABORTED:
	case ECONNREFUSED:
	case ECONNRESET:
	case EHOSTDOWN:
	case EHOSTUNREACH:
	case ENETDOWN:
	case ENETRESET:
	case ENETUNREACH:
	case ENONET:
	case ENOPROTOOPT:
	case EPIPE:
	case EPROTO:
	case ETIME:
	case ETIMEDOUT:
		return true;
	default:
		return false;
	}
}

void
socket_fault_note(bool *is_told, const char *call, int fd, const char *what)
{
	const int error = errno;

	log_debug("%s(%d) = -1 (%s)", call, fd, strerror(error));
	errno = error;
	if (*is_told || is_expected(error))
		return;
	*is_told = true;
	log_error("cannot %s: %s: %s%s", what, call, strerror(error),
	    refused_hint(error));
	errno = error;
}
