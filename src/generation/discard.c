/* SPDX-License-Identifier: ISC */
#include "generation/discard.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "generation/thread.h"

static size_t
left_of(const struct discard_bundle *b)
{
	return __atomic_load_n(&b->left, __ATOMIC_ACQUIRE);
}

/* The signal that ends a wait of the closer is not for this thread. */
static void *
close_bundle(void *argument)
{
	struct discard_bundle *b = argument;
	const size_t count = b->count;
	const int *fds = b->fds;
	sigset_t all;
	size_t i;

	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, NULL);
	for (i = 0; i < count; i++) {
		close(fds[i]);
		/* After the last one the bundle is another's. */
		__atomic_sub_fetch(&b->left, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/* No thread of the helper frees memory but the first: each other one that did
 * would have an arena of its own. */
static struct discard_bundle *
find_free(struct discard *d)
{
	size_t i;

	for (i = 0; i < DISCARD_THREADS; i++)
		if (left_of(&d->bundles[i]) == 0) {
			free(d->bundles[i].fds);
			d->bundles[i] = (struct discard_bundle){ 0 };
			return &d->bundles[i];
		}
	return NULL;
}

bool
discard_close(struct discard *d, const int *fds, size_t count)
{
	struct discard_bundle *b;

	if (count == 0)
		return true;
	b = find_free(d);
	if (!b)
		return false;
	b->fds = calloc(count, sizeof(fds[0]));
	if (!b->fds)
		return false;
	memcpy(b->fds, fds, count * sizeof(fds[0]));
	b->count = b->left = count;
	if (thread_start(close_bundle, b) == 0)
		return true;
	b->left = 0;
	return false;
}

size_t
discard_left(const struct discard *d)
{
	size_t i, sum = 0;

	for (i = 0; i < DISCARD_THREADS; i++)
		sum += left_of(&d->bundles[i]);
	return sum;
}
