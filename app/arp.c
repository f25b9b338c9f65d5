/* SPDX-License-Identifier: BSD-3-Clause
 *
 * ARP for addresses that are the box's but not the kernel's: those of the pools.
 *
 * A router outside asks for a pool address as for any host of the link. The kernel cannot
 * answer: a proxy neighbour entry (NTF_PROXY) is looked at only when forwarding is on and
 * the route to the address leads out of another interface than the one that asks, which is
 * never so for a pool inside the outside network; tried on Linux 6.18, only proxy_arp_pvlan
 * made it answer, and then for every address of the network. Putting thousands of addresses
 * on the TAP would make the kernel answer, and also take their packets and their ports. So
 * the answer is made here, and the request goes on to the kernel, which learns from it.
 *
 * Answered is every request on the outside for a pool address, also outside of the
 * connected network (the router may have a route for it on the link). Not answered are
 * announcements (RFC 5227 section 3: sender and target are the same). Probes are, which
 * defends the address against another host that wants it (RFC 5227 section 2.4).
 *
 * Control lcore only; immutable after creation. Limits: ranges are searched one by one.
 */
#include <stdlib.h>
#include <string.h>

#include <rte_arp.h>
#include <rte_ether.h>

#include "arp.h"

struct owned {
	uint32_t first, last; /* host order */
	enum sl_side side;
	unsigned int tenant;
};

struct arp {
	unsigned int n_owned, n_kernel;
	struct owned *kernel; /* answered by the kernel; behind owned[] */
	struct owned owned[];
};

static struct owned
make_one(rte_be32_t addr, enum sl_side side, unsigned int tenant)
{
	return (struct owned){
		.first = rte_be_to_cpu_32(addr),
		.last = rte_be_to_cpu_32(addr),
		.side = side,
		.tenant = tenant,
	};
}

static void
add_own(const struct sl_config *config, struct owned *to, unsigned int *n)
{
	for (unsigned int t = 0; t < config->n_tenants; t++)
		for (unsigned int i = 0; i < config->tenant[t].n_addrs; i++)
			to[(*n)++] = make_one(config->tenant[t].addr[i].addr, SL_INSIDE, t);
	for (unsigned int i = 0; i < config->n_outside; i++)
		to[(*n)++] = make_one(config->outside[i].addr, SL_OUTSIDE, 0);
}

struct arp *
arp_create(const struct sl_config *config, bool all)
{
	size_t ranges = 0, own = config->n_outside;
	struct arp *arp;

	for (unsigned int t = 0; t < config->n_tenants; t++)
		own += config->tenant[t].n_addrs;
	for (unsigned int i = 0; i < config->n_pools; i++)
		ranges += config->pool[i].n_ranges;
	arp = calloc(1, sizeof(*arp) + (ranges + own) * sizeof(arp->owned[0]));
	if (arp == NULL)
		return NULL;
	for (unsigned int i = 0; i < config->n_pools; i++) {
		const struct sl_pool *pool = &config->pool[i];

		for (unsigned int k = 0; k < pool->n_ranges; k++)
			arp->owned[arp->n_owned++] = (struct owned){
				.first = rte_be_to_cpu_32(pool->range[k].first),
				.last = rte_be_to_cpu_32(pool->range[k].last),
				.side = SL_OUTSIDE,
			};
	}
	arp->kernel = &arp->owned[arp->n_owned];
	if (all)
		add_own(config, arp->owned, &arp->n_owned);
	else
		add_own(config, arp->kernel, &arp->n_kernel);
	return arp;
}

void
arp_destroy(struct arp *arp)
{
	free(arp);
}

static bool
is_among(const struct owned *owned, unsigned int n, const struct sl_punt *punt, uint32_t addr)
{
	unsigned int tenant = punt->side == SL_INSIDE ? punt->tenant : 0;

	for (unsigned int i = 0; i < n; i++) {
		if (owned[i].side == punt->side && owned[i].tenant == tenant &&
			addr >= owned[i].first && addr <= owned[i].last)
			return true;
	}
	return false;
}

/* A request for an address of ours; its content is a stranger's. */
static bool
is_for_us(const struct arp *arp, const struct rte_arp_hdr *request, const struct sl_punt *punt)
{
	uint32_t target = rte_be_to_cpu_32(request->arp_data.arp_tip);

	return request->arp_hardware == RTE_BE16(RTE_ARP_HRD_ETHER) &&
	       request->arp_protocol == RTE_BE16(RTE_ETHER_TYPE_IPV4) &&
	       request->arp_hlen == RTE_ETHER_ADDR_LEN && request->arp_plen == sizeof(target) &&
	       request->arp_opcode == RTE_BE16(RTE_ARP_OP_REQUEST) &&
	       request->arp_data.arp_sip != request->arp_data.arp_tip &&
	       rte_is_valid_assigned_ether_addr(&request->arp_data.arp_sha) &&
	       is_among(arp->owned, arp->n_owned, punt, target) &&
	       !is_among(arp->kernel, arp->n_kernel, punt, target);
}

bool
arp_answer(const struct arp *arp, const struct sl_punt *punt, const struct rte_ether_addr *mac,
	struct rte_mbuf *reply)
{
	struct rte_arp_hdr request, *answer;
	struct rte_ether_hdr *eth;
	const void *data;
	char *frame;

	if (punt->cause != SL_PUNT_ARP || punt->l3 < sizeof(*eth))
		return false;
	/* The mbuf may be of segments; what lies in one is not copied to the buffer. */
	data = rte_pktmbuf_read(punt->m, punt->l3, sizeof(request), &request);
	if (data == NULL)
		return false;
	memmove(&request, data, sizeof(request));
	if (!is_for_us(arp, &request, punt) ||
		rte_is_same_ether_addr(&request.arp_data.arp_sha, mac))
		return false;
	frame = rte_pktmbuf_append(reply, (uint16_t)(punt->l3 + sizeof(*answer)));
	if (frame == NULL)
		return false;
	/* VLAN tags go back as they came. */
	data = rte_pktmbuf_read(punt->m, 0, punt->l3, frame);
	memmove(frame, data, punt->l3);
	eth = (struct rte_ether_hdr *)frame;
	eth->dst_addr = request.arp_data.arp_sha;
	eth->src_addr = *mac;
	answer = (struct rte_arp_hdr *)(frame + punt->l3);
	*answer = request;
	answer->arp_opcode = RTE_BE16(RTE_ARP_OP_REPLY);
	answer->arp_data.arp_sha = *mac;
	answer->arp_data.arp_sip = request.arp_data.arp_tip;
	answer->arp_data.arp_tha = request.arp_data.arp_sha;
	answer->arp_data.arp_tip = request.arp_data.arp_sip;
	return true;
}
