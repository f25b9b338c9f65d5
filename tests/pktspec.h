/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PKTSPEC_H
#define TEST_PKTSPEC_H

#include "pkttoken.h"

/** What a packet is; the first word of its text. */
enum pt_kind {
	PT_UDP,
	PT_TCP,
	PT_ICMP,
	PT_IP, /**< any other protocol: proto= */
	PT_IP6, /**< IPv6 with any payload: nh= */
	PT_UDP6,
	PT_TCP6,
	PT_ICMP6,
	PT_ARP,
	PT_ETH, /**< any EtherType: type= */
	PT_HEX, /**< the whole frame */
};

/** Fields that a text may set; absent ones keep their default. */
enum pt_field {
	PT_TTL,
	PT_TOS,
	PT_IPID,
	PT_OFF,
	PT_IHL,
	PT_VERSION,
	PT_TLEN,
	PT_ULEN,
	PT_DOFF,
	PT_PROTO,
	PT_TYPE,
	PT_TRAILER,
	PT_CUT,
	PT_CSUM,
	PT_SEQ,
	PT_ACK,
	PT_WIN,
	PT_URGENT,
	PT_MSS,
	PT_ID,
	PT_CODE,
	PT_MTU,
	PT_PTR,
	PT_REST,
	PT_LEN,
	PT_NH,
	PT_DATA,
	PT_OP,
	PT_RES,
	PT_FRAG,
	PT_RH,
	PT_FLOW,
	PT_FIELD_COUNT
};

/** Words without a value. */
enum pt_flag {
	PT_FIN = 1 << 0, /* the TCP flags have their places in the header */
	PT_SYN = 1 << 1,
	PT_RST = 1 << 2,
	PT_PSH = 1 << 3,
	PT_ACKF = 1 << 4,
	PT_URG = 1 << 5,
	PT_ECE = 1 << 6,
	PT_CWR = 1 << 7,
	PT_DF = 1 << 8,
	PT_MF = 1 << 9,
	PT_BADCSUM = 1 << 10,
	PT_BADIPCSUM = 1 << 11,
	PT_HBH = 1 << 12,
	PT_DSTOPT = 1 << 13,
};

/** A packet's text, read. Pointers go into the text. */
struct pt_spec {
	enum pt_kind kind;
	uint64_t field[PT_FIELD_COUNT];
	bool has[PT_FIELD_COUNT];
	unsigned int flags;
	uint8_t src[16], dst[16]; /**< 4 or 16 bytes, wire order */
	uint16_t sport, dport;
	uint8_t gw[4];
	uint8_t opt[64], ext[256]; /**< IP or TCP options, RFC 4884 extension */
	size_t opt_len, tcpopt_len, ext_len;
	uint8_t tcpopt[64];
	struct rte_ether_addr smac, dmac;
	uint16_t vlan[2];
	unsigned int n_vlans;
	const char *quote; /**< the quoted packet's text, without brackets */
	size_t quote_len;
	uint8_t data[PT_FRAME_MAX]; /**< payload */
	size_t data_len;
};

/** Words of an enum pt_field and enum pt_flag, and ICMP types, for both directions. */
extern const char *const pt_field_name[PT_FIELD_COUNT];
struct pt_word {
	const char *word;
	unsigned int value;
};
extern const struct pt_word pt_flag_word[], pt_icmp_word[],
	pt_icmp6_word[]; /**< end with a NULL word */

/** Read a text; 0, or -1 with a sentence in why. */
int pt_read(const char *text, size_t n, const struct pt_default *def, struct pt_spec *spec,
	char *why, size_t size);

#endif
