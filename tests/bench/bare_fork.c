/*
 * The yardstick for new connections: accept, fork, read, answer, exit.
 *
 * SPDX-License-Identifier: ISC
 */
#include "bare.h"

static void
serve(int fd)
{
	if (bare_read_head(fd))
		bare_answer(fd, false);
}

int
main(void)
{
	bare_accept(serve);
}
