/*
 * Precompressed siblings. See precompressed.h.
 *
 * SPDX-License-Identifier: ISC
 */
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

/* In the order in which the server prefers them: the smallest first. */
static const struct {
	const char *coding, *suffix;
} kinds[] = { { "br", ".br" }, { "zstd", ".zst" }, { "gzip", ".gz" } };

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

/*
 * Opens a sibling. One that is older than the file was made from something
 * else. Whole seconds are compared: some compressors pass the time on without
 * its fraction.
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

/* The kind with the highest weight among those not yet tried, the first of
 * equals; KINDS when all were. */
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
	/* Acceptable though not named, but then the last resort. */
	identity = negotiate_coding(accept, "identity");

	/* Those not accepted are looked for as well: whether there is one
	 * decides whether caches must tell clients apart. */
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
		/* The others are liked less still. */
		close(fd);
		break;
	}
	chosen->refused = chosen->varies && identity == 0;
}
