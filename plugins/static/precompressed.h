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
	int fd; /* -1: none */
	struct stat st;
	const char *coding; /* of fd */
	bool varies;	    /* there is at least one sibling */
	bool refused;	    /* neither the file nor a sibling is accepted */
};

/* Chooses a sibling of the file at path. st: the status of the file. */
void precompressed_choose(struct precompressed *chosen,
    struct prong_request *request, const struct beneath *beneath,
    const char *path, const struct stat *st);

#endif
