/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Headers in reassembly: which fragments belong together, what of the fragments' headers the
 * whole datagram has, chains of IPv6 extension headers before and behind the cut, atomic
 * fragments, and frames whose headers lie.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "reasmkit.h"

#define HOSTILE 300000

static struct kit_whole whole, other;
static uint8_t frame[KIT_MAX];

static const struct piece first = { 0, 24, true, false }, middle = { 24, 24, true, false },
			  last = { 48, 13, false, false };

static void
make(struct kit_whole *w, unsigned int v6)
{
	if (v6)
		kit_ipv6(w, 0, "", "", 61);
	else
		kit_ipv4(w, 0, 0, 61);
}

static void
fix_ipv4(struct kit_whole *w)
{
	uint8_t *ip = w->b + w->l3;

	frag_put16(ip + 10, 0);
	frag_put16(ip + 10, csum_ip4(ip));
}

/* ---- what belongs together ---- */

/* Two datagrams that differ in one byte of the header: their fragments never meet. */
static void
apart(unsigned int v6, uint32_t at, const char *what)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	make(&whole, v6);
	make(&other, v6);
	other.b[other.l3 + at] ^= 1;
	if (!v6)
		fix_ipv4(&other);
	kit_expect(k, &whole, &first, SL_REASM_HELD, what);
	kit_expect(k, &other, &middle, SL_REASM_HELD, what);
	kit_expect(k, &whole, &last, SL_REASM_HELD, what);
	kit_expect(k, &other, &first, SL_REASM_HELD, what);
	assert_int_equal(k->t.n, 2);
	kit_same(kit_add(k, &other, &last), other.b, other.len, what);
	kit_same(kit_add(k, &whole, &middle), whole.b, whole.len, what);
	kit_end(k);
}

static void
other_addresses_or_protocol_are_another_datagram(void **state)
{
	(void)state;
	apart(0, 9, "IPv4 protocol");
	for (uint32_t i = 12; i < 20; i++)
		apart(0, i, "IPv4 address");
	for (uint32_t i = 8; i < 40; i++)
		apart(1, i, "IPv6 address");
}

static void
other_id_or_realm_is_another_datagram(void **state)
{
	struct kit *k = kit_begin(512, KIT_BYTES);

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		make(&whole, v6);
		kit_expect(k, &whole, &first, SL_REASM_HELD, "first");
		k->realm = 1;
		kit_expect(k, &whole, &middle, SL_REASM_HELD, "realm");
		k->realm = 0;
		for (unsigned int bit = 0; bit < (v6 ? 32 : 16); bit++) {
			make(&other, v6);
			other.id ^= 1u << bit;
			frag_put16(other.b + other.l3 + 4, v6 ? 69 : other.id);
			kit_expect(k, &other, &middle, SL_REASM_HELD, "id");
		}
		kit_expect(k, &whole, &last, SL_REASM_HELD, "last");
		kit_same(kit_add(k, &whole, &middle), whole.b, whole.len, "whole");
	}
	kit_end(k);
}

static void
what_is_no_fragment_comes_back_as_it_was(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (unsigned int i = 0; i < 4; i++) {
		struct rte_mbuf *m;

		if (i == 0)
			kit_ipv4(&whole, 0, 8, 50);
		else
			kit_ipv6(&whole, 1, i == 1 ? "" : i == 2 ? "hrd" : "da", "", 50);
		memset(whole.b + whole.len, 0xee, 10);
		m = kit_mbuf(whole.b, whole.len + 10, 7 * i);
		assert_ptr_equal(kit_give(k, m, whole.l3), m);
		assert_int_equal(k->last.result, SL_REASM_NONE);
		kit_same(m, whole.b, whole.len + 10, "no fragment");
	}
	assert_int_equal(k->t.n, 0);
	kit_end(k);
}

/* ---- what the whole takes from its fragments ---- */

