/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The epoch, and telling hosts of it. Seconds since state was lost: a host that sees fewer than
 * it should asks for its mappings again (RFC 6887 section 8.5, RFC 6886 section 3.6). A restart
 * that brings all leases back goes on counting where the one before has stopped.
 *
 * Who has state with the box is told at once by multicast, PCP and NAT-PMP alike (RFC 6887
 * section 14.1, RFC 6886 section 3.2.1): ten times, a quarter of a second after the first one, and
 * then each time after twice as long. Whatever happens, never two within a quarter of a second.
 */
#include "pcp_wire.h"

#include <rte_common.h>

#define ROUNDS 10
#define GAP 250 /* milliseconds */

uint32_t
sl_pcp_epoch(const struct sl_pcp *pcp, uint64_t now)
{
	return pcp->epoch + (now > pcp->since ? (uint32_t)((now - pcp->since) / 1000) : 0);
}

void
sl_pcp_lost(struct sl_pcp *pcp, uint64_t now)
{
	pcp->epoch = 0;
	pcp->since = now;
	pcp->left = ROUNDS;
	pcp->gap = GAP;
	pcp->next = pcp->last != 0 ? RTE_MAX(now, pcp->last + GAP) : now;
}

void
sl_pcp_resume(struct sl_pcp *pcp, uint32_t epoch, uint64_t now)
{
	pcp->epoch = epoch;
	pcp->since = now;
}

bool
sl_pcp_due(struct sl_pcp *pcp, uint64_t now, uint64_t *next)
{
	bool due = pcp->left > 0 && now >= pcp->next;

	if (due) {
		pcp->left--;
		pcp->last = now;
		pcp->next = now + pcp->gap;
		pcp->gap *= 2;
	}
	*next = pcp->left > 0 ? pcp->next : UINT64_MAX;
	return due;
}

size_t
sl_pcp_announcement(const struct sl_pcp *pcp, uint64_t now, uint8_t to[SL_PCP_ANNOUNCEMENT_MAX])
{
	memset(to, 0, SL_PCP_HEADER);
	to[0] = SL_PCP_VERSION;
	to[1] = SL_PCP_ANNOUNCE | SL_PCP_RESPONSE;
	sl_pcp_put32(to + 8, sl_pcp_epoch(pcp, now));
	return SL_PCP_HEADER;
}
