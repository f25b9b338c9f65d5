/* SPDX-License-Identifier: BSD-3-Clause
 *
 * meter - runs established traffic through the library so that its instructions can be
 * counted by valgrind's callgrind; tests/bench/instructions.sh starts it and holds the
 * counts against instructions.txt. Cycles depend on the hour on a shared machine, instructions
 * do not: random numbers come from a fixed seed, the clock is moved by hand, and the library
 * is built here for x86-64-v3, which callgrind knows, whatever this machine has.
 *
 *   valgrind --tool=callgrind --toggle-collect=sl_worker_receive meter [EAL options]
 *
 * callgrind collects inside sl_worker_receive() only. Each row below ends with a dump whose
 * trigger is the row's name; `packets` in that name is what to divide by. What the library
 * does in poll (ageing) is not in it, nor are the rings of a port.
 */
#include <netinet/in.h>
#include <stdlib.h>

#include <rte_eal.h>
#include <rte_lcore.h>
#include <valgrind/callgrind.h>

#include "rig.h"

#define MANY 4096 /* sessions: more than the first-level cache would hold, quick to open */
#define WARM 8 /* bursts before the count, for what is done once */
#define ROUNDS 4 /* times that each session sends */

/* splitmix64 from where it is: the same numbers in every run. */
static uint64_t
next_random(void *state)
{
	uint64_t *s = state, z = *s += 0x9e3779b97f4a7c15u;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	return z ^ z >> 31;
}

static uint64_t random_state;

static uint64_t
fixed_random(void *arg)
{
	(void)arg;
	return next_random(&random_state);
}

static void
send_bursts(struct rig *r, uint64_t bursts)
{
	for (uint64_t i = 0; i < bursts; i++) {
		rig_burst(r, r->arrival + r->at, r->mbuf + r->slot);
		r->at = r->at + BURST < r->n_order ? r->at + BURST : 0;
		r->slot = (r->slot + BURST) % RIG_MBUFS;
	}
}

/* One row: established sessions of one direction. */
static int
count_side(struct rig *r, const char *proto, enum sl_side from)
{
	uint64_t bursts = ROUNDS * r->n_order / BURST;
	char name[96];

	rig_aim(r, from);
	if (rig_verify(r, r->n_order) != 0)
		return -1;
	r->now++;
	send_bursts(r, WARM);
	snprintf(name, sizeof(name), "row=%s,%s,%lu packets=%lu", proto,
		from == SL_INSIDE ? "in2out" : "out2in", (unsigned long)r->o.sessions,
		(unsigned long)bursts * BURST);
	CALLGRIND_ZERO_STATS;
	send_bursts(r, bursts);
	CALLGRIND_DUMP_STATS_AT(name);
	return r->lost == 0 && rig_drops(r) == 0 ? 0 : -1;
}

/* All sessions are opened; that of UDP takes one packet each, and is a row when they are many. */
static int
count_open(struct rig *r, const char *proto)
{
	uint64_t n = r->o.sessions;
	char name[96];

	CALLGRIND_ZERO_STATS;
	if (rig_open(r, n, 0, NULL) < 0)
		return -1;
	if (r->o.proto != IPPROTO_UDP || n < MANY)
		return 0;
	snprintf(name, sizeof(name), "row=%s,open,%lu packets=%lu", proto, (unsigned long)n,
		(unsigned long)n);
	CALLGRIND_DUMP_STATS_AT(name);
	return 0;
}

static int
count_size(uint64_t sessions, uint8_t proto, bool six)
{
	const struct rig_options o = {
		.sessions = sessions,
		.room = 2 * MANY,
		.proto = proto,
		.six = six,
		.rest = 60,
		.random = fixed_random,
	};
	const char *name = six                    ? proto == IPPROTO_TCP ? "tcp6" : "udp6"
			   : proto == IPPROTO_TCP ? "tcp"
						  : "udp";
	struct rig *r;
	int rc = -1;

	/* What a row draws is no matter of the rows before it. */
	random_state = 1;
	r = rig_create(&o);
	if (r != NULL && count_open(r, name) == 0 && rig_shuffle(r) == 0)
		rc = count_side(r, name, SL_INSIDE) || count_side(r, name, SL_OUTSIDE) ? -1 : 0;
	if (rc < 0)
		fprintf(stderr, "meter: %s, %lu sessions: packets lost or wrong\n", name,
			(unsigned long)sessions);
	rig_destroy(r);
	return rc;
}

int
main(int argc, char **argv)
{
	static const uint64_t sessions[] = { 1, MANY };
	static const uint8_t proto[] = { IPPROTO_UDP, IPPROTO_TCP };
	int rc = 0;

	if (rte_eal_init(argc, argv) < 0)
		return 1;
	for (unsigned int p = 0; p < RTE_DIM(proto); p++)
		for (unsigned int s = 0; s < RTE_DIM(sessions); s++)
			for (int six = 0; six < 2; six++)
				rc |= count_size(sessions[s], proto[p], six);
	rte_eal_cleanup();
	return rc ? 1 : 0;
}
