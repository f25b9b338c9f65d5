/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PCP_WISH_H
#define SL_PCP_WISH_H

/*
 * What MAP and PEER have in common: whom they are for, what they wish, what the store says to it.
 */
#include "pcp_wire.h"

/* Both begin with nonce, protocol, three bytes, inside port, suggested port and address. */
struct sl_pcp_wish {
	const uint8_t *nonce;
	uint8_t proto;
	rte_be16_t in_port, out_port;
	rte_be32_t out_addr; /* 0: any */
	bool foreign; /* an address of another family is suggested */
	rte_be32_t host;
};

struct sl_pcp_wish sl_pcp_wish_read(const struct sl_pcp_request *q);

/* May this host ask that, for that host and protocol? */
enum sl_pcp_result sl_pcp_wish_check(
	const struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w);

/* Does the lease fulfil it? */
bool sl_pcp_wish_met(const struct sl_pcp_wish *w, const struct sl_lease *lease);

bool sl_pcp_wish_knows(const struct sl_pcp_wish *w, const struct sl_lease *lease);

/* The lifetime that is asked for, within limits. */
uint32_t sl_pcp_lifetime(const struct sl_pcp *pcp, uint32_t asked);

/* What the store is to be asked. */
struct sl_lease_request sl_pcp_wish_request(
	const struct sl_pcp *pcp, const struct sl_pcp_request *q, const struct sl_pcp_wish *w);

/* Open or renew. `before` is what was there, or NULL. */
enum sl_pcp_result sl_pcp_wish_open(struct sl_pcp *pcp, const struct sl_pcp_request *q,
	const struct sl_pcp_wish *w, struct sl_lease_request *r, const struct sl_lease *before,
	struct sl_pcp_grant *grant);

/* Tell the client of a lease. */
void sl_pcp_tell(struct sl_pcp_grant *grant, const struct sl_lease *lease, uint32_t seconds);

/* What an error of the store is to a client; exact: one that wanted that endpoint or nothing. */
enum sl_pcp_result sl_pcp_result_of(int rc, bool exact);

#endif /* SL_PCP_WISH_H */
