/* SPDX-License-Identifier: BSD-3-Clause
 *
 * mixblast - a generator beside pktblast for what that one does not send: frames of several
 * sizes, fragments, and new sessions among established ones. Two ports, port 0 inside, port 1
 * outside, one core; everything that comes back is looked at.
 *
 *   mixblast -l 0 --no-pci --vdev net_memif0,... --vdev net_memif1,... -- [options]
 *     --kind imix|fragment|fresh   what goes round (imix)
 *     --flows N[K|M]    established flows (64K)
 *     --modes LIST      in2out, out2in, bidir, run in turn
 *     --fresh N         with kind fresh: new sessions a second (200000)
 *     --secs S          of near slices for each figure (1); --slice S of one (0.1)
 *     --patience S      wait at most so long for the cores to come near (20)
 *     --peer-cpu N      where the device works (1; -1: do not look)
 *     --near-ns N       round trip of a cache line that counts as near (160)
 *     --json FILE --label NAME
 *
 * Kinds. imix: 7 frames of 64, 4 of 570, 1 of 1518 bytes (with FCS), simple IMIX. fragment:
 * each datagram comes as two, 1514 and 114 bytes without FCS. fresh: 64-byte frames of
 * established flows as fast as the device takes them, in slices in turn without and with so
 * many new sessions a second among them; what is reported is the rate of the established
 * ones, and the ratio of neighbouring slices.
 *
 * The rate is the device's own ceiling as long as a full ring holds the generator back: `full`
 * is the share of send attempts that found it so.
 */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <rte_cycles.h>
#include <rte_eal.h>
#include <rte_ethdev.h>

#include "mixblast.h"
#include "mixplace.h"
#include "series.h"

#define WARM 0.2 /* share of a slice before its count begins */
#define FAR_ENOUGH 5 /* far slices after which better times are waited for */

volatile sig_atomic_t mix_stop;

static struct {
	enum mix_kind kind;
	bool fresh;
	double fresh_rate, secs, slice, patience, near_ns;
	int peer_cpu;
	char modes[64];
	const char *kind_name, *label;
	FILE *json;
} opt = {
	.kind = MIX_IMIX,
	.kind_name = "imix",
	.fresh_rate = 200000,
	.secs = 1,
	.slice = 0.1,
	.patience = 20,
	.near_ns = 160,
	.peer_cpu = 1,
	.modes = "in2out,out2in,bidir",
	.label = "",
};

static struct mix mix;

/* One slice of time. */
struct slice {
	double pps[2]; /* by direction, established flows */
	double fresh; /* new sessions a second that came back */
	double seconds;
};

/* Sums over the slices that were near, and what was seen in all. */
struct sum {
	struct series pps[2][2]; /* with new sessions or not, by direction */
	struct series ratio, fresh;
	struct mix_count count[2];
	unsigned int near, far, mixed;
};

static void
run_slice(unsigned int ways, double fresh_rate, struct slice *s)
{
	double hz = (double)rte_get_tsc_hz();
	uint64_t t0, now, warm, end, back[2] = { 0 }, fresh = 0, fresh0;
	bool counting = false;

	mix_clear(&mix);
	fresh0 = mix.fresh_sent;
	t0 = now = rte_rdtsc();
	warm = t0 + (uint64_t)(WARM * opt.slice * hz);
	end = t0 + (uint64_t)(opt.slice * hz);
	while (now < end && !mix_stop) {
		if (!counting && now >= warm) {
			back[0] = mix.count[0].back - mix.fresh_back;
			back[1] = mix.count[1].back;
			fresh = mix.fresh_back;
			warm = now;
			counting = true;
		}
		mix.fresh_due = fresh0 + (uint64_t)((double)(now - t0) * fresh_rate / hz);
		if (ways & 1)
			mix_send(&mix, MIX_IN2OUT);
		if (ways & 2)
			mix_send(&mix, MIX_OUT2IN);
		mix_receive(&mix);
		now = rte_rdtsc();
	}
	s->seconds = (double)(now - warm) / hz;
	s->pps[0] = (double)(mix.count[0].back - mix.fresh_back - back[0]) / s->seconds;
	s->pps[1] = (double)(mix.count[1].back - back[1]) / s->seconds;
	s->fresh = (double)(mix.fresh_back - fresh) / s->seconds;
}

/* Both ends of a pair of slices must be near; then it counts. */
static void
sum_add(struct sum *sum, const struct slice *without, const struct slice *with)
{
	for (unsigned int way = 0; way < 2; way++) {
		series_add(&sum->pps[0][way], without->pps[way]);
		if (opt.fresh)
			series_add(&sum->pps[1][way], with->pps[way]);
	}
	if (opt.fresh) {
		series_add(&sum->ratio,
			(with->pps[0] + with->pps[1]) / (without->pps[0] + without->pps[1]));
		series_add(&sum->fresh, with->fresh);
	}
}

