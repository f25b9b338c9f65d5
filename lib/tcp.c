/* SPDX-License-Identifier: BSD-3-Clause
 *
 * TCP as a NAT sees it: the states of RFC 6146 section 3.5.2.2 with the timers of RFC 5382
 * and RFC 7857, and enough of both windows to tell a RST or FIN of the connection from
 * one that somebody guessed.
 *
 *	SYN_OUT, SYN_IN  --SYN of the other end-->  ESTABLISHED
 *	ESTABLISHED  --FIN-->  FIN_OUT or FIN_IN  --FIN of the other end-->  FIN_BOTH
 *	ESTABLISHED, FIN_*  --RST-->  TRANS  --anything but RST-->  ESTABLISHED
 *	ESTABLISHED  --its time runs out-->  TRANS (the host is asked, probe.c)
 *	FIN_BOTH  --SYN of both ends-->  ESTABLISHED (the ports are used again)
 *
 * FIN_BOTH and TRANS live for the closing time from when they began, a handshake for the
 * opening time; all others for the established time from the last packet. A segment
 * outside the window is translated like any other, but changes no state: the end that
 * gets it knows best (RFC 5961).
 *
 * Windows: `end` is one past the last byte an end has sent, `limit` one past what its
 * peer allows it, `win` the largest window it has offered itself. A segment of an end is
 * inside when it begins before its limit and ends no more than its peer's window before
 * its end. Window scaling counts when both SYNs had the option (RFC 7323). What a helper has
 * changed shifts numbers between the ends, which is seen here from one side only: its flows are
 * given SHIFT_MAX more either way.
 */
#include "tcp.h"
#include "csum.h"
#include "state.h"

#define FIN RTE_TCP_FIN_FLAG
#define SYN RTE_TCP_SYN_FLAG
#define RST RTE_TCP_RST_FLAG
#define ACK RTE_TCP_ACK_FLAG
#define SHIFT_MAX 65536u

static const char *const names[SL_TCP_STATE_COUNT] = {
	[SL_TCP_NONE] = "NONE",
	[SL_TCP_SYN_OUT] = "SYN_OUT",
	[SL_TCP_SYN_IN] = "SYN_IN",
	[SL_TCP_ESTABLISHED] = "ESTABLISHED",
	[SL_TCP_FIN_OUT] = "FIN_OUT",
	[SL_TCP_FIN_IN] = "FIN_IN",
	[SL_TCP_FIN_BOTH] = "FIN_BOTH",
	[SL_TCP_TRANS] = "TRANS",
};

const char *
sl_tcp_state_name(enum sl_tcp_state state)
{
	return state < SL_TCP_STATE_COUNT ? names[state] : "?";
}

static inline bool
before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline uint32_t
seg_end(const struct rte_tcp_hdr *h, uint32_t len)
{
	return rte_be_to_cpu_32(h->sent_seq) + len - (h->data_off >> 4) * 4u +
	       ((h->tcp_flags & SYN) != 0) + ((h->tcp_flags & FIN) != 0);
}

static void
read_scale(struct sl_tcp_end *e, const struct rte_tcp_hdr *h)
{
	const uint8_t *o = (const uint8_t *)(h + 1),
		      *end = (const uint8_t *)h + (h->data_off >> 4) * 4u;

	e->scale = 0;
	e->scale_ok = 0;
	while (o < end && *o != 0) {
		if (*o == 1) {
			o++;
			continue;
		}
		if (o + 1 >= end || o[1] < 2 || o + o[1] > end)
			return;
		if (*o == 3 && o[1] == 3) {
			e->scale = RTE_MIN(o[2], 14); /* RFC 7323 section 2.3 */
			e->scale_ok = 1;
		}
		o += o[1];
	}
}

/* An end's SYN: where its numbers begin. The limit is not known before its peer speaks. */
static void
begin_end(struct sl_tcp_end *e, const struct rte_tcp_hdr *h, uint32_t len)
{
	e->end = seg_end(h, len);
	e->limit = rte_be_to_cpu_32(h->sent_seq) + 1;
	e->win = RTE_MAX(rte_be_to_cpu_16(h->rx_win), 1);
	e->seen = 1;
	read_scale(e, h);
}

