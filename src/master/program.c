/* SPDX-License-Identifier: ISC */
#include "master/program.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
program_open(void)
{
	return open("/proc/self/exe", O_PATH | O_CLOEXEC);
}

/* As it was named, so that a link can be switched to another release; from
 * where the folder is now, which may be another one later. */
char *
program_path(const char *named)
{
	char path[PATH_MAX], *folder, *program = NULL;
	ssize_t n;

	if (named[0] == '/')
		return strdup(named);
	folder = getcwd(NULL, 0);
	if (strchr(named, '/') && folder &&
	    asprintf(&program, "%s/%s", folder, named) < 0)
		program = NULL;
	free(folder);
	if (program)
		return program;
	n = readlink("/proc/self/exe", path, sizeof(path));
	return n > 0 ? strndup(path, (size_t)n) : NULL;
}
