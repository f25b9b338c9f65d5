/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_STATE_H
#define SL_STREAM_STATE_H

#include <sys/queue.h>

#include "stream.h"

#define SL_CHUNK_BYTES 504
#define SL_PATCHES 32 /* of one direction; a power of two */
#define SL_QUEUED 32 /* waiting packets of one direction */
#define SL_VIEW_BYTES (SL_HELPER_MESSAGE_MAX + 65536)

/** A piece of memory; all bytes that outlive a packet lie in these. */
struct sl_chunk {
	struct sl_chunk *next;
	uint8_t b[SL_CHUNK_BYTES];
};

/** Bytes in a chain of chunks, all full but the last. */
struct sl_bytes {
	struct sl_chunk *first, *last;
	uint32_t n;
};

/**
 * Sequence numbers x0..x1 of the sender became y0..y1 of the receiver, with these bytes. They
 * are freed when the receiver has them, the numbers live on for late duplicates.
 */
struct sl_patch {
	uint32_t x0, x1, y0, y1;
	struct sl_bytes bytes;
};

/** A packet that waits. */
struct sl_queued {
	struct rte_mbuf *m;
	uint32_t seq, end; /* end includes a FIN */
};

/** The patch that we must repeat, because its sender was told that it has arrived. */
struct sl_keep {
	const struct sl_patch *patch; /* NULL: none */
	uint32_t x; /* the sender was told that everything before has arrived */
	uint32_t sent_y; /* given to the receiver up to here since the timer last ran out */
	uint64_t due;
	uint32_t rto; /* milliseconds */
	uint8_t tries, dups;
};

/** One direction: what one side sends. x is its number, y the receiver's for the same byte. */
struct sl_half {
	/* from the sender's SYN */
	bool known; /* its SYN was seen */
	bool spoke; /* and something after it */
	bool scales, sack_ok;
	uint8_t scale;
	uint16_t mss; /* largest segment it takes */
	uint32_t isn;
	/* from its last packet, for those that are made in its name */
	bool ts, win_syn;
	uint8_t ip_n;
	uint8_t ip[60];
	rte_be16_t sport, dport;
	uint16_t win;
	uint32_t ack; /* as it said it */
	uint32_t tsval, tsecr;
	/* what it has sent */
	uint32_t x, y; /* the next byte to give to the receiver */
	struct sl_bytes hold; /* from x on: received, not given yet */
	uint32_t need; /* frame() said so; 0: unknown */
	bool waiting; /* hold is one message, asked about at resume */
	bool fin; /* given */
	uint64_t wait_until;
	struct sl_queued queue[SL_QUEUED]; /* by seq */
	unsigned int n_queue;
	bool urg, ce, cwr; /* seen in packets that were taken apart, not yet passed on */
	uint32_t urg_x;
	/* what the receiver has of it */
	uint32_t una_y; /* acknowledged up to here */
	uint32_t edge_y; /* its window ends here */
	uint32_t told_x; /* highest acknowledgement given to the sender */
	struct sl_keep keep;
	/* where y - x changes */
	uint32_t floor_x, floor_y; /* what came before cannot be mapped any more */
	struct sl_patch patch[SL_PATCHES];
	unsigned int first_patch, n_patches;
};

struct sl_stream {
	struct sl_streams *all;
	const struct sl_stream_ops *ops;
	void *arg;
	uint16_t mtu[2];
	uint16_t ip_id;
	bool begun; /* a SYN was seen */
	bool raw; /* it began without us: nothing is touched */
	bool pass; /* hands off: numbers are mapped, bytes pass */
	bool past; /* another process led it: only its shifts are known (stream_past.c) */
	bool closed; /* a RST or both FINs: a SYN begins another connection */
	bool armed; /* in the list of those with a timer */
	uint32_t n_chunks; /* that it has */
	uint64_t now; /* as of this call */
	struct sl_half half[2]; /* by the side that sends */
	LIST_ENTRY(sl_stream) link; /* armed, or free */
};

LIST_HEAD(sl_stream_list, sl_stream);

struct sl_streams {
	struct sl_streams_count count;
	struct rte_mempool *pool;
	struct sl_stream *stream;
	uint32_t max;
	struct sl_chunk *chunk, *free_chunk;
	uint32_t n_free_chunks, chunks_each;
	uint32_t n_queued, queued_all;
	struct sl_stream_list free, armed;
	struct sl_edits edits;
	uint8_t flat[65536]; /* payload of a packet in several segments */
	uint8_t view[SL_VIEW_BYTES]; /* held bytes and new ones, side by side */
};

static inline bool
sl_seq_before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

static inline uint32_t
sl_seq_max(uint32_t a, uint32_t b)
{
	return sl_seq_before(a, b) ? b : a;
}

static inline uint32_t
sl_seq_min(uint32_t a, uint32_t b)
{
	return sl_seq_before(a, b) ? a : b;
}

/** The next byte that we want of this half's sender. */
static inline uint32_t
sl_half_next(const struct sl_half *h)
{
	return h->x + h->hold.n;
}

/** Has the sender been told that held bytes have arrived? Then they must. */
static inline bool
sl_half_owed(const struct sl_half *h)
{
	return sl_seq_before(h->x, h->told_x);
}

/** Windows are scaled when both SYNs offered it (RFC 7323 section 2.2). */
static inline bool
sl_stream_scales(const struct sl_stream *s)
{
	return s->half[0].scales && s->half[1].scales;
}

#endif /* SL_STREAM_STATE_H */
