/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What workers and control look up in a snapshot of the configuration.
 */
#include "snap_slot.h"

const struct sl_addr *
sl_snap_addr(const struct sl_snap *s, uint16_t realm, rte_be32_t addr)
{
	uint32_t i = sl_snap_addr_slot(s, realm, addr);

	for (; s->addr[i].kind != 0; i = (i + 1) & s->addr_mask)
		if (s->addr[i].addr == addr && s->addr[i].realm == realm)
			return &s->addr[i];
	return NULL;
}

const struct sl_fwd *
sl_snap_fwd_out(const struct sl_snap *s, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	uint32_t i;

	if (s->n_fwds == 0)
		return NULL;
	for (i = sl_snap_fwd_slot(s, 0, proto, addr, port); s->fwd_out[i].proto != 0;
		i = (i + 1) & s->fwd_mask)
		if (s->fwd_out[i].out_addr == addr && s->fwd_out[i].out_port == port &&
			s->fwd_out[i].proto == proto)
			return &s->fwd_out[i];
	return NULL;
}

const struct sl_fwd *
sl_snap_fwd_in(
	const struct sl_snap *s, uint16_t tenant, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	uint32_t i;

	if (s->n_fwds == 0)
		return NULL;
	i = sl_snap_fwd_slot(s, tenant, proto, addr, port);
	for (; s->fwd_in[i].proto != 0; i = (i + 1) & s->fwd_mask)
		if (s->fwd_in[i].in_addr == addr && s->fwd_in[i].in_port == port &&
			s->fwd_in[i].proto == proto && s->fwd_in[i].tenant == tenant)
			return &s->fwd_in[i];
	return NULL;
}

int
sl_snap_tenant(const struct sl_snap *s, uint16_t vlan, uint16_t inner)
{
	for (uint32_t i = 0; i < s->n_tenants; i++)
		if (s->tenant[i].vlan == vlan && s->tenant[i].vlan_inner == inner &&
			!s->tenant[i].absent)
			return (int)i;
	return -1;
}

bool
sl_snap_bypass(const struct sl_snap *s, uint8_t proto, rte_be32_t rem, rte_be16_t rem_port)
{
	for (uint32_t i = 0; i < s->n_bypasses; i++) {
		const struct sl_bypass *b = &s->bypass[i];
		rte_be32_t mask =
			b->to.plen ? rte_cpu_to_be_32(UINT32_MAX << (32 - b->to.plen)) : 0;

		if (((rem ^ b->to.addr) & mask) == 0 && (b->proto == 0 || b->proto == proto) &&
			(b->port == 0 || b->port == rem_port))
			return true;
	}
	return false;
}

bool
sl_snap_serves(const struct sl_snap *s, uint8_t proto, rte_be32_t addr, rte_be16_t port)
{
	const struct sl_addr *a;

	for (uint32_t i = 0; i < s->n_services; i++) {
		if (s->service[i].proto != proto || s->service[i].port != port)
			continue;
		a = sl_snap_addr(s, 0, addr);
		return a != NULL && (a->kind & SL_ADDR_LOCAL);
	}
	return false;
}
