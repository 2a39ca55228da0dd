/*
 * The yardstick for kept connections: a process that reads and answers in turn,
 * blocking, until the client ends.
 *
 * SPDX-License-Identifier: ISC
 */
#include "bare.h"

static void
serve(int fd)
{
	while (bare_read_head(fd) && bare_answer(fd, true))
		;
}

int
main(void)
{
	bare_accept(serve);
}
