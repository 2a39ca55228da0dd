/* SPDX-License-Identifier: ISC */
#include "base/orphan.h"

#include <signal.h>

static volatile sig_atomic_t is_noted;

void
orphan_note(void)
{
	is_noted = 1;
}

bool
orphan_is_noted(void)
{
	return is_noted;
}
