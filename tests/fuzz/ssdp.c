/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of SSDP: each input is one datagram, from a host on the link, by multicast or not.
 * Whatever comes out goes to that host, is a whole message, and is not more than ssdp:all is.
 */
#include <assert.h>
#include <string.h>

#include <rte_byteorder.h>

#include "../upnpkit.h"
#include "fuzz.h"
#include "ssdp.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct sl_ssdp *ssdp;
	static struct kit *kit;
	static uint64_t now = 1000000;
	struct sl_ssdp_message m;
	struct sl_ssdp_heard heard = {
		.from = RTE_BE32(0x0a000002),
		.to = size % 2 == 0 ? RTE_BE32(SL_SSDP_GROUP) : RTE_BE32(0x0a000001),
		.port = RTE_BE16(40000),
		.data = data,
		.n = size,
		.random = now,
	};
	unsigned int n = 0;

	if (ssdp == NULL) {
		const struct sl_ifaddr addr = { RTE_BE32(0x0a000001), 24 };

		kit = kit_create(2);
		ssdp = sl_ssdp_create(&kit->igd, &addr, 1, 5000, 1, now);
		assert(ssdp != NULL);
	}
	now += 10000;
	while (sl_ssdp_next(ssdp, now, &m))
		;
	sl_ssdp_hear(ssdp, &heard, now);
	now += 5000;
	while (sl_ssdp_next(ssdp, now, &m)) {
		n += m.to == heard.from;
		assert(m.n < sizeof(m.text) && strlen(m.text) == m.n);
		assert(m.n > 4 && memcmp(m.text + m.n - 4, "\r\n\r\n", 4) == 0);
	}
	assert(n <= SL_SSDP_TARGETS);
	return 0;
}
