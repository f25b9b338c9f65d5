/* SPDX-License-Identifier: BSD-3-Clause
 *
 * One end of a TCP connection (RFC 9293, 5681, 6582, 7323, 2018), small enough to be read. It
 * sends a file and a FIN and takes what comes: slow start and congestion avoidance, fast
 * retransmit and recovery, a retransmission timer that goes back to the first missing byte,
 * Nagle, delayed acknowledgements, closed windows and their probes, PAWS. Whenever a segment is
 * sent, also again, its length is chosen anew, so what is sent again is cut otherwise.
 *
 * Numbers are offsets from the initial one: 0 is the SYN, then data, then the FIN.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tcpsim.h"

#define NEVER UINT64_MAX
#define RTO_FIRST 300
#define RTO_MAX 4000

void
tcpend_init(struct tcpsim *sim, enum sl_side side)
{
	struct tcpsim_end *e = &sim->end[side];

	memset(e, 0, sizeof(*e));
	e->conf = &sim->conf[side];
	e->side = side;
	e->rto = RTO_FIRST;
	e->rtx_at = e->persist_at = e->delack_at = NEVER;
	e->ssthresh = 1 << 20;
	e->rnxt = 0;
	assert_true(e->conf->n + 2 < TCPSIM_BUF);
}

/* The first offset behind the FIN. */
static uint32_t
all_sent(const struct tcpsim_end *e)
{
	return e->conf->n + 2;
}

bool
tcpend_done(const struct tcpsim_end *e)
{
	return e->una == all_sent(e) && e->fin != 0 && e->rnxt == e->fin + 1;
}

/* How much the peer may send beyond what has come; an edge once told is never taken back. */
static uint32_t
window(struct tcpsim_end *e)
{
	uint32_t unread, room = e->conf->rcvbuf;

	if (e->rnxt == 0)
		return room;
	unread = e->rnxt - 1 - e->read;
	room -= RTE_MIN(room, unread);
	e->edge = RTE_MAX(e->edge, e->rnxt + room);
	return e->edge - e->rnxt;
}

static void
fill_sacks(const struct tcpsim_end *e, struct tcpwire *t)
{
	uint32_t at = e->rnxt, end;

	while (at < e->high && t->n_sacks < (e->ts ? 3u : 4u)) {
		if (!e->have[at]) {
			at++;
			continue;
		}
		for (end = at; end < e->high && e->have[end]; end++)
			;
		t->sack[t->n_sacks][0] = e->irs + at;
		t->sack[t->n_sacks++][1] = e->irs + end;
		at = end;
	}
}

static void
fill_syn(const struct tcpsim_end *e, struct tcpwire *t)
{
	t->mss = e->conf->mss;
	t->scales = e->conf->scales;
	t->scale = e->conf->scale;
	t->sack_ok = e->conf->sack;
	t->ts = e->conf->ts;
}

static void
fill_ack(struct tcpsim_end *e, struct tcpwire *t)
{
	t->flags |= T_ACK;
	t->ack = e->irs + e->rnxt;
	t->tsecr = e->ts_recent;
	/* Options count against the segment size (RFC 9293 section 3.7.1). */
	if (e->sack && !(t->flags & T_SYN) && (t->n == 0 || t->n + 36 <= e->mss))
		fill_sacks(e, t);
	e->last_ack = e->rnxt;
	e->told = e->edge;
	e->delack_at = NEVER;
	e->unacked = 0;
	e->ack_now = false;
}

/* Send n data bytes from an offset on: everything that leaves an end leaves here. */
static void
transmit(struct tcpsim *sim, struct tcpsim_end *e, uint32_t off, uint32_t n, uint8_t flags)
{
	struct tcpwire t = { .from = e->side, .v6 = sim->v6, .flags = flags, .n = n };
	uint32_t win = window(e);

	t.seq = e->conf->isn + off;
	t.data = n > 0 ? e->conf->data + off - 1 : NULL;
	t.ts = e->ts;
	t.tsval = (uint32_t)sim->now + 1000 * e->side;
	if (flags & T_SYN)
		fill_syn(e, &t);
	else if (e->scaled)
		win >>= e->conf->scale;
	t.win = (uint16_t)RTE_MIN(win, 65535u);
	if (e->got_syn)
		fill_ack(e, &t);
	tcpsim_send(sim, &t);
}

static void
send_ack(struct tcpsim *sim, struct tcpsim_end *e)
{
	transmit(sim, e, e->max, 0, T_ACK);
}

