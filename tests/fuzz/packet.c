/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of the packet's whole way: frames of any bytes through a gateway with sessions of
 * every kind. After each input all packets are accounted for and all mbufs are back. Input:
 *
 *	flags, frame, 0xfe 0xfd, flags, frame, ...
 *
 * Flags: bit 0 from outside; bits 1 and 2 how much of the frame's checksums is put right
 * (enum hostile_repair), as few bytes get by them otherwise; bit 3 in two segments; bit 4 a
 * minute has gone by before it; bits 5 and 6 the worker that receives it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fuzz.h"
#include "hostile.h"

#define WORKERS 2
#define INPUTS 64 /* with one gateway */
#define SPLIT_MAX 1500 /* bytes of a first segment */

static struct pipe *p;

static void
receive(const uint8_t *data, size_t n)
{
	uint8_t flags = data[0];
	enum sl_side side = (enum sl_side)(flags & 1);
	static uint8_t frame[PT_FRAME_MAX];
	struct rte_mbuf *m;

	data++;
	n = RTE_MIN(n - 1, sizeof(frame));
	if (flags & 16)
		p->now += 60000;
	memcpy(frame, data, n);
	hostile_repair(frame, n, (enum hostile_repair)(flags >> 1 & 3));
	m = (flags & 8) != 0 && n > 1
		    ? pipe_mbuf_split(frame, n, RTE_MIN(1 + n / 2, (size_t)SPLIT_MAX))
		    : pipe_mbuf(frame, n);
	pipe_receive(p, (flags >> 5 & 3) % WORKERS, side, &m, 1);
}

static void
check(void)
{
	char why[128];

	pipe_settle(p);
	if (!pipe_balanced(p, why, sizeof(why))) {
		fprintf(stderr, "%s\n", why);
		abort();
	}
	pipe_discard(p);
}

static void
close_gateway(void)
{
	pipe_destroy(p);
	p = NULL;
	if (pipe_mbufs_out() != 0) {
		fprintf(stderr, "%u mbufs are missing\n", pipe_mbufs_out());
		abort();
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const uint8_t mark[2] = { 0xfe, 0xfd };
	static struct pt_names names;
	static unsigned int inputs;

	if (p == NULL) {
		if (pipe_setup(NULL) != 0)
			abort();
		p = hostile_open(WORKERS, &names);
	}
	while (size > 1) {
		const uint8_t *end = memmem(data + 1, size - 1, mark, sizeof(mark));
		size_t n = end != NULL ? (size_t)(end - data) : size;

		receive(data, n);
		data += n;
		size -= n;
		if (end == NULL)
			break;
		data += sizeof(mark);
		size -= sizeof(mark);
	}
	check();
	if (++inputs % INPUTS == 0)
		close_gateway();
	return 0;
}
