/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Ports that sessions share: each is used again and again, towards other remote endpoints.
 */
#include "alloc.h"
#include "session.h"
#include "state.h"

#define TRIES 64
#define SEARCH 512 /* ports looked at one after the other when luck fails */

/* Is a port unused towards the remote endpoint of key? */
static bool
shareable(struct sl_worker *w, const struct sl_paddr *pa, struct sl_key *key, int port)
{
	key->dport = rte_cpu_to_be_16((uint16_t)port);
	if (key->src == pa->addr && key->sport == key->dport)
		return false; /* it would speak to itself */
	return sl_paddr_worker(w->nat, pa, key->proto, (uint16_t)port) == w->id &&
	       !sl_session_busy(w, key) &&
	       sl_snap_fwd_out(w->snap, key->proto, pa->addr, key->dport) == NULL &&
	       !sl_snap_serves(w->snap, key->proto, pa->addr, key->dport) &&
	       sl_map_find_out(&w->maps, key->proto, pa->addr, key->dport) == NULL;
}

int
sl_alloc_shared(
	struct sl_worker *w, const struct sl_pkt *p, struct sl_sub *sub, enum sl_counter *why)
{
	const struct sl_paddr *pa = sl_alloc_address(w, sub, 0, why);
	struct sl_key key = {
		.src = p->key.dst,
		.sport = p->key.dport,
		.proto = p->key.proto,
		.side = SL_OUTSIDE,
	};

	if (pa == NULL)
		return -1;
	*why = SL_COUNTER_DROP_NO_PORT;
	key.dst = pa->addr;
	for (int try = 0; try < TRIES; try++) {
		uint64_t random = sl_worker_random(w);
		/* Half of the tries for each parity: preserving it is a wish (RFC 4787 REQ-4). */
		uint16_t like = (uint16_t)(sl_alloc_model(w, p, random) + (try >= TRIES / 2));
		int port = sl_ports_any(pa->ports[w->id], like, random);

		if (port < 0)
			return -1;
		if (shareable(w, pa, &key, port))
			return port;
	}
	/* Nearly full: a small pool is searched through, a large one in part. */
	for (int n = 0, port = (int)(sl_worker_random(w) % 65536); n < SEARCH; n++) {
		port = sl_ports_next(pa->ports[w->id], (uint16_t)port);
		if (port < 0)
			return -1;
		if (shareable(w, pa, &key, port))
			return port;
		port = (port + 1) % 65536;
	}
	return -1;
}
