/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef MODEL_PLAY_WIRE_H
#define MODEL_PLAY_WIRE_H

#include "play.h"

/** A packet that is being made. */
struct wire_pkt {
	struct m_addr src, dst;
	unsigned int proto, sport, dport, query;
	uint8_t l4[1600];
	unsigned int len;
	unsigned int id, field, ttl; /* of IPv4 */
};

struct m_addr play_four(uint32_t a);

/** The transport header and payload of a packet whose ends are set; s: its session, or NULL. */
void play_put_l4(struct wire_pkt *k, const struct m_session *s, enum sl_side side, uint64_t *r);

/** A payload by which the checksum is zero on the other side, where UDP must not send it so. */
void play_aim_at_zero(
	const struct model *m, struct wire_pkt *k, const struct m_session *s, enum sl_side side);

/** The checksum; with r now and then a wrong one, or none. */
void play_put_sum(struct wire_pkt *k, uint64_t *r);

/** The packet as a frame from a station on this side; returns its length. */
unsigned int play_frame(const struct wire_pkt *k, enum sl_side side, uint8_t *b, uint64_t *r);

#endif
