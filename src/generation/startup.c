/*
 * The steps of a generation's start, in order: it reads the handover, runs the
 * plugin check, drops privileges, loads and opens the handlers, enters the
 * sandbox, moves its private descriptors out of the reach of connections, and
 * tells the master that it is ready.
 *
 * SPDX-License-Identifier: ISC
 */
#include "generation/startup.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/descriptor.h"
#include "base/heap.h"
#include "base/log.h"
#include "base/nudge.h"
#include "base/rings.h"
#include "base/scoreboard.h"
#include "base/signals.h"
#include "base/title.h"
#include "config/configuration.h"
#include "config/handler.h"
#include "config/report.h"
#include "config/sources.h"
#include "connection/connection.h"
#include "connection/crash_handler.h"
#include "connection/renewal.h"
#include "connection/statement.h"
#include "generation/acceptor.h"
#include "generation/admissions.h"
#include "generation/children.h"
#include "generation/folders.h"
#include "generation/internal.h"
#include "generation/logs.h"
#include "generation/open_numbers.h"
#include "generation/orphans.h"
#include "generation/porter.h"
#include "generation/presence.h"
#include "generation/processes.h"
#include "generation/renewal_kit.h"
#include "generation/workers.h"
#include "handover/handover.h"
#include "handover/protocol.h"
#include "plugin/plugin_check.h"
#include "plugin/plugin_start.h"
#include "sandbox/bounds.h"
#include "sandbox/core.h"
#include "sandbox/oom.h"
#include "sandbox/privilege.h"
#include "sandbox/sandbox.h"

/* Numbers that a connection needs below the private ones: its client's socket,
 * and the two by which it claims it from the porter. */
#define FREE_BELOW 3

static bool
is_first(const struct generation *g)
{
	return g->handover.generation <= 1;
}

/*
 * Handlers may take long to open, and the generation does not read messages of
 * the master meanwhile. So the kernel kills the generation when the master
 * ends. The kernel forgets this setting when the user changes, so it is set
 * again then. False: the master has ended already.
 */
static bool
live_with_master(const struct generation *g)
{
	char octet;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	return recv(g->handover.control, &octet, 1, MSG_PEEK | MSG_DONTWAIT) !=
	    0;
}

/* Core files, where the configuration wants them, need privileges to raise the
 * limit, and the rights of the user for the folder. */
static bool
drop_privileges(const struct generation *g)
{
	const struct configuration *c = g->configuration;

	if (c->core_folder)
		core_permit();
	if (privilege_drop(&c->identity, !is_first(g)) < 0 ||
	    !live_with_master(g))
		return false;
	return !c->core_folder || core_enter(c->core_folder) == 0;
}

/* Before a handler opens one: a folder that is replaced meanwhile is noticed. */
static bool
note_folders(struct generation *g)
{
	g->folders = folders_new(g->configuration);
	if (!g->folders)
		log_error("cannot note the folders of the handlers: %s",
		    strerror(errno));
	return g->folders;
}

/* Checks the handlers, then loads and opens them without privileges. */
static bool
prepare_handlers(struct generation *g)
{
	struct handover *h = &g->handover;
	struct secrets secrets = { 0 };
	struct report report = { 0 };
	bool opened;

	g->configuration = configuration_parse(h->sources, &report);
	if (!g->configuration)
		return false;
	g->configuration->identity = h->identity;
	g->configuration->must_serve = !h->is_reload;
	if (plugin_check(g->configuration, h->plugins, &secrets, &report) < 0)
		return false;
	opened = drop_privileges(g) &&
	    renewal_kit_make(&g->kit, h, g->configuration, &secrets) == 0 &&
	    plugin_start_load(g->configuration, h->plugins, &secrets,
		PLUGIN_SERVE_USUAL, &report) == 0 &&
	    note_folders(g) &&
	    plugin_start_open(g->configuration, PLUGIN_SERVE_USUAL, &report) ==
		0;
	secrets_free(&secrets);
	return opened;
}

/* No connection has a log open. Standard error changes when the log process
 * runs. */
