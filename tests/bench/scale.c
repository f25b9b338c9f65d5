/* SPDX-License-Identifier: BSD-3-Clause
 *
 * scale - what a packet costs a worker when there are several, in TSC cycles that workers are
 * busy, not in packets a second: so it does not matter that this machine has few cores.
 *
 *   scale -l 1,0 --no-pci --in-memory -- [--sessions 1,64K,1M] [--repeats N] [--seconds S]
 *         [--json FILE]
 *
 * In turn: 1, 2 and 3 workers take turns on the first lcore, each with a burst of its own and
 * then with what others have handed to it. The sessions are shared out evenly, so tables are
 * together as large as one worker's. Of the packets 0, 50 or 100 % arrive at a worker that
 * does not own them and are handed over by ring. Arrivals alone are timed and subtracted.
 *
 * Side by side (with a second lcore): a worker on each core at the same time, each with its own
 * packets: first of two gateways, which have no memory in common, then two of one gateway. A
 * line that two workers of one gateway write would make the second dearer; there must be none.
 * To show that it would be seen, both write without packets: a line of their own each, and then
 * one line, as often as a packet comes. (Alone on the machine is no measure: two busy cores of a virtual machine may be one
 * core of the host's.)
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_launch.h>
#include <rte_lcore.h>

#include "herd.h"
#include "setup.h"

#define LIST_MAX 8

static struct {
	uint64_t sessions[LIST_MAX];
	unsigned int n_sessions, repeats;
	double seconds;
	FILE *json;
} opt = {
	.sessions = { 1, 64 << 10, 1 << 20 },
	.n_sessions = 3,
	.repeats = 5,
	.seconds = 0.3,
};

/* ---- in turn ---- */

static void
report_turns(const struct herd *h, unsigned int share, enum sl_side from, const struct series *own,
	const struct series *extra)
{
	const char *side = from == SL_INSIDE ? "in2out" : "out2in";
	unsigned long sessions = h->sessions;

	printf("%u workers, %3u %% handed over, %8lu sessions, %s | cycles a packet "
	       "%.1f/%.1f/%.1f, more than with 0 %%: %.1f/%.1f/%.1f\n",
		h->n, share, sessions, side, series_min(own), series_median(own), series_max(own),
		series_min(extra), series_median(extra), series_max(extra));
	fflush(stdout);
	if (opt.json == NULL)
		return;
	fprintf(opt.json,
		"{\"bench\":\"scale\",\"workers\":%u,\"share\":%u,\"sessions\":%lu,\"side\":\"%s\"",
		h->n, share, sessions, side);
	series_json(opt.json, "cycles", own);
	series_json(opt.json, "extra", extra);
	fprintf(opt.json, ",\"tsc_hz\":%lu}\n", (unsigned long)rte_get_tsc_hz());
	fflush(opt.json);
}

static int
measure_turns(struct herd *h, enum sl_side from)
{
	static const unsigned int share[] = { 0, 50, 100 };
	struct series arrive[RTE_DIM(share)] = { 0 }, work[RTE_DIM(share)] = { 0 };
	unsigned int n = h->n > 1 ? RTE_DIM(share) : 1;
	double clock;

	for (unsigned int i = 0; i < opt.repeats; i++)
		for (unsigned int k = 0; k < n; k++) {
			if (herd_aim(h, from, share[k]) < 0)
				return -ENOMEM;
			series_add(&arrive[k], time_work(herd_arrive, h, opt.seconds, &clock));
			series_add(&work[k], time_work(herd_work, h, opt.seconds, &clock));
			if (herd_settle(h) < 0)
				return -EIO;
		}
	for (unsigned int k = 0; k < n; k++) {
		struct series own, none, extra;

		series_minus(&none, &work[0], &arrive[0]);
		series_minus(&own, &work[k], &arrive[k]);
		series_minus(&extra, &own, &none);
		report_turns(h, share[k], from, &own, &extra);
	}
	return 0;
}

/* ---- side by side ---- */

static struct {
	bool go;
	uint64_t *line[2]; /* what each writes once a packet, or NULL */
} side __rte_cache_aligned;

/* Lines of their own, and one line for both: what a shared line looks like. */
static struct {
	uint64_t n[2];
	uint64_t unused[6];
} written[2] __rte_cache_aligned;

/* No packets, but a write as often as a packet would make one. */
static void
work_writing(void *rig, unsigned int bursts)
{
	const struct rig *r = rig;
	uint64_t *line = side.line[r->o.worker], x = 3;

	for (unsigned int i = 0; i < bursts * BURST; i++) {
		/* the rest waits for it, as a packet waits for what it reads */
		x += __atomic_fetch_add(line, 1, __ATOMIC_RELAXED);
		__asm__ volatile(".rept 40\n\timul $5, %0, %0\n\t.endr" : "+r"(x));
	}
}

static int
neighbour(void *rig)
{
	work_fn *work = side.line[1] ? work_writing : rig_loop;

	while (__atomic_load_n(&side.go, __ATOMIC_ACQUIRE))
		work(rig, 64);
	return 0;
}

/* One figure of worker 0 beside a busy neighbour. */
static double
beside(struct rig *r, struct rig *other, uint64_t *line, uint64_t *others, unsigned int lcore)
{
	double clock, cycles;

	side.go = true;
	side.line[0] = line;
	side.line[1] = others;
	rte_eal_remote_launch(neighbour, other, lcore);
	cycles = time_work(line ? work_writing : rig_loop, r, opt.seconds, &clock);
	__atomic_store_n(&side.go, false, __ATOMIC_RELEASE);
	rte_eal_wait_lcore(lcore);
	return cycles;
}

