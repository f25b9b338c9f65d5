/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The quick way through parse (lib/quick.h) says of a packet what the whole of parse says, or
 * nothing: all packets of hostile.c, cut at every byte and with every field spoilt, through
 * both.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hostile.h"
#include "parse.h"
#include "quick.h"

static struct pipe *p;
static struct pt_names names;
static unsigned int n_quick, n_all;

static void
compare(enum sl_side side, const struct pt_frame *f, size_t len)
{
	struct sl_worker *w = sl_nat_worker(p->nat, 0);
	struct rte_mbuf *a = pipe_mbuf(f->b, len), *b = pipe_mbuf(f->b, len);
	struct sl_pkt quick, whole;

	n_all++;
	if (w->snap->plain[side] && sl_quick_parse(w->snap, side, a, &quick)) {
		n_quick++;
		assert_int_equal(sl_pkt_parse(w, side, b, &whole), SL_GO);
		assert_memory_equal(&quick, &whole, sizeof(quick));
		assert_int_equal(a->data_len, b->data_len);
		assert_int_equal(a->pkt_len, b->pkt_len);
	}
	rte_pktmbuf_free(a);
	rte_pktmbuf_free(b);
}

static void
quick_parse_agrees_with_parse(void **state)
{
	static const uint16_t value[] = { 0, 1, 5, 0x45, 0x4000, 0x7fff, 0xe000, 0xffff };
	static struct pt_frame f, g;

	(void)state;
	p = hostile_open(1, &names);
	for (unsigned int i = 0; i < hostile_n; i++) {
		enum sl_side side = hostile_packets[i].side;

		hostile_build(p, &names, i, &f);
		for (size_t len = 1; len <= f.len; len++) {
			g = f;
			hostile_repair(g.b, len, HOSTILE_LENGTH);
			compare(side, &g, len);
		}
		for (size_t at = 0; at + 2 <= f.len; at++) {
			for (unsigned int v = 0; v < RTE_DIM(value) * HOSTILE_REPAIRS; v++) {
				g = f;
				g.b[at] = (uint8_t)(value[v / HOSTILE_REPAIRS] >> 8);
				g.b[at + 1] = (uint8_t)value[v / HOSTILE_REPAIRS];
				hostile_repair(
					g.b, g.len, (enum hostile_repair)(v % HOSTILE_REPAIRS));
				compare(side, &g, g.len);
			}
		}
	}
	print_message("%u of %u packets took the quick way\n", n_quick, n_all);
	assert_true(n_quick > n_all / 10);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quick_parse_agrees_with_parse),
	};

	return cmocka_run_group_tests_name("quick", tests, pipe_setup, NULL);
}