static bool
separate_logs(struct logs_facts *logs, int base)
{
	int *log_socket = log_syslog_descriptor();

	logs->private_base = base;
	logs->error_log = fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, base);
	return logs->error_log >= 0 &&
	    (logs->access_log < 0 ||
		descriptor_move(&logs->access_log, base) == 0) &&
	    (*log_socket < 0 || descriptor_move(log_socket, base) == 0);
}

/*
 * Moves the private descriptors of the generation above all that connections
 * keep, so that connections close the private ones with one close_range(2).
 * What belongs to a connection takes the lowest free numbers, of which
 * FREE_BELOW are left.
 */
static bool
separate_descriptors(struct generation *g, struct processes_facts *facts,
    struct logs_facts *logs, int table)
{
	struct handover *h = &g->handover;
	int base = open_numbers_highest(table) + FREE_BELOW + 1;
	size_t i;

	bounds_note_open((size_t)base);
	facts->private_base = base;
	if (descriptor_move(&h->control, base) < 0)
		return false;
	if (descriptor_move(rings_descriptor(facts->rings), base) < 0)
		return false;
	if (*oom_descriptor() >= 0 &&
	    descriptor_move(oom_descriptor(), base) < 0)
		return false;
	if (facts->presence >= 0 && descriptor_move(&facts->presence, base) < 0)
		return false;
	if (facts->orphans &&
	    descriptor_move(orphans_descriptor(facts->orphans), base) < 0)
		return false;
	if (!separate_logs(logs, base))
		return false;
	for (i = 0; i < h->listener_count; i++)
		if (descriptor_move(&h->listeners[i], base) < 0)
			return false;
	return true;
}

static void
helper_title(const struct generation *g, const char *name, char *title,
    size_t size)
{
	snprintf(title, size, "generation %llu: %s",
	    (unsigned long long)g->handover.generation, name);
}

/* The sandbox forbids to open the list of children, so orphans_new comes first;
 * but only the sandbox knows whether any handler can start processes. */
static bool
enter_sandbox(const struct generation *g, struct processes_facts *facts)
{
	struct orphans *orphans = orphans_new();

	if (!orphans)
		return false;
	facts->sandbox = sandbox_new(g->configuration, !is_first(g), g->kit);
	if (!facts->sandbox) {
		orphans_free(orphans);
		return false;
	}
	if (sandbox_lets_fork(facts->sandbox))
		facts->orphans = orphans;
	else
		orphans_free(orphans);
	return true;
}

/* For connections that have to go on in another process. */
static bool
start_porter(const struct generation *g, struct processes_facts *facts)
{
	char title[64];

	if (!sandbox_has_many_rules(facts->sandbox) &&
	    facts->workers.count == 0 && !facts->has_ceilings)
		return true;
	helper_title(g, "porter", title, sizeof(title));
	facts->porter = porter_start(title, facts->private_base,
	    startup_slots(g), &facts->workers);
	if (facts->porter) {
		facts->helpers[HELPER_PORTER] = porter_pid(facts->porter);
		facts->porter_socket = porter_socket(facts->porter);
		return true;
	}
	log_error("cannot start the porter, for connections that are handed "
		  "off: %s",
	    strerror(errno));
	return false;
}

static bool
watch_folders(const struct generation *g, struct processes_facts *facts)
{
	char title[64];

	helper_title(g, "folders", title, sizeof(title));
	if (folders_watch(g->folders, title, facts->private_base) < 0) {
		log_error("cannot watch the folders of the handlers: %s",
		    strerror(errno));
		return false;
	}
	facts->helpers[HELPER_FOLDERS] = folders_pid(g->folders);
	return true;
}

static bool
prepare_workers(struct generation *g, const struct processes_facts *facts)
{
	int *listeners;

	if (!facts->ledgers)
		return true;
	g->workers = workers_new(g->processes);
	if (!g->workers)
		return false;
	processes_set_workers(g->processes, g->workers);
	listeners = calloc(g->handover.listener_count + 1, sizeof(*listeners));
	if (!listeners)
		return false;
	workers_listen(g->workers, listeners,
	    acceptor_shared(g->acceptor, listeners));
	return true;
}