struct mark {
	const char *when;
	uint8_t ecn[3];
	uint8_t df; /* a bit for each fragment that has it; IPv4 */
	int want; /* codepoint, -1: dropped */
};

static const struct mark marks[] = {
	{ "not ECT", { 0, 0, 0 }, 0, 0 },
	{ "ECT(0)", { 2, 2, 2 }, 0, 2 },
	{ "CE in the first", { 3, 2, 2 }, 0, 3 },
	{ "CE in a later one", { 2, 3, 2 }, 0, 3 },
	{ "CE in the last", { 1, 1, 3 }, 0, 3 },
	{ "CE in all", { 3, 3, 3 }, 0, 3 },
	{ "CE between ECT(0) and ECT(1)", { 1, 3, 2 }, 0, 3 },
	{ "ECT(1) then ECT(0)", { 1, 2, 2 }, 0, 1 },
	{ "not ECT in the first and ECT", { 0, 2, 2 }, 0, 0 },
	{ "CE and not ECT", { 3, 0, 3 }, 0, -1 },
	{ "not ECT and CE in the last", { 0, 0, 3 }, 0, -1 },
	{ "CE and not ECT in the last", { 2, 3, 0 }, 0, -1 },
	{ "DF in the first", { 0, 0, 0 }, 1, 0 },
	{ "DF in a later one", { 0, 0, 0 }, 2, 0 },
	{ "DF in the last, and CE", { 2, 3, 2 }, 4, 3 },
};

/* A fragment with its own ECN, DF and TTL. */
static struct rte_mbuf *
give_marked(struct kit *k, const struct mark *mark, unsigned int i)
{
	static const struct piece *const piece[] = { &first, &middle, &last };
	uint32_t len = kit_cut(&whole, piece[i], frame);
	uint8_t *ip = frame + whole.l3;

	if (whole.v6) {
		ip[1] |= (uint8_t)(mark->ecn[i] << 4);
		ip[7] = (uint8_t)(61 - i);
	} else {
		ip[1] |= mark->ecn[i];
		ip[6] |= mark->df >> i & 1 ? 0x40 : 0;
		ip[8] = (uint8_t)(61 - i);
		frag_put16(ip + 10, 0);
		frag_put16(ip + 10, csum_ip4(ip));
	}
	return kit_give(k, kit_mbuf(frame, len, 0), whole.l3);
}

static void
check_mark(const struct mark *mark, unsigned int v6, unsigned int turn)
{
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct rte_mbuf *m = NULL;
	uint8_t *ip;

	make(&whole, v6);
	for (unsigned int i = 0; i < 3; i++)
		m = give_marked(k, mark, (turn + i) % 3);
	if (mark->want < 0) {
		assert_null(m);
		assert_int_equal(kit_count(k, SL_REASM_ECN) + kit_count(k, SL_REASM_DEAD), 3);
		assert_true(kit_count(k, SL_REASM_ECN) >= 2);
	} else {
		ip = whole.b + whole.l3;
		ip[1] |= (uint8_t)(mark->want << (v6 ? 4 : 0));
		if (!v6) {
			ip[6] |= mark->df ? 0x40 : 0;
			fix_ipv4(&whole);
		}
		kit_same(m, whole.b, whole.len, mark->when);
	}
	kit_end(k);
}

static void
congestion_df_and_ttl_of_fragments_are_merged(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(marks); i++)
		for (unsigned int turn = 0; turn < 3; turn++) {
			check_mark(&marks[i], 0, turn);
			check_mark(&marks[i], 1, turn);
		}
}

static void
size_of_the_largest_fragment_is_told(void **state)
{
	static const struct piece piece[] = { { 0, 8, true, false }, { 40, 21, false, false },
		{ 8, 32, true, false } };
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct rte_mbuf *m = NULL;

	(void)state;
	for (unsigned int v6 = 0; v6 < 2; v6++) {
		make(&whole, v6);
		for (unsigned int i = 0; i < 3; i++) {
			m = kit_add(k, &whole, &piece[i]);
			assert_int_equal(k->last.id, whole.id);
		}
		assert_int_equal(k->last.largest, (v6 ? 48 : 20) + 32);
		assert_int_equal(k->last.fragments, 3);
		kit_same(m, whole.b, whole.len, "largest");
	}
	kit_end(k);
}

