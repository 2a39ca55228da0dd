/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "shared/escape.h"
#include "shared/negotiate.h"
#include "static/cache.h"
#include "static/config.h"
#include "static/listing.h"
#include "static/listing_order.h"
#include "static/precompressed.h"
#include "static/response.h"
#include "static/validators.h"

/* Room for the fields of a response, prepared. */
#define PREPARED_BYTES 2048

/* Puts a sibling in the place of the file, if one is chosen; 0, or the status of
 * the response. */
static int
choose_coding(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	struct precompressed chosen;

	precompressed_choose(&chosen, request, config, path, &file->st);
	if (chosen.would_wait && prong_may_move(request)) {
		file_close(file);
		return PRONG_MOVE;
	}
	if (chosen.varies)
		prong_field_add(request, "Vary", "Accept-Encoding");
	if (chosen.refused) {
		file_close(file);
		return 406;
	}
	if (!chosen.coding)
		return 0;
	file_close(file);
	*file = chosen.file;
	prong_field(request, "Content-Encoding", chosen.coding);
	return 0;
}

/* 0, or the status of the response. */
static int
set_validators(struct prong_request *request,
    const struct static_config *config, struct file *file)
{
	struct validators made = { .weak = false };
	int error;

	if (file->entry) {
		validators_set(request, &file->entry->validators);
		return 0;
	}
	if (validators_make(&made, request, config->etag, file->fd, NULL,
		&file->st) == 0) {
		validators_set(request, &made);
		return 0;
	}
	error = errno;
	file_close(file);
	return error == EAGAIN ? PRONG_MOVE : 503;
}

/* Sets the fields of a response with the file; 0, or the status of another one. */
static int
set_fields(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	/* A sibling has the type of the file itself. */
	const char *type = file->entry ? file->entry->type :
					 types_find(&config->table, path);
	int status;

	extra_fields_set(&config->extra_fields, request);
	if (config->precompressed) {
		status = choose_coding(request, config, path, file);
		if (status != 0)
			return status;
	}
	prong_field(request, "Content-Type", type);
	if (config->cache_control)
		prong_field(request, "Cache-Control", config->cache_control);
	return set_validators(request, config, file);
}

/* Keeps the fields with a file that is kept. Of what is negotiated each client gets
 * another response. */
static void
keep_fields(struct prong_request *request, const struct static_config *config,
    struct cache_entry *entry)
{
	uint64_t block[PREPARED_BYTES / sizeof(uint64_t)];
	uint64_t size = 0;

	if (!config->precompressed && !entry->fields)
		size = prong_prepare(request, block, sizeof(block));
	if (size > 0)
		cache_add_fields(config->kept, entry, block, (size_t)size);
}

int
response_file(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	int status;

	if (!file->entry || !file->entry->fields ||
	    prong_prepared(request, file->entry->fields) < 0) {
		status = set_fields(request, config, path, file);
		if (status != 0)
			return status;
		if (file->entry)
			keep_fields(request, config, file->entry);
	}
	file_send(request, file);
	return PRONG_DONE;
}

/*
 * Location is relative to the path of the request (RFC 9110 10.2.2), so that it
 * leads to the folder behind a proxy that serves this path below another one,
 * too. It begins with "./": a name may have a colon, before which would be a
 * scheme (RFC 3986 4.2), and no name then looks like another host.
 */
int
response_redirect(struct prong_request *request,
    const struct static_config *config)
{
	const char *query = prong_query_string(request);
	const char *path = prong_path(request);
	const char *name = strrchr(path, '/') + 1;
	size_t length, size;
	char *location;

	size = 3 * strlen(name) + (query ? strlen(query) : 0) + 5;
	location = prong_alloc(request, size);
	if (!location)
		return 500;
	location[0] = '.';
	location[1] = '/';
	length = 2 + escape_path(location + 2, name);
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
	const struct listing_order order =
	    listing_order_parse(prong_query_string(request));
	struct listing listing;

	if (listing_read(&listing, request, &folder, fd) < 0) {
		if (errno == EAGAIN && prong_may_move(request))
			return PRONG_MOVE;
		prong_log(request, PRONG_LOG_ERROR,
		    "cannot read the folder %s "
		    "below %s: %s",
		    path, config->root, strerror(errno));
		return 500;
	}
	listing_order_sort(&listing, &order);
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
	prong_field(request, "Content-Security-Policy", listing_page_policy);
	listing_write_page(request, &listing, &order);
	return PRONG_DONE;
}
