/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sluice: from the command line to a running gateway and back.
 *
 * Order. Everything that can be wrong without touching the machine is looked at first:
 * options, start-up file. Then EAL, then what the box is made of, each step undone in
 * reverse order when a later one fails, workers last. The end is the same way back, with
 * the figures printed while all that is still there.
 *
 * Signals. SIGINT and SIGTERM end the box; the handler only sets box->stop. SIGHUP reads the
 * start-up file again; with a prompt it says that the terminal is gone, and ends the box too. A
 * script's Ctrl-C often brings two signals at once, so a second one changes nothing at
 * first; one that comes later than PATIENCE_MS means that the end hangs, and ends the
 * process at once. So does SIGALRM, END_S after the first.
 *
 * Exit codes: 0 ended by signal or quit, 1 could not start, 2 wrong command line.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>
#include <rte_version.h>

#include "afpacket.h"
#include "announce.h"
#include "apply.h"
#include "box.h"
#include "cli.h"
#include "clock.h"
#include "control.h"
#include "crew.h"
#include "ctl.h"
#include "diagnose.h"
#include "document.h"
#include "events.h"
#include "fit.h"
#include "helped.h"
#include "kernel.h"
#include "leased.h"
#include "log.h"
#include "logstream.h"
#include "metrics.h"
#include "options.h"
#include "place.h"
#include "prompt.h"
#include "record.h"
#include "report.h"
#include "statefile.h"
#include "statement.h"
#include "steer.h"
#include "survey.h"
#include "telemetry.h"
#include "version.h"

#define EXIT_USAGE 2
#define EXIT_HANGS 3
#define PATIENCE_MS 1000
#define END_S 5
#define DESCRIPTORS 1024

static struct box the_box;

static void
on_hangup(int number)
{
	RTE_SET_USED(number);
	box_reload(&the_box);
}

static void
on_signal(int number)
{
	static struct timespec first;
	struct timespec now;
	long ms;

	clock_gettime(CLOCK_MONOTONIC, &now);
	if (first.tv_sec == 0) {
		first = now;
		alarm(END_S);
	}
	box_stop(&the_box);
	ms = (now.tv_sec - first.tv_sec) * 1000 + (now.tv_nsec - first.tv_nsec) / 1000000;
	if (number == SIGALRM || ms > PATIENCE_MS)
		_exit(EXIT_HANGS);
}

static void
set_signals(void (*handler)(int))
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGALRM };
	struct sigaction action = { .sa_handler = handler, .sa_flags = SA_RESTART };

	for (unsigned int i = 0; i < RTE_DIM(numbers); i++)
		sigaction(numbers[i], &action, NULL);
}

/* --help and --version need no EAL; -h with EAL's options is answered by EAL. */
static void
help_for_eal(const char *program)
{
	RTE_SET_USED(program);
	options_help(stdout);
}

/* The start-up file, or a configuration with defaults. NULL: said on stderr. */
static struct sl_config *
load(struct box *box, const struct options *options)
{
	struct sl_config *config;
	char why[256] = "";

	if (options->file != NULL)
		config = statement_load(box, options->file, stderr);
	else
		config = config_new(box);
	if (config == NULL) {
		fprintf(stderr, "sluice: nothing was started\n");
		return NULL;
	}
	if (sl_config_check(config, why, sizeof(why)) < 0) {
		fprintf(stderr, "sluice: %s: %s\n",
			options->file != NULL ? options->file : "configuration", why);
		sl_config_destroy(config);
		return NULL;
	}
	return config;
}

static int
start_eal(int argc, char **argv)
{
	int rc;

	/* While EAL starts, which may wait for a peer (virtio_user), a signal just ends the
	 * process; also one that a script's background job has ignored from birth. */
	set_signals(SIG_DFL);
	rte_set_application_usage_hook(help_for_eal);
	rc = rte_eal_init(argc, argv);
	if (rc < 0) {
		rc = rte_errno == EINVAL ? -EINVAL : -EIO;
		diagnose_eal(argc, argv, rte_errno, stderr);
		return rc;
	}
	if (rc + 1 < argc) {
		fprintf(stderr,
			"sluice: '%s': expected an EAL option; FILE and sluice's own options "
			"come after '--'\n",
			argv[rc + 1]);
		rte_eal_cleanup();
		return -EINVAL;
	}
	clock_init();
	if (logstream_create() < 0)
		SL_LOG(WARNING, "no memory for a log that nobody waits for: a full pipe may hold "
				"the box up");
	return 0;
}

