/*
 * Runs the seeds of a fuzz target as an ordinary test, by any compiler: each
 * one, and each of its beginnings. The program's name, replay_NAME, says which
 * target it was linked with. What the server logs is shown when a seed fails.
 *
 * SPDX-License-Identifier: ISC
 */
#include "fuzz.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* Long seeds are there for limits, which their beginnings do not reach. */
#define BEGINNINGS_MAX_BYTES 512

static const char *
folder_of(const char *program, char path[PATH_MAX])
{
	const char *top = getenv("PRONG_SRCDIR");
	const char *name = strrchr(program, '_');

	assert(name);
	snprintf(path, PATH_MAX, "%s/tests/fuzz/corpus/%s", top ? top : ".",
	    name + 1);
	return path;
}

static uint8_t *
read_seed(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	struct stat st;
	uint8_t *data;

	if (!file || fstat(fileno(file), &st) < 0) {
		perror(path);
		exit(1);
	}
	data = fuzz_room((size_t)st.st_size + 1);
	*size = fread(data, 1, (size_t)st.st_size, file);
	fclose(file);
	return data;
}

/* A copy each time, so that reading beyond the end is seen. */
static void
try_octets(const uint8_t *data, size_t size)
{
	uint8_t *copy = fuzz_room(size > 0 ? size : 1);

	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void
try_seed(const char *folder, const char *name)
{
	char path[PATH_MAX + NAME_MAX + 2];
	uint8_t *data;
	size_t size;

	/* What earlier seeds had logged is of no interest any more. */
	if (ftruncate(STDERR_FILENO, 0) < 0)
		exit(1);
	fprintf(stderr, "seed %s\n", name);
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	data = read_seed(path, &size);
	try_octets(data, size);
	for (size_t i = 0; i < size && size <= BEGINNINGS_MAX_BYTES; i++)
		try_octets(data, i);
	free(data);
}

static int
is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In a process of its own: 0 when all is well. */
static int
try_all(const char *folder, FILE *log)
{
	struct dirent **entries;
	int i, count;

	fflush(stdout);
	if (dup2(fileno(log), STDERR_FILENO) < 0)
		return 1;
	count = scandir(folder, &entries, is_seed, alphasort);
	if (count <= 0) {
		fprintf(stderr, "there are no seeds in %s\n", folder);
		return 1;
	}
	for (i = 0; i < count; i++) {
		try_seed(folder, entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	return 0;
}

static void
show(FILE *log)
{
	char line[4096];

	rewind(log);
	while (fgets(line, sizeof(line), log))
		printf("# %s", line);
}

int
main(int argc, char **argv)
{
	char folder[PATH_MAX];
	FILE *log = tmpfile();
	int status = 1;
	pid_t pid;

	(void)argc;
	folder_of(argv[0], folder);
	printf("1..1\n");
	fflush(stdout);
	assert(log);
	/* Every line of the log begins at the end of what there is. */
	assert(fcntl(fileno(log), F_SETFL, O_APPEND) == 0);
	pid = fork();
	if (pid == 0)
		return try_all(folder, log);
	if (pid < 0 || waitpid(pid, &status, 0) < 0)
		status = 1;
	if (status != 0)
		show(log);
	printf("%s 1 - the target holds for every seed, and for every "
	       "beginning of one\n",
	    status == 0 ? "ok" : "not ok");
	fclose(log);
	return 0;
}