static void
report_sides(const struct herd *h, const char *what, const struct series *cycles,
	const struct series *ratio)
{
	printf("%-26s %8lu sessions | %.1f/%.1f/%.1f cycles a packet, ratio %.2f/%.2f/%.2f\n", what,
		(unsigned long)h->sessions, series_min(cycles), series_median(cycles),
		series_max(cycles), series_min(ratio), series_median(ratio), series_max(ratio));
	fflush(stdout);
	if (opt.json == NULL)
		return;
	fprintf(opt.json, "{\"bench\":\"sides\",\"what\":\"%s\",\"sessions\":%lu", what,
		(unsigned long)h->sessions);
	series_json(opt.json, "cycles", cycles);
	series_json(opt.json, "ratio", ratio);
	fprintf(opt.json, "}\n");
	fflush(opt.json);
}

/* A worker of another gateway, with as many sessions as each of the herd's. */
static struct rig *
stranger_create(const struct herd *h)
{
	struct rig_options o = h->rig[1]->o;
	struct rig *r;

	o.host = NULL;
	o.n_workers = 1;
	o.worker = 0;
	o.name = "stranger";
	r = rig_create(&o);
	if (r != NULL && rig_open(r, o.sessions, 0, NULL) == 0 && rig_shuffle(r) == 0) {
		rig_aim(r, SL_INSIDE);
		return r;
	}
	rig_destroy(r);
	return NULL;
}

static int
measure_sides(struct herd *h, unsigned int lcore)
{
	static const char *const what[] = { "two gateways", "two workers of one gateway",
		"only writing, a line each", "only writing, one line" };
	struct series cycles[RTE_DIM(what)] = { 0 }, ratio;
	struct rig *stranger = stranger_create(h);
	uint64_t lost;

	if (stranger == NULL)
		return -ENOMEM;
	for (unsigned int k = 0; k < 2; k++)
		rig_aim(h->rig[k], SL_INSIDE);
	for (unsigned int i = 0; i < opt.repeats; i++) {
		series_add(&cycles[0], beside(h->rig[0], stranger, NULL, NULL, lcore));
		series_add(&cycles[1], beside(h->rig[0], h->rig[1], NULL, NULL, lcore));
		series_add(&cycles[2],
			beside(h->rig[0], h->rig[1], &written[0].n[0], &written[1].n[1], lcore));
		series_add(&cycles[3],
			beside(h->rig[0], h->rig[1], &written[0].n[0], &written[0].n[1], lcore));
	}
	for (unsigned int k = 0; k < RTE_DIM(what); k++) {
		/* the second of each pair against the first */
		series_over(&ratio, &cycles[k], &cycles[k & ~1u]);
		report_sides(h, what[k], &cycles[k], &ratio);
	}
	lost = h->rig[0]->lost + h->rig[1]->lost + stranger->lost;
	rig_destroy(stranger);
	return lost ? -EIO : 0;
}

/* ---- the program ---- */

static int
measure(uint64_t sessions, unsigned int workers, unsigned int lcore)
{
	struct herd *h = herd_create(workers, sessions);
	int rc = h == NULL ? -ENOMEM : 0;

	for (unsigned int from = 0; from < 2 && rc == 0; from++)
		rc = measure_turns(h, from);
	if (rc == 0 && workers == 2 && lcore != LCORE_ID_ANY)
		rc = measure_sides(h, lcore);
	if (rc < 0)
		fprintf(stderr, "scale: %u workers, %lu sessions: %s\n", workers,
			(unsigned long)sessions, rc == -ENOMEM ? "no memory" : "packets were lost");
	herd_destroy(h);
	return rc;
}

static void
usage(void)
{
	fputs("scale [EAL options] -- [--sessions N[K|M],...] [--repeats N] [--seconds S]\n"
	      "      [--json FILE]\n",
		stderr);
	exit(2);
}

static void
parse_sessions(char *list)
{
	opt.n_sessions = 0;
	for (char *save, *w = strtok_r(list, ",", &save); w; w = strtok_r(NULL, ",", &save)) {
		char *end;
		uint64_t n = strtoull(w, &end, 10);

		n <<= *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
		if (n < 1 || n > 64 << 20 || opt.n_sessions == LIST_MAX)
			usage();
		opt.sessions[opt.n_sessions++] = n;
	}
}

static void
parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "sessions", 1, 0, 's' },
		{ "repeats", 1, 0, 'r' },
		{ "seconds", 1, 0, 't' },
		{ "json", 1, 0, 'j' },
		{ 0 },
	};
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
		if (o == 's')
			parse_sessions(optarg);
		else if (o == 'r')
			opt.repeats = (unsigned int)atoi(optarg);
		else if (o == 't')
			opt.seconds = atof(optarg);
		else if (o != 'j' || (opt.json = fopen(optarg, "a")) == NULL)
			usage();
	}
	if (opt.repeats < 1 || opt.repeats > SERIES_MAX || optind != argc)
		usage();
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc = 0;
	unsigned int lcore;

	if (n < 0)
		return 1;
	parse(argc - n, argv + n);
	lcore = rte_get_next_lcore(rte_lcore_id(), true, false);
	if (lcore >= RTE_MAX_LCORE) {
		printf("one lcore: nothing is measured side by side\n");
		lcore = LCORE_ID_ANY;
	}
	for (unsigned int i = 0; i < opt.n_sessions; i++)
		for (unsigned int workers = 1; workers <= HERD_MAX; workers++)
			rc |= measure(opt.sessions[i], workers, lcore);
	if (opt.json)
		fclose(opt.json);
	rte_eal_cleanup();
	return rc ? 1 : 0;
}
