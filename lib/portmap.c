/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Outside ports. For each pool address each worker has a bitmap of the ports it owns,
 * and over it a summary with one bit a word, kept apart for even and odd ports because
 * the parity of the inside port is preserved (RFC 4787 REQ-4). A port is drawn at random
 * (RFC 6056, RFC 6888 REQ-15): a random word among those that have a free port of that
 * parity, then a random free bit in it. The word is drawn DRAWS times at most, then searched
 * for in 17 words at most, however full the address is.
 *
 * Ports below 1024 are taken for inside ports below 1024 only (RFC 4787 REQ-3a), where
 * the pool has them at all; if it has none the inside port does not matter any more.
 */
#include <netinet/in.h>
#include <string.h>

#include "portmap.h"

#define EVEN 0x5555555555555555ULL
#define LOW_WORDS 16 /* ports 0..1023 */
#define DRAWS 32 /* where a fifth of the words will do, one in a thousand is not found so */

enum sl_port_class
sl_port_class(uint8_t proto)
{
	switch (proto) {
	case IPPROTO_TCP:
		return SL_PORTS_TCP;
	case IPPROTO_UDP:
		return SL_PORTS_UDP;
	default:
		return SL_PORTS_ICMP;
	}
}

static void
update_summary(struct sl_ports *p, enum sl_port_class c, unsigned int word)
{
	uint64_t free = ~p->c[c].used[word], bit = UINT64_C(1) << (word % 64);

	if (free & EVEN)
		p->c[c].even[word / 64] |= bit;
	else
		p->c[c].even[word / 64] &= ~bit;
	if (free & ~EVEN)
		p->c[c].odd[word / 64] |= bit;
	else
		p->c[c].odd[word / 64] &= ~bit;
}

void
sl_ports_init(struct sl_ports *p, uint16_t min, uint16_t max,
	bool (*owned)(const void *arg, uint16_t port), const void *arg)
{
	for (uint32_t port = min; port <= max; port++) {
		/* 0 is no port; as an ICMP id it would do, but nobody misses it. */
		if (port == 0 || !owned(arg, (uint16_t)port))
			continue;
		p->owned[port / 64] |= UINT64_C(1) << (port % 64);
		p->n_owned++;
	}
	for (int c = 0; c < SL_PORTS_COUNT; c++) {
		for (unsigned int w = 0; w < SL_PORT_WORDS; w++) {
			p->c[c].used[w] = ~p->owned[w];
			update_summary(p, c, w);
		}
	}
}

/* The first set bit at or after `start` (cyclically) of `map`, words lo..hi-1 of the ports. */
static int
find_word(const uint64_t *map, unsigned int lo, unsigned int hi, unsigned int start)
{
	unsigned int n = hi - lo, at = lo + start % n;

	for (unsigned int left = n + 64; left > 0;) {
		uint64_t m = map[at / 64] >> (at % 64);
		unsigned int room = RTE_MIN(64 - at % 64, hi - at);

		if (room < 64)
			m &= (UINT64_C(1) << room) - 1;
		if (m != 0)
			return (int)(at + (unsigned int)__builtin_ctzll(m));
		left -= RTE_MIN(left, room);
		at += room;
		if (at >= hi)
			at = lo;
	}
	return -1;
}

/* Another random number. */
static uint64_t
stir(uint64_t random)
{
	return random * UINT64_C(0x5851f42d4c957f2d) + UINT64_C(0x14057b7ef767814f);
}

/* A set bit of `map`, words lo..hi-1 of the ports. At random, not the next one to a random place,
 * or those behind a gap would get its share (the kernel's ports are one, other workers' too). */
static int
some_word(const uint64_t *map, unsigned int lo, unsigned int hi, uint64_t random)
{
	for (int n = 0; n < DRAWS; n++, random = stir(random)) {
		unsigned int at = lo + (unsigned int)(random >> 32) % (hi - lo);

		if (map[at / 64] >> (at % 64) & 1)
			return (int)at;
	}
	return find_word(map, lo, hi, (unsigned int)(random >> 32));
}

