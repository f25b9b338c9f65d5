/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of statements: lines through the program's own parser to the program's own box, with
 * ports that lead nowhere, a worker that answers when it is waited for, and no kernel. What the
 * box writes as its configuration must make the same configuration again.
 *
 * The input is a byte of flags (bit 0: all lines are one transaction, bit 1: answers as JSON,
 * bit 2: the first lines are completed too), then text. In it a byte from 0x80 on and the one
 * behind it stand for a word: one of the grammar, or a value of the kind that it wants. Lines that
 * read or write files are left out.
 */
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>
#include <rte_eal.h>

#include "announce.h"
#include "apply.h"
#include "box.h"
#include "cli.h"
#include "clock.h"
#include "crew.h"
#include "fit.h"
#include "fuzz.h"
#include "health.h"
#include "helped.h"
#include "kernel.h"
#include "leased.h"
#include "metrics.h"
#include "options.h"
#include "pkttext.h"
#include "place.h"
#include "statefile.h"
#include "statement.h"
#include "steer.h"

#define TEXT_MAX 16384
#define WORDS_KNOWN_MAX 2048
#define COMPLETED 3 /* lines; it takes long */

static struct box box;
static struct sl_out out;
static const char *known[WORDS_KNOWN_MAX];
static unsigned int n_known;

static const char *const values[] = { "0", "1", "2", "8", "60", "64", "80", "100", "512", "1024",
	"4096", "65535", "65536", "1000-2000", "5060,5061", "-1", "99999999999", "10.0.0.1/24",
	"10.0.0.5", "10.0.0.5:80", "192.0.2.1", "192.0.2.1/24", "192.0.2.9:8080", "203.0.113.0/28",
	"203.0.113.1-203.0.113.6", "0.0.0.0/0", "255.255.255.255", "2001:db8:1::1/64",
	"2001:db8:2::2", "64:ff9b::/96", "[2001:db8:1::5]:443", "::/0", "fe80::1",
	"02:00:00:00:00:01", "default", "blue", "cgn", "\"a b\"", "'", "#", "\\", "\n", "\n", "\n",
	"inside address 10.0.0.1/24\n", "outside address 192.0.2.1/24\n", "tenant blue vlan 10\n",
	"pool cgn address 203.0.113.0/28\n", "no", "show", "json", "all" };

static const char base[] = "inside address 10.0.0.1/24\n"
			   "inside address 2001:db8:1::1/64\n"
			   "outside address 192.0.2.1/24\n"
			   "route 0.0.0.0/0 via 192.0.2.254\n"
			   "neighbor outside 192.0.2.254 02:00:00:00:00:fe\n"
			   "pool cgn address 203.0.113.0/28\n"
			   "tenant blue vlan 10\n"
			   "tenant blue inside address 10.0.0.1/24\n"
			   "nat64 prefix 64:ff9b::/96\n";

/* ---- the box ---- */

/* Whoever waits for a worker's answer gives it a turn. */
int
usleep(useconds_t us)
{
	struct sl_worker *w = sl_nat_worker(box.nat, 0);

	(void)us;
	sl_worker_online(w);
	sl_worker_poll(w, clock_now(), &out);
	sl_worker_offline(w);
	for (int s = 0; s < 2; s++) {
		enum sl_side side = (enum sl_side)s;

		for (unsigned int i = 0; i < out.n[s]; i++)
			rte_pktmbuf_free(out.m[s][i]);
		sl_worker_sent(w, side, out.n[s], 0);
		out.n[s] = 0;
	}
	return 0;
}

static void
need(int rc, const char *what)
{
	if (rc >= 0)
		return;
	fprintf(stderr, "%s: %s\n", what, strerror(-rc));
	abort();
}

static void
know(const char *text, size_t len)
{
	if (len > 0 && n_known < WORDS_KNOWN_MAX)
		known[n_known++] = strndup(text, len);
}

/* The words of all patterns. */
static void
learn_words(void)
{
	for (size_t i = 0; i < RTE_DIM(values); i++)
		know(values[i], strlen(values[i]));
	for (const struct grammar_table *t = cli_grammar.tables; t->rows != NULL; t++) {
		for (const struct statement *s = t->rows; s->pattern != NULL; s++) {
			for (const char *p = s->pattern; *p != '\0'; p += strspn(p, " []|")) {
				size_t len = strcspn(p, " []|");

				know(p, len);
				p += len;
			}
		}
	}
}

static int
apply(struct sl_config *config)
{
	char why[256] = "";
	int rc = box_apply(&box, config, why, sizeof(why));

	if (rc < 0)
		sl_config_destroy(config);
	return rc;
}

static int
run_text(const char *text, bool json, FILE *to)
{
	const struct statement_origin origin = { "input", 0 };

	return statement_run_all(&box, &origin, text, json, to, to);
}

static void
reset(void)
{
	need(apply(config_new(&box)), "empty configuration");
	if (run_text(base, false, stderr) < 0)
		abort();
}

/* Something to show. */
static void
open_session(void)
{
	struct pt_default def = { .ttl = 64, .dmac = box.port[SL_INSIDE].mac };
	struct sl_worker *w = sl_nat_worker(box.nat, 0);
	static struct pt_frame f;
	struct rte_mbuf *m = rte_pktmbuf_alloc(box.pool[0]);
	char why[128];

	if (m == NULL || pt_build("tcp 10.0.0.2:5000 > 198.51.100.9:21 SYN seq=1", &def, &f, why,
				 sizeof(why)) < 0)
		abort();
	memcpy(rte_pktmbuf_append(m, (uint16_t)f.len), f.b, f.len);
	sl_worker_online(w);
	sl_worker_receive(w, SL_INSIDE, &m, 1, clock_now(), &out);
	sl_worker_offline(w);
	usleep(0);
}

