/* SPDX-License-Identifier: ISC */
#include "base/refused.h"

#include <errno.h>

const char *
refused_hint(int error)
{
	switch (error) {
	case EPERM:
		return "; a policy may refuse the system call: that of the "
		       "container, or SystemCallFilter= of the systemd unit";
	case ENOSYS:
		return "; the kernel is too old for the system call, or a "
		       "policy hides it: that of the container, or "
		       "SystemCallFilter= of the systemd unit";
	default:
		return "";
	}
}