static void
whole_is_not_what_the_port_took_the_fragment_for(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct rte_mbuf *m;

	(void)state;
	make(&whole, 0);
	m = kit_mbuf(frame, kit_cut(&whole, &first, frame), 0);
	m->ol_flags |=
		RTE_MBUF_F_RX_IP_CKSUM_BAD | RTE_MBUF_F_RX_L4_CKSUM_GOOD | RTE_MBUF_F_RX_RSS_HASH;
	m->packet_type = RTE_PTYPE_L3_IPV4 | RTE_PTYPE_L4_FRAG;
	m->port = 3;
	assert_null(kit_give(k, m, whole.l3));
	kit_expect(k, &whole, &last, SL_REASM_HELD, "last");
	m = kit_add(k, &whole, &middle);
	assert_non_null(m);
	assert_int_equal(m->ol_flags, RTE_MBUF_F_RX_RSS_HASH);
	assert_int_equal(m->packet_type, 0);
	assert_int_equal(m->port, 3);
	kit_same(m, whole.b, whole.len, "flags");
	kit_end(k);
}

/* ---- IPv6 ---- */

struct chain {
	const char *when;
	const char *before, *behind;
	uint32_t to; /* end of the first fragment */
	uint8_t proto; /* of the transport, where not UDP */
	enum sl_reasm_result want; /* of the first fragment */
};

/* clang-format off */
static const struct chain chains[] = {
	{ "UDP header", "", "", 8, 0, SL_REASM_HELD },
	{ "TCP header", "", "", 24, 6, SL_REASM_HELD },
	{ "TCP header that is cut", "", "", 16, 6, SL_REASM_HEADERS },
	{ "ICMPv6 header", "", "", 8, 58, SL_REASM_HELD },
	{ "any other header", "", "", 8, 99, SL_REASM_HELD },
	{ "options and UDP header", "", "d", 32, 0, SL_REASM_HELD },
	{ "options without UDP header", "", "d", 24, 0, SL_REASM_HEADERS },
	{ "options that are cut", "", "d", 16, 0, SL_REASM_HEADERS },
	{ "options and nothing", "", "d", 24, 59, SL_REASM_HELD },
	{ "options that are cut, and nothing", "", "d", 16, 59, SL_REASM_HEADERS },
	{ "options without ICMPv6 header", "", "d", 24, 58, SL_REASM_HEADERS },
	{ "authentication and ICMPv6 header", "", "b", 16, 58, SL_REASM_HELD },
	{ "authentication and half a UDP header", "", "b", 16, 0, SL_REASM_HEADERS },
	{ "all that there is", "hrd", "rad", 64, 0, SL_REASM_HELD },
	{ "all that there is, cut", "hrd", "rad", 56, 0, SL_REASM_HEADERS },
	{ "a fragment header in a fragment", "", "f", 48, 0, SL_REASM_HEADERS },
	{ "the same, behind options", "", "df", 48, 0, SL_REASM_HEADERS },
	{ "hop-by-hop options behind the cut", "", "h", 48, 0, SL_REASM_HEADERS },
	{ "headers without end", "", "aaaaaaaaa", 232, 0, SL_REASM_HEADERS },
	{ "eight headers before", "hddrdddd", "", 48, 0, SL_REASM_HELD },
	{ "nine headers before", "hddrddddd", "", 48, 0, SL_REASM_BAD },
	{ "hop-by-hop options twice", "hh", "", 48, 0, SL_REASM_BAD },
	{ "hop-by-hop options not first", "rh", "", 48, 0, SL_REASM_BAD },
};
/* clang-format on */

