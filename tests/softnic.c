/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A NIC to steer with, without a NIC. The hash is DPDK's own software Toeplitz, which those
 * use who must know what a NIC computes; of the library it has key and table only.
 */
#include "softnic.h"

#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>
#include <rte_ether.h>
#include <rte_ip.h>
#include <rte_thash.h>
#include <rte_udp.h>

void
softnic_make(struct softnic *nic, enum sl_side side, unsigned int n, uint32_t reta_size,
	uint32_t block, uint64_t random)
{
	memset(nic, 0, sizeof(*nic));
	nic->reta_size = reta_size;
	nic->types = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	if (side == SL_INSIDE)
		nic->types |= RTE_ETH_RSS_IPV4;
	assert_int_equal(sl_steering_key(side, reta_size, random, nic->key, 40), 0);
	assert_int_equal(sl_steering_reta(side, nic->key, n, block, nic->reta, reta_size), 0);
}

unsigned int
softnic_tuple(const struct softnic *nic, uint32_t src, uint32_t dst, uint16_t sport, uint16_t dport,
	bool ports)
{
	union rte_thash_tuple t = { 0 };
	uint32_t word[3], hash;

	t.v4.src_addr = src;
	t.v4.dst_addr = dst;
	t.v4.sport = sport;
	t.v4.dport = dport;
	memcpy(word, &t.v4, sizeof(word));
	hash = rte_softrss(word, ports ? RTE_THASH_V4_L4_LEN : RTE_THASH_V4_L3_LEN, nic->key);
	return nic->reta[hash & (nic->reta_size - 1)];
}

unsigned int
softnic_queue(const struct softnic *nic, const struct rte_mbuf *m)
{
	const struct rte_ether_hdr *eth = rte_pktmbuf_mtod(m, const struct rte_ether_hdr *);
	const struct rte_ipv4_hdr *ip = (const void *)(eth + 1);
	const struct rte_udp_hdr *l4 = (const void *)((const uint8_t *)ip + rte_ipv4_hdr_len(ip));
	uint64_t type = RTE_ETH_RSS_NONFRAG_IPV4_OTHER;
	bool ports;

	if (eth->ether_type != RTE_BE16(RTE_ETHER_TYPE_IPV4))
		return 0;
	if (ip->fragment_offset & RTE_BE16(RTE_IPV4_HDR_MF_FLAG | RTE_IPV4_HDR_OFFSET_MASK))
		type = RTE_ETH_RSS_FRAG_IPV4;
	else if (ip->next_proto_id == IPPROTO_TCP)
		type = RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	else if (ip->next_proto_id == IPPROTO_UDP)
		type = RTE_ETH_RSS_NONFRAG_IPV4_UDP;
	ports = type & nic->types & (RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP);
	if (!ports && !(nic->types & (RTE_ETH_RSS_IPV4 | type)))
		return 0;
	return softnic_tuple(nic, rte_be_to_cpu_32(ip->src_addr), rte_be_to_cpu_32(ip->dst_addr),
		ports ? rte_be_to_cpu_16(l4->src_port) : 0,
		ports ? rte_be_to_cpu_16(l4->dst_port) : 0, ports);
}
