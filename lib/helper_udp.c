/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams for a helper. A datagram is a message; it goes on as it came, or is made anew with
 * its replacements, or is discarded when the helper refuses it. While one waits for an answer
 * the following ones of its flow wait behind it, in both directions, up to SL_HELPER_QUEUED of
 * them. One that waits too long is discarded: whoever speaks UDP asks again.
 *
 * A datagram that becomes larger than a link is cut by the worker, so it loses its DF bit. One
 * whose checksum is wrong is discarded, or its new checksum would make it right. No checksum
 * stays none (RFC 768).
 */
#include <rte_ip.h>
#include <rte_udp.h>

#include "csum.h"
#include "helper_flow.h"
#include "helper_turn.h"
#include "helper_udp.h"

/** A datagram as parsed; offsets from its IP header. */
struct datagram {
	uint32_t l4, data, n; /* UDP header, payload, its length */
	const uint8_t *payload;
};

static struct rte_ipv4_hdr *
ip_of(struct rte_mbuf *m)
{
	return rte_pktmbuf_mtod(m, struct rte_ipv4_hdr *);
}

/* The sum over pseudo header and datagram; 0xffff when the checksum in it is right. */
static uint16_t
udp_sum(const struct rte_ipv4_hdr *ip, uint16_t raw, uint32_t len)
{
	uint32_t src = ip->src_addr, dst = ip->dst_addr;
	uint64_t sum = (src & 0xffff) + (src >> 16) + (dst & 0xffff) + (dst >> 16);

	return sl_fold(sum + RTE_BE16(IPPROTO_UDP) + rte_cpu_to_be_16((uint16_t)len) + raw);
}

/* Headers lie in the first segment, lengths are right: the worker has seen to that. */
static bool
parse(struct sl_helpers *hs, struct rte_mbuf *m, struct datagram *d)
{
	const struct rte_ipv4_hdr *ip = ip_of(m);
	const struct rte_udp_hdr *udp;
	uint32_t len;

	d->l4 = (ip->version_ihl & 15) * 4u;
	d->data = d->l4 + (uint32_t)sizeof(*udp);
	if (m->data_len < d->data)
		return false;
	udp = rte_pktmbuf_mtod_offset(m, const struct rte_udp_hdr *, d->l4);
	len = rte_be_to_cpu_16(udp->dgram_len);
	if (len < sizeof(*udp) || len > m->pkt_len - d->l4)
		return false;
	if (udp->dgram_cksum != 0 && udp_sum(ip, sl_icmp_sum(m, d->l4, len), len) != 0xffff)
		return false;
	d->n = len - (uint32_t)sizeof(*udp);
	d->payload = d->n > 0 ? rte_pktmbuf_read(m, d->data, d->n, hs->flat) : hs->flat;
	return d->payload != NULL;
}

/* Add bytes to a packet that is being made, in as many segments as it takes. */
static bool
append(struct sl_helpers *hs, struct rte_mbuf *m, const uint8_t *bytes, uint32_t n)
{
	while (n > 0) {
		struct rte_mbuf *last = rte_pktmbuf_lastseg(m);
		uint32_t k = RTE_MIN(n, (uint32_t)rte_pktmbuf_tailroom(last));

		if (k == 0) {
			last = rte_pktmbuf_alloc(hs->params.pool);
			if (last == NULL || rte_pktmbuf_chain(m, last) != 0) {
				rte_pktmbuf_free(last);
				return false;
			}
			continue;
		}
		memcpy(rte_pktmbuf_append(m, (uint16_t)k), bytes, k);
		bytes += k;
		n -= k;
	}
	return true;
}

static bool
append_edited(struct sl_helpers *hs, struct rte_mbuf *m, const struct datagram *d)
{
	const struct sl_edits *edits = &hs->edits;
	uint32_t at = 0;

	for (unsigned int i = 0; i < edits->n; i++) {
		const struct sl_edit *e = &edits->edit[i];

		if (!append(hs, m, d->payload + at, e->at - at) ||
			!append(hs, m, edits->bytes + e->from, e->len))
			return false;
		at = e->at + e->n;
	}
	return append(hs, m, d->payload + at, d->n - at);
}

