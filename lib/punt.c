/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What crosses between workers and control: punted and injected packets, events, messages.
 * Every ring has one producer and one consumer; a full ring drops and counts, nobody
 * waits. What a packet is travels in a dynamic field of the mbuf (struct sl_note).
 *
 * Control may sleep. A worker that has put something into an empty-looking world must
 * not miss that: it publishes, then looks at `asleep`; control sets `asleep`, then looks
 * at the rings. With a full fence on both sides one of the two sees the other.
 */
#include <rte_arp.h>

#include "punt.h"
#include "route6.h"
#include "state.h"

bool
sl_bucket_take(struct sl_bucket *b, uint32_t rate, uint64_t now)
{
	uint64_t full = (uint64_t)rate * 1000;

	b->tokens += (now - b->filled) * rate;
	b->filled = now;
	if (b->tokens > full)
		b->tokens = full;
	if (b->tokens < 1000)
		return false;
	b->tokens -= 1000;
	return true;
}

/* Is a frame from this MAC address what such a station would send? */
static bool
station_is(uint64_t word, const struct rte_ether_addr *mac)
{
	uint64_t as = SL_NH_RESOLVED;

	memcpy(&as, mac, sizeof(*mac));
	return word == as;
}

/* Does the frame come from a neighbour whose address and MAC are known? Whoever floods the link
 * with those of others that are made up must not keep the known ones from being asked after. */
static bool
from_known(const struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p)
{
	const struct sl_routes *r = &w->nat->routes;
	uint16_t tenant = p->side == SL_INSIDE ? p->tenant : 0, nh;
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_arp_hdr *arp;
	const struct rte_ipv6_hdr *ip;

	if (p->cause == SL_PUNT_ARP && p->l3 + sizeof(*arp) <= m->data_len) {
		arp = rte_pktmbuf_mtod_offset(m, const struct rte_arp_hdr *, p->l3);
		nh = sl_routes_lookup(r, tenant, arp->arp_data.arp_sip);
		return nh >= SL_NH_FIRST && r->nh[nh].addr == arp->arp_data.arp_sip &&
		       station_is(
			       __atomic_load_n(&r->nh[nh].word, __ATOMIC_RELAXED), &eth->src_addr);
	}
	if (p->cause == SL_PUNT_ND && p->l3 + sizeof(*ip) <= m->data_len) {
		ip = rte_pktmbuf_mtod_offset(m, const struct rte_ipv6_hdr *, p->l3);
		nh = sl_routes6_lookup(
			r, tenant, (const struct sl_ip6 *)(const void *)ip->src_addr);
		return nh >= SL_NH_FIRST &&
		       memcmp(&r->nh[nh].addr6, ip->src_addr, sizeof(ip->src_addr)) == 0 &&
		       station_is(sl_nh_word6(r, nh), &eth->src_addr);
	}
	return false;
}

/* Within the rate of its cause? Known neighbours have as much once more, for themselves. */
static bool
pays(struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p)
{
	uint32_t rate = w->snap->punt_rate[p->cause];

	return sl_bucket_take(&w->punt_bucket[p->cause], rate, w->now64) ||
	       (from_known(w, m, p) && sl_bucket_take(&w->known_bucket, rate, w->now64));
}

enum sl_counter
sl_punt_judge(struct sl_worker *w, const struct rte_mbuf *m, const struct sl_pkt *p)
{
	static const enum sl_counter counter[SL_PUNT_COUNT] = {
		[SL_PUNT_ARP] = SL_COUNTER_PUNTED_ARP,
		[SL_PUNT_ND] = SL_COUNTER_PUNTED_ND,
		[SL_PUNT_LOCAL] = SL_COUNTER_PUNTED_LOCAL,
		[SL_PUNT_MULTICAST] = SL_COUNTER_PUNTED_MULTICAST,
		[SL_PUNT_HELPER] = SL_COUNTER_PUNTED_HELPER,
	};
	bool helper = p->cause == SL_PUNT_HELPER;

	if (!pays(w, m, p))
		return helper ? SL_COUNTER_DROP_HELPER_RATE : SL_COUNTER_DROP_PUNT_RATE;
	/* Whoever floods a helper must not keep ARP from the kernel. */
	if (helper && rte_ring_free_count(w->punt) <= rte_ring_get_capacity(w->punt) / 4)
		return SL_COUNTER_DROP_HELPER_FULL;
	return rte_ring_full(w->punt) ? SL_COUNTER_DROP_PUNT_FULL : counter[p->cause];
}

