/*
 * Precompressed siblings: a.css.br, a.css.zst and a.css.gz beside a.css, chosen
 * by Accept-Encoding (RFC 9110 12.5.3).
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef PRECOMPRESSED_H
#define PRECOMPRESSED_H

#include <sys/stat.h>

#include <stdbool.h>

struct beneath;
struct prong_request;

struct precompressed {
	int fd; /* -1: none, the file itself is sent */
	struct stat st;
	const char *coding; /* of fd */
	bool varies;	    /* there is at least one sibling */
	bool refused;	    /* nothing that there is, is accepted */
};

/* Chooses for the file at path, of which st is known. */
void precompressed_choose(struct precompressed *chosen,
    struct prong_request *request, const struct beneath *beneath,
    const char *path, const struct stat *st);

#endif