static int
start_ports(struct box *box, const struct options *options, const struct sl_config *config)
{
	uint16_t id[2];
	int rc;

	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		rc = port_find(options->port[side], side, &id[side]);
		if (rc < 0)
			return rc;
	}
	if (id[SL_INSIDE] == id[SL_OUTSIDE]) {
		SL_LOG(ERR,
			"inside and outside are both port %u: expected two ports, as by --inside "
			"and --outside",
			id[SL_INSIDE]);
		return -EINVAL;
	}
	for (enum sl_side side = SL_INSIDE; side <= SL_OUTSIDE; side++) {
		rc = port_start(&box->port[side], id[side], side, box->n_workers, box->pool,
			&options->ports);
		if (rc < 0)
			return rc;
		steer_begin(&box->port[side], steer_block(config));
	}
	place_check_ports(box);
	return 0;
}

static void
stop_ports(struct box *box)
{
	port_stop(&box->port[SL_OUTSIDE]);
	port_stop(&box->port[SL_INSIDE]);
}

static int
start_kernel(struct box *box, const struct options *options)
{
	box->kernel = kernel_create(box, &options->kernel);
	return box->kernel != NULL ? 0 : -EIO;
}

/* On success the box has taken the configuration. */
static int
configure(struct box *box, struct sl_config *config)
{
	char why[256] = "";
	int rc = box_apply(box, config, why, sizeof(why));

	if (rc < 0)
		SL_LOG(ERR, "the configuration cannot be put into force: %s", why);
	return rc;
}

/* The ways in: telemetry, socket, prompt. */
static int
open_faces(struct box *box, const struct options *options, const char *prefix)
{
	char path[108];
	int rc;

	snprintf(path, sizeof(path), "/run/sluice/%s.sock", prefix);
	rc = telemetry_create(box);
	if (rc == 0)
		rc = ctl_create(box, options->socket != NULL ? options->socket : path);
	if (rc == 0 && options->interactive)
		rc = prompt_create(box);
	return rc;
}

static void
close_faces(void)
{
	prompt_destroy();
	ctl_destroy();
	telemetry_destroy();
}

/* Everything between EAL's start and its end; takes the configuration. */
static int
run(struct box *box, const struct options *options, struct sl_config *config, const char *prefix)
{
	unsigned int n_rxd = options->ports.n_rxd != 0 ? options->ports.n_rxd : DESCRIPTORS;
	unsigned int n_txd = options->ports.n_txd != 0 ? options->ports.n_txd : DESCRIPTORS;
	bool launched;
	int rc = place_workers(box, options->yield);

	if (rc < 0)
		goto no_workers;
	rc = place_pools(box, options->mbufs, 2 * (n_rxd + n_txd), fit_room(&options->ports));
	if (rc < 0)
		goto no_pools;
	rc = start_ports(box, options, config);
	if (rc < 0)
		goto no_ports;
	rc = crew_create(box, options);
	if (rc < 0)
		goto no_nat;
	rc = helped_create(box);
	if (rc < 0)
		goto no_kernel;
	rc = start_kernel(box, options);
	if (rc < 0)
		goto no_kernel;
	rc = leased_create(box, box_apply);
	if (rc == 0)
		rc = metrics_create(box);
	if (rc == 0)
		rc = announce_create(box);
	if (rc < 0)
		goto no_config;
	rc = statefile_create(box, config);
	if (rc == 0)
		rc = configure(box, config);
	if (rc < 0)
		goto no_config;
	config = NULL;
	statefile_restore(box);
	box->started = clock_now();
	rc = crew_launch(box);
	launched = rc == 0;
	health_init(box);
	if (rc == 0)
		rc = open_faces(box, options, prefix);
	if (rc == 0)
		rc = control_run(box, options->stats);
	close_faces();
	leased_destroy(box);
	crew_end(box);
	if (launched)
		statefile_leave(box);
	record_drain(box);
	if (rc == 0)
		report_final(box, stdout);
no_config:
	announce_destroy(box);
	metrics_destroy(box);
	leased_destroy(box);
	statefile_destroy(box);
	record_destroy(box->recorder);
	survey_destroy(box);
	events_destroy(box);
	kernel_destroy(box->kernel);
no_kernel:
no_nat:
	helped_destroy(box);
	crew_destroy(box);
no_ports:
	stop_ports(box);
no_pools:
	place_free(box);
no_workers:
	sl_config_destroy(box->config);
	sl_config_destroy(config);
	return rc;
}

