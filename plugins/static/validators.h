/*
 * Validators of a file: the entity tag and the time of the last change (RFC
 * 9110 8.8). The option etag says what the tag is made of.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef VALIDATORS_H
#define VALIDATORS_H

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct prong_request;

/* What ETAG_CONTENT reads at most; a larger file has the tag of ETAG_CTIME.
 * Reading so much takes a few milliseconds. */
#define VALIDATORS_CONTENT_BYTES (16 * 1024 * 1024)

/* What a response says of its file. */
struct validators {
	char tag[33];
	bool weak;
	bool has_modified;
	int64_t modified; /* seconds since 1970 */
};

/*
 * Whether the time is so long ago that a change from now on gets another one:
 * the times of a file are as coarse as a kernel tick, or as a second or two.
 */
bool validators_has_settled(const struct timespec *changed);

/* Whether both are the same file, with the same content and permissions: a
 * change would have changed st_ctim, which no user can set. */
bool validators_is_unchanged(const struct stat *a, const struct stat *b);

/* The validators of a file with that status. etag: ETAG_CTIME ... For a tag of the
 * content this is read: from content, or if that is NULL from fd. 0, or -1 and errno;
 * EAGAIN: it would wait for a disk, and the request can move to a process of its own;
 * ETIME: the handler is beyond a limit of time. */
int validators_make(struct validators *validators,
    struct prong_request *request, int32_t etag, int fd, const char *content,
    const struct stat *st);

/* Sets the validators of a response. */
void validators_set(struct prong_request *request,
    const struct validators *validators);

#endif
