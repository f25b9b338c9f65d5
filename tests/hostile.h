/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_HOSTILE_H
#define TEST_HOSTILE_H

#include "pipe.h"

/** A packet to spoil. */
struct hostile_packet {
	enum sl_side side;
	const char *text;
};

/** Packets of every kind, for sessions opened by hostile_open(). */
extern const struct hostile_packet hostile_packets[];
extern const unsigned int hostile_n;

/** A packet that opens a session, and what comes out: its names are bound. */
struct hostile_opener {
	enum sl_side side;
	const char *packet, *expect;
};

/** A gateway with the sessions of openers, whose last one has no packet. */
struct pipe *hostile_open_with(unsigned int n_workers, const char *conf,
	const struct hostile_opener *opener, struct pt_names *names);

/** A gateway with a UDP, a TCP and an ICMP session whose outside ports are $p, $t and $i. */
struct pipe *hostile_open(unsigned int n_workers, struct pt_names *names);

/** The bytes of packet number i. */
void hostile_build(
	const struct pipe *p, const struct pt_names *names, unsigned int i, struct pt_frame *f);

/** The bytes of any packet. */
void hostile_frame(const struct pipe *p, const struct pt_names *names,
	const struct hostile_packet *packet, struct pt_frame *f);

/** How deep a spoilt packet shall get. */
enum hostile_repair {
	HOSTILE_RAW, /**< as it is */
	HOSTILE_IP, /**< with a right IP checksum */
	HOSTILE_LENGTH, /**< and the IP length of what is there */
	HOSTILE_ICMP, /**< and right checksums of ICMP and of a quoted header */
	HOSTILE_REPAIRS
};

/** Put checksums right, as far as the packet's own lengths allow. */
void hostile_repair(uint8_t *b, size_t len, enum hostile_repair how);

/** A random number; s is the state, not 0. */
uint64_t hostile_draw(uint64_t *s);

/** Spoil a frame: bits, bytes, 16-bit fields, its length; then it may be repaired. */
void hostile_spoil(uint64_t *s, struct pt_frame *f);

#endif