static void
count_add(struct sum *sum)
{
	mix_drain(&mix, 0.005, 0.2);
	for (unsigned int way = 0; way < 2; way++) {
		const struct mix_count *c = &mix.count[way];

		sum->count[way].sent += c->sent;
		sum->count[way].back += c->back;
		sum->count[way].bad += c->bad;
		sum->count[way].sums += c->sums;
		sum->count[way].tries += c->tries;
		sum->count[way].full += c->full;
	}
}

/* Wait while the cores are far apart, once that has been seen often enough. */
static enum mix_place
near_start(const struct sum *sum, uint64_t since)
{
	enum mix_place place = mix_place_now();

	while (sum->far >= FAR_ENOUGH && place != MIX_NEAR && !mix_stop &&
		(double)(rte_rdtsc() - since) < opt.patience * (double)rte_get_tsc_hz()) {
		usleep(20000);
		place = mix_place_now();
	}
	return place;
}

static void
measure(unsigned int ways, struct sum *sum)
{
	unsigned int need = (unsigned int)(opt.secs / opt.slice + 0.5), tries;
	uint64_t since = rte_rdtsc();

	need = RTE_MIN(RTE_MAX(need, 1u), (unsigned int)SERIES_MAX);
	for (tries = 0; tries < 8 * need && sum->near < need && !mix_stop; tries++) {
		struct slice without, with = { 0 };
		enum mix_place before = near_start(sum, since), after;

		/* which of the two comes first alternates */
		if (opt.fresh && tries % 2) {
			run_slice(ways, opt.fresh_rate, &with);
			count_add(sum);
		}
		run_slice(ways, 0, &without);
		count_add(sum);
		if (opt.fresh && tries % 2 == 0) {
			run_slice(ways, opt.fresh_rate, &with);
			count_add(sum);
		}
		after = mix_place_now();
		if (before == MIX_NEAR && after == MIX_NEAR) {
			sum->near++;
			sum_add(sum, &without, &with);
		} else if (before == MIX_FAR && after == MIX_FAR) {
			sum->far++;
		} else {
			sum->mixed++;
		}
	}
}

static double
mean(const struct series *s)
{
	double sum = 0;

	for (unsigned int i = 0; i < s->n; i++)
		sum += s->v[i];
	return s->n ? sum / s->n : 0;
}

static double
percent(const struct mix_count *c)
{
	return c->tries ? 100.0 * (double)c->full / (double)c->tries : 0;
}

static void
report(const char *mode, const struct sum *s)
{
	const struct mix_count *c = s->count;
	uint64_t bad = c[0].bad + c[1].bad, sums = c[0].sums + c[1].sums;

	printf("%-8s %-7s in2out %7.3f out2in %7.3f Mpps  sent %lu back %lu bad %lu csum %lu"
	       "  full %.0f%%/%.0f%%  near %u far %u mixed %u\n",
		opt.kind_name, mode, mean(&s->pps[0][0]) / 1e6, mean(&s->pps[0][1]) / 1e6,
		(unsigned long)(c[0].sent + c[1].sent), (unsigned long)(c[0].back + c[1].back),
		(unsigned long)bad, (unsigned long)sums, percent(&c[0]), percent(&c[1]), s->near,
		s->far, s->mixed);
	if (opt.fresh && s->ratio.n)
		printf("         with %.0f new sessions a second: %.3f Mpps, %.2f/%.2f/%.2f of "
		       "it\n",
			series_median(&s->fresh), (mean(&s->pps[1][0]) + mean(&s->pps[1][1])) / 1e6,
			series_min(&s->ratio), series_median(&s->ratio), series_max(&s->ratio));
	fflush(stdout);
	if (opt.json == NULL)
		return;
	fprintf(opt.json,
		"{\"label\":\"%s\",\"mode\":\"%s\",\"flows\":%u,\"in2out_pps\":%.0f,\"out2in_pps\":"
		"%.0f,"
		"\"sent\":%lu,\"back\":%lu,\"bad\":%lu,\"csum\":%lu,\"full_pct\":[%.1f,%.1f],"
		"\"near\":%u,\"far\":%u,\"mixed\":%u",
		opt.label, mode, mix.flows, mean(&s->pps[0][0]), mean(&s->pps[0][1]),
		(unsigned long)(c[0].sent + c[1].sent), (unsigned long)(c[0].back + c[1].back),
		(unsigned long)bad, (unsigned long)sums, percent(&c[0]), percent(&c[1]), s->near,
		s->far, s->mixed);
	series_json(opt.json, "ratio", &s->ratio);
	series_json(opt.json, "fresh_per_second", &s->fresh);
	fprintf(opt.json, "}\n");
	fflush(opt.json);
}

