/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_REASM_H
#define SL_REASM_H

#include "hash.h"
#include "piece.h"

#define SL_REASM_PIECES 64 /**< fragments of one datagram */
#define SL_REASM_SOURCES 1024 /**< hashes of sources, in each of two rows */

/** What became of a fragment. Behind SL_REASM_HELD it is freed. */
enum sl_reasm_result {
	SL_REASM_NONE, /**< no fragment: handed back as it came */
	SL_REASM_ATOMIC, /**< IPv6, all in one: handed back without its fragment header */
	SL_REASM_WHOLE, /**< the datagram is complete and handed back */
	SL_REASM_HELD, /**< kept */
	SL_REASM_DUPLICATE, /**< was there already; the datagram goes on */
	/* and the whole datagram died with it: */
	SL_REASM_OVERLAP, /**< bytes that another one has too */
	SL_REASM_EMPTY, /**< no bytes */
	SL_REASM_ODD, /**< not the last, and no multiple of 8 bytes */
	SL_REASM_LONG, /**< the datagram would be longer than 65535 bytes */
	SL_REASM_LAST, /**< contradicts others about where the datagram ends */
	SL_REASM_MANY, /**< too many fragments, or mbuf segments */
	SL_REASM_HEADERS, /**< IPv6: the first one lacks headers (RFC 8200 section 4.5) */
	SL_REASM_ECN, /**< CE and not-ECT in one datagram (RFC 3168 section 5.3) */
	SL_REASM_CAPPED, /**< its source holds too much */
	SL_REASM_CROWDED, /**< no memory but that of newer ones */
	/* for itself alone: */
	SL_REASM_DEAD, /**< of a datagram that died before */
	SL_REASM_BAD, /**< headers that contradict their lengths */
	SL_REASM_SOURCE, /**< its source has too many incomplete datagrams */
	/* held ones only: */
	SL_REASM_EVICTED, /**< made room for newer ones */
	SL_REASM_TIMEOUT, /**< the rest did not come in time */
	SL_REASM_RESULTS
};

/** What there is to know besides. */
struct sl_reasm_out {
	enum sl_reasm_result result;
	uint32_t id; /**< of the datagram, host order; IPv6 loses it with the fragment header */
	uint32_t largest; /**< bytes of its largest fragment from the IP header on */
	unsigned int fragments; /**< that are now one packet */
};

/** A first fragment whose datagram was given up, for an ICMP Time Exceeded. */
struct sl_reasm_first {
	struct rte_mbuf *m; /**< the caller's */
	uint16_t l3, realm;
};

/** An incomplete datagram. */
struct sl_reasm_datagram {
	struct sl_piece_key key;
	uint32_t hash;
	uint32_t born; /* milliseconds */
	uint32_t next; /* hash chain, or next free one */
	uint32_t older, newer; /* by birth */
	uint32_t seen; /* payload bytes that are here */
	uint32_t top; /* where the furthest fragment ends */
	uint32_t total; /* where the last one ends, 0 while it is not here */
	uint32_t bytes; /* of buffers held */
	uint32_t segs;
	uint32_t largest;
	uint8_t n; /* fragments */
	uint8_t ecn; /* codepoints seen, a bit each */
	bool df, dead;
	struct sl_piece_head first; /* once it is here */
	struct {
		struct rte_mbuf *m;
		uint16_t off, end; /* of payload */
		uint16_t skip; /* bytes before it in the frame */
	} part[SL_REASM_PIECES]; /* by offset */
};

/** How much sources with the same hash hold. */
struct sl_reasm_source {
	uint32_t datagrams, bytes;
};

/** The incomplete datagrams of one worker, which alone writes here. */
struct sl_reasm {
	uint32_t timeout; /**< milliseconds; the owner may change it at any time */
	uint32_t n_held; /**< packets kept now, for the packet balance */
	uint32_t bytes; /**< of their buffers */
	uint32_t n; /**< datagrams */
	uint32_t max_bytes, each, each_bytes;
	uint32_t mask; /* of the hash table */
	uint32_t free, oldest, newest;
	struct sl_seed seed;
	uint32_t *head;
	struct sl_reasm_datagram *datagram;
	struct sl_reasm_source *source; /* two rows */
	uint64_t count[SL_REASM_RESULTS]; /* fragments, since sl_reasm_collect() */
};

/**
 * Take the memory.
 * @param max  incomplete datagrams; those of one source are at most an eighth
 * @param bytes  of mbuf buffers held; by one source at most an eighth
 * @param timeout  milliseconds that a datagram may take
 * @return 0, -EINVAL or -ENOMEM
 */
int sl_reasm_init(struct sl_reasm *t, uint32_t max, uint32_t bytes, uint32_t timeout, int socket,
	const struct sl_seed *seed);

/** Free what is held and the memory; fine on a zeroed one. */
void sl_reasm_fini(struct sl_reasm *t);

/**
 * Take a fragment. The datagram comes back when it is complete, as one packet: the first
 * fragment's headers, corrected, and the payloads in a chain of segments. Headers lie over
 * the segments as they came, those of the transport perhaps behind those of IP: the packet
 * is to be parsed again. More than its last byte, as padding, is cut off.
 * @param m  a frame; taken over
 * @param l3  where its IP header begins, at most 64
 * @param realm  where its addresses mean the same: fragments of different ones never meet
 * @param now  milliseconds, modulo 2^32
 * @param out  what became of m; of other fragments, see sl_reasm_collect()
 * @return a packet that is the caller's, or NULL
 */
struct rte_mbuf *sl_reasm_add(struct sl_reasm *t, struct rte_mbuf *m, uint16_t l3, uint16_t realm,
	uint32_t now, struct sl_reasm_out *out);

/** Is a fragment of one of its datagrams? */
bool sl_reasm_knows(
	const struct sl_reasm *t, const struct rte_mbuf *m, uint16_t l3, uint16_t realm);

/**
 * Give up datagrams whose time is over, the oldest first.
 * @param budget  look at no more than so many
 * @param first  room for first fragments, which are the caller's then (and counted as timed
 *               out all the same); what finds no room is freed
 * @return how many are in first
 */
unsigned int sl_reasm_age(struct sl_reasm *t, uint32_t now, unsigned int budget,
	struct sl_reasm_first *first, unsigned int n_first);

/**
 * Add what was dropped or had to wait since the last call to a worker's counters. Fragments
 * that became part of a whole are the caller's to count (sl_reasm_out.fragments).
 */
void sl_reasm_collect(struct sl_reasm *t, uint64_t *counter);

#endif /* SL_REASM_H */
