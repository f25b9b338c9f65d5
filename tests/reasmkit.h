/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_REASMKIT_H
#define TEST_REASMKIT_H

#include "fragcut.h"
#include "reasm.h"

#define KIT_MAX 66000 /**< bytes of a frame */

/** A datagram as it was before anybody cut it. */
struct kit_whole {
	uint8_t b[KIT_MAX];
	uint32_t l3; /**< where the IP header begins */
	uint32_t part; /**< where the part that can be cut begins */
	uint32_t prev; /**< IPv6: the field that says what is there */
	uint32_t len; /**< of the frame */
	uint32_t id;
	bool v6;
};

/** A UDP datagram with n bytes behind its IPv4 header of 20 + options bytes, and tags before it. */
void kit_ipv4(struct kit_whole *w, unsigned int tags, unsigned int options, uint32_t n);

/**
 * The same for IPv6. Extension headers are named by a letter each: h hop-by-hop options, r
 * routing, d destination options, a authentication, b the same with 12 bytes, f a fragment
 * header.
 * @param before  those that every fragment has
 * @param behind  those that are cut with the payload, n bytes with it
 */
void kit_ipv6(
	struct kit_whole *w, unsigned int tags, const char *before, const char *behind, uint32_t n);

/** Bytes that can be cut. */
uint32_t kit_len(const struct kit_whole *w);

/** A piece of it as a frame of its own; returns its length. */
uint32_t kit_cut(const struct kit_whole *w, const struct piece *p, uint8_t *frame);

/** A frame in segments of `step` bytes, as many as fit one buffer when that is 0. */
struct rte_mbuf *kit_mbuf(const uint8_t *b, size_t len, size_t step);

/** A table and what went through it. */
struct kit {
	struct sl_reasm t;
	uint32_t now;
	uint16_t realm;
	uint64_t in, out; /**< packets */
	struct sl_reasm_out last; /**< what became of the last one */
};

#define KIT_TIMEOUT 2000
#define KIT_BYTES (4 << 20)

/** A table for `max` datagrams and so many bytes of buffers. */
struct kit *kit_begin(uint32_t max, uint32_t bytes);

/** End what is in it, free it; fail unless every packet and every mbuf is accounted for. */
void kit_end(struct kit *k);

/** Give it a frame, or a piece cut from a datagram; what comes back is the caller's. */
struct rte_mbuf *kit_give(struct kit *k, struct rte_mbuf *m, uint32_t l3);
struct rte_mbuf *kit_add(struct kit *k, const struct kit_whole *w, const struct piece *p);

/** The same, when it must come to this; nothing may come back. */
void kit_expect(struct kit *k, const struct kit_whole *w, const struct piece *p,
	enum sl_reasm_result want, const char *what);

/** Packets counted under a reason since the last sl_reasm_collect(). */
uint64_t kit_count(const struct kit *k, enum sl_reasm_result r);

/** Repeatable random numbers. */
uint32_t kit_draw(uint32_t below);

/** Fail unless the packet is the frame to the last byte, its lengths in order; free it. */
void kit_same(struct rte_mbuf *m, const uint8_t *b, size_t len, const char *what);

/** What must become of pieces, worked out byte by byte. */
struct kit_model {
	uint8_t there[65536]; /**< a byte that came */
	struct piece piece[SL_REASM_PIECES + 1]; /**< as they came */
	unsigned int n;
	uint32_t base; /**< bytes that count besides those that can be cut */
	bool dead;
};

/** What becomes of the next piece. */
enum sl_reasm_result kit_foretell(struct kit_model *k, const struct piece *p);

#endif
