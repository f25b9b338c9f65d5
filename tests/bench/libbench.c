/* SPDX-License-Identifier: BSD-3-Clause
 *
 * libbench - what the library costs by itself, in TSC cycles per packet on one core:
 * bursts of 32 frames of 64 bytes, from sl_worker_receive() to the packets that leave, with
 * all features on, at a number of sessions, in random order.
 *
 *   libbench -l 1 --no-pci --in-memory -- [--sessions 1,64K,1M] [--proto udp,tcp,udp6,tcp6]
 *            [--only traffic,open,churn,age,memory] [--repeats N] [--seconds S] [--json FILE]
 *
 * Columns, each min/median/max over the repeats, which go round the columns in turn:
 *   arrival  what this program does before the call, timed alone and subtracted from:
 *   path     sl_worker_receive() alone
 *   loop     a worker's whole loop less the ports: receive, sent, poll (ageing)
 *   hash     rte_hash_lookup_bulk_data() on a table with two keys for each session, less
 *            the making of the keys
 *   hash/2   the same with one key for each session, as natbench has it (up to 4M)
 *   timed    path with `performance on`, up to 64K sessions; timed:path is the price of that
 *   loop:hash, loop:hash/2 are ratios of neighbours in time
 * Then for the miss path, cycles per new session in the loop: `open` while so many are live
 * and none ends, `churn` while as many end as are made and ageing takes them away. `age`
 * (hold.c) and `memory` (memory.c) are not part of the figures unless they are asked for.
 *
 * udp6 and tcp6 are the same through NAT64, 84-byte frames inside; they are not part of the
 * figures unless they are asked for, and not of sizes with more hosts than there is room for.
 *
 * Sizes end in K or M, which are powers of two. Ends with 1 when a packet was lost, wrong
 * or dropped: then the figures are worth nothing.
 */
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <stdlib.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_lcore.h>

#include "base.h"
#include "hold.h"
#include "memory.h"
#include "report.h"
#include "rig.h"

#define VERIFY_MAX (128u << 10) /* sessions looked at one by one before they are timed */
#define TIMED_MAX                                                                                  \
	(64u << 10) /* sessions where timing the stages is tried: the dearest place for it */
#define LIST_MAX 8

static struct {
	uint64_t sessions[LIST_MAX];
	unsigned int n_sessions;
	bool udp, tcp, udp6, tcp6;
	bool traffic, open, churn, age, memory;
	unsigned int repeats;
	double seconds;
	FILE *json;
} opt = {
	.sessions = { 1, 64 << 10, 1 << 20 },
	.n_sessions = 3,
	.udp = true,
	.tcp = true,
	.traffic = true,
	.open = true,
	.churn = true,
	.repeats = 5,
	.seconds = 0.3,
};

static int
wrong(const struct rig *r, const char *what, uint64_t n)
{
	fprintf(stderr, "libbench: %lu sessions: %s (%lu)\n", (unsigned long)r->o.sessions, what,
		(unsigned long)n);
	rig_drops(r);
	return -EIO;
}

static void
row_add(struct row *row, struct series *s, work_fn *work, void *arg)
{
	double clock;

	series_add(s, time_work(work, arg, opt.seconds, &clock));
	series_add(&row->clock, clock);
}

/* The path without and with its stages timed; whatever else a new configuration has for a worker
 * to do comes with poll, which is not called. */
static int
timed_path(struct rig *r, struct row *row)
{
	int rc = 0;

	for (unsigned int i = 0; i < opt.repeats && rc == 0; i++) {
		row_add(row, &row->untimed, rig_path, r);
		rc = rig_timed(r, true);
		row_add(row, &row->timed, rig_path, r);
		rc = rc < 0 ? rc : rig_timed(r, false);
	}
	return rc;
}

/* The established traffic of one direction. */
static int
row_measure(struct rig *r, enum sl_side from, struct base *big, struct base *small)
{
	struct row row = { 0 };
	uint64_t n;

	rig_aim(r, from);
	base_aim(big, r->order[from]);
	n = rig_verify(r, VERIFY_MAX);
	if (n != 0)
		return wrong(r, "packets translated wrongly", n);
	for (unsigned int i = 0; i < opt.repeats; i++) {
		row_add(&row, &row.arrival, rig_arrive, r);
		row_add(&row, &row.path, rig_path, r);
		row_add(&row, &row.loop, rig_loop, r);
		row_add(&row, &row.keys, base_keys, big);
		row_add(&row, &row.hash, base_lookup, big);
		if (small->hash != NULL)
			row_add(&row, &row.small, base_lookup, small);
	}
	if (r->o.sessions <= TIMED_MAX && timed_path(r, &row) < 0)
		return wrong(r, "gateway not configured again", 0);
	if (r->lost != 0)
		return wrong(r, "packets lost while measuring", r->lost);
	if (big->missed || small->missed)
		return wrong(r, "baseline missed keys", big->missed + small->missed);
	report_traffic(opt.json, r, from, &row);
	return 0;
}