static void
check_chain(const struct chain *c)
{
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct piece head = { 0, c->to, true, false }, tail = { c->to, 0, false, false };

	kit_ipv6(&whole, 1, c->before, c->behind, 300);
	if (c->proto != 0) {
		uint32_t field = c->behind[0] != '\0' ? whole.part : whole.prev;

		whole.b[field] = c->proto;
	}
	tail.len = kit_len(&whole) - tail.off;
	kit_expect(k, &whole, &head, c->want, c->when);
	if (c->want == SL_REASM_HELD)
		kit_same(kit_add(k, &whole, &tail), whole.b, whole.len, c->when);
	else if (c->want == SL_REASM_HEADERS)
		kit_expect(k, &whole, &tail, SL_REASM_DEAD, c->when);
	else
		kit_expect(k, &whole, &tail, c->want, c->when);
	kit_end(k);
}

static void
ipv6_first_fragment_holds_all_headers(void **state)
{
	(void)state;
	for (unsigned int i = 0; i < RTE_DIM(chains); i++)
		check_chain(&chains[i]);
}

/* RFC 8200 section 4.5: headers before the cut and what the fragment header says is next
 * may differ; those of the first fragment count. */
static void
ipv6_headers_of_the_first_fragment_count(void **state)
{
	const struct piece *const piece[] = { &middle, &last, &first };
	struct kit *k = kit_begin(64, KIT_BYTES);
	struct rte_mbuf *m = NULL;

	(void)state;
	kit_ipv6(&whole, 0, "h", "", 61);
	for (unsigned int i = 0; i < 3; i++) {
		const struct kit_whole *w = &other;
		uint32_t len;

		kit_ipv6(&other, i, i == 0 ? "" : "hd", "", 61);
		memcpy(other.b + other.part, whole.b + whole.part, 61);
		other.b[other.prev] = 99;
		if (piece[i] == &first)
			w = &whole;
		len = kit_cut(w, piece[i], frame);
		m = kit_give(k, kit_mbuf(frame, len, 0), w->l3);
	}
	kit_same(m, whole.b, whole.len, "differing headers");
	kit_end(k);
}

/* RFC 6946 section 4 */
static void
ipv6_atomic_fragment_comes_back_at_once(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	kit_ipv6(&other, 0, "d", "", 61);
	kit_expect(k, &other, &first, SL_REASM_HELD, "first");
	for (uint32_t step = 0; step < 160; step++) {
		struct piece all = { 0, 0, false, false };
		uint32_t len;

		kit_ipv6(&whole, step % 3, step % 2 ? "hrd" : "", step % 5 ? "" : "da", 80);
		all.len = kit_len(&whole);
		len = kit_cut(&whole, &all, frame);
		kit_same(kit_give(k, kit_mbuf(frame, len + step % 7, step), whole.l3), whole.b,
			whole.len, "atomic");
		assert_int_equal(k->last.result, SL_REASM_ATOMIC);
		assert_int_equal(k->last.fragments, 1);
		assert_int_equal(k->last.id, whole.id);
		assert_int_equal(k->last.largest, len - whole.l3);
	}
	kit_expect(k, &other, &last, SL_REASM_HELD, "last");
	kit_same(kit_add(k, &other, &middle), other.b, other.len, "the others of its id");
	kit_end(k);
}

/* ---- headers that lie ---- */