void
sl_punt(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	enum sl_counter c = sl_punt_judge(w, m, p);

	sl_count(w, c, 1);
	if (sl_counter_is_drop(c)) {
		rte_pktmbuf_free(m);
		return;
	}
	*sl_note(m) = (struct sl_note){
		.side = p->side,
		.cause = p->cause,
		.tenant = p->tenant,
		.l3 = p->l3,
	};
	rte_ring_sp_enqueue(w->punt, m); /* there is room: nobody else puts anything in */
	w->punted = true;
}

bool
sl_punt_resolve(struct sl_worker *w, const struct sl_hop *hop)
{
	struct sl_event e = {
		.type = SL_EVENT_RESOLVE,
		.side = hop->side,
		.tenant = hop->tenant,
		.six = hop->six,
		.scan = hop->scan,
	};

	if (hop->six)
		e.addr6 = hop->addr;
	else
		memcpy(&e.addr, &hop->addr, sizeof(e.addr));
	if (rte_ring_sp_enqueue_elem(w->events, &e, sizeof(e)) != 0)
		return false;
	w->punted = true;
	return true;
}

bool
sl_worker_woke_control(struct sl_worker *w)
{
	if (likely(!w->punted))
		return false;
	w->punted = false;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	return __atomic_load_n(&w->nat->asleep, __ATOMIC_RELAXED);
}

void
sl_control_asleep(struct sl_nat *nat, bool asleep)
{
	__atomic_store_n(&nat->asleep, asleep, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

bool
sl_control_pending(struct sl_nat *nat)
{
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		struct sl_worker *w = nat->worker[i];

		if (!rte_ring_empty(w->punt) || !rte_ring_empty(w->events) ||
			!rte_ring_empty(w->records) || !rte_ring_empty(w->answered))
			return true;
	}
	return false;
}

unsigned int
sl_control_punts(struct sl_nat *nat, struct sl_punt *punt, unsigned int n)
{
	unsigned int got = 0;
	void *m;

	/* Begin with another worker each time, or a busy one starves the rest. */
	for (unsigned int i = 0; i < nat->n_workers; i++) {
		struct sl_worker *w = nat->worker[(nat->punt_turn + i) % nat->n_workers];

		while (got < n && rte_ring_sc_dequeue(w->punt, &m) == 0) {
			struct sl_note *note = sl_note(m);

			punt[got++] = (struct sl_punt){
				.m = m,
				.cause = note->cause,
				.side = note->side,
				.tenant = note->tenant,
				.l3 = note->l3,
			};
		}
	}
	nat->punt_turn++;
	return got;
}

int
sl_control_inject(struct sl_nat *nat, enum sl_side side, struct rte_mbuf *m)
{
	/* One worker for all, so that what the kernel sends stays in order. */
	struct sl_worker *w = nat->worker[0];

	*sl_note(m) = (struct sl_note){ .side = side };
	return rte_ring_sp_enqueue(w->inject, m) == 0 ? 0 : -ENOBUFS;
}

int
sl_control_return(struct sl_nat *nat, unsigned int worker, struct rte_mbuf *m)
{
	struct sl_worker *w = nat->worker[worker];

	*sl_note(m) = (struct sl_note){ .cause = SL_PUNT_HELPER };
	return rte_ring_sp_enqueue(w->inject, m) == 0 ? 0 : -ENOBUFS;
}

unsigned int
sl_control_events(struct sl_nat *nat, struct sl_event *event, unsigned int n)
{
	unsigned int got = 0;

	for (unsigned int i = 0; i < nat->n_workers && got < n; i++)
		got += rte_ring_sc_dequeue_burst_elem(
			nat->worker[i]->events, event + got, sizeof(*event), n - got, NULL);
	return got;
}

unsigned int
sl_control_records(struct sl_nat *nat, struct sl_record *record, unsigned int n)
{
	unsigned int got = 0;

	for (unsigned int i = 0; i < nat->n_workers && got < n; i++)
		got += rte_ring_sc_dequeue_burst_elem(
			nat->worker[i]->records, record + got, sizeof(*record), n - got, NULL);
	return got;
}

int
sl_msg_send(struct sl_nat *nat, unsigned int worker, struct sl_msg *msg)
{
	return rte_ring_sp_enqueue(nat->worker[worker]->asked, msg) == 0 ? 0 : -ENOBUFS;
}

struct sl_msg *
sl_msg_recv(struct sl_nat *nat, unsigned int worker)
{
	void *msg;

	return rte_ring_sc_dequeue(nat->worker[worker]->answered, &msg) == 0 ? msg : NULL;
}
