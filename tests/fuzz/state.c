/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Fuzzing of the state file's reader: any bytes as a file, as they are and once more with length,
 * version and checksums put right, since few bytes get by those otherwise. What passes goes into a
 * gateway of two workers, one of several by the minute that the file was written in, whose sessions
 * then age away until none is left; and it is written again, which must give the same records.
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

#define INPUTS 64 /* with the same gateways */
#define MINUTE 60000
#define BASE "max-sessions 256; max-subscribers 64; inside 10.0.0.1/24"
#define GATEWAYS 4

static const char *const conf[GATEWAYS] = {
	BASE "; pool 203.0.113.1 block=64 blocks=4; pool 192.0.2.2; "
	     "tenant blue vlan=10 10.0.0.1/24 pool=1",
	BASE "; pool 203.0.113.1-203.0.113.2 fixed=10.0.0.0/24",
	BASE "; inside6 2001:db8:1::1/64; nat64 64:ff9b::/96",
	BASE
	"; forward udp 192.0.2.1:8080 > 10.0.0.5:80; forward tcp 192.0.2.1:443 > 10.0.0.6:443; "
	"other-protocols on",
};

static struct pipe *gateway[GATEWAYS], *p;
static struct sl_restore *restore;

static size_t
record_size(unsigned int kind)
{
	switch (kind) {
	case IMAGE_NAT64:
		return sizeof(struct image_nat64);
	case IMAGE_FORWARD:
		return sizeof(struct image_forward);
	default:
		return kind < SL_SAVED_KINDS ? sl_saved_size((enum sl_saved_kind)kind)
					     : sizeof(struct image_name);
	}
}

static void
put(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	(void)arg;
	if (kind < SL_SAVED_KINDS)
		sl_restore_put(restore, (enum sl_saved_kind)kind, record, n);
}

static void
write_record(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	struct image *image = arg;
	size_t size = record_size(kind);
	void *room;

	image_section(image, kind, size);
	room = image_room(image, n * size);
	if (room == NULL)
		abort();
	memcpy(room, record, n * size);
	image_add(image, n, size);
}

static void
count_bytes(void *arg, unsigned int kind, const void *record, unsigned int n)
{
	uint64_t *sum = arg;

	*sum = rte_hash_crc(record, (uint32_t)(n * record_size(kind)), (uint32_t)*sum) + n;
}

/* What was read may be written, and read once more. */
static void
write_again(const uint8_t *data, size_t size, const struct image_about *about)
{
	uint64_t before = 0, after = 0;
	struct image_about again;
	struct image image;
	char why[256];

	image_begin(&image);
	image_walk(data, size, write_record, &image);
	if (image_finish(&image, about) != 0 ||
		image_check(image.data, image.len, &again, why, sizeof(why)) != 0 ||
		again.wall != about->wall)
		abort();
	image_walk(data, size, count_bytes, &before);
	image_walk(image.data, image.len, count_bytes, &after);
	if (before != after)
		abort();
	image_free(&image);
}

/* Nothing lives longer than INT32_MAX milliseconds; clocks do not jump that far at once. */
static void
age_away(void)
{
	for (int i = 0; i < 128 && sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW) > 0; i++) {
		p->now += i % 64 == 0 ? UINT64_C(1) << 30 : 1000;
		pipe_poll(p, 8);
	}
	pipe_discard(p);
	if (sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW) != 0 ||
		sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW) != 0)
		abort();
}

static void
read_image(const uint8_t *data, size_t size)
{
	static const int index[] = { 0, 1 };
	struct sl_saved_names names = { index, index, 2, 2, { 0 }, NULL };
	struct image_about about;
	unsigned int which;
	char why[256];

	if (image_check(data, size, &about, why, sizeof(why)) != 0)
		return;
	write_again(data, size, &about);
	which = (unsigned int)(about.wall / MINUTE % GATEWAYS);
	if (gateway[which] == NULL)
		gateway[which] = pipe_create(2, conf[which], 7, 1000);
	p = gateway[which];
	restore = sl_restore_begin(
		p->nat, &names, RTE_MIN(about.n_hosts, 1024u), about.wall % MINUTE, p->now);
	if (restore == NULL)
		abort();
	image_walk(data, size, put, NULL);
	sl_restore_end(restore);
	pipe_settle(p);
	age_away();
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
end_gateways(void)
{
	for (unsigned int i = 0; i < GATEWAYS; i++) {
		if (gateway[i] != NULL)
			pipe_destroy(gateway[i]);
		gateway[i] = NULL;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static unsigned int inputs;
	static bool ready;
	uint8_t *copy = malloc(size + 1);

	if (copy == NULL || (!ready && pipe_setup(NULL) != 0))
		abort();
	ready = true;
	memcpy(copy, data, size);
	read_image(copy, size);
	put_right(copy, size);
	read_image(copy, size);
	free(copy);
	if (++inputs % INPUTS == 0)
		end_gateways();
	return 0;
}
