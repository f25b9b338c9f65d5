/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PIECE_H
#define SL_PIECE_H

#include <stdbool.h>

#include <rte_mbuf.h>

/** What the fragments of one datagram have in common (RFC 791, RFC 8200 section 4.5). */
struct sl_piece_key {
	uint8_t src[16], dst[16]; /**< IPv4 in the first four bytes, the rest 0 */
	uint32_t id; /**< host order */
	uint16_t realm; /**< where addresses mean the same: a tenant, the outside */
	uint8_t proto; /**< IPv4; of IPv6 it may differ by fragment and is 0 */
	uint8_t version;
};

/** The headers before a fragment's payload; offsets count from the start of the frame. */
struct sl_piece_head {
	uint16_t l3;
	uint16_t len; /**< bytes before the payload, from the start of the frame */
	uint16_t base; /**< of them that the whole datagram's length field counts */
	uint16_t prev; /**< IPv6: the field that says that a fragment header follows */
	uint8_t next; /**< IPv6: what follows the fragment header */
	uint8_t version;
};

/** A fragment. */
struct sl_piece {
	struct sl_piece_key key;
	uint32_t off, end; /**< place of its payload in the datagram's */
	uint32_t size; /**< bytes from the IP header on */
	uint8_t ecn;
	bool more; /**< is not the last */
	bool df;
	bool cut_short; /**< IPv6: the first one, but without all headers */
	struct sl_piece_head head;
};

enum sl_piece_kind {
	SL_PIECE_BAD, /**< lengths that contradict each other */
	SL_PIECE_NONE, /**< no fragment */
	SL_PIECE_ATOMIC, /**< IPv6: a fragment header, but all in one (RFC 6946) */
	SL_PIECE_FRAGMENT,
};

_Static_assert(sizeof(struct sl_piece_key) == 40, "the key is five words without a hole");

/**
 * Learn what a frame is a fragment of. Nothing is changed.
 * @param l3  where its IP header begins, at most 64
 * @param p  filled in but for key.realm
 */
enum sl_piece_kind sl_piece_read(const struct rte_mbuf *m, uint16_t l3, struct sl_piece *p);

/**
 * Take n bytes out of a packet at off, whatever its segments are. Something must remain; the
 * head stays the head unless off is 0.
 * @return the packet
 */
struct rte_mbuf *sl_piece_cut(struct rte_mbuf *m, uint32_t off, uint32_t n);

/**
 * Turn the headers of a first fragment into those of the whole datagram.
 * @param total  bytes of its payload
 * @param df  IPv4: set the flag
 * @param ce  set the ECN codepoint CE
 */
void sl_piece_whole(
	struct rte_mbuf *m, const struct sl_piece_head *h, uint32_t total, bool df, bool ce);

#endif /* SL_PIECE_H */
