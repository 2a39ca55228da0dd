/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include <prong/handler.h>

#include "shared/negotiate.h"
#include "static/beneath.h"
#include "static/precompressed.h"

/* In the order of the server's preference: the smallest first. */
static const struct {
	const char *coding, *suffix;
} kinds[] = { { "br", ".br" }, { "zstd", ".zst" }, { "gzip", ".gz" } };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/*
 * Opens a sibling. A sibling older than the file was made from other content,
 * and is not used. Whole seconds are compared, because some compressors keep
 * the time without its fraction.
 */
static int
open_sibling(const struct beneath *beneath, const char *path, size_t kind,
    const struct stat *original, struct stat *st)
{
	char name[PATH_MAX];
	int length, fd;

	length = snprintf(name, sizeof(name), "%s%s", path, kinds[kind].suffix);
	if (length < 0 || (size_t)length >= sizeof(name))
		return -1;
	fd = beneath_open(beneath, name,
	    O_RDONLY | O_NONBLOCK | O_NOCTTY | O_LARGEFILE);
	if (fd < 0)
		return -1;
	if (fstat(fd, st) == 0 && S_ISREG(st->st_mode) &&
	    st->st_mtim.tv_sec >= original->st_mtim.tv_sec)
		return fd;
	close(fd);
	return -1;
}

/* The kind with the highest weight that was not tried yet, the first of equals;
 * KINDS when all were tried. */
static size_t
best_kind(const int weights[KINDS], const bool tried[KINDS])
{
	size_t i, best = KINDS;

	for (i = 0; i < KINDS; i++)
		if (!tried[i] && (best == KINDS || weights[i] > weights[best]))
			best = i;
	return best;
}

void
precompressed_choose(struct precompressed *chosen,
    struct prong_request *request, const struct beneath *beneath,
    const char *path, const struct stat *st)
{
	const char *accept = prong_request_field(request, "Accept-Encoding");
	int weights[KINDS], identity, fd;
	bool tried[KINDS] = { false };
	size_t i;

	*chosen = (struct precompressed){ .fd = -1 };
	for (i = 0; i < KINDS; i++)
		weights[i] = negotiate_coding(accept, kinds[i].coding);
	/* An identity that is not named is acceptable, with the lowest
	 * preference. */
	identity = negotiate_coding(accept, "identity");

	/* Siblings that are not accepted are looked for as well: when there is
	 * one, the response needs Vary. */
	while ((i = best_kind(weights, tried)) < KINDS) {
		tried[i] = true;
		fd = open_sibling(beneath, path, i, st, &chosen->st);
		if (fd < 0)
			continue;
		chosen->varies = true;
		if (weights[i] > 0 && weights[i] >= identity) {
			chosen->fd = fd;
			chosen->coding = kinds[i].coding;
			return;
		}
		/* The other kinds have no higher weight. */
		close(fd);
		break;
	}
	chosen->refused = chosen->varies && identity == 0;
}
