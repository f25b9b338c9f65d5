/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_PORTMAP_H
#define SL_PORTMAP_H

#include <stdbool.h>
#include <stdint.h>

#include <rte_byteorder.h>
#include <rte_common.h>
#include <rte_prefetch.h>

#define SL_PORT_WORDS 1024

/** Port spaces that do not share numbers. */
enum sl_port_class {
	SL_PORTS_TCP,
	SL_PORTS_UDP,
	SL_PORTS_ICMP,
	SL_PORTS_COUNT
};

/**
 * The ports of one outside address that one worker may hand out. Made by control, from
 * then on written by that worker alone; control reads n_used and n_owned (relaxed).
 */
struct sl_ports {
	uint64_t owned[SL_PORT_WORDS]; /* bit set: ours for a class at least, inside the range */
	struct {
		uint64_t used[SL_PORT_WORDS]; /* bit set: taken, resting, or not owned */
		uint64_t even[SL_PORT_WORDS / 64]; /* bit set: the word has a free even port */
		uint64_t odd[SL_PORT_WORDS / 64];
		uint32_t n_used; /* of the owned ones */
	} c[SL_PORTS_COUNT];
	uint32_t n_owned;
	/* port blocks: free ones, and who holds the others */
	uint64_t block_free[SL_PORT_WORDS / 64];
	uint32_t *block;
} __rte_cache_aligned;

/** The class of an IP protocol. */
enum sl_port_class sl_port_class(uint8_t proto);

/** Begin, in a zeroed map, with all ports of min..max free for which owned(arg, port) is true. */
void sl_ports_init(struct sl_ports *p, uint16_t min, uint16_t max,
	bool (*owned)(const void *arg, uint16_t port), const void *arg);

/**
 * Take a random port with the wanted parity, or with the other one when there is none,
 * from the same range (below 1024 or above) as `like`.
 * @param like    host order; the inside port
 * @param random  64 random bits
 * @return the port in host order, or -1 when all are taken; the cost does not grow with
 *         the share of ports in use
 */
int sl_ports_take(struct sl_ports *p, enum sl_port_class c, uint16_t like, uint64_t random);

/** The same, but from lo..hi only. */
int sl_ports_take_in(struct sl_ports *p, enum sl_port_class c, uint16_t lo, uint16_t hi,
	uint16_t like, uint64_t random);

/** Fetch what sl_ports_give() with these arguments will read. */
static inline void
sl_ports_fetch_this(const struct sl_ports *p, enum sl_port_class c, uint16_t port)
{
	rte_prefetch0(&p->owned[port / 64]);
	rte_prefetch0(&p->c[c].used[port / 64]);
}

/** Fetch what sl_ports_take() with these arguments will most likely read. */
void sl_ports_fetch(const struct sl_ports *p, enum sl_port_class c, uint16_t like, uint64_t random);

/** Find, but do not take, a random even port of lo..hi that is free as the next one is; or -1. */
int sl_ports_find_pair(
	const struct sl_ports *p, enum sl_port_class c, uint16_t lo, uint16_t hi, uint64_t random);

/** Any port that is ours, taken or not, with the parity of `like` where there is one; or -1. */
int sl_ports_any(const struct sl_ports *p, uint16_t like, uint64_t random);

/** The first port that is ours, taken or not, at or after `from`, cyclically; or -1. */
int sl_ports_next(const struct sl_ports *p, uint16_t from);

/** Take a free block of 2^shift ports, shift at least 6; its first port, or -1. */
int sl_ports_take_block(struct sl_ports *p, unsigned int shift, uint64_t random);

/** Give a block back. */
void sl_ports_give_block(struct sl_ports *p, unsigned int shift, uint16_t start);

/** Take this very port (host order); false when it is taken or not ours. */
bool sl_ports_take_this(struct sl_ports *p, enum sl_port_class c, uint16_t port);

/** Is this block free here? And take it. */
bool sl_ports_has_block(const struct sl_ports *p, unsigned int shift, uint16_t start);
void sl_ports_take_this_block(struct sl_ports *p, unsigned int shift, uint16_t start);

/** Make a port that is free here (host order) free there, for good; false when it is taken. */
bool sl_ports_move(struct sl_ports *from, struct sl_ports *to, enum sl_port_class c, uint16_t port);

/** Give a port back (host order). */
void sl_ports_give(struct sl_ports *p, enum sl_port_class c, uint16_t port);

/** Ports that rest before they are used again: a queue in order of time. */
struct sl_rest {
	struct sl_rest_entry {
		uint32_t until; /* milliseconds, without the last two bits; those are the class */
		uint16_t paddr; /* index of the pool address */
		uint16_t port; /* host order */
	} * entry;
	uint32_t size, head, n;
};

#endif /* SL_PORTMAP_H */
