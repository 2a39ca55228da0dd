/* SPDX-License-Identifier: ISC */
#include "fiber/poller.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/refused.h"

/* Waits that no signal has ended, between two looks for one. */
#define BUSY_WAITS 16

int
poller_open(struct poller *p)
{
	*p = (struct poller){ .epoll = epoll_create1(EPOLL_CLOEXEC) };
	return p->epoll < 0 ? -1 : 0;
}

void
poller_close(struct poller *p)
{
	close(p->epoll);
}

int
poller_add_listener(struct poller *p, int fd, void *data)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLEXCLUSIVE,
		.data.ptr = data };

	return epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event);
}

int
poller_add_client(struct poller *p, int fd, void *data)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP |
		    EPOLLET,
		.data.ptr = data };

	if (epoll_ctl(p->epoll, EPOLL_CTL_ADD, fd, &event) == 0)
		return 0;
	if (ratelimit_allows(&p->not_added))
		log_error("cannot wait for a connection: epoll_ctl: %s%s",
		    strerror(errno), refused_hint(errno));
	return -1;
}

void
poller_remove(struct poller *p, int fd)
{
	epoll_ctl(p->epoll, EPOLL_CTL_DEL, fd, NULL);
}

int
poller_wait(struct poller *p, struct epoll_event *events, int max,
    int timeout_ms)
{
	sigset_t none;

	sigemptyset(&none);
	p->waits++;
	return epoll_pwait(p->epoll, events, max, timeout_ms, &none);
}

bool
poller_has_signal(struct poller *p)
{
	sigset_t pending, none, blocked;

	if (p->waits % BUSY_WAITS != 0 || sigpending(&pending) < 0 ||
	    sigisemptyset(&pending))
		return false;
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, &blocked);
	sigprocmask(SIG_SETMASK, &blocked, NULL);
	return true;
}