void
tcpend_open(struct tcpsim *sim, struct tcpsim_end *e)
{
	e->nxt = e->max = 1;
	e->rtx_at = sim->now + e->rto;
	transmit(sim, e, 0, 0, T_SYN);
}

/* Length of the next segment from an offset on. */
static uint32_t
choose_length(struct tcpsim *sim, const struct tcpsim_end *e, uint32_t off)
{
	uint32_t n = e->mss, left = e->written + 1 - RTE_MIN(off, e->written + 1);

	if (e->conf->cut_max != 0)
		n = RTE_MIN(n, 1 + tcpsim_draw(sim, e->conf->cut_max));
	n = RTE_MIN(n, left);
	/* What the peer has by SACK is not sent again. */
	for (uint32_t i = 0; i < n; i++)
		if (e->sacked[off + i])
			return i;
	return n;
}

/* Does a segment that ends here carry the FIN? */
static bool
with_fin(const struct tcpsim_end *e, uint32_t end)
{
	return end == e->conf->n + 1 && e->written == e->conf->n &&
	       (!e->conf->late_close || (e->fin != 0 && e->rnxt > e->fin));
}

/* Send one segment from an offset on, FIN included when it is its turn; what it was long. */
static uint32_t
send_from(struct tcpsim *sim, struct tcpsim_end *e, uint32_t off, uint32_t n)
{
	bool fin = with_fin(e, off + n), last = off + n == e->written + 1;

	if (n == 0 && !fin)
		return 0;
	transmit(
		sim, e, off, n, (uint8_t)(T_ACK | (fin ? T_FIN : 0) | (last && n > 0 ? T_PSH : 0)));
	if (e->rtx_at == NEVER)
		e->rtx_at = sim->now + e->rto;
	e->max = RTE_MAX(e->max, off + n + fin);
	return n + fin;
}

/* Send what window, Nagle and congestion allow. */
static void
flush(struct tcpsim *sim, struct tcpsim_end *e)
{
	while (e->opened) {
		uint32_t edge = e->una + RTE_MIN(e->wnd, e->cwnd), n;

		while (e->nxt < e->max && e->sacked[e->nxt])
			e->nxt++;
		n = choose_length(sim, e, e->nxt);
		if (e->nxt + n > edge)
			n = edge > e->nxt ? edge - e->nxt : 0;
		if (n == 0 && (!with_fin(e, e->nxt) || e->wnd == 0))
			break;
		/* Nagle: nothing small while something is on its way. */
		if (e->conf->nagle && n < e->mss && e->max > e->una && e->nxt == e->max &&
			!with_fin(e, e->nxt + n))
			break;
		n = send_from(sim, e, e->nxt, n);
		if (n == 0)
			break;
		e->nxt += n;
	}
	if (e->opened && e->wnd == 0 && e->una == e->max &&
		(e->una < e->written + 1 || with_fin(e, e->una))) {
		if (e->persist_at == NEVER)
			e->persist_at = sim->now + e->rto;
	} else {
		e->persist_at = NEVER;
	}
}

/* ---- what comes ---- */

static void
new_ack(struct tcpsim *sim, struct tcpsim_end *e, uint32_t ack)
{
	uint32_t more = ack - e->una;

	e->una = ack;
	e->nxt = RTE_MAX(e->nxt, ack);
	e->dups = 0;
	e->rto = RTO_FIRST;
	e->rtx_at = e->una == e->max ? NEVER : sim->now + e->rto;
	if (e->recovering && ack < e->recover) {
		/* A partial acknowledgement: the next hole is lost too (RFC 6582). */
		send_from(sim, e, e->una, choose_length(sim, e, e->una));
		return;
	}
	e->recovering = false;
	if (e->cwnd < e->ssthresh)
		e->cwnd += RTE_MIN(more, e->mss);
	else
		e->cwnd += e->mss * e->mss / e->cwnd + 1;
}

static void
take_sacks(struct tcpsim_end *e, const struct tcpwire *t)
{
	for (unsigned int i = 0; i < t->n_sacks; i++) {
		uint32_t left = t->sack[i][0] - e->conf->isn, right = t->sack[i][1] - e->conf->isn;

		/* A receiver says nothing of what was never sent. */
		assert_true(left < right && right <= e->max);
		if (left > e->una)
			memset(e->sacked + left, 1, right - left);
	}
}

static void
dup_ack(struct tcpsim *sim, struct tcpsim_end *e)
{
	if (++e->dups != 3 || e->recovering)
		return;
	e->ssthresh = RTE_MAX((e->max - e->una) / 2, 2 * e->mss);
	e->cwnd = e->ssthresh + 3 * e->mss;
	e->recovering = true;
	e->recover = e->max;
	send_from(sim, e, e->una, choose_length(sim, e, e->una));
}

