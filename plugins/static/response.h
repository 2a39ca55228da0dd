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

/* Each function returns the result for handle(). */

/* Responds with a regular file, and closes it. */
int response_file(struct prong_request *request,
    const struct static_config *config, const char *path, struct file *file);

/* Redirects to the same path with a slash at its end. */
int response_redirect(struct prong_request *request,
    const struct static_config *config);

/* Lists the folder open at fd; takes over fd. */
int response_listing(struct prong_request *request,
    const struct static_config *config, const char *path, int fd);

#endif
