/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_TCPWIRE_H
#define TEST_TCPWIRE_H

#include <rte_tcp.h>

#include "sluice.h"

#define TCPWIRE_L3 14 /* bytes before the IP header of what is built */

#define T_FIN RTE_TCP_FIN_FLAG
#define T_SYN RTE_TCP_SYN_FLAG
#define T_RST RTE_TCP_RST_FLAG
#define T_PSH RTE_TCP_PSH_FLAG
#define T_ACK RTE_TCP_ACK_FLAG
#define T_URG RTE_TCP_URG_FLAG
#define T_ECE RTE_TCP_ECE_FLAG
#define T_CWR RTE_TCP_CWR_FLAG

/** A TCP segment, numbers in host order. */
struct tcpwire {
	enum sl_side from;
	bool v6;
	uint8_t tos, ttl; /* ttl 0: 60 from inside, 50 from outside */
	uint8_t flags;
	uint32_t seq, ack;
	uint16_t win, urp;
	bool ts, sack_ok, scales;
	uint32_t tsval, tsecr;
	uint8_t scale;
	uint16_t mss; /* 0: no option */
	unsigned int n_sacks;
	uint32_t sack[4][2];
	const uint8_t *data;
	uint32_t n;
	unsigned int cut; /* build: payload bytes of each mbuf segment; 0: one segment */
};

/** Build it as a frame, checksums right; NULL without an mbuf. */
struct rte_mbuf *tcpwire_build(struct rte_mempool *pool, const struct tcpwire *t);

/**
 * Read a packet that begins with its IP header. Addresses, lengths, checksums and form of the
 * options must be right or the test fails. The payload is copied to `data`.
 */
void tcpwire_read(const struct rte_mbuf *m, enum sl_side from, struct tcpwire *t, uint8_t *data,
	uint32_t size);

#endif