/* One of the set bits of m, none of which is always first. */
static unsigned int
some_bit(uint64_t m, unsigned int turn)
{
	if (turn &= 63)
		m = m >> turn | m << (64 - turn);
	return ((unsigned int)__builtin_ctzll(m) + turn) & 63;
}

static int
take_random(struct sl_ports *p, enum sl_port_class c, unsigned int lo, unsigned int hi, bool odd,
	uint64_t random)
{
	const uint64_t *map = odd ? p->c[c].odd : p->c[c].even;
	int w = some_word(map, lo, hi, random);
	unsigned int bit;
	uint64_t free;

	if (w < 0)
		return -1;
	free = ~p->c[c].used[w] & (odd ? ~EVEN : EVEN);
	bit = some_bit(free, (unsigned int)random);
	p->c[c].used[w] |= UINT64_C(1) << bit;
	p->c[c].n_used++;
	update_summary(p, c, (unsigned int)w);
	return w * 64 + (int)bit;
}

static int
take_parity(struct sl_ports *p, enum sl_port_class c, unsigned int lo, unsigned int hi, bool odd,
	uint64_t random)
{
	int port = take_random(p, c, lo, hi, odd, random);

	return port >= 0 ? port : take_random(p, c, lo, hi, !odd, random);
}

int
sl_ports_take(struct sl_ports *p, enum sl_port_class c, uint16_t like, uint64_t random)
{
	bool odd = like & 1;
	int port;

	if (like < 1024 && c != SL_PORTS_ICMP) {
		port = take_parity(p, c, 0, LOW_WORDS, odd, random);
		if (port >= 0)
			return port;
	}
	if (c == SL_PORTS_ICMP)
		return take_parity(p, c, 0, SL_PORT_WORDS, odd, random);
	port = take_parity(p, c, LOW_WORDS, SL_PORT_WORDS, odd, random);
	/* A pool of low ports only serves everybody. */
	return port >= 0 ? port : take_parity(p, c, 0, LOW_WORDS, odd, random);
}

void
sl_ports_fetch(const struct sl_ports *p, enum sl_port_class c, uint16_t like, uint64_t random)
{
	bool low = like < 1024 && c != SL_PORTS_ICMP;
	int w = some_word(like & 1 ? p->c[c].odd : p->c[c].even,
		low || c == SL_PORTS_ICMP ? 0 : LOW_WORDS, low ? LOW_WORDS : SL_PORT_WORDS, random);

	if (w >= 0)
		rte_prefetch0(&p->c[c].used[w]);
}

bool
sl_ports_take_this(struct sl_ports *p, enum sl_port_class c, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port % 64);

	if (p->c[c].used[port / 64] & bit)
		return false;
	p->c[c].used[port / 64] |= bit;
	p->c[c].n_used++;
	update_summary(p, c, port / 64);
	return true;
}

void
sl_ports_give(struct sl_ports *p, enum sl_port_class c, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port % 64);

	if (!(p->owned[port / 64] & bit) || !(p->c[c].used[port / 64] & bit))
		return;
	p->c[c].used[port / 64] &= ~bit;
	p->c[c].n_used--;
	update_summary(p, c, port / 64);
}

bool
sl_ports_move(struct sl_ports *from, struct sl_ports *to, enum sl_port_class c, uint16_t port)
{
	uint64_t bit = UINT64_C(1) << (port % 64);
	unsigned int w = port / 64;

	if (!(from->owned[w] & bit) || (from->c[c].used[w] & bit))
		return false;
	from->c[c].used[w] |= bit;
	update_summary(from, c, w);
	/* Of other classes it still looks taken there. */
	to->owned[w] |= bit;
	to->c[c].used[w] &= ~bit;
	update_summary(to, c, w);
	return true;
}

static uint64_t
range_mask(unsigned int word, uint16_t lo, uint16_t hi)
{
	uint64_t m = UINT64_MAX;

	if (word == lo / 64u)
		m &= UINT64_MAX << (lo % 64);
	if (word == hi / 64u)
		m &= UINT64_MAX >> (63 - hi % 64);
	return m;
}

