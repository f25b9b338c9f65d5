/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_TCPSIM_H
#define TEST_TCPSIM_H

#include "stream.h"
#include "streamtoy.h"
#include "tcpwire.h"

#define TCPSIM_SLOTS 1024 /* packets on their way */
#define TCPSIM_BUF (1u << 17) /* bytes that one end can receive */

/** How one end is. */
struct tcpsim_conf {
	const uint8_t *data; /* what it sends */
	uint32_t n;
	uint32_t isn;
	bool nagle, sack, ts, scales;
	bool late_close; /* only when the other end's FIN is there */
	uint8_t scale;
	uint16_t mss; /* that it offers */
	uint32_t rcvbuf;
	uint32_t write_max,
		write_gap; /* bytes its program writes at a time, milliseconds between */
	uint32_t read_max; /* bytes its program reads in a millisecond; 0: all */
	uint32_t cut_max; /* payload of a segment, at most, chosen anew each time; 0: mss */
	uint32_t delack; /* milliseconds */
	uint32_t cwnd; /* at first, bytes; 0: 10 segments */
};

/** One end of a connection. */
struct tcpsim_end {
	const struct tcpsim_conf *conf;
	enum sl_side side;
	/* sending; numbers are offsets from iss: 0 the SYN, then data, then the FIN */
	uint32_t una, nxt, max, written;
	uint32_t wnd, wl_seq, wl_ack, cwnd, ssthresh, recover, mss;
	uint8_t peer_scale;
	bool opened, recovering, ts, sack, scaled;
	unsigned int dups;
	uint64_t write_at, rtx_at, persist_at;
	uint32_t rto;
	uint8_t sacked[TCPSIM_BUF]; /* by offset */
	/* receiving; offsets from irs */
	bool got_syn, ack_now, got_rst;
	uint32_t irs, rnxt, edge, told, read, fin, ts_recent, last_ack, high;
	uint8_t buf[TCPSIM_BUF], have[TCPSIM_BUF];
	uint64_t delack_at, read_at;
	unsigned int unacked;
};

/** A packet on its way. */
struct tcpsim_slot {
	uint64_t at, order;
	unsigned int place; /* of what it is in seg and data */
	bool to_box; /* else to the end across from its sender */
};

/** Two ends, the box, and what lies between. */
struct tcpsim {
	/* set by the caller */
	struct tcpsim_conf conf[2]; /* by enum sl_side */
	struct rte_mempool *pool; /* for what arrives */
	struct rte_mempool *box_pool; /* that the box has; only for starve */
	struct sl_streams *streams;
	uint64_t seed;
	bool v6, both_open; /* both send a SYN at once */
	enum sl_side opener;
	unsigned int loss, dup, late, split; /* per mille */
	unsigned int starve; /* per mille of packets find the box without mbufs */
	uint32_t delay; /* of each of the four legs, milliseconds */
	unsigned int waits;
	uint32_t limit; /* milliseconds until it must be over */
	uint16_t mtu[2];
	/* results */
	uint64_t now;
	struct tcpsim_end end[2];
	struct toy toy;
	/* its own */
	struct sl_stream *stream;
	struct tcpsim_slot slot[TCPSIM_SLOTS];
	struct tcpwire seg[TCPSIM_SLOTS];
	uint8_t data[TCPSIM_SLOTS][2048];
	unsigned int n_slots;
	uint64_t order, last_at[4], box_at, resume_at;
	bool silent[2]; /* nothing from this end arrives any more */
};

/**
 * Let both ends send what they have and close. Every packet of the box is judged on its way:
 * checksums, sizes, and that a byte once given is the same for ever. Ends with the stream gone.
 * @return both have everything and know that the other one has
 */
bool tcpsim_run(struct tcpsim *sim);

/* ---- the ends (tcpend.c), and what they call ---- */

/** Put a segment on the leg from its end to the box. */
void tcpsim_send(struct tcpsim *sim, struct tcpwire *seg);

/** What an end takes that says nothing (RFC 9293 section 3.7.1). */
uint16_t tcpsim_mss(const struct tcpsim *sim);

void tcpend_init(struct tcpsim *sim, enum sl_side side);
void tcpend_open(struct tcpsim *sim, struct tcpsim_end *e);
void tcpend_take(struct tcpsim *sim, struct tcpsim_end *e, const struct tcpwire *t);

/** Do what is due; when it wants to be called again. */
uint64_t tcpend_tick(struct tcpsim *sim, struct tcpsim_end *e);

/** It has sent and received everything and knows. */
bool tcpend_done(const struct tcpsim_end *e);

/* ---- */

/** The bytes that an end has got in order. */
const uint8_t *tcpsim_got(const struct tcpsim *sim, enum sl_side side, uint32_t *n);

/** A random number of this simulation, 0..n-1. */
uint32_t tcpsim_draw(struct tcpsim *sim, uint32_t n);

#endif