static void
open_ports(const struct options *options)
{
	for (int s = 0; s < 2; s++) {
		enum sl_side side = (enum sl_side)s;
		uint16_t id;

		need(port_find(NULL, side, &id), "port");
		need(port_start(&box.port[s], id, side, 1, box.pool, &options->ports), "port");
		steer_begin(&box.port[s], 0);
	}
}

static void
open_box(void)
{
	static const char *const args[] = { "test", "--no-huge", "--no-shconf", "--no-pci",
		"--no-telemetry", "--log-level", "emergency", "--lcores", "0@0,1@0", "-m", "768",
		"--vdev", "net_null0", "--vdev", "net_null1" };
	static char copy[RTE_DIM(args)][24];
	static char *argv[RTE_DIM(args) + 1];
	struct options options = { .max_sessions = 1024, .max_subscribers = 256, .mbufs = 8192 };

	/* Where logs are sent to is nowhere. */
	if (unshare(CLONE_NEWNET) < 0)
		fprintf(stderr, "note: without a network namespace of its own\n");
	for (unsigned int i = 0; i < RTE_DIM(args); i++)
		snprintf(argv[i] = copy[i], sizeof(copy[i]), "%s", args[i]);
	if (rte_eal_init(RTE_DIM(args), argv) < 0)
		abort();
	clock_init();
	options.kernel.off = true;
	box.loop = loop_create();
	need(place_workers(&box, PLACE_YIELD_ON), "workers");
	need(place_pools(&box, options.mbufs, 4096, fit_room(&options.ports)), "pools");
	open_ports(&options);
	need(crew_create(&box, &options), "gateway");
	need(helped_create(&box), "helpers");
	box.kernel = kernel_create(&box, &options.kernel);
	need(box.kernel != NULL ? 0 : -1, "kernel");
	need(leased_create(&box, box_apply), "leases");
	need(metrics_create(&box), "figures");
	need(announce_create(&box), "announcing");
	learn_words();
	reset();
	need(statefile_create(&box, box.config), "state");
	health_init(&box);
	open_session();
}

/* ---- inputs ---- */

static bool
touches_files(const char *line)
{
	return strstr(line, "save") != NULL || strstr(line, "load") != NULL ||
	       strstr(line, "file") != NULL || strstr(line, "capture") != NULL;
}

/* The input with its words spelt out. */
static size_t
spell(const uint8_t *data, size_t size, char *text)
{
	size_t n = 0;

	for (size_t i = 0; i < size && n < TEXT_MAX - LINE_LEN_MAX; i++) {
		const char *word;
		unsigned int at;

		if (data[i] < 0x80 || i + 1 == size) {
			text[n++] = data[i] != 0 ? (char)(data[i] & 127) : ' ';
			continue;
		}
		at = (data[i] & 127U) << 8 | data[i + 1];
		i++;
		word = known[at % n_known];
		n += (size_t)sprintf(text + n, "%s ", word);
	}
	text[n] = '\0';
	return n;
}

static void
count_word(void *arg, const char *word, const char *help)
{
	if (word == NULL || help == NULL || word[0] == '\0')
		abort();
	(*(unsigned int *)arg)++;
}

/* As statement_run(), but nobody waits for what does not come. */
static void
run_line(const struct statement_origin *origin, const char *line, bool json, FILE *to)
{
	struct statement_after after;
	unsigned int waits = 0;

	if (statement_start(&box, origin, line, json, to, to, &after) < 0 || after.walk == NULL)
		return;
	while (walk_step(after.walk, to, to) == 1 && waits < 2)
		waits += walk_wait(after.walk) > 0;
	walk_destroy(after.walk);
}

static void
run_lines(char *text, uint8_t flags, FILE *to)
{
	const struct statement_origin origin = { "input", 1 };
	unsigned int n = 0, lines = 0;
	char *line;

	while ((line = strsep(&text, "\n")) != NULL) {
		if (flags & 4 && lines++ < COMPLETED)
			statement_complete(&box, line, count_word, &n);
		run_line(&origin, line, (flags & 2) != 0, to);
		box.stop = false;
	}
}

/* The configuration as statements; to be freed. */
static char *
written(void)
{
	char *text = NULL;
	size_t len;
	FILE *f = open_memstream(&text, &len);

	if (f == NULL)
		abort();
	statement_write(box.config, f);
	fclose(f);
	return text;
}

/* What is written makes the same again; forwards that end have another second by then. */
static void
check_written(void)
{
	char *once = written(), *twice;

	if (strstr(once, "lifetime") == NULL && strstr(once, "expires") == NULL) {
		need(apply(config_new(&box)), "empty configuration");
		if (run_text(once, false, stderr) < 0) {
			fprintf(stderr, "is not read back:\n%s\n", once);
			abort();
		}
		twice = written();
		if (strcmp(once, twice) != 0) {
			fprintf(stderr, "written:\n%s\nread back:\n%s\n", once, twice);
			abort();
		}
		free(twice);
	}
	free(once);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[TEXT_MAX];
	char *answer = NULL;
	size_t len;
	FILE *to;

	if (box.nat == NULL)
		open_box();
	if (size < 2)
		return 0;
	spell(data + 1, size - 1, text);
	if (touches_files(text))
		return 0;
	to = open_memstream(&answer, &len);
	if (to == NULL)
		abort();
	if (data[0] & 1)
		run_text(text, (data[0] & 2) != 0, to);
	else
		run_lines(text, data[0], to);
	fclose(to);
	free(answer);
	check_written();
	reset();
	return 0;
}