static void
usage(void)
{
	fputs("mixblast [EAL options, two --vdev] -- [--kind imix|fragment|fresh] [--flows "
	      "N[K|M]]\n"
	      "         [--modes LIST] [--fresh N] [--secs S] [--slice S] [--patience S]\n"
	      "         [--peer-cpu N] [--near-ns N] [--json FILE] [--label NAME]\n",
		stderr);
	exit(2);
}

static void
parse_kind(const char *s)
{
	static const char *const name[] = { "imix", "fragment", "fresh" };

	for (unsigned int i = 0; i < RTE_DIM(name); i++) {
		if (strcmp(s, name[i]) != 0)
			continue;
		opt.kind_name = name[i];
		opt.kind = (enum mix_kind)i;
		opt.fresh = i == MIX_PLAIN;
		return;
	}
	usage();
}

static void
parse_flows(const char *s)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);

	n <<= *end == 'K' ? 10 : *end == 'M' ? 20 : 0;
	if (n < 1 || n > 1 << 24)
		usage();
	mix.flows = (uint32_t)n;
	mix.bits = 0;
	while (1ull << mix.bits < n)
		mix.bits++;
}

static void
parse(int argc, char **argv)
{
	static const struct option known[] = {
		{ "kind", 1, 0, 'k' },
		{ "flows", 1, 0, 'f' },
		{ "modes", 1, 0, 'm' },
		{ "fresh", 1, 0, 'n' },
		{ "secs", 1, 0, 's' },
		{ "slice", 1, 0, 'e' },
		{ "patience", 1, 0, 'p' },
		{ "peer-cpu", 1, 0, 'c' },
		{ "near-ns", 1, 0, 'd' },
		{ "json", 1, 0, 'j' },
		{ "label", 1, 0, 'l' },
		{ 0 },
	};
	int o;

	parse_flows("64K");
	optind = 1;
	while ((o = getopt_long(argc, argv, "", known, NULL)) != -1) {
		switch (o) {
		case 'k':
			parse_kind(optarg);
			break;
		case 'f':
			parse_flows(optarg);
			break;
		case 'm':
			snprintf(opt.modes, sizeof(opt.modes), "%s", optarg);
			break;
		case 'n':
			opt.fresh_rate = atof(optarg);
			break;
		case 's':
			opt.secs = atof(optarg);
			break;
		case 'e':
			opt.slice = atof(optarg);
			break;
		case 'p':
			opt.patience = atof(optarg);
			break;
		case 'c':
			opt.peer_cpu = atoi(optarg);
			break;
		case 'd':
			opt.near_ns = atof(optarg);
			break;
		case 'j':
			opt.json = fopen(optarg, "a");
			if (opt.json == NULL)
				usage();
			break;
		case 'l':
			opt.label = optarg;
			break;
		default:
			usage();
		}
	}
	if (opt.slice <= 0 || optind != argc)
		usage();
}

static void
on_signal(int sig)
{
	(void)sig;
	mix_stop = 1;
}

/* Each mode in turn; packets that were wrong. */
static uint64_t
run_modes(void)
{
	uint64_t wrong = 0;

	mix.pattern = mix_pattern(opt.kind);
	for (char *save, *m = strtok_r(opt.modes, ",", &save); m && !mix_stop;
		m = strtok_r(NULL, ",", &save)) {
		unsigned int ways = strcmp(m, "bidir") == 0 ? 3 : strcmp(m, "out2in") == 0 ? 2 : 1;
		struct sum sum = { 0 };

		measure(ways, &sum);
		report(m, &sum);
		for (unsigned int way = 0; way < 2; way++)
			wrong += sum.count[way].bad + sum.count[way].sums;
	}
	return wrong;
}

int
main(int argc, char **argv)
{
	int n = rte_eal_init(argc, argv);
	uint64_t wrong = 1;

	if (n < 0)
		return 1;
	parse(argc - n, argv + n);
	signal(SIGINT, on_signal);
	signal(SIGTERM, on_signal);
	mix.flow = calloc(mix.flows, sizeof(*mix.flow));
	if (mix.flow == NULL || mix_ports_start(&mix, 30) != 0)
		return 1;
	mix_place_start(opt.peer_cpu, opt.near_ns);
	if (mix_learn(&mix) == 0)
		wrong = run_modes();
	mix_ports_stop();
	rte_eal_cleanup();
	return wrong ? 3 : 0;
}
