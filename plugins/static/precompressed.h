/*
 * Precompressed siblings: a.css.br, a.css.zst and a.css.gz beside a.css, chosen
 * by Accept-Encoding (RFC 9110 12.5.3).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRECOMPRESSED_H
#define PRECOMPRESSED_H

#include <stdbool.h>

#include "static/file.h"

struct prong_request;
struct static_config;

struct precompressed {
	struct file file;
	const char *coding; /* of the file; NULL: none was chosen */
	bool varies;	    /* there is at least one sibling */
	bool refused;	    /* neither the file nor a sibling is accepted */
	bool would_wait;    /* for a disk or a descriptor; coding is NULL */
};

/* Chooses a sibling of the file at path, and opens it. st: the status of the
 * file at path. */
void precompressed_choose(struct precompressed *chosen,
    struct prong_request *request, const struct static_config *config,
    const char *path, const struct stat *st);

#endif
