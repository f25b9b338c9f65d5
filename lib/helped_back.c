/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets of flows with a helper (helped.c) that come back from control, and go on their way.
 */
#include "helped.h"
#include "helper_note.h"
#include "out.h"
#include "path.h"
#include "state.h"
#include "translate.h"

/* The flow of a packet that comes back; NULL: it has ended meanwhile. */
static struct sl_flow *
find_again(const struct sl_worker *w, const struct sl_helper_note *note)
{
	struct sl_flow *f = note->flow < w->flows.max ? &w->flows.flow[note->flow] : NULL;

	if (f == NULL || !(f->flags & SL_FLOW_LIVE) || f->helper != note->helper ||
		sl_flow_link(&w->flows, f)->created != note->created ||
		f->in_addr != note->in_addr || f->in_port != note->in_port ||
		f->rem_addr != note->rem_addr || f->rem_port != note->rem_port)
		return NULL;
	return f;
}

void
sl_helped_return(struct sl_worker *w, struct rte_mbuf *m)
{
	struct sl_pkt p = { .l3 = 0 };
	struct sl_helper_note note;
	struct sl_flow *f;
	enum sl_verdict v;

	sl_helper_note_get(m, &note);
	f = find_again(w, &note);
	if (f == NULL) {
		sl_count(w, SL_COUNTER_DROP_HELPER_GONE, 1);
		rte_pktmbuf_free(m);
		return;
	}
	p.side = note.side;
	p.tenant = f->tenant;
	p.ip_len = (uint16_t)m->pkt_len;
	if (note.flags & SL_NOTE_TURNS) {
		sl_path_turn(w, m, &p);
		return;
	}
	v = sl_translate_way(w, m, &p, f);
	if (v == SL_SEND)
		sl_out_packet(w, m, &p);
	else
		rte_pktmbuf_free(m);
}
