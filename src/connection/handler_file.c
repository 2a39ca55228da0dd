/* SPDX-License-Identifier: ISC */
#include "connection/handler_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/tally.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/route.h"
#include "message/channel.h"
#include "message/request.h"
#include "message/request_id.h"
#include "sandbox/landlock.h"
#include "sandbox/permission.h"
#include "sandbox/ruleset.h"

static unsigned
access_of(int32_t flags)
{
	if (flags & O_DIRECTORY)
		return LANDLOCK_MAY_READ | LANDLOCK_MAY_LIST;
	if ((flags & O_ACCMODE) == O_RDONLY)
		return LANDLOCK_MAY_READ |
		    (flags & (O_CREAT | O_TRUNC) ? LANDLOCK_MAY_WRITE : 0);
	return LANDLOCK_MAY_WRITE |
	    ((flags & O_ACCMODE) == O_RDWR ? LANDLOCK_MAY_READ : 0);
}

/* Whether the file's own permissions allow to open it: Landlock does not affect
 * access(2). */
static bool
would_open(const char *path, unsigned access)
{
	int mode = (access & LANDLOCK_MAY_READ ? R_OK : 0) |
	    (access & LANDLOCK_MAY_WRITE ? W_OK : 0);
	char *slash, *folder;
	bool result;

	if (faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0)
		return true;
	if (errno != ENOENT || !(access & LANDLOCK_MAY_WRITE))
		return false;
	/* The file is to be created. */
	folder = strdup(path);
	slash = folder ? strrchr(folder, '/') : NULL;
	if (slash)
		slash[slash == folder ? 1 : 0] = '\0';
	result = slash &&
	    faccessat(AT_FDCWD, folder, W_OK | X_OK, AT_EACCESS) == 0;
	free(folder);
	return result;
}

/* keeps: "keeps", or "would keep". */
static void
log_refusal(const struct request *request, const char *keeps, const char *path,
    unsigned access)
{
	char clause[256], line[256], id[REQUEST_ID_BYTES];

	if (!log_enabled(LEVEL_WARNING))
		return;
	log_warning("%s of %s: the sandbox %s %s from being %s; %s, id %s (%s "
		    "\"%s\")",
	    request->handler->name, request->route->path, keeps, path,
	    access & LANDLOCK_MAY_WRITE ? "written" : "read",
	    permissions_explain(request->handler, path, access, clause,
		sizeof(clause)),
	    request_id_write(request->channel, request->head, id),
	    request->channel->client,
	    request_line(request, line, sizeof(line)));
}

/* With sandbox = "log". */
static void
note_open(const struct request *request, const char *path, int32_t flags)
{
	unsigned access = access_of(flags);
	struct permissions p = { 0 };

	if (permissions_add(&p, request->route) == 0 &&
	    !ruleset_permits(&p, path, access))
		log_refusal(request, "would keep", path, access);
	permissions_free(&p);
}

int
handler_file_open(const struct request *request, const char *path,
    int32_t flags)
{
	int fd = open(path, flags | O_CLOEXEC | O_NONBLOCK, 0666);
	int saved = errno;

	if (fd >= 0) {
		log_debug("open(\"%s\") = %d", path, fd);
		if (request->channel->configuration->sandbox == SANDBOX_LOG)
			note_open(request, path, flags);
		return fd;
	}
	log_debug("open(\"%s\") = -1 (%m)", path);
	if (saved == EACCES && would_open(path, access_of(flags))) {
		tally_note_refusal(request->channel->tally,
		    request->handler->name);
		log_refusal(request, "keeps", path, access_of(flags));
	}
	errno = saved;
	return -1;
}
