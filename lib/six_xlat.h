/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIX_XLAT_H
#define SL_SIX_XLAT_H

#include "host.h"
#include "six_pkt.h"

/*
 * From IPv6 to IPv4 and back (RFC 7915), each packet by itself. These functions know no tables:
 * the host says which addresses stand for which, the caller what else there is to know.
 */

/** What a translation needs beside the packet. */
struct sl_xlat {
	const struct sl_host *host;
	const struct sl_ip6 *from; /**< source of what goes up; NULL: by the host's prefix */
	uint16_t mtu4, mtu6; /**< of the links */
	bool checksum; /**< UDP packets without one get one */
	uint8_t tos, tos_mask; /**< TOS or traffic class: these bits are set, the others copied */
};

/** The TOS of what is translated, by that which it came with. */
static inline uint8_t
sl_xlat_tos(const struct sl_xlat *with, unsigned int tos)
{
	return (uint8_t)((tos & ~(unsigned int)with->tos_mask) | with->tos);
}

/**
 * Make an IPv6 packet IPv4. It is one that sl_six_parse() let pass, and if it is ICMPv6, whole.
 * Its Ethernet header, EtherType included, and its place in p go with it.
 * @return 0, or the counter of the reason to drop it
 */
int sl_six_down(
	struct rte_mbuf *m, struct sl_pkt *p, const struct sl_six *x, const struct sl_xlat *with);

/**
 * Make the transport of an IPv4 packet to a stand-in fit IPv6, the IP header stays: checksums,
 * and of ICMP all of the message, that is, of an error the whole packet is IPv6 then.
 * @return 0, or the counter of the reason to drop it
 */
int sl_six_up_l4(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with);

/**
 * Then its header: the IPv6 header is at the start of the data, p->l3 is 0.
 * @return 0, or the counter of the reason to drop it
 */
int sl_six_up_l3(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with);

/** Both. */
int sl_six_up(struct rte_mbuf *m, struct sl_pkt *p, const struct sl_xlat *with);

/** The traffic class of an IPv6 header. */
static inline uint8_t
sl_six_class(const uint8_t *six)
{
	return (uint8_t)(six[0] << 4 | six[1] >> 4);
}

#define SL_SIX_WHOLE 1260 /**< bytes of an IPv4 packet that may be cut on its way */

/** The IPv4 header of a translated packet but for addresses, lengths and checksum. */
static inline void
sl_six_header4(struct rte_ipv4_hdr *ip, const uint8_t *six, uint16_t total, rte_be16_t frag,
	rte_be16_t id, bool fragment)
{
	*ip = (struct rte_ipv4_hdr){
		.version_ihl = RTE_IPV4_VHL_DEF,
		.type_of_service = sl_six_class(six),
		.total_length = rte_cpu_to_be_16(total),
		.packet_id = id,
		.fragment_offset = fragment               ? frag
				   : total > SL_SIX_WHOLE ? RTE_BE16(RTE_IPV4_HDR_DF_FLAG)
							  : 0,
		.time_to_live = six[7],
	};
}

#define SL_ICMP_QUOTE_MAX 1472 /* bytes of an error that are read */
#define SL_ICMP6_MAX 1240 /* of one that is made: RFC 4443 section 2.4 (c), without IP header */
#define SL_ICMP_ERROR_MAX (SL_ICMP_QUOTE_MAX + 64) /* room for either */

/**
 * Translate an ICMP error, what it quotes included, from a copy to another. The checksum of
 * the ICMPv4 message is filled in, that of the ICMPv6 one is not.
 * @param remote  the IPv4 end of the quoted packet
 * @return its new length, 0 when there is no such message in the other version
 */
uint32_t sl_six_error_down(const uint8_t *msg, uint32_t len, uint8_t *out, rte_be32_t remote,
	const struct sl_xlat *with);
uint32_t sl_six_error_up(
	const uint8_t *msg, uint32_t len, uint8_t *out, const struct sl_xlat *with);

/** Type and code of an error in the other version, and the MTU or pointer; false: there is none.
 * @param total  length of the quoted packet by its own header */
struct sl_icmp_head {
	uint8_t type, code;
	uint32_t word; /**< MTU or pointer, host order */
};
bool sl_six_head_down(struct sl_icmp_head *h, const struct sl_xlat *with);
bool sl_six_head_up(struct sl_icmp_head *h, uint16_t total, const struct sl_xlat *with);

#endif /* SL_SIX_XLAT_H */