/* Lengths and checksums of a datagram that was made anew. */
static void
finish_headers(struct rte_mbuf *m, const struct datagram *d)
{
	struct rte_udp_hdr *udp = rte_pktmbuf_mtod_offset(m, struct rte_udp_hdr *, d->l4);
	uint32_t len = m->pkt_len - d->l4;
	struct rte_ipv4_hdr *ip = ip_of(m);
	uint16_t sum;

	ip->total_length = rte_cpu_to_be_16((uint16_t)m->pkt_len);
	ip->fragment_offset &= (rte_be16_t)~RTE_BE16(RTE_IPV4_HDR_DF_FLAG);
	ip->hdr_checksum = 0;
	ip->hdr_checksum = (uint16_t)~sl_sum_words(ip, d->l4);
	udp->dgram_len = rte_cpu_to_be_16((uint16_t)len);
	if (udp->dgram_cksum == 0)
		return;
	udp->dgram_cksum = 0;
	sum = (uint16_t)~udp_sum(ip, sl_icmp_sum(m, d->l4, len), len);
	udp->dgram_cksum = sum != 0 ? sum : 0xffff;
}

/* The datagram with its replacements; NULL without room or memory. */
static struct rte_mbuf *
make_anew(struct sl_helpers *hs, struct rte_mbuf *old, const struct datagram *d)
{
	uint32_t n = d->data + d->n + hs->edits.used;
	struct rte_mbuf *m;

	for (unsigned int i = 0; i < hs->edits.n; i++)
		n -= hs->edits.edit[i].n;
	if (n > UINT16_MAX)
		return NULL;
	m = rte_pktmbuf_alloc(hs->params.pool);
	if (m == NULL)
		return NULL;
	if (!append(hs, m, rte_pktmbuf_mtod(old, const uint8_t *), d->data) ||
		!append_edited(hs, m, d)) {
		rte_pktmbuf_free(m);
		return NULL;
	}
	finish_headers(m, d);
	return m;
}

static void
discard(struct sl_helper_flow *f, struct rte_mbuf *m)
{
	sl_helper_counts(f)->dropped++;
	rte_pktmbuf_free(m);
}

/* Send a datagram that its helper is done with. */
static void
send_on(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m, const struct datagram *d)
{
	struct sl_helpers *hs = f->all;
	struct rte_mbuf *anew;

	if (hs->edits.n == 0 || hs->edits.failed) {
		sl_helper_flow_give(f, from, m);
		return;
	}
	anew = make_anew(hs, m, d);
	if (anew == NULL) {
		discard(f, m);
		return;
	}
	rte_pktmbuf_free(m);
	sl_helper_flow_give(f, from, anew);
}

/* Show a datagram to its helper; false when it must wait: it is not taken then. */
static bool
handle(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m)
{
	struct sl_edits *edits = &f->all->edits;
	struct datagram d;

	if (!parse(f->all, m, &d)) {
		discard(f, m);
		return true;
	}
	if (d.n == 0 || d.n > SL_HELPER_MESSAGE_MAX) {
		sl_helper_flow_give(f, from, m);
		return true;
	}
	edits->n = edits->used = 0;
	edits->failed = false;
	edits->limit = d.n;
	switch (sl_turn_run(f, from, (struct sl_slice){ d.payload, d.n }, edits)) {
	case SL_TURN_WAIT:
		return false;
	case SL_TURN_REFUSE:
		discard(f, m);
		return true;
	case SL_TURN_PASS:
		sl_helper_flow_pass(f);
		break;
	default:
		break;
	}
	send_on(f, from, m, &d);
	return true;
}

static void
enqueue(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m)
{
	if (f->n_queued == SL_HELPER_QUEUED)
		discard(f, m);
	else
		f->queue[f->n_queued++] = (struct sl_helper_queued){ m, from };
}

void
sl_helper_udp_take(struct sl_helper_flow *f, enum sl_side from, struct rte_mbuf *m)
{
	if (f->n_queued > 0) {
		enqueue(f, from, m);
		return;
	}
	if (!f->pass && !sl_helper_flow_wanted(f))
		sl_helper_flow_pass(f);
	if (f->pass)
		sl_helper_flow_give(f, from, m);
	else if (!handle(f, from, m))
		enqueue(f, from, m);
}

void
sl_helper_udp_resume(struct sl_helper_flow *f)
{
	unsigned int done = 0;

	if (f->late && f->turn != NULL && f->n_queued > 0) {
		sl_turn_abandon(f->turn);
		discard(f, f->queue[done++].m);
	}
	f->late = false;
	for (; done < f->n_queued; done++) {
		const struct sl_helper_queued *q = &f->queue[done];

		if (f->pass)
			sl_helper_flow_give(f, q->from, q->m);
		else if (!handle(f, q->from, q->m))
			break;
	}
	f->n_queued -= done;
	memmove(f->queue, f->queue + done, f->n_queued * sizeof(f->queue[0]));
}

void
sl_helper_udp_drop(struct sl_helper_flow *f)
{
	while (f->n_queued > 0)
		discard(f, f->queue[--f->n_queued].m);
}
