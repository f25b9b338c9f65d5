/* SPDX-License-Identifier: BSD-3-Clause
 *
 * SYNs from outside that nobody asked for. Such a SYN is dropped at once and in silence,
 * since the inside may be about to open the same connection from its end (RFC 5382 REQ-4);
 * when it has not done so in the time of SL_TIMEOUT_TCP_SYN_IN, the sender is told by ICMP port
 * unreachable. So a mistaken client learns in 6 seconds what it would else learn in minutes.
 *
 * Life: sl_syn_keep() copies the headers, sl_syn_age() comes to them in the order they came.
 * That the inside has opened the connection is seen by its flow then, so opening one costs
 * nothing here. A SYN that is sent again while it is kept is the same one.
 *
 * Strangers fill this: it is a ring of fixed size, and to keep, to refuse and to answer cost
 * the same whatever is in it. A scan that fills it makes the box silent for the others
 * (syns_unanswered), which is what REQ-4a allows, and its answers stay few: SL_SYNS_MAX in
 * each such time, and no more than sl_config.icmp_rate.
 */
#include "syn.h"
#include "icmp.h"
#include "session.h"
#include "session_find.h"
#include "state.h"

#define SLICE 32 /* answers by one call */

_Static_assert(SL_SYN_BYTES <= UINT8_MAX, "offsets are one byte");

static struct sl_syn *
at(struct sl_syns *t, uint32_t number)
{
	return &t->syn[number % SL_SYNS_MAX];
}

static bool
is_kept(struct sl_syns *t, uint32_t place, const struct sl_key *key)
{
	return (place - t->first) % SL_SYNS_MAX < t->n &&
	       memcmp(&at(t, place)->key, key, sizeof(*key)) == 0;
}

void
sl_syn_keep(struct sl_worker *w, struct rte_mbuf *m, const struct sl_pkt *p)
{
	const struct rte_tcp_hdr *tcp = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, p->l4);
	uint32_t place, hash, len = p->l4 + (tcp->data_off >> 4) * 4u;
	struct sl_syns *t = &w->syns;
	struct sl_syn *s;

	if (!w->snap->syn_answer || w->snap->icmp_mute[SL_OUTSIDE] || len > SL_SYN_BYTES ||
		(p->flags & (SL_PKT_FRAGMENT | SL_PKT_HAIRPIN)))
		return;
	hash = sl_flow_hash(&w->flows, &p->key) % SL_SYNS_MAX;
	if (is_kept(t, t->latest[hash], &p->key))
		return;
	if (t->n == SL_SYNS_MAX) {
		sl_count(w, SL_COUNTER_SYNS_UNANSWERED, 1);
		return;
	}
	place = (t->first + t->n++) % SL_SYNS_MAX;
	t->latest[hash] = (uint16_t)place;
	s = at(t, place);
	s->key = p->key;
	s->when = w->now;
	s->l3 = (uint8_t)p->l3;
	s->l4 = (uint8_t)p->l4;
	s->len = (uint8_t)len;
	memcpy(s->bytes, rte_pktmbuf_mtod(m, void *), len);
}

/* The configuration may have changed since. */
static void
answer(struct sl_worker *w, struct sl_syn *s)
{
	/* A packet in no mempool: it is only read. */
	struct rte_mbuf m = {
		.buf_addr = s->bytes,
		.data_len = s->len,
		.pkt_len = s->len,
		.nb_segs = 1,
	};
	struct sl_pkt p = {
		.key = s->key,
		.l3 = s->l3,
		.l4 = s->l4,
		.ip_len = (uint16_t)(s->len - s->l3),
		.side = SL_OUTSIDE,
	};

	if (w->snap->syn_answer && sl_snap_addr(w->snap, 0, s->key.dst) != NULL)
		sl_icmp_error(w, &m, &p, SL_ICMP_UNREACH, SL_ICMP_UNREACH_PORT, 0);
}

void
sl_syn_age(struct sl_worker *w)
{
	struct sl_syns *t = &w->syns;

	for (int n = 0; n < SLICE && t->n > 0; n++) {
		struct sl_syn *s = at(t, t->first);

		if (w->now - s->when < w->snap->timeout[SL_TIMEOUT_TCP_SYN_IN])
			break;
		t->first++;
		t->n--;
		if (sl_session_find(w, &s->key) == NULL)
			answer(w, s);
	}
}
