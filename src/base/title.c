/*
 * Titles: ps shows the memory in which execve put the arguments, so a title is
 * written over them.
 *
 * SPDX-License-Identifier: ISC
 */
#include "base/title.h"

#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>

static char *room;
static size_t room_bytes;

void
title_init(int argc, char *argv[])
{
	/* Otherwise the name of a program that was executed by its descriptor
	 * is the number of the descriptor. */
	prctl(PR_SET_NAME, "prongd");
	if (argc < 1)
		return;
	room = argv[0];
	room_bytes = (size_t)(argv[argc - 1] - argv[0]) +
	    strlen(argv[argc - 1]) + 1;
}

void
title_set(const char *text)
{
	static const char prefix[] = "prongd: ";
	size_t length = strlen(text);

	if (room_bytes < sizeof(prefix))
		return;
	if (length > room_bytes - sizeof(prefix))
		length = room_bytes - sizeof(prefix);
	memcpy(room, prefix, sizeof(prefix) - 1);
	memcpy(room + sizeof(prefix) - 1, text, length);
	/* The last octet stays NUL; without it the kernel would also show the
	 * environment. */
	memset(room + sizeof(prefix) - 1 + length, 0,
	    room_bytes - (sizeof(prefix) - 1) - length);
}
