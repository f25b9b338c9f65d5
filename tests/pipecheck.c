/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What the bench knows of the gateway from outside: the balance of its counters, the
 * MAC addresses that its packets must carry, the answers to its queries, and how many
 * mbufs are not in their pool.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_mempool.h>

#include "pipe.h"

/* The sum at the head of counters.def. */
static const enum sl_counter came[] = { SL_COUNTER_RX_INSIDE, SL_COUNTER_RX_OUTSIDE,
	SL_COUNTER_HANDOFF_IN, SL_COUNTER_INJECTED, SL_COUNTER_ICMP_MADE, SL_COUNTER_TCP_PROBES,
	SL_COUNTER_FRAGMENTS_MADE };
static const enum sl_counter went[] = { SL_COUNTER_TX_INSIDE, SL_COUNTER_TX_OUTSIDE,
	SL_COUNTER_TX_REFUSED_INSIDE, SL_COUNTER_TX_REFUSED_OUTSIDE, SL_COUNTER_HANDOFF_OUT,
	SL_COUNTER_PUNTED_ARP, SL_COUNTER_PUNTED_ND, SL_COUNTER_PUNTED_LOCAL,
	SL_COUNTER_PUNTED_MULTICAST, SL_COUNTER_PUNTED_HELPER, SL_COUNTER_FRAGMENTS_JOINED,
	SL_COUNTER_HELD_NOW, SL_COUNTER_FRAGMENTS_HELD_NOW };

/* What tenants have is what all have together. (subscribers_now is brought up to date later.) */
static bool
tenants_add_up(const struct pipe *p, char *why, size_t size)
{
	uint64_t sessions = sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), sum = 0;

	for (unsigned int i = 0; i <= UINT8_MAX; i++) {
		struct sl_tenant_use use;

		sl_tenant_use(p->nat, i, &use);
		sum += use.sessions;
	}
	if (sum == sessions)
		return true;
	snprintf(why, size, "tenants have %lu sessions, all together %lu", sum, sessions);
	return false;
}

bool
pipe_balanced(const struct pipe *p, char *why, size_t size)
{
	uint64_t in = 0, out = 0, drops = 0;

	for (unsigned int i = 0; i < RTE_DIM(came); i++)
		in += sl_counter_sum(p->nat, came[i]);
	for (unsigned int i = 0; i < RTE_DIM(went); i++)
		out += sl_counter_sum(p->nat, went[i]);
	for (int c = 0; c < SL_COUNTER_COUNT; c++)
		if (sl_counter_is_drop((enum sl_counter)c))
			drops += sl_counter_sum(p->nat, (enum sl_counter)c);
	if (in == out + drops)
		return tenants_add_up(p, why, size);
	snprintf(why, size, "%lu packets came, %lu went and %lu were dropped", in, out, drops);
	return false;
}

unsigned int
pipe_mbufs_out(void)
{
	struct rte_mempool *wire = rte_mempool_lookup("wire"), *own = rte_mempool_lookup("own");

	return rte_mempool_in_use_count(wire) + rte_mempool_in_use_count(own);
}

/* Whose MAC address a packet to dst needs: the longest prefix says. */
static rte_be32_t
next_hop(const struct pipe *p, enum sl_side side, unsigned int tenant, rte_be32_t dst)
{
	const struct pipe_route *best = NULL;

	for (unsigned int i = 0; i < p->n_routes; i++) {
		const struct pipe_route *r = &p->route[i];
		uint32_t differs = rte_be_to_cpu_32(r->prefix ^ dst);

		if (r->side != side || (side == SL_INSIDE && r->tenant != tenant) ||
			(r->plen > 0 && differs >> (32 - r->plen) != 0))
			continue;
		if (best == NULL || r->plen >= best->plen)
			best = r;
	}
	return best == NULL || best->gw == 0 ? dst : best->gw;
}

static struct sl_ip6
next_hop6(const struct pipe *p, enum sl_side side, unsigned int tenant, struct sl_ip6 dst)
{
	static const struct sl_ip6 zero;
	const struct pipe_route6 *best = NULL;

	for (unsigned int i = 0; i < p->n_routes6; i++) {
		const struct pipe_route6 *r = &p->route6[i];
		unsigned int bit = 0;

		while (bit < r->prefix.plen &&
			((r->prefix.addr.b[bit / 8] ^ dst.b[bit / 8]) >> (7 - bit % 8) & 1) == 0)
			bit++;
		if (r->side == side && (side != SL_INSIDE || r->tenant == tenant) &&
			bit == r->prefix.plen &&
			(best == NULL || r->prefix.plen >= best->prefix.plen))
			best = r;
	}
	return best == NULL || memcmp(&best->gw, &zero, sizeof(zero)) == 0 ? dst : best->gw;
}

struct pt_default
pipe_default_in(const struct pipe *p, enum sl_side side, const uint8_t *b, size_t len)
{
	rte_be32_t src = pt_frame_src4(b, len);
	struct sl_ip6 src6, dst6;

	if (pt_frame_ends6(b, len, src6.b, dst6.b)) {
		src6 = next_hop6(p, side, 0, src6);
		return (struct pt_default){
			.dmac = conf_port_mac(side), .smac = conf_host_mac6(side, &src6), .ttl = 64
		};
	}

	return (struct pt_default){ .dmac = conf_port_mac(side),
		.smac = conf_host_mac(side, next_hop(p, side, 0, src)),
		.ttl = 64 };
}

struct pt_default
pipe_default_out(
	const struct pipe *p, enum sl_side side, unsigned int tenant, const uint8_t *b, size_t len)
{
	rte_be32_t dst = pt_frame_dst4(b, len);
	struct sl_ip6 src6, dst6;

	if (pt_frame_ends6(b, len, src6.b, dst6.b)) {
		dst6 = next_hop6(p, side, tenant, dst6);
		return (struct pt_default){
			.smac = conf_port_mac(side), .dmac = conf_host_mac6(side, &dst6), .ttl = 63
		};
	}

	return (struct pt_default){ .smac = conf_port_mac(side),
		.dmac = conf_host_mac(side, next_hop(p, side, tenant, dst)),
		.ttl = 63 };
}

/* One worker's entries from cursor 0 to the end. */
static unsigned int
ask_worker(struct pipe *p, unsigned int worker, struct sl_msg *msg, char *buf, size_t size,
	unsigned int max)
{
	unsigned int n = 0;

	for (msg->cursor = 0; msg->cursor != UINT32_MAX;) {
		struct sl_msg *back;

		msg->max = RTE_MIN(max - n, 7U); /* small, so that a walk takes several */
		msg->n = 0;
		msg->buf = buf == NULL ? NULL : buf + n * size;
		if (msg->max == 0 && buf != NULL)
			break;
		assert_int_equal(sl_msg_send(p->nat, worker, msg), 0);
		for (unsigned int i = 0; (back = pipe_answer(p, worker)) == NULL; i++) {
			assert_true(i < 10000);
			pipe_poll(p, 1);
		}
		assert_ptr_equal(back, msg);
		assert_true(buf == NULL || msg->n <= msg->max);
		n += msg->n;
	}
	return n;
}

unsigned int
pipe_ask(struct pipe *p, enum sl_msg_op op, const struct sl_select *select, void *buf, size_t size,
	unsigned int max)
{
	struct sl_msg msg = { .op = op };
	unsigned int n = 0;

	if (select != NULL)
		msg.select = *select;
	for (unsigned int i = 0; i < p->n_workers; i++)
		n += ask_worker(
			p, i, &msg, buf == NULL ? NULL : (char *)buf + n * size, size, max - n);
	return n;
}
