/*
 * What the generation notes of the end of a process, beside its counts.
 *
 * SPDX-License-Identifier: ISC
 */
#include <string.h>
#include <time.h>

#include "base/scoreboard_layout.h"

/* Texts of a page may lack their end; whoever reads them looks for it. */
void
scoreboard_note_crash(const struct scoreboard *s, size_t slot,
    const char *handler, int signal, pid_t pid)
{
	struct annals_series *series = annals_find(s->annals, handler, "");
	const struct scoreboard_page *page = scoreboard_page(s, slot);
	struct annals_crash *crash;

	if (!series)
		series = &s->annals->series[ANNALS_OTHER];
	crash = &series->crash;
	crash->signal = (uint64_t)signal;
	crash->pid = (uint64_t)pid;
	memcpy(crash->client, page->client, sizeof(crash->client));
	memcpy(crash->request, page->request, sizeof(crash->request));
	memcpy(crash->id, page->id, sizeof(crash->id));
	crash->time = (int64_t)time(NULL);
}

void
scoreboard_note_limit(const struct scoreboard *s, size_t slot)
{
	struct tally_counts one = { .limits = 1 };
	struct annals_series *series;
	char handler[TALLY_NAME_BYTES];

	scoreboard_handler(s, slot, handler);
	series = annals_find(s->annals, handler, "");
	if (series)
		annals_add(series, &one);
}
