/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Make sessions: the gateway's miss path. They are opened in an order in which neighbours in
 * time are of different subscribers. A block of packets is prepared, its arrival timed
 * without the library and then with it, and the block's own bookkeeping (checking each
 * translation, learning its outside endpoint, finishing the TCP handshake) stays outside
 * the timed part.
 */
#include <errno.h>
#include <netinet/in.h>

#include <rte_cycles.h>

#include "setup.h"

#define TCP_SYN 0x02
#define TCP_SYN_ACK 0x12
#define TCP_ACK 0x10

void
rig_inside(const struct rig *r, uint64_t session, struct endpoint *e)
{
	e->addr = r->subscriber ? r->subscriber[session >> 6]
				: rte_cpu_to_be_32(RIG_SUBSCRIBERS + (uint32_t)(session >> 6));
	e->port = rte_cpu_to_be_16((uint16_t)(1024 + (session & 63)));
}

/* The number of the session that is opened as the k-th: one to one on each run of as many as
 * are live, and far from its neighbours. */
static uint64_t
number(const struct rig *r, uint64_t k)
{
	uint64_t n = r->o.sessions;

	return k / n * n + k % n * 2654435761u % n;
}

/* Prepare a block; the last burst repeats its last session. */
static void
fill_block(const struct rig *r, uint64_t first, unsigned int n, struct arrival *a)
{
	for (unsigned int i = 0; i < n; i++)
		setup_arrival(r, number(r, first + i), &a[i]);
	for (unsigned int i = n; i % BURST; i++)
		a[i] = a[n - 1];
}

/* The rest of the handshake of a block of sessions, and what is sent from then on. */
static void
finish_tcp(struct rig *r, uint64_t first, struct arrival *a, unsigned int n)
{
	static const uint8_t flags[2] = { TCP_SYN_ACK, TCP_ACK };
	static const enum sl_side from[2] = { SL_OUTSIDE, SL_INSIDE };

	for (unsigned int k = 0; k < 2; k++) {
		r->from = from[k];
		setup_frame(r, r->from, flags[k]);
		fill_block(r, first, n, a);
		for (unsigned int i = 0; i < n; i += BURST)
			rig_burst(r, a + i, r->mbuf + i);
	}
}

/* Remember what the block's first packets were translated to. */
static int
learn(struct rig *r, uint64_t first, unsigned int n)
{
	struct arrival a;

	for (unsigned int i = 0; i < n; i++) {
		uint64_t session = number(r, first + i);

		if (!frame_right(r->mbuf[i]))
			return -EIO;
		frame_read(r->mbuf[i], &a);
		if (session < r->o.sessions)
			r->outside[session] = (struct endpoint){ a.src, a.sport };
	}
	return 0;
}

/* One block; its TSC cycles, or -EIO. */
static int64_t
open_block(struct rig *r, unsigned int n, double step, double *ms)
{
	static struct arrival a[RIG_MBUFS];
	uint64_t first = r->opened, lost = r->lost, t0, t1, t2;

	r->from = SL_INSIDE;
	setup_frame(r, SL_INSIDE, TCP_SYN);
	fill_block(r, first, n, a);
	r->at = r->slot = 0;
	r->n_order = RIG_MBUFS;
	r->arrival = a;
	t0 = rte_rdtsc_precise();
	rig_arrive(r, (n + BURST - 1) / BURST);
	t1 = rte_rdtsc_precise();
	for (unsigned int i = 0; i < n; i += BURST) {
		*ms += step * BURST;
		r->now = (uint64_t)*ms;
		rig_burst(r, a + i, r->mbuf + i);
	}
	t2 = rte_rdtsc_precise();
	r->opened += n;
	r->slot = 0;
	if (r->lost != lost || learn(r, first, n) < 0)
		return -EIO;
	if (r->o.proto == IPPROTO_TCP && first < r->o.sessions)
		finish_tcp(r, first, a, n);
	return (int64_t)(t2 - t1) - (int64_t)(t1 - t0);
}

int
rig_open(struct rig *r, uint64_t sessions, double step, struct series *cost)
{
	double ms = (double)r->now;
	int64_t cycles = 0, block;

	for (uint64_t done = 0; done < sessions; done += RIG_MBUFS) {
		block = open_block(
			r, (unsigned int)RTE_MIN((uint64_t)RIG_MBUFS, sessions - done), step, &ms);
		if (block == -EIO)
			return -EIO;
		cycles += block;
	}
	if (cost != NULL)
		series_add(cost, (double)cycles / (double)sessions);
	return r->lost ? -EIO : 0;
}
