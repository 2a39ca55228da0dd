/*
 * static - serves the files below a folder.
 *
 * A request for a file costs openat2, fstat and close, besides the calls of the
 * server to send it. From its third request in the same process on it costs a
 * statx (file.c). setup.c prepares all that can be known before a request.
 *
 * SPDX-License-Identifier: ISC
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "static/base.h"
#include "static/config.h"
#include "static/file.h"
#include "static/response.h"
#include "static/setup.h"

#define MAX_CACHE_BYTES	  (INT64_C(1) << 40)
#define MAX_REVALIDATE_MS (60 * 60 * 1000)

static bool
has_dot_name(const char *path)
{
	return strstr(path, "/.");
}

/*
 * Whether a segment of the path begins with a dot. "/.well-known" at the root
 * of the host is not hidden: it is for the public (RFC 8615).
 */
static bool
is_hidden(struct prong_request *request, const char *path)
{
	static const char well_known[] = "/.well-known";
	const size_t length = sizeof(well_known) - 1;

	if (strncmp(path, well_known, length) == 0 &&
	    (path[length] == '/' || path[length] == '\0') &&
	    strcmp(path, prong_path(request)) == 0)
		path += length;
	return has_dot_name(path);
}

static int
not_found(const struct static_config *config)
{
	return config->decline ? PRONG_DECLINED : 404;
}

/* Why a symbolic link was not followed. */
static const char *
describe_link(const struct static_config *config, int error)
{
	if (config->symlinks == SYMLINKS_NEVER)
		return "a symbolic link, which symlinks = \"never\" forbids "
		       "to follow";
	if (error == ELOOP)
		return "symbolic links lead in a loop, or are more than 40 "
		       "in a row";
	return "a symbolic link leads outside; possible: the name of its "
	       "folder in \"also\"";
}

/* The sandbox has no rule for a root that has taken the place of the one of the
 * start, but that of another process may have. The server sees such a change within
 * seconds. */
static int
refuse_for_now(struct prong_request *request)
{
	if (prong_may_move(request))
		return PRONG_MOVE;
	prong_field(request, "Retry-After", "10");
	return 503;
}

/* Chooses the response for a path that cannot be opened, by errno. */
static int
refuse(struct prong_request *request, const struct static_config *config,
    const char *path)
{
	int error = errno;

	/* Another process may wait, and has descriptors of its own. */
	if ((error == EAGAIN || error == EMFILE) && prong_may_move(request))
		return PRONG_MOVE;
	switch (error) {
	case ENOENT:
	case ENOTDIR:
	case ENAMETOOLONG:
	case ENXIO: /* a socket */
	case ENODEV:
		return not_found(config);
	case ELOOP:
	case EXDEV:
		/* Not 403: the target of the link is not part of the site. */
		prong_log(request, PRONG_LOG_INFO, "%s below %s: %s", path,
		    config->root, describe_link(config, error));
		return not_found(config);
	case EACCES:
	case EPERM:
		if (base_is_other(config->beneath.bases[0]))
			return refuse_for_now(request);
		prong_log(request, PRONG_LOG_INFO,
		    "cannot open %s below %s: "
		    "%s",
		    path, config->root, strerror(error));
		return 403;
	default:
		prong_log(request, PRONG_LOG_ERROR,
		    "cannot open %s below %s: "
		    "%s",
		    path, config->root, strerror(error));
		return error == EMFILE || error == ENFILE || error == ENOMEM ||
			error == EAGAIN ?
		    503 :
		    500;
	}
}

/* Responds for a folder without an index file. */
static int
handle_bare_folder(struct prong_request *request,
    const struct static_config *config, const char *path)
{
	int fd = file_open_beneath(request, config, path,
	    O_DIRECTORY | (config->listing ? O_RDONLY : O_PATH));

	if (fd < 0)
		return refuse(request, config, path);
	if (config->listing)
		return response_listing(request, config, path, fd);
	close(fd);
	/* With a fallback that is as if there were nothing. */
	return config->decline || config->fallback ? not_found(config) : 403;
}

/* Responds for a path that ends with a slash. */
static int
handle_folder(struct prong_request *request, const struct static_config *config,
    const char *path)
{
	char name[PATH_MAX];
	struct file file;
	uint64_t i;
	int length;

	for (i = 0; i < config->index.count; i++) {
		length = snprintf(name, sizeof(name), "%s%s", path,
		    config->index.items[i]);
		if (length < 0 || (size_t)length >= sizeof(name))
			return not_found(config);
		if (file_open(request, config, name, &file) < 0) {
			if (errno == ENOENT)
				continue;
			return refuse(request, config, name);
		}
		if (S_ISREG(file.st.st_mode))
			return response_file(request, config, name, &file);
		file_close(&file);
	}
	return handle_bare_folder(request, config, path);
}

