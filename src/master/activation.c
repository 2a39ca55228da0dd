/* SPDX-License-Identifier: ISC */
#include "master/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/log.h"
#include "base/slice.h"

#define FIRST_FD 3 /* SD_LISTEN_FDS_START */

/* Without LISTEN_FDNAMES, as sd_listen_fds_with_names(3) calls them. */
#define NAMELESS "unknown"

/* From one image of this program to the next: "PID:FD:NAME:FD:NAME...". Not
 * LISTEN_FDS, whose numbers begin at 3 and leave no gap. */
#define EXPORTED       "PRONG_LISTEN"
#define EXPORTED_BYTES (32 + ACTIVATION_MAX * (ACTIVATION_NAME_BYTES + 16))

/* Reading what was passed. */

static bool
parse_int(struct slice text, int *value)
{
	uint64_t n;

	if (!slice_parse_number(text, &n) || n > INT32_MAX)
		return false;
	*value = (int)n;
	return true;
}

/* The text up to the next colon, which is skipped. */
static struct slice
next_part(const char **at)
{
	size_t length = strcspn(*at, ":");
	struct slice part = { *at, length };

	*at += length + ((*at)[length] == ':');
	return part;
}

static int
add(struct activation *a, int fd, struct slice name)
{
	struct passed_socket *grown, *s;

	grown = realloc(a->sockets, (a->count + 1) * sizeof(*grown));
	if (!grown) {
		log_error("socket activation: %s", strerror(errno));
		return -1;
	}
	a->sockets = grown;
	s = &grown[a->count++];
	memset(s, 0, sizeof(*s));
	s->fd = fd;
	if (name.len >= sizeof(s->name))
		name.len = sizeof(s->name) - 1;
	memcpy(s->name, name.data, name.len);
	return 0;
}

static size_t
count_names(const char *names)
{
	size_t n = 1;

	for (; *names; names++)
		n += *names == ':';
	return n;
}

static int
add_listed(struct activation *a, const char *fds, const char *names)
{
	const struct slice nameless = slice_from_string(NAMELESS);
	int i, n;

	if (!parse_int(slice_from_string(fds), &n) || n < 1 ||
	    n > ACTIVATION_MAX) {
		log_error("LISTEN_FDS is \"%s\"; possible: a number from 1 to "
			  "%d",
		    fds, ACTIVATION_MAX);
		return -1;
	}
	if (names && count_names(names) != (size_t)n) {
		log_error("LISTEN_FDNAMES has %zu names for %d sockets: \"%s\"",
		    count_names(names), n, names);
		return -1;
	}
	for (i = 0; i < n; i++)
		if (add(a, FIRST_FD + i, names ? next_part(&names) : nameless) <
		    0)
			return -1;
	return 0;
}

/* 1 when it names this process, 0 for another, -1 for nonsense. */
static int
is_for_us(struct slice pid)
{
	int n;

	if (!parse_int(pid, &n))
		return -1;
	return n == getpid();
}

static int
add_passed(struct activation *a)
{
	const char *pid = getenv("LISTEN_PID"), *fds = getenv("LISTEN_FDS");
	int ours;

	if (!pid || !fds)
		return 0;
	ours = is_for_us(slice_from_string(pid));
	if (ours < 0)
		log_error("LISTEN_PID is \"%s\"; possible: the number of the "
			  "process that the sockets are for",
		    pid);
	return ours > 0 ? add_listed(a, fds, getenv("LISTEN_FDNAMES")) : ours;
}

static int
add_exported(struct activation *a, const char *text)
{
	int fd;

	if (is_for_us(next_part(&text)) <= 0)
		return 0;
	while (*text) {
		if (!parse_int(next_part(&text), &fd) ||
		    a->count == ACTIVATION_MAX) {
			log_error(EXPORTED " is malformed");
			return -1;
		}
		if (add(a, fd, next_part(&text)) < 0)
			return -1;
	}
	return 0;
}

/* Looking at what was passed. */

static int
get_option(int fd, int level, int option)
{
	socklen_t length = sizeof(int);
	int value;

	return getsockopt(fd, level, option, &value, &length) == 0 ? value : -1;
}

/* What it is instead of a listening stream socket, and what to do; NULL when it
 * is one. */
static const char *
why_not(int fd)
{
	int domain;

	if (fcntl(fd, F_GETFD) < 0)
		return "is not open";
	if (get_option(fd, SOL_SOCKET, SO_TYPE) < 0)
		return "is no socket; possible: ListenStream=";
	if (get_option(fd, SOL_SOCKET, SO_TYPE) != SOCK_STREAM)
		return "is no stream socket; possible: ListenStream=";
	if (get_option(fd, SOL_SOCKET, SO_ACCEPTCONN) != 1)
		return "does not listen; possible: Accept=no";
	domain = get_option(fd, SOL_SOCKET, SO_DOMAIN);
	if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX)
		return "is of a family that is not served; possible: IPv4, "
		       "IPv6, Unix";
	return NULL;
}

static int
set_flags(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return -1;
	return fcntl(fd, F_SETFD, FD_CLOEXEC);
}