static void
blank_out(char *line, char c)
{
	char *at = strchr(line, c);

	if (at != NULL)
		*at = ' ';
}

/*
 * Run the statement on the file, without a gateway. A word ADDRESS:PORT[@TIME] is taken
 * apart; several words are the statement's own arguments, as sluicectl hands them over.
 */
static int
look_up(struct box *box, struct sl_config *config, const char *who)
{
	const struct statement_origin origin = { "lookup", 0 };
	char line[256];
	int rc;

	snprintf(line, sizeof(line), "lookup %s", who);
	if (strchr(who, ' ') == NULL) {
		blank_out(line, ':');
		blank_out(line, '@');
	}
	box->config = config;
	rc = statement_run(box, &origin, line, false, stdout, stderr);
	sl_config_destroy(config);
	return rc < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}

static int
start(const struct options *options, int argc, char **argv)
{
	const char *prefix = diagnose_prefix(argc, argv);
	struct box *box = &the_box;
	struct sl_config *config = load(box, options);
	char **words;
	int rc;

	if (config == NULL)
		return EXIT_FAILURE;
	if (options->check) {
		fprintf(stdout, "%s: right\n", options->file);
		sl_config_destroy(config);
		return EXIT_SUCCESS;
	}
	if (options->lookup != NULL)
		return look_up(box, config, options->lookup);
	words = afpacket_words(argc, argv, options->ports.mtu);
	rc = words != NULL ? start_eal(argc, words) : -ENOMEM;
	free(words);
	if (rc < 0) {
		sl_config_destroy(config);
		return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILURE;
	}
	set_signals(on_signal);
	if (!options->interactive)
		signal(SIGHUP, on_hangup);
	signal(SIGPIPE, SIG_IGN);
	box->loop = loop_create();
	if (box->loop == NULL) {
		SL_LOG(ERR, "no event loop: %s", strerror(errno));
		sl_config_destroy(config);
	} else {
		rc = run(box, options, config, prefix);
	}
	if (box->loop == NULL || rc < 0)
		rc = EXIT_FAILURE;
	loop_destroy(box->loop);
	logstream_destroy();
	rte_eal_cleanup();
	return rc;
}

/* Arguments before "--", all of them when there is none. */
static int
count_eal(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0)
			return i;
	}
	return argc;
}

/* What starts no EAL needs no "--" before it. */
static bool
starts_nothing(int argc, char **argv)
{
	static const char *const words[] = { "--help", "--version", "--lookup", "--check",
		"--syntax", "--document" };

	for (unsigned int i = 0; argc > 1 && i < RTE_DIM(words); i++)
		if (strcmp(argv[1], words[i]) == 0)
			return i >= 2 || argc == 2;
	return false;
}

int
main(int argc, char **argv)
{
	int n_eal = count_eal(argc, argv);
	struct options options;
	char **own = &argv[n_eal];
	int n_own = argc - n_eal;

	if (starts_nothing(argc, argv)) {
		own = argv;
		n_own = argc;
		n_eal = 1;
	}
	if (options_parse(&options, n_own, own, stderr) < 0)
		return EXIT_USAGE;
	if (options.help) {
		options_help(stdout);
		return EXIT_SUCCESS;
	}
	if (options.document != NULL)
		return document_print(options.document, stdout, stderr) < 0 ? EXIT_USAGE
									    : EXIT_SUCCESS;
	if (options.syntax)
		return statement_syntax(&the_box, options.file, stderr) < 0 ? EXIT_FAILURE
									    : EXIT_SUCCESS;
	if (options.version) {
		fprintf(stdout, "sluice %s, %s\n", SLUICE_VERSION, rte_version());
		return EXIT_SUCCESS;
	}
	if (diagnose_words(n_eal, argv, stderr) < 0)
		return EXIT_USAGE;
	return start(&options, n_eal, argv);
}
