/*
 * Responses of static: a file, a redirect to a folder's slash, a listing.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef STATIC_RESPONSE_H
#define STATIC_RESPONSE_H

struct file;
struct prong_request;
struct static_config;

/* Each returns what handle() is to return. */

/* Responds with a regular file, which is given away. */
int response_file(struct prong_request *request,
    const struct static_config *config, const char *path,
    const struct file *file);

/* To the same path with a slash behind. */
int response_redirect(struct prong_request *request,
    const struct static_config *config);

/* Lists the folder open at fd, which is given away. */
int response_listing(struct prong_request *request,
    const struct static_config *config, const char *path, int fd);

#endif