static void
set_state(struct sl_flow *f, enum sl_tcp_state state)
{
	f->tcp_state = state;
	switch (state) {
	case SL_TCP_SYN_OUT:
	case SL_TCP_SYN_IN:
		f->timeout = SL_TIMEOUT_TCP_OPENING;
		break;
	case SL_TCP_FIN_BOTH:
	case SL_TCP_TRANS:
		f->timeout = SL_TIMEOUT_TCP_CLOSING;
		break;
	default:
		f->timeout = SL_TIMEOUT_TCP_EST;
		break;
	}
}

void
sl_tcp_doubt(struct sl_flow *f)
{
	set_state(f, SL_TCP_TRANS);
}

void
sl_tcp_open(struct sl_worker *w, struct sl_flow *f, enum sl_side from, const struct rte_tcp_hdr *h,
	uint32_t len)
{
	struct sl_tcp *tcp = sl_flow_tcp(&w->flows, f);

	memset(tcp, 0, sizeof(*tcp));
	begin_end(&tcp->end[from], h, len);
	set_state(f, from == SL_INSIDE ? SL_TCP_SYN_OUT : SL_TCP_SYN_IN);
}

/* What the peer learns from an acknowledgement: how far it may send. */
static void
take_ack(struct sl_tcp_end *e, struct sl_tcp_end *peer, const struct rte_tcp_hdr *h)
{
	uint32_t ack = rte_be_to_cpu_32(h->recv_ack), win = rte_be_to_cpu_16(h->rx_win);

	if (!(h->tcp_flags & SYN) && e->scale_ok && peer->scale_ok)
		win <<= e->scale;
	win = RTE_MAX(win, 1u);
	if (win > e->win)
		e->win = win;
	if (before(peer->limit, ack + win))
		peer->limit = ack + win;
}

/* Does a first segment acknowledge what its peer has sent? Part of it will do: data on a
 * SYN may be left out (RFC 7413). */
static bool
acks_syn(const struct sl_tcp_end *peer, const struct rte_tcp_hdr *h)
{
	uint32_t ack = rte_be_to_cpu_32(h->recv_ack);

	return !before(ack, peer->limit) && !before(peer->end, ack);
}

static bool
inside_window(const struct sl_tcp_end *e, const struct sl_tcp_end *peer,
	const struct rte_tcp_hdr *h, uint32_t end, uint32_t shift)
{
	uint32_t seq = rte_be_to_cpu_32(h->sent_seq);

	if (!e->seen) /* first word of an end that answers a SYN with RST: its ack must fit */
		return (h->tcp_flags & ACK) && acks_syn(peer, h);
	if (!peer->seen)
		return true;
	if (before(e->limit + shift, seq) || before(end, e->end - peer->win))
		return false;
	if ((h->tcp_flags & ACK) && before(peer->end + shift, rte_be_to_cpu_32(h->recv_ack)))
		return false;
	return true;
}

/* A SYN within a connection that is there already. */
static bool
step_syn(struct sl_flow *f, struct sl_tcp *tcp, enum sl_side from, const struct rte_tcp_hdr *h,
	uint32_t len)
{
	struct sl_tcp_end *e = &tcp->end[from], *peer = &tcp->end[SL_ACROSS(from)];

	switch (f->tcp_state) {
	case SL_TCP_SYN_OUT:
	case SL_TCP_SYN_IN:
		/* Somebody's guess opens nothing. */
		if ((h->tcp_flags & ACK) && !(peer->seen && acks_syn(peer, h)))
			return false;
		begin_end(e, h, len);
		if (h->tcp_flags & ACK)
			take_ack(e, peer, h);
		if ((f->tcp_state == SL_TCP_SYN_OUT) == (from == SL_OUTSIDE)) {
			/* SYN-ACK, or a simultaneous open (RFC 5382 REQ-2a). */
			if (!e->scale_ok || !peer->scale_ok)
				e->scale = peer->scale = 0;
			set_state(f, SL_TCP_ESTABLISHED);
			return true;
		}
		/* Retransmitted. A stranger's SYN keeps nothing alive (RFC 7857 section 7.1). */
		return from == SL_INSIDE;
	case SL_TCP_FIN_BOTH:
	case SL_TCP_TRANS:
		/* The ports are used again. One end alone revives nothing: anybody can send a SYN. */
		begin_end(e, h, len);
		e->again = 1;
		if (h->tcp_flags & ACK)
			take_ack(e, peer, h);
		if (peer->again) {
			e->again = peer->again = 0;
			set_state(f, SL_TCP_ESTABLISHED);
			return true;
		}
		return false;
	default:
		return false; /* a repeated SYN-ACK, or a client that lost its memory */
	}
}

