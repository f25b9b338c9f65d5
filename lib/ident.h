/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_IDENT_H
#define SL_IDENT_H

#include <rte_ip.h>

#include "csum.h"

/** What a packet's id was before it got one of ours. */
struct sl_id {
	rte_be16_t was;
	rte_be16_t port; /* from which it was sent outside */
};

/**
 * The IPv4 ids that a worker gives, and what they replace. A packet that somebody may yet cut gets
 * an id of our own: those of subscribers that share an address would collide (RFC 6864 section 5.3,
 * RFC 7857 section 10). An error that quotes it gets the old one back (RFC 5508 REQ-4), if it comes
 * before the id has served again. Written by its worker alone.
 */
struct sl_ids {
	struct sl_id *id; /* by the id given */
	uint16_t next;
};

/** Take the memory; 0 or -ENOMEM. */
int sl_ids_init(struct sl_ids *t, uint16_t first, int socket);

/** Give it back; fine on a zeroed table. */
void sl_ids_fini(struct sl_ids *t);

/** Remember which id stands for which. */
static inline void
sl_ids_note(struct sl_ids *t, rte_be16_t given, rte_be16_t was, rte_be16_t port)
{
	t->id[given] = (struct sl_id){ was, port };
}

/** Give a whole packet the next id; what its header's checksum has to be fixed by. */
static inline uint32_t
sl_ids_give(struct sl_ids *t, struct rte_ipv4_hdr *ip, rte_be16_t port)
{
	uint32_t delta = sl_delta16(ip->packet_id, t->next);

	sl_ids_note(t, t->next, ip->packet_id, port);
	ip->packet_id = t->next++;
	return delta;
}

/** Put the old id back into a quoted packet that was sent from this port, if it is ours. */
static inline void
sl_ids_restore(const struct sl_ids *t, struct rte_ipv4_hdr *q, rte_be16_t port)
{
	struct sl_id id = t->id[q->packet_id];

	if (id.port != port)
		return;
	q->hdr_checksum = sl_csum_fix(q->hdr_checksum, sl_delta16(q->packet_id, id.was));
	q->packet_id = id.was;
}

#endif /* SL_IDENT_H */