static bool
prepare_acceptor(struct generation *g, const struct processes_facts *facts)
{
	struct acceptor_facts acceptor_facts = {
		.configuration = g->configuration,
		.scoreboard = facts->scoreboard,
		.listeners = g->handover.listeners,
		.listener_count = g->handover.listener_count,
		.private_base = facts->private_base,
	};

	g->processes = processes_new(facts);
	acceptor_facts.processes = g->processes;
	if (g->processes)
		g->acceptor = acceptor_new(&acceptor_facts);
	return g->acceptor && prepare_workers(g, facts);
}

/* Returns free pages of the heap to the kernel; most are from making the
 * filter. Each fork would copy the page table entries of all pages, and each exit
 * undo them. */
static void
give_back_memory(void)
{
#ifdef __GLIBC__
	malloc_trim(0);
#endif
	heap_settle();
}

/* The last step: from here on errors are logged by the log process. */
static bool
start_logs(struct generation *g, const struct processes_facts *facts,
    struct logs_facts *logs, int null)
{
	logs->configuration = facts->configuration;
	logs->sandbox = facts->sandbox;
	logs->rings = facts->rings;
	g->logs = logs_new(logs, null);
	if (!g->logs)
		return false;
	processes_set_logs(g->processes, g->logs);
	return true;
}

/* The sandbox comes after the steps that it would forbid. */
static bool
prepare_processes(struct generation *g)
{
	struct processes_facts facts = {
		.configuration = g->configuration,
		.has_access_log = g->handover.access_log >= 0,
		.workers = startup_workers(g),
		.has_ceilings = admissions_are_needed(g->configuration),
		.renewal = renewal_kit_renewal(g->kit),
		.porter_socket = -1,
	};
	struct logs_facts logs = { .access_log = g->handover.access_log };
	int null = open("/dev/null", O_RDWR | O_CLOEXEC), table;
	bool done;

	handover_drop_copies(&g->handover);
	if (null < 0 || startup_share(g, &facts) < 0)
		return false;
	facts.presence = presence_open(g->handover.listeners,
	    g->handover.listener_count);
	crash_handler_open();
	table = open_numbers_begin();
	if (!enter_sandbox(g, &facts))
		return false;
	if (!separate_descriptors(g, &facts, &logs, table)) {
		log_error("cannot arrange descriptors: %s", strerror(errno));
		return false;
	}
	if (!start_porter(g, &facts) || !watch_folders(g, &facts) ||
	    !prepare_acceptor(g, &facts) ||
	    renewal_kit_arrange(g->kit, &facts, startup_slots(g)) < 0)
		return false;
	give_back_memory();
	done = start_logs(g, &facts, &logs, null);
	close(null);
	return done;
}

static void
show_title(const struct generation *g)
{
	char title[64];

	snprintf(title, sizeof(title), "generation %llu",
	    (unsigned long long)g->handover.generation);
	title_set(title);
}

/* For prong status. */
static void
tell_missing(const struct generation *g)
{
	struct protocol_message message = { .kind = PROTOCOL_MISSING,
		.number = g->missing };

	if (message.number > 0)
		protocol_send(g->handover.control, &message, 0);
}

static int
tell_ready(const struct generation *g)
{
	tell_missing(g);
	if (protocol_send(g->handover.control,
		&(struct protocol_message){ .kind = PROTOCOL_READY }, 0) >= 0)
		return 0;
	log_error("cannot tell the master that generation %llu is ready: %s",
	    (unsigned long long)g->handover.generation, strerror(errno));
	return -1;
}

int
startup_run(struct generation *g, int handover_fd)
{
	heap_begin();
	if (handover_read(handover_fd, &g->handover) < 0)
		return -1;
	/* The master passes errors on to the user who asked for the reload. */
	log_copy_to(g->handover.control);
	show_title(g);
	oom_open();
	if (!live_with_master(g) || !prepare_handlers(g))
		return -1;
	/* From here on the end of the master is noticed at the control socket,
	 * and connections may finish. */
	prctl(PR_SET_PDEATHSIG, 0);
	if (!prepare_processes(g))
		return -1;
	if (signals_open() == 0) {
		log_copy_to(-1);
		nudge_open();
		if (tell_ready(g) == 0)
			return 0;
	}
	logs_flush(g->logs);
	return -1;
}