static bool
step_fin(struct sl_flow *f, enum sl_side from)
{
	switch (f->tcp_state) {
	case SL_TCP_ESTABLISHED:
	case SL_TCP_TRANS:
		set_state(f, from == SL_INSIDE ? SL_TCP_FIN_OUT : SL_TCP_FIN_IN);
		return true;
	case SL_TCP_FIN_OUT:
	case SL_TCP_FIN_IN:
		if ((f->tcp_state == SL_TCP_FIN_OUT) == (from == SL_OUTSIDE))
			set_state(f, SL_TCP_FIN_BOTH);
		return true;
	default:
		return false;
	}
}

bool
sl_tcp_step(struct sl_worker *w, struct sl_flow *f, enum sl_side from, const struct rte_tcp_hdr *h,
	uint32_t len)
{
	struct sl_tcp *tcp = sl_flow_tcp(&w->flows, f);
	struct sl_tcp_end *e = &tcp->end[from], *peer = &tcp->end[SL_ACROSS(from)];
	uint32_t end = seg_end(h, len);
	bool good;

	if (unlikely(h->tcp_flags & SYN))
		return step_syn(f, tcp, from, h, len);
	good = inside_window(e, peer, h, end, unlikely(f->helper != 0) ? SHIFT_MAX : 0);
	if (likely(good) && !(h->tcp_flags & RST)) {
		/* Nothing is written that is there already: a line that stays clean is cheaper. */
		if (before(e->end, end) || !e->seen) {
			e->end = end;
			e->seen = 1;
		}
		if (h->tcp_flags & ACK)
			take_ack(e, peer, h);
	}
	if (unlikely(h->tcp_flags & (FIN | RST))) {
		if (!good) {
			sl_count(w, SL_COUNTER_TCP_OUT_OF_WINDOW, 1);
			return false;
		}
		if (h->tcp_flags & FIN)
			return step_fin(f, from);
		if (f->tcp_state == SL_TCP_ESTABLISHED || f->tcp_state == SL_TCP_FIN_OUT ||
			f->tcp_state == SL_TCP_FIN_IN) {
			set_state(f, SL_TCP_TRANS);
			return true;
		}
		return false;
	}
	switch (f->tcp_state) {
	case SL_TCP_ESTABLISHED:
	case SL_TCP_FIN_OUT:
	case SL_TCP_FIN_IN:
		return true;
	case SL_TCP_TRANS:
		/* RFC 7857 section 2.2: data after a RST means that nobody believed it. */
		if (!good || e->again || peer->again)
			return false;
		set_state(f, SL_TCP_ESTABLISHED);
		return true;
	default:
		return false;
	}
}

void
sl_tcp_clamp(struct rte_mbuf *m, const struct sl_pkt *p, uint16_t mss)
{
	struct rte_tcp_hdr *h = rte_pktmbuf_mtod_offset(m, struct rte_tcp_hdr *, p->l4);
	uint8_t *o = (uint8_t *)(h + 1), *end = (uint8_t *)h + (h->data_off >> 4) * 4u;

	while (o < end && *o != 0) {
		uint16_t from, to = rte_cpu_to_be_16(mss);

		if (*o == 1) {
			o++;
			continue;
		}
		if (o + 1 >= end || o[1] < 2 || o + o[1] > end)
			return;
		if (*o == 2 && o[1] == 4) {
			uint32_t delta;

			memcpy(&from, o + 2, 2);
			if (rte_be_to_cpu_16(from) <= mss)
				return;
			memcpy(o + 2, &to, 2);
			/* At an odd offset the word straddles two: its bytes count the other way. */
			delta = (o - (uint8_t *)h) & 1
					? sl_delta16(rte_bswap16(from), rte_bswap16(to))
					: sl_delta16(from, to);
			h->cksum = sl_csum_fix(h->cksum, delta);
			return;
		}
		o += o[1];
	}
}