static void
fragment_with_lengths_that_lie_is_refused(void **state)
{
	struct kit *k = kit_begin(64, KIT_BYTES);

	(void)state;
	for (unsigned int i = 0; i < 2; i++) {
		uint32_t len;

		if (i == 0)
			kit_ipv4(&whole, 1, 12, 200);
		else
			kit_ipv6(&whole, 1, "hrd", "d", 200);
		len = kit_cut(&whole, &middle, frame);
		for (uint32_t n = 1; n < len; n++) {
			assert_null(kit_give(k, kit_mbuf(frame, n, n % 3 ? 0 : 5), whole.l3));
			assert_int_equal(k->last.result, SL_REASM_BAD);
		}
	}
	kit_ipv4(&whole, 0, 0, 200);
	for (unsigned int i = 0; i < 16 * 16; i++) {
		uint32_t len = kit_cut(&whole, &middle, frame);

		frame[whole.l3] = (uint8_t)i; /* version and header length */
		if (i >> 4 == 6 || (i >> 4 == 4 && (i & 15) >= 5 && (i & 15) <= 11))
			continue;
		assert_null(kit_give(k, kit_mbuf(frame, len, 0), whole.l3));
		assert_int_equal(k->last.result, SL_REASM_BAD);
	}
	assert_int_equal(k->t.n, 0);
	kit_end(k);
}

static void
mutilate(uint32_t *len)
{
	uint32_t header = whole.part + 16;

	for (uint32_t n = kit_draw(4); n > 0; n--)
		frame[kit_draw(3) ? whole.l3 + kit_draw(header - whole.l3) : kit_draw(*len)] =
			kit_draw(2) ? (uint8_t)kit_draw(256) : (uint8_t)(kit_draw(9) * 8);
	if (kit_draw(16) == 0)
		*len -= kit_draw(*len);
}

static void
hostile_headers_do_no_harm(void **state)
{
	struct kit *k = kit_begin(32, 1 << 19);
	unsigned int came[SL_REASM_RESULTS] = { 0 };

	(void)state;
	for (unsigned int i = 0; i < HOSTILE; i++) {
		struct piece p = { 8 * kit_draw(6), 8 * kit_draw(4), kit_draw(3), false };
		struct rte_mbuf *m;
		uint32_t len;

		if (kit_draw(30) == 0)
			p.off = 65504 + 8 * kit_draw(4);
		if (i % 64 == 0 && kit_draw(2))
			kit_ipv4(&whole, kit_draw(3), 4 * kit_draw(11), 40);
		else if (i % 64 == 0)
			kit_ipv6(&whole, kit_draw(3), kit_draw(2) ? "hrd" : "", "d", 40);
		len = kit_cut(&whole, &p, frame);
		mutilate(&len);
		m = kit_mbuf(frame, len, kit_draw(4) ? 0 : 1 + kit_draw(60));
		m = kit_give(k, m, kit_draw(99) ? whole.l3 : kit_draw(65));
		came[k->last.result]++;
		if (m != NULL) {
			uint32_t bytes = 0;

			for (const struct rte_mbuf *s = m; s != NULL; s = s->next)
				bytes += s->data_len;
			assert_int_equal(bytes, m->pkt_len);
			rte_pktmbuf_free(m);
		}
		k->now += kit_draw(50);
	}
	for (unsigned int r = 0; r < SL_REASM_EVICTED; r++)
		if (r != SL_REASM_MANY && r != SL_REASM_CAPPED && r != SL_REASM_CROWDED)
			if (came[r] < 10)
				fail_msg("result %u came only %u times", r, came[r]);
	kit_end(k);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_addresses_or_protocol_are_another_datagram),
		cmocka_unit_test(other_id_or_realm_is_another_datagram),
		cmocka_unit_test(what_is_no_fragment_comes_back_as_it_was),
		cmocka_unit_test(congestion_df_and_ttl_of_fragments_are_merged),
		cmocka_unit_test(size_of_the_largest_fragment_is_told),
		cmocka_unit_test(whole_is_not_what_the_port_took_the_fragment_for),
		cmocka_unit_test(ipv6_first_fragment_holds_all_headers),
		cmocka_unit_test(ipv6_headers_of_the_first_fragment_count),
		cmocka_unit_test(ipv6_atomic_fragment_comes_back_at_once),
		cmocka_unit_test(fragment_with_lengths_that_lie_is_refused),
		cmocka_unit_test(hostile_headers_do_no_harm),
	};

	return cmocka_run_group_tests(tests, pipe_setup, NULL);
}
