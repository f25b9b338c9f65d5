/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef BENCH_FRAME_H
#define BENCH_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#define FRAME_SIZE 64 /**< bytes without FCS, as the generator over memif sends them */
#define FRAME_IP_ID 18 /**< offsets in an untagged IPv4 frame without options */
#define FRAME_IP_SUM 24
#define FRAME_IP_SRC 26
#define FRAME_L4 34
#define FRAME6_SIZE 84 /**< the same packet as IPv6 */
#define FRAME6_L4 54
#define FRAME6_SRC 26 /**< bytes 4 to 7 of a host's address, which tell hosts apart */
#define FRAME6_DST 50 /**< the IPv4 address behind the prefix */

/** What tells one packet of a template from another: addresses, ports, both checksums. */
struct arrival {
	rte_be32_t src, dst;
	rte_be16_t sport, dport;
	uint16_t ip_sum, l4_sum; /**< as they stand in the frame */
};

_Static_assert(sizeof(struct arrival) == 16, "four arrivals a cache line");

/** A 64-byte UDP or TCP frame without addresses, and the sums over what stays the same. */
struct frame {
	uint8_t bytes[96];
	bool six;
	unsigned int l4_sum_at; /**< offset of the transport checksum */
	uint32_t ip_part, l4_part; /**< one's complement sums of the constant part */
} __rte_cache_aligned;

/** Make a template; tcp_flags, seq and ack are for TCP only. */
void frame_init(struct frame *f, uint8_t proto, uint8_t tcp_flags, uint32_t seq, uint32_t ack,
	const struct rte_ether_addr *dst);

/** The same as IPv6, from host to the prefix; their variable parts are zero. */
void frame_init6(struct frame *f, uint8_t proto, uint8_t tcp_flags, uint32_t seq, uint32_t ack,
	const struct rte_ether_addr *dst, const uint8_t *host, const uint8_t *prefix);

/** Work out the checksums of this template between two endpoints. */
void frame_arrival(const struct frame *f, rte_be32_t src, rte_be16_t sport, rte_be32_t dst,
	rte_be16_t dport, struct arrival *a);

/** The addresses and ports of a frame that was made here, or came out as IPv6 for a host. */
void frame_read(const struct rte_mbuf *m, struct arrival *a);

/** True when the frame, of either version, is whole, TTL is 63, and both checksums, worked out anew, are right. */
bool frame_right(const struct rte_mbuf *m);

/**
 * Do what a driver's receive would have done: metadata and frame are in a warm mbuf.
 * Both are written whole, so nothing of an earlier packet is left.
 */
static inline void
frame_receive(const struct frame *f, const struct arrival *a, struct rte_mbuf *m)
{
	uint8_t *p = (uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM;

	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->nb_segs = 1;
	m->port = 0;
	m->ol_flags = 0;
	m->packet_type = 0;
	m->pkt_len = FRAME_SIZE;
	m->data_len = FRAME_SIZE;
	memcpy(p, f->bytes, FRAME_SIZE);
	memcpy(p + FRAME_IP_SRC, a, 12);
	memcpy(p + FRAME_IP_SUM, &a->ip_sum, 2);
	memcpy(p + f->l4_sum_at, &a->l4_sum, 2);
}

/** The same for a template of IPv6. */
static inline void
frame_receive6(const struct frame *f, const struct arrival *a, struct rte_mbuf *m)
{
	uint8_t *p = (uint8_t *)m->buf_addr + RTE_PKTMBUF_HEADROOM;

	m->data_off = RTE_PKTMBUF_HEADROOM;
	m->nb_segs = 1;
	m->port = 0;
	m->ol_flags = 0;
	m->packet_type = 0;
	m->pkt_len = FRAME6_SIZE;
	m->data_len = FRAME6_SIZE;
	memcpy(p, f->bytes, FRAME6_SIZE);
	memcpy(p + FRAME6_SRC, &a->src, 4);
	memcpy(p + FRAME6_DST, &a->dst, 4);
	memcpy(p + FRAME6_L4, &a->sport, 4);
	memcpy(p + f->l4_sum_at, &a->l4_sum, 2);
}

#endif /* BENCH_FRAME_H */