static void
take_ack(struct tcpsim *sim, struct tcpsim_end *e, const struct tcpwire *t)
{
	uint32_t ack = t->ack - e->conf->isn, wnd = t->win;
	bool syn = t->flags & T_SYN;

	/* What was never sent nobody may acknowledge; what is this old, neither. */
	assert_true(ack <= e->max);
	if (e->scaled && !syn)
		wnd <<= e->peer_scale;
	if (ack < e->una)
		return;
	take_sacks(e, t);
	if (ack > e->una)
		new_ack(sim, e, ack);
	else if (t->n == 0 && !(t->flags & (T_FIN | T_SYN)) && wnd == e->wnd && e->max > e->una)
		dup_ack(sim, e);
	if ((int32_t)(t->seq - e->wl_seq) > 0 ||
		(t->seq == e->wl_seq && (int32_t)(t->ack - e->wl_ack) >= 0) || !e->opened) {
		e->wnd = wnd;
		e->wl_seq = t->seq;
		e->wl_ack = t->ack;
	}
	if (!e->opened && e->una >= 1 && e->got_syn) {
		e->opened = true;
		e->cwnd = e->conf->cwnd != 0 ? e->conf->cwnd : 10 * e->mss;
	}
}

static void
take_syn(struct tcpsim *sim, struct tcpsim_end *e, const struct tcpwire *t)
{
	if (e->got_syn) {
		e->ack_now = true;
		return;
	}
	e->got_syn = true;
	e->irs = t->seq;
	e->rnxt = e->high = 1;
	e->last_ack = 1;
	e->edge = 1 + e->conf->rcvbuf;
	e->ts = t->ts && e->conf->ts;
	e->ts_recent = t->tsval;
	e->sack = t->sack_ok && e->conf->sack;
	e->scaled = t->scales && e->conf->scales;
	e->peer_scale = t->scale;
	e->mss = RTE_MIN(t->mss != 0 ? t->mss : tcpsim_mss(sim), 1460) - (e->ts ? 12 : 0);
	/* The passive side answers, and both do when they opened at once. */
	if (e->max == 0 || !(t->flags & T_ACK)) {
		e->nxt = e->max = 1;
		e->rtx_at = sim->now + e->rto;
		transmit(sim, e, 0, 0, T_SYN);
	} else {
		e->ack_now = true;
	}
}

/* Keep the bytes of a segment. A byte that was given once is the same for ever. */
static void
store(struct tcpsim_end *e, uint32_t off, const uint8_t *p, uint32_t n)
{
	bool keepalive = n == 1 && off + 1 == e->rnxt;

	for (uint32_t i = 0; i < n; i++, off++) {
		if (keepalive || off == 0 || off >= e->edge)
			continue;
		assert_true(off < TCPSIM_BUF);
		if (e->have[off])
			assert_int_equal(e->buf[off], p[i]);
		e->have[off] = 1;
		e->buf[off] = p[i];
		e->high = RTE_MAX(e->high, off + 1);
	}
}

static void
advance(struct tcpsim *sim, struct tcpsim_end *e, uint32_t n)
{
	uint32_t before = e->rnxt;

	while (e->rnxt < e->high && e->have[e->rnxt])
		e->rnxt++;
	if (e->fin != 0 && e->rnxt == e->fin) {
		e->rnxt++;
		e->ack_now = true;
	}
	if (e->rnxt == before || e->rnxt < e->high || e->rnxt - before > n)
		e->ack_now = true; /* a gap, a duplicate, or the end of one */
	else if (++e->unacked >= 2 || e->conf->delack == 0)
		e->ack_now = true;
	else
		e->delack_at = RTE_MIN(e->delack_at, sim->now + e->conf->delack);
}

static void
take_data(struct tcpsim *sim, struct tcpsim_end *e, const struct tcpwire *t)
{
	uint32_t off = t->seq - e->irs, end = off + t->n;

	if (t->n == 0 && !(t->flags & T_FIN)) {
		if ((int32_t)(off - e->rnxt) < 0)
			e->ack_now = true; /* a keepalive or a probe */
		return;
	}
	/* Old data is compared, if it is not too old to be told. */
	if ((int32_t)off >= 0)
		store(e, off, t->data, t->n);
	if ((t->flags & T_FIN) && (int32_t)end > 0) {
		if (e->fin != 0)
			assert_int_equal(e->fin, end);
		if (end <= e->edge)
			e->fin = end;
	}
	advance(sim, e, t->n + 1);
}

