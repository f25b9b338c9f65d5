/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Putting a session back reads what opening one reads, a dozen lines that no cache holds. So they
 * are asked for all at once for a number of records, as the path does for a burst of new sessions
 * (ahead.c), and what the outside endpoint leads to besides. Nothing depends on it but speed:
 * a record that nothing is known of yet, or that is nonsense, is passed over.
 */
#include <rte_prefetch.h>

#include "ahead.h"
#include "restore.h"
#include "state.h"

/* The key of a session's packets from inside; false: nothing can be known of it yet. */
static bool
key_of(const struct sl_restore *r, const struct sl_saved_flow *f, struct sl_key *key)
{
	int t = f->tenant < r->names->n_tenants ? r->names->tenant[f->tenant] : -1;

	if (t < 0 || sl_stand_is(f->in_addr))
		return false;
	*key = (struct sl_key){ .src = f->in_addr,
		.dst = f->rem_addr,
		.sport = f->in_port,
		.dport = f->rem_port,
		.tenant = (uint8_t)t,
		.proto = f->proto };
	return true;
}

/* What is looked for by the outside endpoint. */
static const uint32_t *
fetch_outside(const struct sl_worker *w, const struct sl_saved_flow *f)
{
	const uint32_t *head = sl_map_head_out(&w->maps, f->proto, f->out_addr, f->out_port);
	const struct sl_key key = { .src = f->rem_addr,
		.dst = f->out_addr,
		.sport = f->rem_port,
		.dport = f->out_port,
		.proto = f->proto,
		.side = SL_OUTSIDE };

	rte_prefetch0(head);
	rte_prefetch0(sl_front_bucket(&w->flows.front, sl_flow_hash(&w->flows, &key)));
	return head;
}

void
sl_restore_ahead(const struct sl_restore *r, const void *records, size_t size, unsigned int n)
{
	struct sl_pkt pkt[SL_RESTORE_AHEAD], *of[SL_RESTORE_AHEAD];
	const uint32_t *out[SL_RESTORE_AHEAD];
	const struct sl_worker *whose[SL_RESTORE_AHEAD];

	for (unsigned int i = 0; i < n; i++) {
		const struct sl_saved_flow *f = (const void *)((const char *)records + i * size);

		whose[i] = NULL;
		if (!key_of(r, f, &pkt[i].key))
			continue;
		whose[i] = sl_restore_worker(r, f->in_addr);
		pkt[i].hash = sl_flow_hash(&whose[i]->flows, &pkt[i].key);
		rte_prefetch0(sl_front_bucket(&whose[i]->flows.front, pkt[i].hash));
		out[i] = fetch_outside(whose[i], f);
	}
	for (unsigned int k = 0; k < r->nat->n_workers; k++) {
		unsigned int mine = 0;

		for (unsigned int i = 0; i < n; i++)
			if (whose[i] == r->nat->worker[k])
				of[mine++] = &pkt[i];
		if (mine > 0)
			sl_ahead_open(r->nat->worker[k], of, mine);
	}
	for (unsigned int i = 0; i < n; i++)
		if (whose[i] != NULL && *out[i] != SL_NONE)
			rte_prefetch0(&whose[i]->maps.map[*out[i]]);
}