/* New sessions of one repeat: enough to be a figure, few enough to leave the size alone. */
static uint64_t
open_batch(uint64_t sessions)
{
	uint64_t n = sessions / 16;

	if (n > 64 << 10)
		n = 64 << 10;
	return n < 4096 ? 4096 : n / RIG_MBUFS * RIG_MBUFS;
}

static int
measure_open(struct rig *r)
{
	struct series cost = { 0 };

	for (unsigned int i = 0; i < opt.repeats; i++)
		if (rig_open(r, open_batch(r->o.sessions), 0, &cost) < 0)
			return wrong(r, "new sessions refused", r->lost);
	report_new(opt.json, r, "open", &cost);
	return 0;
}

/* Established traffic, both directions. */
static int
measure_traffic(struct rig *r)
{
	struct base big = { 0 }, small = { 0 };
	uint64_t n = r->o.sessions;
	int rc = 0;

	if (rig_shuffle(r) < 0 ||
		base_create(&big, "big", r->o.proto, r->order[0], r->order[1], n, r->n_order) < 0)
		rc = wrong(r, "no memory for the baseline", 0);
	else
		base_create(&small, "small", r->o.proto, r->order[0], NULL, n, r->n_order);
	for (unsigned int side = 0; side < 2 && rc == 0; side++)
		rc = row_measure(r, side, &big, &small);
	base_destroy(&big);
	base_destroy(&small);
	return rc;
}

/* Established traffic, then new sessions on top. */
static int
measure_size(uint64_t sessions, uint8_t proto, bool six)
{
	struct rig_options o = { .sessions = sessions,
		.room = sessions + sessions / 8 + 1024,
		.proto = proto,
		.six = six,
		.rest = 60 };
	struct rig *r;
	int rc = 0;

	if (opt.open)
		o.room += open_batch(sessions) * opt.repeats;
	r = rig_create(&o);
	if (r == NULL)
		return -ENOMEM;
	if (rig_open(r, sessions, 0, NULL) < 0)
		rc = wrong(r, "sessions not opened", r->opened);
	if (rc == 0 && opt.traffic)
		rc = measure_traffic(r);
	if (rc == 0 && opt.open && sessions >= 4096)
		rc = measure_open(r);
	if (rc == 0 && rig_drops(r) != 0)
		rc = wrong(r, "packets dropped", rig_drops(r));
	rig_destroy(r);
	return rc;
}

/*
 * Sessions that end as fast as they are made. Their life is so long that real time would
 * make about a million a second; the clock is moved by hand so that as many are live as
 * asked for, whatever this machine reaches. There is room for those that have ended and
 * that ageing has not come round to: up to as many again.
 */
static int
measure_churn(uint64_t sessions)
{
	uint32_t life = (uint32_t)RTE_MAX(1u, sessions >> 20);
	struct rig_options o = { .sessions = sessions,
		.room = sessions * 5 / 2 + 1024,
		.proto = IPPROTO_UDP,
		.timeout = life,
		.rest = 1 };
	double step = life * 1000.0 / (double)sessions;
	struct series cost = { 0 };
	struct rig *r = rig_create(&o);
	uint64_t live;
	int rc = 0;

	if (r == NULL)
		return -ENOMEM;
	if (rig_open(r, 3 * sessions, step, NULL) < 0)
		rc = wrong(r, "sessions not opened", r->opened);
	for (unsigned int i = 0; i < opt.repeats && rc == 0; i++)
		if (rig_open(r, open_batch(sessions), step, &cost) < 0)
			rc = wrong(r, "new sessions refused", r->lost);
	live = sl_counter_sum(r->nat, SL_COUNTER_SESSIONS_NOW);
	if (rc == 0 && live < sessions - sessions / 8)
		rc = wrong(r, "sessions ended too early: live", live);
	if (rc == 0) {
		report_new(opt.json, r, "churn", &cost);
		printf("    %lu sessions in memory for %lu live: those ageing has not come to\n",
			(unsigned long)live, (unsigned long)sessions);
	}
	rig_destroy(r);
	return rc;
}