/* PAWS (RFC 7323 section 5); true: throw it away. */
static bool
too_old(struct tcpsim_end *e, const struct tcpwire *t)
{
	if (!e->ts)
		return false;
	/* RFC 7323 section 3.2: from now on every segment has one. */
	assert_true(t->ts);
	if ((int32_t)(t->tsval - e->ts_recent) < 0)
		return true;
	if ((int32_t)(t->seq - e->irs - e->last_ack) <= 0)
		e->ts_recent = t->tsval;
	return false;
}

void
tcpend_take(struct tcpsim *sim, struct tcpsim_end *e, const struct tcpwire *t)
{
	if (t->flags & T_RST) {
		e->got_rst |= !e->got_syn || t->seq == e->irs + e->rnxt;
		return;
	}
	if (t->flags & T_SYN) {
		take_syn(sim, e, t);
	} else if (!e->got_syn) {
		return;
	} else if (too_old(e, t)) {
		e->ack_now = true;
		send_ack(sim, e);
		return;
	}
	if (t->flags & T_ACK)
		take_ack(sim, e, t);
	if (!(t->flags & T_SYN))
		take_data(sim, e, t);
	flush(sim, e);
	if (e->ack_now)
		send_ack(sim, e);
}

/* ---- time ---- */

/* The window is closed: one byte, or the FIN. */
static void
probe(struct tcpsim *sim, struct tcpsim_end *e)
{
	send_from(sim, e, e->una, RTE_MIN(1u, e->written + 1 - e->una));
}

static void
retransmit(struct tcpsim *sim, struct tcpsim_end *e)
{
	e->rto = RTE_MIN(e->rto * 2, (uint32_t)RTO_MAX);
	e->rtx_at = sim->now + e->rto;
	if (e->una == 0) {
		transmit(sim, e, 0, 0, T_SYN);
		return;
	}
	e->ssthresh = RTE_MAX((e->max - e->una) / 2, 2 * e->mss);
	e->cwnd = e->mss;
	e->recovering = false;
	e->dups = 0;
	/* SACK may be taken back: after a timeout it is not believed (RFC 2018 section 8). */
	memset(e->sacked, 0, e->max);
	e->nxt = e->una;
	if (e->wnd == 0)
		probe(sim, e);
}

static void
write_more(struct tcpsim *sim, struct tcpsim_end *e)
{
	const struct tcpsim_conf *c = e->conf;

	if (!e->opened || e->written == c->n || sim->now < e->write_at)
		return;
	e->written = RTE_MIN(c->n, e->written + 1 + tcpsim_draw(sim, c->write_max));
	e->write_at = sim->now + tcpsim_draw(sim, c->write_gap + 1);
}

static void
read_more(struct tcpsim *sim, struct tcpsim_end *e)
{
	uint32_t there = e->rnxt > 0 ? e->rnxt - 1 - (e->fin != 0 && e->rnxt > e->fin) : 0;
	uint32_t max = e->conf->read_max, n = there - e->read;

	if (max != 0 && sim->now < e->read_at)
		return;
	e->read += max != 0 ? RTE_MIN(n, max) : n;
	e->read_at = sim->now + 1;
	if (!e->opened)
		return;
	/* A window that has opened is told (RFC 9293 section 3.8.6.2.2). */
	window(e);
	if (e->edge - e->told >= RTE_MIN(2u * e->mss, e->conf->rcvbuf / 2))
		send_ack(sim, e);
}

uint64_t
tcpend_tick(struct tcpsim *sim, struct tcpsim_end *e)
{
	uint64_t at;

	write_more(sim, e);
	read_more(sim, e);
	if (sim->now >= e->rtx_at)
		retransmit(sim, e);
	if (sim->now >= e->persist_at) {
		e->persist_at = NEVER;
		e->rto = RTE_MIN(e->rto * 2, (uint32_t)RTO_MAX);
		probe(sim, e);
		e->nxt = RTE_MAX(e->nxt, e->max);
	}
	flush(sim, e);
	if (sim->now >= e->delack_at)
		send_ack(sim, e);
	at = RTE_MIN(e->rtx_at, RTE_MIN(e->persist_at, e->delack_at));
	if (e->opened && e->written < e->conf->n)
		at = RTE_MIN(at, RTE_MAX(e->write_at, sim->now + 1));
	if (e->conf->read_max != 0 && e->rnxt > 1 + e->read + (e->fin != 0))
		at = RTE_MIN(at, sim->now + 1);
	return at;
}
