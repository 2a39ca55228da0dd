/* SPDX-License-Identifier: ISC */
#include "status/metrics_server.h"

#include <inttypes.h>
#include <stddef.h>
#include <string.h>

#include <prong/handler.h>

#include "status/metrics_writer.h"

/* How many there are of each state or kind. */
struct census {
	const char *name, *help, *label;
	const char *const *values; /* up to NULL */
	uint64_t counts[4];
};

static void
count(struct census *census, const char *value)
{
	size_t i;

	for (i = 0; census->values[i]; i++)
		if (strcmp(census->values[i], value) == 0)
			census->counts[i]++;
}

static int
write_census(const struct metrics_writer *w, const struct census *census)
{
	size_t i;

	if (metrics_begin(w, census->name, "gauge", census->help) < 0)
		return -1;
	for (i = 0; census->values[i]; i++)
		if (prong_printf(w->request, "%s{%s=\"%s\"} %" PRIu64 "\n",
			census->name, census->label, census->values[i],
			census->counts[i]) < 0)
			return -1;
	return 0;
}

static int
write_generations(const struct metrics_writer *w)
{
	static const char *const states[] = { "starting", "serving", "draining",
		NULL };
	struct census census = { "prong_generations",
		"Generations, by their state.", "state", states, { 0 } };
	struct prong_generation_stats g;
	uint64_t cursor = 0;

	while (prong_generation_stats(w->request, &cursor, &g) == 1)
		count(&census, g.state);
	return write_census(w, &census);
}

static int
write_processes(const struct metrics_writer *w)
{
	static const char *const kinds[] = { "worker", "shared", "pool", NULL };
	struct census census = { "prong_processes",
		"Processes that serve more than one client, by their kind.",
		"kind", kinds, { 0 } };
	struct prong_process_stats p;
	uint64_t cursor = 0;

	while (prong_process_stats(w->request, &cursor, &p) == 1)
		count(&census, p.kind);
	return write_census(w, &census);
}

static int
write_reloads(const struct metrics_writer *w)
{
	struct prong_reload_stats r;

	if (prong_reload_stats(w->request, &r) < 0)
		return 0;
	if (metrics_begin(w, "prong_reloads", "counter",
		"Starts, reloads, upgrades and replacements of a generation, "
		"by their result.") < 0 ||
	    prong_printf(w->request,
		"prong_reloads_total{result=\"ok\"} %" PRIu64
		"\nprong_reloads_total{result=\"failed\"} %" PRIu64 "\n",
		r.succeeded_total, r.failed_total) < 0 ||
	    metrics_begin(w, "prong_last_reload_timestamp_seconds", "gauge",
		"When the last of them ended.") < 0 ||
	    prong_printf(w->request,
		"prong_last_reload_timestamp_seconds %" PRId64 "\n",
		r.time) < 0 ||
	    metrics_begin(w, "prong_last_reload_success", "gauge",
		"0 when the last of them has failed.") < 0)
		return -1;
	return prong_printf(w->request, "prong_last_reload_success %d\n",
	    !r.has_failed);
}

int
metrics_server_write(const struct metrics_writer *w)
{
	if (write_generations(w) < 0 || write_processes(w) < 0)
		return -1;
	return write_reloads(w);
}
