/* SPDX-License-Identifier: ISC */
#include "generation/thread.h"

#include <pthread.h>

#define STACK_BYTES (64 * 1024)

int
thread_start(void *(*run)(void *), void *argument)
{
	pthread_attr_t small;
	pthread_t thread;
	int error;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK_BYTES);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	error = pthread_create(&thread, &small, run, argument);
	pthread_attr_destroy(&small);
	return error == 0 ? 0 : -1;
}
