/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "shared/escape.h"
#include "shared/negotiate.h"
#include "static/cache.h"
#include "static/config.h"
#include "static/listing.h"
#include "static/precompressed.h"
#include "static/response.h"

static uint64_t
mix(uint64_t hash, uint64_t value)
{
	hash = (hash ^ value) * UINT64_C(0x9fb21c651e98df25);
	return hash ^ (hash >> 29);
}

/*
 * A strong tag: another file under the same name has another inode, and a file
 * that is written again has another time, even within a second. The numbers are
 * mixed, so that the tag does not show the number of the inode.
 */
static void
set_validators(struct prong_request *request, const struct stat *st)
{
	int64_t modified = st->st_mtim.tv_sec, now = time(NULL);
	uint64_t hash = UINT64_C(0x70726f6e67);
	char tag[17];
	unsigned i;

	hash = mix(hash, (uint64_t)st->st_ino);
	hash = mix(hash, (uint64_t)st->st_size);
	hash = mix(hash, (uint64_t)st->st_mtim.tv_sec);
	hash = mix(hash, (uint64_t)st->st_mtim.tv_nsec);
	/* snprintf would touch six further pages of libc in a fresh process. */
	for (i = 0; i < 16; i++)
		tag[i] = "0123456789abcdef"[hash >> (60 - 4 * i) & 15];
	tag[16] = '\0';
	prong_etag(request, tag, 0);
	/* Never later than the response itself (RFC 9110 8.8.2.1). */
	prong_last_modified(request, modified < now ? modified : now);
}

/* Chooses the file itself or a sibling; 0, or the status of the response. */
static int
choose_coding(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	struct precompressed chosen;

	precompressed_choose(&chosen, request, &config->beneath, path,
	    &file->st);
	if (chosen.varies)
		prong_field_add(request, "Vary", "Accept-Encoding");
	if (chosen.refused) {
		close(file->fd);
		return 406;
	}
	if (chosen.fd < 0)
		return 0;
	close(file->fd);
	*file = (struct file){ chosen.fd, chosen.st, NULL };
	prong_field(request, "Content-Encoding", chosen.coding);
	return 0;
}

int
response_file(struct prong_request *request, const struct static_config *config,
    const char *path, const struct file *found)
{
	struct file file = *found;
	int status;

	extra_fields_set(&config->extra_fields, request);
	if (config->precompressed) {
		status = choose_coding(request, config, path, &file);
		if (status != 0)
			return status;
	}
	prong_field(request, "Content-Type", types_find(&config->table, path));
	if (config->cache_control)
		prong_field(request, "Cache-Control", config->cache_control);
	set_validators(request, &file.st);
	if (file.content)
		prong_write(request, file.content, (uint64_t)file.st.st_size);
	else
		prong_file(request, file.fd, 0, (uint64_t)file.st.st_size);
	return PRONG_DONE;
}

/*
 * Location is a path of this origin, with one slash at its beginning: "//host/"
 * would lead to another origin (RFC 3986 4.2).
 */
int
response_redirect(struct prong_request *request,
    const struct static_config *config)
{
	const char *query = prong_query_string(request);
	const char *path = prong_path(request);
	size_t length, size;
	char *location;

	path += strspn(path, "/");
	size = 3 * strlen(path) + (query ? strlen(query) : 0) + 4;
	location = prong_alloc(request, size);
	if (!location)
		return 500;
	location[0] = '/';
	length = 1 + escape_path(location + 1, path);
	snprintf(location + length, size - length, "/%s%s", query ? "?" : "",
	    query ? query : "");
	extra_fields_set(&config->extra_fields, request);
	if (prong_field(request, "Location", location) < 0)
		return 400;
	return 301;
}

static int
is_json_wanted(struct prong_request *request)
{
	const char *format = prong_query(request, "format");

	if (format)
		return strcmp(format, "json") == 0;
	return negotiate_json(prong_request_field(request, "Accept"),
	    "text/html");
}

int
response_listing(struct prong_request *request,
    const struct static_config *config, const char *path, int fd)
{
	const struct listing_folder folder = { &config->beneath, path,
		config->dot_files };
	struct listing listing;

	if (listing_read(&listing, request, &folder, fd) < 0) {
		prong_log(request, PRONG_LOG_ERROR,
		    "cannot read the folder %s "
		    "below %s: %s",
		    path, config->root, strerror(errno));
		return 500;
	}
	extra_fields_set(&config->extra_fields, request);
	prong_field_add(request, "Vary", "Accept");
	if (config->cache_control)
		prong_field(request, "Cache-Control", config->cache_control);
	if (is_json_wanted(request)) {
		prong_field(request, "Content-Type", "application/json");
		listing_write_json(request, &listing);
		return PRONG_DONE;
	}
	prong_field(request, "Content-Type", "text/html; charset=utf-8");
	/* The page's only active part is its style. */
	prong_field(request, "Content-Security-Policy",
	    "default-src 'none'; style-src 'unsafe-inline'");
	listing_write_page(request, &listing);
	return PRONG_DONE;
}
