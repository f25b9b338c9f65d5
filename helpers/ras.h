/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_RAS_H
#define SL_RAS_H

#include "helper.h"

/*
 * Registrations with gatekeepers. They outlive the flows by which they are made, so they lie in
 * what all flows of the helper share.
 */

#define SL_RAS_WAYS 8 /* places for the hosts of one slot */
#define SL_RAS_SLOTS 1024
#define SL_RAS_EACH 4 /* registrations of one host */
#define SL_RAS_PORTS 8 /* endpoints of one registration */

/** An endpoint of the inside host's, and what stands for it. */
struct sl_ras_port {
	uint8_t proto; /* IPPROTO_TCP: call signalling; IPPROTO_UDP: RAS */
	rte_be16_t in_port, out_port;
	rte_be32_t out_addr;
	bool now; /* the gatekeeper has it */
	bool next; /* what was said last has it */
};

/** An endpoint's registration, by where it speaks RAS and with whom. */
struct sl_ras_registration {
	uint64_t until; /* milliseconds */
	rte_be32_t in_addr, gatekeeper;
	rte_be16_t in_port;
	uint16_t tenant;
	uint16_t asked; /* number of the request that waits for an answer, 0: none */
	bool over; /* kept for what is said once more */
	uint8_t n;
	uint32_t seconds; /* wanted, 0: not said */
	struct sl_ras_port port[SL_RAS_PORTS];
};

/** All of them. Zero at first. */
struct sl_ras_table {
	struct sl_ras_registration place[SL_RAS_SLOTS][SL_RAS_WAYS];
};

/** The registration that a flow speaks of; NULL: there is none, or its time is over. */
struct sl_ras_registration *sl_ras_find(const struct sl_helper *h);

/** The same, made when there is none; NULL without room. */
struct sl_ras_registration *sl_ras_get(const struct sl_helper *h);

/** A request names this endpoint: have it. */
void sl_ras_name(struct sl_ras_registration *r, const struct sl_ras_port *port);

/** What stands for an endpoint; NULL: nothing that is known. */
const struct sl_ras_port *sl_ras_known(
	const struct sl_ras_registration *r, uint8_t proto, rte_be16_t in_port);

/** The gatekeeper has agreed, or has not: what no longer counts is closed, the rest lives for so
 * many milliseconds, 0: for as long as before. */
void sl_ras_settle(struct sl_helper *h, struct sl_ras_registration *r, bool agreed, uint32_t ms);

/** It is over: all is closed. */
void sl_ras_end(struct sl_helper *h, struct sl_ras_registration *r);

#endif /* SL_RAS_H */
