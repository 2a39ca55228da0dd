/* SPDX-License-Identifier: ISC */
#include "base/orphan.h"

#include <signal.h>
#include <unistd.h>

#include "base/hot.h"
#include "base/nudge.h"

static HOT volatile sig_atomic_t is_noted;

void
orphan_note(void)
{
	is_noted = 1;
	nudge_send(getpid());
}

bool
orphan_is_noted(void)
{
	return is_noted;
}