static int
measure_hold(uint64_t sessions)
{
	struct hold hold;

	if (hold_measure(sessions, opt.repeats, &hold) < 0)
		return -EIO;
	report_hold(opt.json, sessions, &hold);
	return 0;
}

static int
measure_memory(uint64_t sessions)
{
	struct rig_options o = {
		.sessions = 1, .room = sessions, .proto = IPPROTO_UDP, .rest = 60
	};
	struct rig *r;

	memory_begin();
	r = rig_create(&o);
	memory_end();
	if (r == NULL)
		return -ENOMEM;
	memory_report(opt.json, sessions, r->memory);
	rig_destroy(r);
	return 0;
}

static void
usage(void)
{
	fputs("libbench [EAL options] -- [--sessions N[K|M],...] [--proto udp,tcp,udp6,tcp6]\n"
	      "         [--only traffic,open,churn,age,memory] [--repeats N] [--seconds S]\n"
	      "         [--json FILE]\n",
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

/* Is a word one of a list divided by commas? */
static bool
listed(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (; list != NULL; list = strchr(list, ','), list += list != NULL)
		if (strncmp(list, word, n) == 0 && (list[n] == 0 || list[n] == ','))
			return true;
	return false;
}

static void
parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "sessions", 1, 0, 's' },
		{ "proto", 1, 0, 'p' },
		{ "repeats", 1, 0, 'r' },
		{ "seconds", 1, 0, 't' },
		{ "only", 1, 0, 'o' },
		{ "json", 1, 0, 'j' },
		{ 0 },
	};
	int o;

	optind = 1;
	while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (o) {
		case 's':
			parse_sessions(optarg);
			break;
		case 'p':
			opt.udp = listed(optarg, "udp");
			opt.tcp = listed(optarg, "tcp");
			opt.udp6 = listed(optarg, "udp6");
			opt.tcp6 = listed(optarg, "tcp6");
			break;
		case 'r':
			opt.repeats = (unsigned int)atoi(optarg);
			break;
		case 't':
			opt.seconds = atof(optarg);
			break;
		case 'o':
			opt.traffic = strstr(optarg, "traffic") != NULL;
			opt.open = strstr(optarg, "open") != NULL;
			opt.churn = strstr(optarg, "churn") != NULL;
			opt.age = strstr(optarg, "age") != NULL;
			opt.memory = strstr(optarg, "memory") != NULL;
			break;
		case 'j':
			opt.json = fopen(optarg, "a");
			if (opt.json == NULL)
				usage();
			break;
		default:
			usage();
		}
	}
	if (opt.repeats < 1 || opt.repeats > SERIES_MAX || optind != argc)
		usage();
}

#define SIX_MAX                                                                                    \
	(4u << 20) /* 64 sessions each of the 65536 IPv6 hosts that a gateway has room for */

static int
measure(uint64_t sessions)
{
	bool many = sessions >= 4096, six = sessions < SIX_MAX;
	int rc = 0;

	if (opt.udp && (opt.traffic || opt.open))
		rc |= measure_size(sessions, IPPROTO_UDP, false);
	if (opt.udp6 && six && (opt.traffic || opt.open))
		rc |= measure_size(sessions, IPPROTO_UDP, true);
	if (opt.tcp && (opt.traffic || opt.open))
		rc |= measure_size(sessions, IPPROTO_TCP, false);
	if (opt.tcp6 && six && (opt.traffic || opt.open))
		rc |= measure_size(sessions, IPPROTO_TCP, true);
	if (opt.churn && many)
		rc |= measure_churn(sessions);
	if (opt.age && many)
		rc |= measure_hold(sessions);
	if (opt.memory && many)
		rc |= measure_memory(sessions);
	return rc;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv), rc = 0;

	if (n < 0)
		return 1;
	parse(argc - n, argv + n);
	printf("TSC cycles per packet, min/median/max of %u, bursts of %d, 64-byte frames, %s "
	       "pages, "
	       "TSC %.2f GHz\n",
		opt.repeats, BURST, rte_eal_has_hugepages() ? "2 MB" : "4 KB",
		(double)rte_get_tsc_hz() / 1e9);
	for (unsigned int i = 0; i < opt.n_sessions; i++)
		rc |= measure(opt.sessions[i]);
	if (opt.json)
		fclose(opt.json);
	rte_eal_cleanup();
	return rc ? 1 : 0;
}