int
sl_ports_take_in(struct sl_ports *p, enum sl_port_class c, uint16_t lo, uint16_t hi, uint16_t like,
	uint64_t random)
{
	unsigned int first = lo / 64u, n = hi / 64u - first + 1, bit;
	unsigned int start = (unsigned int)(random >> 32) % n;
	uint64_t parity = like & 1 ? ~EVEN : EVEN;

	for (unsigned int i = 0; i < 2 * n; i++) {
		unsigned int word = first + (start + i) % n;
		uint64_t free = ~p->c[c].used[word] & range_mask(word, lo, hi);

		if (i < n)
			free &= parity;
		if (free == 0)
			continue;
		bit = some_bit(free, (unsigned int)random);
		p->c[c].used[word] |= UINT64_C(1) << bit;
		p->c[c].n_used++;
		update_summary(p, c, word);
		return (int)(word * 64 + bit);
	}
	return -1;
}

int
sl_ports_find_pair(
	const struct sl_ports *p, enum sl_port_class c, uint16_t lo, uint16_t hi, uint64_t random)
{
	unsigned int first = lo / 64u, n = hi / 64u - first + 1;
	unsigned int start = (unsigned int)(random >> 32) % n;

	for (unsigned int i = 0; i < n; i++) {
		unsigned int word = first + (start + i) % n;
		uint64_t free = ~p->c[c].used[word] & range_mask(word, lo, hi);

		free &= free >> 1 & EVEN;
		if (free != 0)
			return (int)(word * 64 + some_bit(free, (unsigned int)random));
	}
	return -1;
}

int
sl_ports_any(const struct sl_ports *p, uint16_t like, uint64_t random)
{
	uint64_t parity = like & 1 ? ~EVEN : EVEN;
	unsigned int start = 0;

	for (int n = 0; n < DRAWS; n++, random = stir(random)) {
		start = (unsigned int)(random >> 32) % SL_PORT_WORDS;
		if (p->owned[start] & parity)
			break;
	}
	for (unsigned int i = 0; i < 2 * SL_PORT_WORDS; i++) {
		unsigned int word = (start + i) % SL_PORT_WORDS;
		uint64_t m = p->owned[word];

		if (i < SL_PORT_WORDS)
			m &= parity;
		if (m != 0)
			return (int)(word * 64 + some_bit(m, (unsigned int)random));
	}
	return -1;
}

int
sl_ports_take_block(struct sl_ports *p, unsigned int shift, uint64_t random)
{
	unsigned int start = (unsigned int)(random >> 32) % RTE_DIM(p->block_free);

	for (unsigned int i = 0; i < RTE_DIM(p->block_free); i++) {
		unsigned int word = (start + i) % RTE_DIM(p->block_free), bit;

		if (p->block_free[word] == 0)
			continue;
		bit = some_bit(p->block_free[word], (unsigned int)random);
		p->block_free[word] &= ~(UINT64_C(1) << bit);
		return (int)((word * 64 + bit) << shift);
	}
	return -1;
}

void
sl_ports_give_block(struct sl_ports *p, unsigned int shift, uint16_t start)
{
	unsigned int b = (unsigned int)start >> shift;

	p->block_free[b / 64] |= UINT64_C(1) << (b % 64);
}

bool
sl_ports_has_block(const struct sl_ports *p, unsigned int shift, uint16_t start)
{
	unsigned int b = (unsigned int)start >> shift;

	return p->block_free[b / 64] >> (b % 64) & 1;
}

void
sl_ports_take_this_block(struct sl_ports *p, unsigned int shift, uint16_t start)
{
	unsigned int b = (unsigned int)start >> shift;

	p->block_free[b / 64] &= ~(UINT64_C(1) << (b % 64));
}

int
sl_ports_next(const struct sl_ports *p, uint16_t from)
{
	unsigned int word = from / 64u;
	uint64_t m = p->owned[word] & UINT64_MAX << (from % 64);

	for (unsigned int i = 0; i <= SL_PORT_WORDS; i++) {
		if (m != 0)
			return (int)(word * 64 + (unsigned int)__builtin_ctzll(m));
		word = (word + 1) % SL_PORT_WORDS;
		m = p->owned[word];
	}
	return -1;
}