static int
look_at(struct passed_socket *s)
{
	const char *why = why_not(s->fd);

	if (why) {
		log_error("descriptor %d, passed as \"%s\", %s", s->fd, s->name,
		    why);
		return -1;
	}
	s->address.length = sizeof(s->address.storage);
	if (set_flags(s->fd) < 0 ||
	    getsockname(s->fd, (struct sockaddr *)&s->address.storage,
		&s->address.length) < 0) {
		log_error("descriptor %d, passed as \"%s\": %s", s->fd, s->name,
		    strerror(errno));
		return -1;
	}
	s->is_dual = s->address.storage.ss_family == AF_INET6 &&
	    get_option(s->fd, IPPROTO_IPV6, IPV6_V6ONLY) == 0;
	return 0;
}

static int
look_at_all(struct activation *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (look_at(&a->sockets[i]) < 0)
			return -1;
	return 0;
}

void
activation_discard(void)
{
	unsetenv("LISTEN_PID");
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_FDNAMES");
	unsetenv(EXPORTED);
}

int
activation_take(struct activation *a)
{
	const char *exported = getenv(EXPORTED);
	struct activation taken = { 0 };
	int result;

	result = exported ? add_exported(&taken, exported) : add_passed(&taken);
	activation_discard();
	if (result == 0)
		result = look_at_all(&taken);
	if (result == 0)
		*a = taken;
	else
		free(taken.sockets);
	return result;
}

void
activation_free(struct activation *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		close(a->sockets[i].fd);
	free(a->sockets);
	*a = (struct activation){ 0 };
}

/* Finding. */

void
activation_begin(struct activation *a)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		a->sockets[i].is_used = false;
}

static bool
is_any(const struct address *address, int family)
{
	const unsigned char zero[16] = { 0 };
	struct address any;

	address_set_ip(&any, family, zero, (uint16_t)address_port(address));
	return address_equal(&any, address);
}

/* Whether it gets what comes for that address. */
static bool
gets(const struct passed_socket *s, const struct address *address)
{
	if (address_equal(&s->address, address))
		return true;
	return s->is_dual && is_any(&s->address, AF_INET6) &&
	    is_any(address, AF_INET) &&
	    address_port(address) == address_port(&s->address);
}

int
activation_find(struct activation *a, const struct address *address)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		struct passed_socket *s = &a->sockets[i];

		if (!s->is_used && gets(s, address)) {
			s->is_used = true;
			return s->fd;
		}
	}
	return -1;
}

int
activation_find_named(struct activation *a, const char *name)
{
	size_t i;

	for (i = 0; i < a->count; i++) {
		struct passed_socket *s = &a->sockets[i];

		if (!s->is_used && strcmp(s->name, name) == 0) {
			s->is_used = true;
			return s->fd;
		}
	}
	return -1;
}

bool
activation_covers(const struct activation *a, const struct address *address)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (a->sockets[i].is_used && gets(&a->sockets[i], address))
			return true;
	return false;
}

static const struct passed_socket *
find_fd(const struct activation *a, int fd)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (a->sockets[i].fd == fd)
			return &a->sockets[i];
	return NULL;
}

bool
activation_owns(const struct activation *a, int fd)
{
	return find_fd(a, fd);
}

/* Messages. */

static bool
is_first_of_name(const struct activation *a, size_t index)
{
	size_t i;

	for (i = 0; i < index; i++)
		if (strcmp(a->sockets[i].name, a->sockets[index].name) == 0)
			return false;
	return true;
}

void
activation_join_names(const struct activation *a, char *out, size_t size)
{
	size_t i, length = 0;

	out[0] = '\0';
	for (i = 0; i < a->count && length < size; i++)
		if (is_first_of_name(a, i))
			length += (size_t)snprintf(out + length, size - length,
			    "%s\"%s\"", length > 0 ? ", " : "",
			    a->sockets[i].name);
}

void
activation_warn_unused(struct activation *a)
{
	char text[ADDRESS_TEXT_BYTES];
	size_t i;

	for (i = 0; i < a->count; i++) {
		struct passed_socket *s = &a->sockets[i];

		if (s->is_used || s->is_warned)
			continue;
		s->is_warned = true;
		log_warning(
		    "nobody answers at %s: the socket was passed as "
		    "\"%s\" (descriptor %d) and no entry of listen means it",
		    address_format(&s->address, text), s->name, s->fd);
	}
}

/* From one image of the program to the next. */

static int
set_close_on_exec(const struct activation *a, int flag)
{
	size_t i;

	for (i = 0; i < a->count; i++)
		if (fcntl(a->sockets[i].fd, F_SETFD, flag) < 0)
			return -1;
	return 0;
}

int
activation_export(const struct activation *a)
{
	char *text;
	size_t i, length;
	int result;

	if (a->count == 0)
		return 0;
	text = malloc(EXPORTED_BYTES);
	if (!text)
		return -1;
	length = (size_t)sprintf(text, "%ld", (long)getpid());
	for (i = 0; i < a->count; i++)
		length += (size_t)sprintf(text + length, ":%d:%s",
		    a->sockets[i].fd, a->sockets[i].name);
	result = setenv(EXPORTED, text, 1);
	free(text);
	return result == 0 ? set_close_on_exec(a, 0) : -1;
}

void
activation_withdraw(const struct activation *a)
{
	activation_discard();
	set_close_on_exec(a, FD_CLOEXEC);
}
