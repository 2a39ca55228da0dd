/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include <prong/handler.h>

#include "shared/negotiate.h"
#include "static/config.h"
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
static bool
open_sibling(struct prong_request *request, const struct static_config *config,
    const char *path, size_t kind, const struct stat *original,
    struct precompressed *chosen)
{
	struct file *file = &chosen->file;
	char name[PATH_MAX];
	int length;

	length = snprintf(name, sizeof(name), "%s%s", path, kinds[kind].suffix);
	if (length < 0 || (size_t)length >= sizeof(name))
		return false;
	if (file_open(request, config, name, file) < 0) {
		chosen->would_wait = errno == EAGAIN || errno == EMFILE;
		return false;
	}
	if (S_ISREG(file->st.st_mode) &&
	    file->st.st_mtim.tv_sec >= original->st_mtim.tv_sec)
		return true;
	file_close(file);
	return false;
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
    struct prong_request *request, const struct static_config *config,
    const char *path, const struct stat *st)
{
	const char *accept = prong_request_field(request, "Accept-Encoding");
	int weights[KINDS], identity;
	bool tried[KINDS] = { false };
	size_t i;

	*chosen = (struct precompressed){ .coding = NULL };
	for (i = 0; i < KINDS; i++)
		weights[i] = negotiate_coding(accept, kinds[i].coding);
	/* An identity that is not named is acceptable, with the lowest
	 * preference. */
	identity = negotiate_coding(accept, "identity");

	/* Siblings that are not accepted are looked for as well: when there is
	 * one, the response needs Vary. */
	while ((i = best_kind(weights, tried)) < KINDS) {
		tried[i] = true;
		if (!open_sibling(request, config, path, i, st, chosen)) {
			if (chosen->would_wait)
				return;
			continue;
		}
		chosen->varies = true;
		if (weights[i] > 0 && weights[i] >= identity) {
			chosen->coding = kinds[i].coding;
			return;
		}
		/* The other kinds have no higher weight. */
		file_close(&chosen->file);
		break;
	}
	chosen->refused = chosen->varies && identity == 0;
}
