/* SPDX-License-Identifier: ISC */
#include "handover/command.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"

/* The exit status after a wrong command line. */
#define EXIT_USAGE 2

static const char usage[] =
    "usage: prongd [-t | --once] [-c FILE | DIR] [-p PORT | -l ADDRESS] [-v]\n"
    "              [-P FOLDER] [--control PATH]\n"
    "       prongd -h | -V\n"
    "\n"
    "Serves HTTP, a process for every connection, in the foreground.\n"
    "\n"
    "  DIR                serve this folder on 127.0.0.1:8080, no "
    "configuration\n"
    "  -c, --config FILE  the configuration (default: " COMMAND_DEFAULT_FILE
    ")\n"
    "      --control PATH the socket of prong(1), or \"off\"\n"
    "  -l, --listen ADDR  listen there instead; may be repeated\n"
    "  -p, --port PORT    the same as -l 127.0.0.1:PORT\n"
    "  -P, --plugins DIR  load handlers from there instead\n"
    "  -t, --test         check the configuration and every handler, then "
    "exit\n"
    "      --once         serve one connection on standard input and output\n"
    "  -v, --verbose      log at level debug: the life of a connection\n"
    "  -h, --help         this text\n"
    "  -V, --version      the version\n"
    "\n"
    "prongd(8) and prongd.conf(5) say more.\n";

static _Noreturn void
refer_to_help(void)
{
	fputs("prongd --help lists the options.\n", stderr);
	exit(EXIT_USAGE);
}

static _Noreturn void
fail_usage(const char *argument, const char *why)
{
	fprintf(stderr, "prongd: %s: %s\n", argument, why);
	refer_to_help();
}

static _Noreturn void
fail_memory(void)
{
	log_error("cannot keep the arguments: %s", strerror(errno));
	exit(EXIT_FAILURE);
}

static void
add_listen(struct command *c, const char *address)
{
	const char **grown = realloc(c->listens,
	    (c->listen_count + 1) * sizeof(*grown));

	if (!grown)
		fail_memory();
	c->listens = grown;
	c->listens[c->listen_count++] = address;
}

/* The port of this machine alone, as that of a folder without configuration. */
static void
add_port(struct command *c, const char *port)
{
	size_t length = strlen(port);
	char *address;

	if (length == 0 || length > 5 || strspn(port, "0123456789") != length ||
	    atoi(port) > 65535)
		fail_usage(port,
		    "is no port; possible: from 0 to 65535 (-P names the "
		    "folder of handlers)");
	if (asprintf(&address, "127.0.0.1:%s", port) < 0)
		fail_memory();
	add_listen(c, address);
}

static const struct option long_options[] = { { "config", required_argument,
						  NULL, 'c' },
	{ "control", required_argument, NULL, 'C' },
	{ "generation", required_argument, NULL, 'G' },
	{ "help", no_argument, NULL, 'h' },
	{ "listen", required_argument, NULL, 'l' },
	{ "once", no_argument, NULL, 'O' },
	{ "plugins", required_argument, NULL, 'P' },
	{ "port", required_argument, NULL, 'p' },
	{ "prove", required_argument, NULL, 'R' },
	{ "renewed", required_argument, NULL, 'N' },
	{ "test", no_argument, NULL, 't' },
	{ "verbose", no_argument, NULL, 'v' },
	{ "version", no_argument, NULL, 'V' }, { NULL, 0, NULL, 0 } };

/* Options that prongd gives to another one that it executes. */
static void
set_mode(struct command *c, enum command_mode mode)
{
	c->mode = mode;
	if (sscanf(optarg, "%d,%d", &c->descriptor, &c->copy) < 1)
		c->descriptor = -1;
}

static void
parse_option(struct command *c, int option)
{
	switch (option) {
	case 'c':
		c->file = optarg;
		break;
	case 'C':
		c->control = optarg;
		break;
	case 'G':
		set_mode(c, COMMAND_GENERATION);
		break;
	case 'N':
		set_mode(c, COMMAND_RENEWED);
		break;
	case 'R':
		set_mode(c, COMMAND_PROVE);
		break;
	case 'h':
		fputs(usage, stdout);
		exit(EXIT_SUCCESS);
	case 'l':
		add_listen(c, optarg);
		break;
	case 'O':
		c->mode = COMMAND_ONCE;
		break;
	case 'p':
		add_port(c, optarg);
		break;
	case 'P':
		c->plugin_folder = optarg;
		break;
	case 't':
		c->mode = COMMAND_TEST;
		break;
	case 'v':
		c->verbose = true;
		break;
	case 'V':
		puts("prongd " PRONG_VERSION);
		exit(EXIT_SUCCESS);
	default:
		/* getopt_long has printed the error. */
		refer_to_help();
	}
}

/* The title is written over the process's own arguments. */
static char **
copy_arguments(int argc, char *argv[])
{
	char **copy = calloc((size_t)argc + 1, sizeof(*copy));
	int i;

	for (i = 0; copy && i < argc; i++) {
		copy[i] = strdup(argv[i]);
		if (!copy[i])
			fail_memory();
	}
	if (!copy)
		fail_memory();
	return copy;
}

void
command_parse(struct command *c, int argc, char *argv[])
{
	static char **arguments; /* texts of c point into it */
	int option;

	*c = (struct command){
		.mode = COMMAND_SERVE, .descriptor = -1, .copy = -1
	};
	c->arguments = copy_arguments(argc, argv);
	/* getopt_long reorders its array, so it gets another copy. */
	arguments = c->parsed = copy_arguments(argc, argv);
	while ((option = getopt_long(argc, arguments, "c:hl:p:P:tvV",
		    long_options, NULL)) != -1)
		parse_option(c, option);
	if (optind < argc)
		c->folder = arguments[optind++];
	if (optind < argc)
		fail_usage(arguments[optind], "a second folder; possible: one");
	if (c->folder && c->file)
		fail_usage(c->file, "-c and a folder exclude each other");
}
