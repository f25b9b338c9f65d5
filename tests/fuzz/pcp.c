/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of PCP and NAT-PMP: datagrams of two hosts, one after the other, to a server over a
 * store that the test plays. The input is
 *
 *	flags, length (two bytes), bytes, flags, length, bytes, ...
 *
 * A datagram's flags: bit 0 its host, bit 1 its tenant, bit 2 the host's address is put where
 * PCP has it, bit 3 the store refuses, bit 4 a quarter of a minute passes before.
 */
#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "../pcpfake.h"
#include "fuzz.h"
#include "pcp.h"

enum flags {
	SECOND_HOST = 1,
	SECOND_TENANT = 2,
	OWN_ADDRESS = 4,
	REFUSES = 8,
	LATER = 16,
	SIX = 32,
};

static bool
inside(void *arg, unsigned int tenant, rte_be32_t addr)
{
	(void)arg;
	(void)tenant;
	return rte_be_to_cpu_32(addr) >> 8 == 0x0a0000 || addr == RTE_BE32(0xf0000000);
}

/* Nothing gets into the store that a host could not have asked for. */
static void
look(const struct sl_leases *ls)
{
	for (unsigned int i = 0; i < ls->n; i++) {
		const struct sl_lease *l = &ls->lease[i];

		assert(l->proto == 6 || l->proto == 17);
		assert(l->in_port != 0 && l->out_port != 0);
		assert(inside(NULL, l->tenant, l->in_addr));
		assert(rte_be_to_cpu_16(l->out_port) >= 1024);
		assert(memchr(l->description, 0, sizeof(l->description)) != NULL);
		assert(l->origin != SL_LEASE_UPNP);
	}
	assert(ls->asked.third_party || ls->asked.client == ls->asked.lease.in_addr);
	assert(ls->asked.seconds <= 86400);
}

static void
datagram(struct sl_pcp *pcp, struct sl_leases *ls, uint8_t flags, const uint8_t *data, size_t n,
	uint64_t now)
{
	struct sl_pcp_peer from = {
		.tenant = (flags & SECOND_TENANT) != 0,
		.client = (flags & SECOND_HOST) ? RTE_BE32(0x0a000003) : RTE_BE32(0x0a000002),
		.port = RTE_BE16(5555),
		.own = RTE_BE32(0x0a000001),
	};
	static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
	static const struct sl_ip6 six = { { 0x20, 0x01, 0x0d, 0xb8, [15] = 6 } };
	uint8_t *copy = malloc(n > 0 ? n : 1), *reply = malloc(SL_PCP_MAX);
	size_t len;

	assert(copy != NULL && reply != NULL);
	memcpy(copy, data, n);
	if (flags & SIX) {
		from.client = RTE_BE32(0xf0000000);
		from.own = 0;
		from.is_six = true;
		from.six = six;
		from.prefix = (struct sl_ifaddr6){ { { 0, 0x64, 0xff, 0x9b } }, 96 };
	}
	if ((flags & OWN_ADDRESS) && n >= 24 && from.is_six) {
		memcpy(copy + 8, &six, sizeof(six));
	} else if ((flags & OWN_ADDRESS) && n >= 24) {
		memcpy(copy + 8, mapped, sizeof(mapped));
		memcpy(copy + 20, &from.client, sizeof(from.client));
	}
	ls->fails = (flags & REFUSES) ? -ENOSPC : 0;
	len = sl_pcp_answer(pcp, &from, copy, n, now, reply);
	assert(len <= RTE_MAX(RTE_ALIGN_CEIL(n, 4), (size_t)24));
	assert(len == 0 || (reply[1] == (copy[1] | 0x80) && (copy[1] & 0x80) == 0));
	assert(len == 0 || reply[0] == (copy[0] == 0 && !from.is_six ? 0 : 2));
	look(ls);
	free(copy);
	free(reply);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct sl_ifaddr may = { .addr = RTE_BE32(0x0a000003), .plen = 32 };
	static struct sl_leases ls;
	struct sl_pcp_params params = { .leases = &ls, .inside = inside };
	uint64_t now = 1000000;
	struct sl_pcp *pcp;

	pcpfake_init(&ls);
	ls.policy.third_party = (struct sl_ifaddr *)(uintptr_t)&may;
	ls.policy.n_third_party = 1;
	pcp = sl_pcp_create(&params, now);
	assert(pcp != NULL);
	while (size >= 3) {
		uint8_t flags = data[0];
		size_t n = RTE_MIN((size_t)(data[1] << 8 | data[2]), size - 3);

		now += (flags & LATER) ? 15000 : 1;
		datagram(pcp, &ls, flags, data + 3, n, now);
		data += 3 + n;
		size -= 3 + n;
	}
	sl_pcp_destroy(pcp);
	return 0;
}
