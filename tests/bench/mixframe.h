/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_MIXFRAME_H
#define BENCH_MIXFRAME_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#define MIX_SIZE_MAX 1514 /**< frame without FCS */
#define MIX_PATTERN_MAX 16
#define MIX_FRESH UINT32_MAX /**< in place of a flow's number: a session never seen before */

enum mix_way {
	MIX_IN2OUT,
	MIX_OUT2IN
};

/** What goes round: the frames of one pattern, over and over, each of another flow. */
enum mix_kind {
	MIX_IMIX, /**< 7 of 64, 4 of 570, 1 of 1518 bytes with FCS */
	MIX_FRAGMENT, /**< datagrams in two fragments: 1514 and 114 bytes */
	MIX_PLAIN, /**< 64 bytes */
};

struct mix_ends {
	rte_be32_t src, dst;
	rte_be16_t sport, dport;
};

/** A frame of the pattern without addresses, ports and tag. */
struct mix_frame {
	uint8_t bytes[RTE_ALIGN_MUL_CEIL(MIX_SIZE_MAX, 64)] __rte_cache_aligned;
	uint16_t size;
	uint16_t
		tag_at; /* offset of the tag: first bytes of what IP carries after any UDP header */
	bool more, later; /* a first fragment; one without ports */
	uint32_t ip_sum, udp_sum; /* one's complement sums of what stays the same */
};

struct mix_pattern {
	unsigned int n;
	struct mix_frame *frame[MIX_PATTERN_MAX]; /* by turn */
};

/** What came back. */
struct mix_seen {
	struct mix_ends ends; /* ports only when has_ports */
	uint32_t flow;
	enum mix_way way;
	bool has_ports;
};

/** The pattern of a kind; the same memory in every call. */
const struct mix_pattern *mix_pattern(enum mix_kind kind);

/** Write a whole frame; `id` tells datagrams apart, 0 is fine for what is not cut. */
void mix_frame_write(const struct mix_frame *f, struct rte_mbuf *m, const struct mix_ends *e,
	uint32_t flow, enum mix_way way, uint16_t id);

/** Look at a frame; false when it is none of ours. */
bool mix_frame_read(const struct rte_mbuf *m, struct mix_seen *seen);

/** True when the sums of the headers, worked out anew, are right; UDP's when it is whole. Spoils UDP's. */
bool mix_frame_sums(struct rte_mbuf *m);

#endif /* BENCH_MIXFRAME_H */
