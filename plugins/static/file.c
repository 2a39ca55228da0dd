/* SPDX-License-Identifier: ISC */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <prong/handler.h>

#include "static/at_once.h"
#include "static/beneath.h"
#include "static/cache.h"
#include "static/config.h"
#include "static/file.h"
#include "static/types.h"
#include "static/validators.h"

/* A FIFO or a device must not block the process, and a terminal must not become
 * its controlling terminal. */
#define READ_FLAGS (O_RDONLY | O_NONBLOCK | O_NOCTTY | O_LARGEFILE)

/* The longest life of an entry: only the first of many writes through a shared
 * mapping changes the times of the file. */
#define BELIEVED_MS 1000

/* The part of the descriptors of the process that the cache may have. */
#define DESCRIPTOR_SHARE 8

static int64_t
now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool
is_current(struct cache_entry *entry, struct prong_request *request,
    const struct static_config *config)
{
	int64_t now = now_ms(), age = now - entry->read_ms;
	const uint64_t turn = prong_turn(request);
	const char *path = entry->key.path;
	struct stat st;

	if (age >= BELIEVED_MS && age >= config->revalidate)
		return false;
	if (now - entry->checked_ms < config->revalidate ||
	    (turn != 0 && entry->checked_turn == turn))
		return true;
	if (beneath_stat(&config->beneath, path, &entry->folder, &st) < 0 ||
	    !validators_is_unchanged(&entry->st, &st))
		return false;
	entry->checked_ms = now;
	entry->checked_turn = turn;
	prong_log(request, PRONG_LOG_DEBUG,
	    "statx(\"%s\"): unchanged since "
	    "it was read",
	    path);
	return true;
}

/* Finds a file that is kept; false: it must be opened, which is always so for a
 * path with a link. *was_kept: it was in the cache, and is no longer. */
static bool
find(struct prong_request *request, const struct static_config *config,
    const struct cache_key *key, struct file *file, bool *was_kept)
{
	struct cache_entry *entry = cache_find(config->kept, key);

	*was_kept = entry;
	if (!entry)
		return false;
	if (!is_current(entry, request, config)) {
		cache_remove(config->kept, entry);
		cache_release(entry);
		return false;
	}
	*file = (struct file){ entry->fd, entry->content, entry, entry->st };
	return true;
}

/* Reads size octets; false when the file has fewer, or they are not in memory. */
static bool
read_whole(struct prong_request *request, int fd, char *data, size_t size)
{
	ssize_t n = size > 0 ? at_once_read(request, fd, data, size, 0) : 0;

	prong_log(request, PRONG_LOG_DEBUG, "pread(%d, %zu bytes) = %zd", fd,
	    size, n);
	return n == (ssize_t)size;
}

static unsigned
descriptor_bound(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0 ||
	    limit.rlim_cur / DESCRIPTOR_SHARE > CACHE_DESCRIPTORS)
		return CACHE_DESCRIPTORS;
	return (unsigned)(limit.rlim_cur / DESCRIPTOR_SHARE);
}

/* Fills an entry with the content of the file, if it is to have it; false: the file
 * cannot be kept. */
static bool
fill(struct cache_entry *entry, struct prong_request *request,
    const struct static_config *config, const struct file *file)
{
	entry->read_ms = entry->checked_ms = now_ms();
	entry->checked_turn = prong_turn(request);
	if (entry->content)
		return read_whole(request, file->fd, entry->content,
		    (size_t)file->st.st_size);
	if (config->kept->max_descriptors == 0)
		config->kept->max_descriptors = descriptor_bound();
	return config->kept->max_descriptors > 0;
}

static struct cache_entry *
make_entry(const struct cache_key *key, struct prong_request *request,
    const struct static_config *config, const struct file *file)
{
	bool is_small = file->st.st_size <= FILE_CONTENT_BYTES;
	struct cache_entry *entry = cache_entry_new(key, is_small,
	    is_small ? (size_t)file->st.st_size : 0);

	if (!entry)
		return NULL;
	if (!fill(entry, request, config, file)) {
		cache_release(entry);
		return NULL;
	}
	entry->st = file->st;
	beneath_find_folder(&config->beneath, key->path, &entry->folder);
	entry->type = types_find(&config->table, key->path);
	if (validators_make(&entry->validators, request, config->etag, file->fd,
		entry->content, &file->st) == 0)
		return entry;
	cache_release(entry);
	return NULL;
}

/* Keeps a file that was opened, if it may be kept. */
static void
keep(const struct cache_key *key, struct prong_request *request,
    const struct static_config *config, struct file *file)
{
	struct cache_entry *entry;

	if (!S_ISREG(file->st.st_mode) ||
	    !validators_has_settled(&file->st.st_ctim))
		return;
	entry = make_entry(key, request, config, file);
	if (!entry)
		return;
	if (entry->content)
		close(file->fd);
	else
		entry->fd = file->fd;
	cache_keep(config->kept, entry);
	*file = (struct file){ entry->fd, entry->content, entry, file->st };
}

int
file_open_beneath(struct prong_request *request,
    const struct static_config *config, const char *path, int flags)
{
	int fd;

	do
		fd = prong_may_move(request) ?
		    beneath_open_at_once(&config->beneath, path, flags) :
		    beneath_open(&config->beneath, path, flags);
	while (fd < 0 && errno == EMFILE && config->kept &&
	    cache_drop_descriptor(config->kept));
	return fd;
}

/* -1 and errno. */
static int
open_anew(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	int fd = file_open_beneath(request, config, path, READ_FLAGS);
	int error = errno;

	prong_log(request, PRONG_LOG_DEBUG, "openat2(\"%s\") = %d%s%s", path,
	    fd, fd < 0 ? " " : "", fd < 0 ? strerror(error) : "");
	errno = error;
	if (fd < 0)
		return -1;
	*file = (struct file){ .fd = fd };
	/* fstat(3) makes the same call, but its "" is in a page of libc that a
	 * new process has not touched yet. */
	if (fstatat(fd, "", &file->st, AT_EMPTY_PATH) == 0)
		return 0;
	close(fd);
	return -1;
}

int
file_open(struct prong_request *request, const struct static_config *config,
    const char *path, struct file *file)
{
	struct cache_key key;
	bool was_kept;

	if (!config->kept)
		return open_anew(request, config, path, file);
	key = cache_key(config, path);
	if (find(request, config, &key, file, &was_kept))
		return 0;
	if (open_anew(request, config, path, file) < 0)
		return -1;
	/* A digest costs more than an entry. */
	if (was_kept || cache_note(config->kept, &key) ||
	    config->etag == ETAG_CONTENT)
		keep(&key, request, config, file);
	return 0;
}

void
file_close(struct file *file)
{
	if (!file->entry)
		close(file->fd);
	cache_release(file->entry);
}

void
file_send(struct prong_request *request, struct file *file)
{
	uint64_t size = (uint64_t)file->st.st_size;

	if (!file->entry)
		prong_file(request, file->fd, 0, size);
	else if (file->content)
		prong_lend(request, cache_loan(file->entry), file->content,
		    size);
	else
		prong_lend_file(request, cache_loan(file->entry), file->fd, 0,
		    size);
}
