/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_FRAGCUT_H
#define TEST_FRAGCUT_H

#include "pipe.h"

#define L4_LEN 77 /**< bytes of the datagrams behind their IP header */
#define WAYS 6 /**< UDP, ICMP and TCP, each outbound and inbound */
/** Nothing ends within the test, and incomplete datagrams after two seconds. */
#define FRAG_CONF "inbound-refresh on; timeout udp 80000; timeout icmp 80000; timeout fragment 2"

/** A piece of a datagram. */
struct piece {
	uint32_t off, len;
	bool more; /**< is not the last */
	bool forged; /**< with bytes that differ, but never in the ports */
};

/** One way through the gateway: a protocol in a direction. */
struct way {
	enum sl_side in;
	struct pt_frame whole; /**< what is sent */
	uint8_t right[L4_LEN]; /**< what must come behind the IP header */
};

/** Open a session of each protocol and learn what its translated datagrams look like. */
void frag_ways(struct pipe *p, struct way way[WAYS]);

/** A frame from its text, with the MAC addresses that it needs. */
void frag_build(const struct pipe *p, enum sl_side side, const char *text, struct pt_frame *f);

/** A piece of a whole datagram as a frame. */
void frag_cut(
	const struct pt_frame *whole, const struct piece *piece, uint16_t id, struct pt_frame *f);

/** Let the workers in turn receive a frame. */
void frag_receive(struct pipe *p, enum sl_side side, const struct pt_frame *f);

/** The IP header of packet i that came out, and two bytes in network order. */
const uint8_t *frag_got_ip(const struct pipe *p, unsigned int i);
unsigned int frag_get16(const uint8_t *b);
void frag_put16(uint8_t *b, unsigned int v);

/** Put together what came out under one id as RFC 791 says: -1 incomplete, 0 wrong, 1 right. */
int frag_assemble(const struct pipe *p, const struct way *way, unsigned int id);

#endif
