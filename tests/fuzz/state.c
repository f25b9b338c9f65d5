/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of the state file's reader: any bytes as a file, as they are and once more with length,
 * version and checksums put right, since few bytes get by those otherwise. What passes goes into a
 * gateway of two workers, whose sessions then age away until none is left.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>
#include <rte_hash_crc.h>

#include "fuzz.h"
#include "image.h"
#include "pipe.h"

/* Where a file has what; see app/image.c. */
#define LENGTH 16
#define CRC 80
#define HEADER_CRC 84
#define HEADER 88

#define INPUTS 64 /* with one gateway */
#define CONF                                                                                       \
	"max-sessions 256; max-subscribers 64; inside 10.0.0.1/24; pool 192.0.2.1 block=64 "       \
	"blocks=4; pool 192.0.2.2; tenant blue vlan=10 10.0.0.1/24 pool=1; "                       \
	"forward tcp 192.0.2.2:80 > 10.0.0.3:80; other-protocols on"

static struct pipe *p;
static struct sl_restore *restore;

static void
put(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	(void)arg;
	if (kind < SL_SAVED_KINDS)
		sl_restore_put(restore, (enum sl_saved_kind)kind, record, n);
}

static void
read_image(const uint8_t *data, size_t size)
{
	static const int index[] = { 0, 1 };
	struct sl_saved_names names = { index, index, 2, 2, { 0 }, NULL };
	struct image_about about;
	char why[256];

	if (image_check(data, size, &about, why, sizeof(why)) != 0)
		return;
	restore = sl_restore_begin(
		p->nat, &names, RTE_MIN(about.n_hosts, 1024u), about.wall % 100000, p->now);
	if (restore == NULL)
		abort();
	image_walk(data, size, put, NULL);
	sl_restore_end(restore);
	pipe_settle(p);
}

static void
put_right(uint8_t *data, size_t size)
{
	static const uint8_t begin[] = { 'S', 'L', 'U', 'I', 'C', 'E', 'S', 'T', 4, 3, 2, 1, 1, 0,
		0, 0 };
	uint64_t length = size;
	uint32_t crc;

	if (size < HEADER)
		return;
	memcpy(data, begin, sizeof(begin));
	memcpy(data + LENGTH, &length, sizeof(length));
	crc = rte_hash_crc(data + HEADER, (uint32_t)(size - HEADER), UINT32_MAX);
	memcpy(data + CRC, &crc, sizeof(crc));
	crc = rte_hash_crc(data, HEADER_CRC, UINT32_MAX);
	memcpy(data + HEADER_CRC, &crc, sizeof(crc));
}

static void
age_away(void)
{
	p->now += UINT64_C(1) << 30;
	for (int i = 0; i < 64 && sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW) > 0; i++) {
		p->now += 1000;
		pipe_poll(p, 8);
	}
	pipe_discard(p);
	if (sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW) != 0 ||
		sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned int inputs;
	uint8_t *copy = malloc(size + 1);

	if (copy == NULL)
		abort();
	if (p == NULL) {
		if (pipe_setup(NULL) != 0)
			abort();
		p = pipe_create(2, CONF, 7, 1000);
	}
	memcpy(copy, data, size);
	read_image(copy, size);
	put_right(copy, size);
	read_image(copy, size);
	free(copy);
	age_away();
	if (++inputs % INPUTS == 0) {
		pipe_destroy(p);
		p = NULL;
	}
	return 0;
}
