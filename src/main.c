/*
 * prongd: the command line. Chooses which process this is, and hands over.
 *
 * SPDX-License-Identifier: ISC
 */
#include <errno.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "activation.h"
#include "configuration.h"
#include "generation.h"
#include "log.h"
#include "master.h"
#include "notify.h"
#include "once.h"
#include "plugin.h"
#include "privilege.h"
#include "report.h"
#include "sources.h"
#include "title.h"
#include "trial.h"

#define DEFAULT_CONFIGURATION	SYSCONFDIR "/prong/prongd.conf"

/* Exit statuses: 2 for a command that cannot be understood. */
#define EXIT_USAGE	2

static const char usage[] =
    "usage: prongd [-t | --once] [-c FILE | DIR] [-l ADDRESS] [-p DIR] [-v]\n"
    "       prongd -h | -V\n"
    "\n"
    "Serves HTTP, a process for every connection, in the foreground.\n"
    "\n"
    "  DIR                serve this folder on 127.0.0.1:8080, no configuration\n"
    "  -c, --config FILE  the configuration (default: "
    DEFAULT_CONFIGURATION ")\n"
    "  -l, --listen ADDR  listen there instead; may be repeated\n"
    "  -p, --plugins DIR  load handlers from there instead\n"
    "  -t, --test         check the configuration and every handler, then exit\n"
    "      --once         serve one connection on standard input and output\n"
    "  -v, --verbose      log at level debug: the life of a connection\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "prongd(8) and prongd.conf(5) say more.\n";

enum mode {
	MODE_SERVE,
	MODE_TEST,
	MODE_ONCE,
	MODE_GENERATION
};

struct command {
	enum mode mode;
	const char *file;
	const char *folder;
	const char *plugin_folder;
	const char **listens;
	size_t listen_count;
	bool verbose;
	int handover_fd;
};

static _Noreturn void
fail_usage(const char *argument, const char *why)
{
	fprintf(stderr, "prongd: %s: %s\n%s", argument, why, usage);
	exit(EXIT_USAGE);
}

static void
add_listen(struct command *c, const char *address)
{
	const char **grown = realloc(c->listens,
	    (c->listen_count + 1) * sizeof(*grown));

	if (!grown) {
		log_error("cannot keep -l %s: %s", address, strerror(errno));
		exit(EXIT_FAILURE);
	}
	c->listens = grown;
	c->listens[c->listen_count++] = address;
}

static const struct option long_options[] = {
	{ "config", required_argument, NULL, 'c' },
	{ "generation", required_argument, NULL, 'G' },
	{ "help", no_argument, NULL, 'h' },
	{ "listen", required_argument, NULL, 'l' },
	{ "once", no_argument, NULL, 'O' },
	{ "plugins", required_argument, NULL, 'p' },
	{ "test", no_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 }
};

static void
parse_option(struct command *c, int option)
{
	switch (option) {
	case 'c':
		c->file = optarg;
		break;
	case 'G':
		c->mode = MODE_GENERATION;
		c->handover_fd = atoi(optarg);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	case 'l':
		add_listen(c, optarg);
		break;
	case 'O':
		c->mode = MODE_ONCE;
		break;
	case 'p':
		c->plugin_folder = optarg;
		break;
	case 't':
		c->mode = MODE_TEST;
		break;
	case 'v':
		c->verbose = true;
		break;
	case 'V':
		puts("prongd " PRONG_VERSION);
		exit(EXIT_SUCCESS);
	default:
		/* getopt_long has said what is wrong. */
		fputs(usage, stderr);
		exit(EXIT_USAGE);
	}
}

static void
parse_command(struct command *c, int argc, char *argv[])
{
	int option;

	while ((option = getopt_long(argc, argv, "c:hl:p:tvV", long_options,
	    NULL)) != -1)
		parse_option(c, option);
	if (optind < argc)
		c->folder = argv[optind++];
	if (optind < argc)
		fail_usage(argv[optind], "a second folder; possible: one");
	if (c->folder && c->file)
		fail_usage(c->file, "-c and a folder exclude each other");
}

static struct sources *
read_sources(const struct command *c, struct report *report)
{
	if (c->folder)
		return sources_for_folder(c->folder, c->plugin_folder, report);
	return sources_read(c->file ? c->file : DEFAULT_CONFIGURATION, report);
}

/* What the command line says instead of the configuration. */
static bool
override(const struct command *c, struct configuration *configuration,
    struct report *report)
{
	if (c->verbose)
		configuration->log_level = LEVEL_DEBUG;
	if (c->plugin_folder)
		configuration->plugin_folder = c->plugin_folder;
	return c->listen_count == 0 || configuration_replace_listens(
	    configuration, c->listens, c->listen_count, report) == 0;
}

static int
test(struct configuration *configuration, struct report *report)
{
	int result = trial_check(configuration, report);

	if (result == 0)
		log_info("%s: nothing is wrong",
		    configuration->sources->items[0].path);
	configuration_free(configuration);
	return result == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

static struct configuration *
read_configuration(const struct command *c, struct report *report)
{
	struct sources *sources = read_sources(c, report);
	struct configuration *configuration;

	if (!sources)
		return NULL;
	configuration = configuration_parse(sources, report);
	if (!configuration)
		sources_free(sources);
	else if (!override(c, configuration, report)) {
		configuration_free(configuration);
		return NULL;
	}
	return configuration;
}

/* Everything that can be wrong before a process of its own finds out. */
static struct plugin_set *
read_plugins(struct configuration *c, struct report *report)
{
	struct plugin_set *plugins = plugin_set_read(c, report);

	if (plugins && configuration_find_user(c, report) < 0) {
		plugin_set_free(plugins);
		return NULL;
	}
	return plugins;
}

int
main(int argc, char *argv[])
{
	struct command command = { .mode = MODE_SERVE };
	struct configuration *configuration;
	struct plugin_set *plugins;
	struct report report = { 0 };

	title_init(argc, argv);
	parse_command(&command, argc, argv);
	if (command.mode == MODE_GENERATION)
		return generation_run(command.handover_fd);
	notify_init();
	if (command.mode != MODE_SERVE)
		activation_discard();
	configuration = read_configuration(&command, &report);
	if (!configuration)
		return EXIT_FAILURE;
	if (command.mode == MODE_TEST)
		return test(configuration, &report);
	plugins = read_plugins(configuration, &report);
	if (!plugins) {
		configuration_free(configuration);
		return EXIT_FAILURE;
	}
	if (command.mode == MODE_ONCE)
		return once_run(configuration, plugins);
	return master_run(configuration, plugins);
}
