/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_WIRE_H
#define SL_STREAM_WIRE_H

#include <rte_tcp.h>

#include "stream_state.h"

/** A TCP segment as parsed; offsets from the IP header, with which the mbuf begins. */
struct sl_segment {
	struct rte_mbuf *m;
	enum sl_side from;
	uint8_t flags;
	uint8_t sacks; /* blocks */
	bool ts, ce;
	bool news; /* says something about the other direction that was not said yet */
	bool late; /* it has waited */
	uint16_t l4, data; /* TCP header, payload */
	uint32_t seq, ack, n; /* n: payload bytes */
	uint16_t win, urp;
	uint16_t ts_at, sack_at; /* the option's values */
	uint32_t tsval, tsecr;
	/* in a SYN */
	uint16_t mss;
	uint8_t scale;
	bool scales, sack_ok;
};

/** What a packet made here says. */
struct sl_word {
	uint32_t seq, tsecr;
	uint32_t sack[2];
	bool has_sack;
	uint8_t flags;
};

static inline bool
sl_segment_fin(const struct sl_segment *g)
{
	return (g->flags & RTE_TCP_FIN_FLAG) != 0;
}

static inline struct rte_tcp_hdr *
sl_segment_tcp(const struct sl_segment *g)
{
	return rte_pktmbuf_mtod_offset(g->m, struct rte_tcp_hdr *, g->l4);
}

static inline uint32_t
sl_get32(const uint8_t *p)
{
	rte_be32_t v;

	memcpy(&v, p, sizeof(v));
	return rte_be_to_cpu_32(v);
}

static inline void
sl_put32(uint8_t *p, uint32_t to)
{
	rte_be32_t v = rte_cpu_to_be_32(to);

	memcpy(p, &v, sizeof(v));
}

/** Read the headers; false when they make no sense. Padding behind the packet is cut off. */
bool sl_wire_parse(struct rte_mbuf *m, struct sl_segment *g);

/** Are the checksums right? Only bytes that are may be given on under new ones. */
bool sl_wire_intact(const struct sl_segment *g);

/** Note what packets made in the name of this sender must look like. */
void sl_wire_learn(struct sl_half *h, const struct sl_segment *g);

/** Make a packet that waited as fresh as the last one of its sender. */
void sl_wire_freshen(struct sl_stream *s, const struct sl_segment *g);

/** Leave the first n SACK blocks of the option, the rest becomes padding. */
void sl_wire_sacks(struct sl_segment *g, unsigned int n);

/** An empty packet in the name of a side, room for the payload behind; NULL without an mbuf. */
struct rte_mbuf *sl_wire_make(struct sl_stream *s, enum sl_side from, const struct sl_word *word);

/** Payload bytes that one packet towards the receiver of this side's bytes may have. */
uint32_t sl_wire_room(const struct sl_stream *s, enum sl_side from);

/** Keep n bytes of the payload from `off` on; only for a packet in one segment. */
void sl_wire_cut(struct sl_segment *g, uint32_t off, uint32_t n);

/** No payload. */
void sl_wire_strip(struct sl_segment *g);

/** TCP header of a packet that begins with its IP header. */
struct rte_tcp_hdr *sl_wire_tcp(struct rte_mbuf *m);

/** Congestion was experienced on the way (RFC 3168), or: this is no ECN-capable packet. */
void sl_wire_mark(struct rte_mbuf *m, bool ce);

/** Lengths and checksums, then off with it. */
void sl_wire_send(struct sl_stream *s, enum sl_side from, struct rte_mbuf *m);

#endif /* SL_STREAM_WIRE_H */
