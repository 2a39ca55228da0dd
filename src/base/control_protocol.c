/* SPDX-License-Identifier: ISC */
#include "base/control_protocol.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

const char *
control_protocol_default_path(char path[CONTROL_PATH_BYTES])
{
	const char *own = geteuid() == 0 ? NULL : getenv("XDG_RUNTIME_DIR");
	int n = CONTROL_PATH_BYTES;

	if (own && own[0] == '/')
		n = snprintf(path, CONTROL_PATH_BYTES, "%s/prong/control", own);
	if (n >= CONTROL_PATH_BYTES)
		snprintf(path, CONTROL_PATH_BYTES, "%s",
		    RUNSTATEDIR "/prong/control");
	return path;
}
