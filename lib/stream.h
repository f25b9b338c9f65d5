/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_STREAM_H
#define SL_STREAM_H

/**
 * @file
 * TCP connections whose bytes a helper reads and changes; the essay is in stream.c.
 *
 * All of it belongs to one lcore, control. The functions of struct sl_stream_ops are called
 * from within sl_stream_segment(), sl_stream_resume() and sl_stream_tick(), and must not call
 * anything here but sl_edits_add().
 */

#include <rte_mbuf.h>

#include "helper.h"

/** What becomes of a message. */
enum sl_stream_verdict {
	SL_STREAM_GO, /**< pass it on with its edits */
	SL_STREAM_WAIT, /**< ask again at sl_stream_resume(); what follows it waits too */
	SL_STREAM_PASS, /**< pass it on with its edits, then look at neither direction any more */
};

/** Replacements in one message. */
struct sl_edits {
	unsigned int n;
	bool failed; /**< one could not be taken: the message stays as it is */
	uint32_t used; /**< of bytes */
	uint32_t limit; /**< length of the message */
	struct sl_edit {
		uint32_t at, n; /**< these bytes of the message */
		uint32_t from, len; /**< become these of `bytes` */
	} edit[SL_HELPER_EDITS_MAX];
	uint8_t bytes[SL_HELPER_MESSAGE_MAX];
};

/**
 * Replace n bytes at `at` by len others, which are copied. Ascending, not overlapping.
 * @return 0, -EINVAL, -ENOSPC: then nothing of the message is replaced
 */
int sl_edits_add(struct sl_edits *edits, size_t at, size_t n, const void *bytes, size_t len);

/** Who reads a stream. */
struct sl_stream_ops {
	/** A connection begins, also another one with the same addresses: forget what was
	 * parsed. May be NULL. */
	void (*begin)(void *arg);
	/** Length of the message at the start of data: as sl_helper_ops.frame. What it said of
	 * some bytes it must not take back when more are there. */
	int (*frame)(void *arg, enum sl_side from, struct sl_slice data);
	/** A whole message, ours until the call returns. */
	enum sl_stream_verdict (*message)(
		void *arg, enum sl_side from, struct sl_slice message, struct sl_edits *edits);
	/** A packet from this side for the one across, IP header first, checksums right. The
	 * callee owns it. */
	void (*emit)(void *arg, enum sl_side from, struct rte_mbuf *m);
	/** One end has sent its last byte, or the connection is over: at least once. May be NULL. */
	void (*ended)(void *arg);
};

/** What happened, for all streams together. */
struct sl_streams_count {
	uint64_t messages; /**< shown to their helper */
	uint64_t edited; /**< of which changed */
	uint64_t acks; /**< acknowledgements made for bytes that wait for the rest of a message */
	uint64_t resent; /**< segments repeated on our own timer */
	uint64_t queued; /**< segments that had to wait for earlier ones or for an answer */
	uint64_t full; /**< streams left alone because memory of a kind ran out */
	uint64_t foreign; /**< streams left alone because they were not the protocol */
	uint64_t late; /**< streams left alone because an answer did not come */
	uint64_t gave_up; /**< connections reset because a receiver fell silent */
	uint64_t drop_bad; /**< packets discarded: malformed, wrong checksum */
	uint64_t drop_queue; /**< packets discarded: no room to wait; the sender repeats them */
	uint64_t drop_mbuf; /**< packets not made for want of an mbuf */
};

/** What streams are made of; fixed for their life. */
struct sl_streams_params {
	uint32_t max; /**< streams; 0 is 1024 */
	uint32_t bytes_each; /**< held and repeatable bytes of one stream; 0 is 65536 */
	uint64_t bytes_all; /**< of all; 0 is 2 KiB a stream, at least 1 MiB */
	uint32_t queued_all; /**< packets that wait, all streams; 0 is 512 */
	struct rte_mempool *pool; /**< for packets made here */
	int socket; /**< NUMA node, or SOCKET_ID_ANY */
};

struct sl_streams; /**< all streams of a gateway */
struct sl_stream; /**< one TCP connection, both directions */

/** Take all memory; NULL with rte_errno. */
struct sl_streams *sl_streams_create(const struct sl_streams_params *params);

/** Free it, streams and waiting packets included; NULL is fine. */
void sl_streams_destroy(struct sl_streams *streams);

/** What happened so far. */
const struct sl_streams_count *sl_streams_count(const struct sl_streams *streams);

/**
 * A stream for a flow of which no packet was seen yet.
 * @param mtu  largest IP packet towards each side, by enum sl_side; 0 is 1500
 * @return NULL when there is none left
 */
struct sl_stream *sl_stream_begin(struct sl_streams *streams, const struct sl_stream_ops *ops,
	void *arg, const uint16_t mtu[2]);

/**
 * The stream's connection was led by another process: so much is added to the sequence numbers of
 * each side, for ever, and nobody looks at its bytes. Before its first packet.
 */
void sl_stream_past(struct sl_stream *s, const uint32_t shift[2]);

/**
 * A packet of the flow, translated already: addresses, ports, checksums are those that its
 * receiver shall see, sequence numbers those of its sender.
 * @param m    taken; never an IP fragment
 * @param l3   offset of its IP header
 * @param now  milliseconds, monotonic
 */
void sl_stream_segment(
	struct sl_stream *s, enum sl_side from, struct rte_mbuf *m, uint32_t l3, uint64_t now);

/** Ask again about messages that were told to wait. */
void sl_stream_resume(struct sl_stream *s, uint64_t now);

/**
 * Do what is due.
 * @return when it wants to be called again; UINT64_MAX: not before something else happens
 */
uint64_t sl_stream_tick(struct sl_stream *s, uint64_t now);

/** sl_stream_tick() for all streams that have something due; the earliest of their times. */
uint64_t sl_streams_tick(struct sl_streams *streams, uint64_t now);

/**
 * Is it just numbers from here on? True when nobody looks at the bytes any more and each
 * byte that was changed has arrived: then add delta[side] to the sequence numbers of what
 * that side sends, subtract delta[across] from what it acknowledges, in the header and in
 * SACK blocks, and no packet needs to come here again.
 */
bool sl_stream_settled(const struct sl_stream *s, uint32_t delta[2]);

/**
 * What the changes made so far add to the sequence numbers of each side.
 * @return 0; -EBUSY: bytes are held, or changed ones have not arrived, and only this stream can
 *         bring them there
 */
int sl_stream_shift(const struct sl_stream *s, uint32_t delta[2]);

/** The flow is gone: free the stream and what waits in it. */
void sl_stream_end(struct sl_stream *s);

#endif /* SL_STREAM_H */
