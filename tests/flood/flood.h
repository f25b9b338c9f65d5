/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef FLOOD_H
#define FLOOD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_ether.h>
#include <rte_mbuf.h>

#define FLOOD_FLOWS 1000 /**< established ones; the even are TCP, the odd UDP */
#define FLOOD_FRAME 192 /**< no frame is longer */

/** The port a packet goes to or comes from, as DPDK numbers them. */
enum flood_side {
	INSIDE,
	OUTSIDE
};

/* The network, as floods_test.sh configures it. */
#define BOX_INSIDE 0x0a000001u /* 10.0.0.1 */
#define BOX_OUTSIDE 0xc0000201u /* 192.0.2.1 */
#define SUBSCRIBERS 0x0a010000u /* 10.1.0.0/16: the established flows' */
#define NEWCOMERS 0x0a020000u /* 10.2.0.0/16: a new flow now and then */
#define ATTACKER 0x0a090909u /* 10.9.9.9 */
#define SERVER 0xc6120001u /* 198.18.0.1 */
#define STRANGERS 0xc6130000u /* 198.19.0.0/16 */
#define POOL 0xcb007000u /* 203.0.112.0/22 */
#define POOL_SIZE 1024u
#define TCP_PORT 80
#define UDP_PORT 4000

/** What stands at the head of every payload. The number and its complement leave sums alone. */
enum flood_kind {
	ESTABLISHED = 1,
	FRESH,
	ATTACK
};

struct flood_tag {
	uint16_t magic;
	uint16_t kind;
	uint32_t flow;
	uint32_t number, complement;
};

#define FLOOD_MAGIC 0x4c46 /* "FL" */

/** An established flow: its endpoint outside, and its frames both ways. */
struct flood_flow {
	bool tcp, known;
	uint32_t in_addr, out_addr;
	uint16_t in_port, out_port;
	uint16_t len[2];
	uint8_t frame[2][FLOOD_FRAME]; /**< to INSIDE's port, to OUTSIDE's */
};

/** Frames under construction. All numbers in host order. */
struct flood_ip {
	enum flood_side side; /**< the port it is for */
	uint32_t src, dst;
	uint16_t id, frag; /**< identification; flags and offset */
	uint8_t proto, ttl; /**< TTL 0 means 64 */
};

/** Headers in front of n bytes of payload at frame + 34, with the IPv4 checksum; its length. */
uint16_t flood_ip_frame(uint8_t *frame, const struct flood_ip *ip, uint16_t n);

/** A whole UDP datagram with a tag (kind 0: without one, n bytes of zeros). */
uint16_t flood_udp(uint8_t *frame, const struct flood_ip *ip, uint16_t sport, uint16_t dport,
	const struct flood_tag *tag);

/** A TCP segment; a tag may be its payload. */
uint16_t flood_tcp(uint8_t *frame, const struct flood_ip *ip, uint16_t sport, uint16_t dport,
	uint32_t seq, uint32_t ack, uint8_t flags, const struct flood_tag *tag);

/** The Internet checksum of n bytes, to be stored as it is. */
uint16_t flood_sum(const void *data, size_t n, uint32_t sum);

struct flood_tag flood_tag(enum flood_kind kind, uint32_t flow, uint32_t number);

/** A repeatable random number. */
uint32_t flood_random(void);

/** One kind of attack: frame number n of it. */
struct flood_attack {
	const char *name;
	enum flood_side side;
	uint16_t (*build)(uint8_t *frame, const struct flood_flow *flow, uint64_t n);
};

/** By name, or NULL. */
const struct flood_attack *flood_attack(const char *name);

#endif