/* Responds for a path that is visible, or has no file. */
static int
handle_path(struct prong_request *request, const struct static_config *config,
    const char *path)
{
	size_t length = strlen(path);
	struct file file;

	if (length > 0 && path[length - 1] == '/')
		return handle_folder(request, config, path);
	if (file_open(request, config, path, &file) < 0)
		return refuse(request, config, path);
	if (S_ISREG(file.st.st_mode))
		return response_file(request, config, path, &file);
	file_close(&file);
	return S_ISDIR(file.st.st_mode) ? response_redirect(request, config) :
					  not_found(config);
}

/* Responds with the fallback in place of a file that is not there. */
static int
handle_fallback(struct prong_request *request,
    const struct static_config *config)
{
	struct file file;

	if (file_open(request, config, config->fallback, &file) < 0)
		return refuse(request, config, config->fallback);
	if (S_ISREG(file.st.st_mode))
		return response_file(request, config, config->fallback, &file);
	file_close(&file);
	return 404;
}

/* A process of a connection opens them at its first request. */
static void
renew_bases(const struct beneath *beneath)
{
	size_t i;

	for (i = 0; i < beneath->count; i++)
		base_renew(beneath->bases[i]);
}

static int
handle(struct prong_request *request, const void *data)
{
	const struct static_config *config = data;
	const char *path = prong_path_info(request);
	int result;

	if (prong_may_move(request))
		renew_bases(&config->beneath);
	if (!config->dot_files && is_hidden(request, path))
		return not_found(config);
	result = handle_path(request, config, path);
	/* Nobody looks for a page at /.well-known/x or /.git/y. */
	if (result != 404 || !config->fallback || has_dot_name(path))
		return result;
	return handle_fallback(request, config);
}

static const char *const symlink_choices[] = { "never", "inside", NULL };
static const char *const etag_choices[] = { "ctime", "mtime", "content", NULL };

#define EXTRA_STRING(m, help) PRONG_STRING_REQUIRED(struct types_extra, m, help)

static const struct prong_option type_options[] = {
	EXTRA_STRING(extension, "of a file's name, without the dot"),
	EXTRA_STRING(type, "the media type for it"),
	PRONG_END,
};

static const struct prong_option options[] = {
	PRONG_PATH(struct static_config, root,
	    PRONG_READ | PRONG_FOLDER | PRONG_REQUIRED, NULL,
	    "the folder whose files are served"),
	PRONG_STRINGS(struct static_config, index,
	    "names of the file that stands for its folder"),
	PRONG_CHOICE(struct static_config, symlinks, symlink_choices, "inside",
	    "which symbolic links are followed"),
	PRONG_PATHS(struct static_config, also, PRONG_READ | PRONG_FOLDER,
	    "folders outside the root into which links may lead"),
	PRONG_BOOL(struct static_config, dot_files, 0,
	    "serve files whose name begins with a dot"),
	PRONG_BOOL(struct static_config, listing, 0,
	    "list folders that have no index file"),
	PRONG_BOOL(struct static_config, precompressed, 0,
	    "send FILE.br, FILE.zst or FILE.gz to clients that accept it"),
	PRONG_CHOICE(struct static_config, etag, etag_choices, "ctime",
	    "what the entity tag of a file is made of"),
	PRONG_STRING(struct static_config, fallback, NULL,
	    "the file below the root for paths at which nothing is"),
	PRONG_BOOL(struct static_config, decline, 0,
	    "leave what is not found to the next handler"),
	/* Without PRONG_READ: only open() reads it, before the sandbox. */
	PRONG_PATH(struct static_config, mime_types, PRONG_MAY_BE_ABSENT,
	    "/etc/mime.types", "the table of media types by extension"),
	PRONG_GROUPS(struct static_config, types, struct types_extra,
	    type_options, "further media types"),
	PRONG_STRING(struct static_config, default_type,
	    "application/octet-stream", "the media type of all other files"),
	PRONG_STRING(struct static_config, charset, "utf-8",
	    "the charset of files of text; \"\" for none"),
	PRONG_STRING(struct static_config, cache_control, NULL,
	    "the value of Cache-Control"),
	PRONG_STRINGS(struct static_config, fields,
	    "further fields for the responses, \"Name: value\""),
	PRONG_SIZE(struct static_config, cache, "2 MiB", 0, MAX_CACHE_BYTES,
	    "memory of a process for files that are requested repeatedly"),
	PRONG_TIME(struct static_config, revalidate, "0 s", 0,
	    MAX_REVALIDATE_MS,
	    "how long a file is believed to be unchanged after a check"),
	PRONG_END,
};

PRONG_HANDLER(.name = "static", .summary = "serves the files below a folder",
    .options = options, .config_size = sizeof(struct static_config),
    .open = setup, .handle = handle,
    .promises = PRONG_SHARES_PROCESS | PRONG_REUSES_PROCESS);
