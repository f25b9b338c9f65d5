/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_TALK_H
#define TEST_TALK_H

#include "pipe.h"

#define TALK_MAX 12288 /* bytes that arrive at once */

/**
 * An endpoint. 10.6.0.X is an IPv6 host, 2001:db8:1::X, for whom the others are behind
 * 64:ff9b::/96: its packets are of IPv6 on the inside link.
 */
struct talk_end {
	rte_be32_t addr;
	uint16_t port; /* host order */
};

/**
 * A TCP connection through a gateway on the bench, both of whose ends are played here. Every
 * packet that comes out is held against what its receiver has seen: endpoints, checksums,
 * numbers. The ends acknowledge what they get, at once.
 */
struct talk {
	struct pipe *p;
	struct talk_end end[2]; /* the inside host and the remote one, as they know themselves */
	struct talk_end at[2]; /* where each sends to: the remote end, and the outside endpoint */
	struct talk_end from[2]; /* as whom each is seen by the other */
	uint32_t seq[2]; /* next number of each, as it counts */
	uint32_t seen[2]; /* next number of each, as the other end expects it */
	bool hairpin; /* the remote end is inside, too */
	uint32_t n_got; /* bytes of what arrived at last, also zeros */
};

/** "192.0.2.1:80" as an endpoint; exits the test when it is none. */
struct talk_end talk_end(const char *text);

/** Is it an IPv6 host? */
bool talk_is_six(struct talk_end e);

/** An endpoint in the text of a packet, of IPv4 or as the inside link has it of IPv6. */
void talk_end_text(struct talk_end e, bool six, char *text, size_t size);

/** What an IPv6 address on the inside link stands for. */
rte_be32_t talk_stands_for(const uint8_t *six);

/** A connection from inside, numbers from 1000 and 9000 on. */
void talk_open(struct talk *t, struct pipe *p, const char *inside, const char *remote);

/** A connection from outside to an outside endpoint, which leads to the inside one. */
void talk_open_inbound(struct talk *t, struct pipe *p, const char *remote, const char *outside,
	const char *inside);

/** A connection between two insiders by an outside endpoint; `remote` is the one that serves. */
void talk_open_hairpin(struct talk *t, struct pipe *p, const char *inside, const char *outside,
	const char *remote);

/** One end says something; what the other end gets of it in the end, acknowledged. */
const char *talk_say(struct talk *t, enum sl_side from, const char *text);

/** The same for any n bytes; how many arrive is in t->n_got. */
const uint8_t *talk_send(struct talk *t, enum sl_side from, const void *bytes, uint32_t n);

/** One end says no more: FIN, or RST with `abort`. The packet must arrive. */
void talk_close(struct talk *t, enum sl_side from, bool abort);

/** The same as talk_say() without an acknowledgement, for bytes whose rest is yet to come. */
const char *talk_begin(struct talk *t, enum sl_side from, const char *text);

/** An end says again what it said n bytes ago; what the other end gets. */
const char *talk_repeat(struct talk *t, enum sl_side from, const char *text, uint32_t n);

/**
 * Somebody outside opens a connection to an outside endpoint.
 * @return the inside endpoint that is reached; port 0: none
 */
struct talk_end talk_knock(struct pipe *p, const char *remote, struct talk_end at);

#endif
