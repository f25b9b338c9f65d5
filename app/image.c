/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The state file's format. In memory only: statefile.c reads and writes files.
 *
 *	header    64 bytes and the owners: magic, byte order, version, length, wall clock, number
 *	          of sections, CRC-32C of all that follows the header, CRC-32C of the header itself
 *	section   kind, size of a record, number of records; the records, filled up to 8 bytes
 *	...
 *
 * Numbers are the machine's own, and so are the library's records (save.h): the file is for this
 * machine's next run. One of another byte order, version or record size is refused as a whole, and
 * so is one with a flipped bit or a missing end: half a state is worse than none, since nobody
 * could tell what is missing. Whoever changes a record changes VERSION.
 *
 * Tenants, NAT64 prefixes and helpers go by index in the records; sections of their own say which
 * names these had.
 */
#include "image.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>
#include <rte_hash_crc.h>

#define VERSION 1
#define ORDER 0x01020304u
#define ROOM_MIN 65536
#define SECTIONS_MAX 4096

static const char magic[8] = { 'S', 'L', 'U', 'I', 'C', 'E', 'S', 'T' };

struct header {
	char magic[8];
	uint32_t order, version;
	uint64_t length;
	uint64_t wall;
	struct sl_owners owners;
	uint32_t n_sections, n_hosts;
	uint32_t crc, header_crc;
};

struct section {
	uint32_t kind, size;
	uint64_t n;
};

_Static_assert(sizeof(struct header) == 88 && sizeof(struct section) == 16, "no holes");
_Static_assert(sizeof(struct image_name) == 36 && sizeof(struct image_nat64) == 24 &&
		       sizeof(struct image_forward) == 120,
	"no holes");

static size_t
record_size(unsigned int kind)
{
	switch (kind) {
	case IMAGE_TENANT:
	case IMAGE_HELPER:
		return sizeof(struct image_name);
	case IMAGE_NAT64:
		return sizeof(struct image_nat64);
	case IMAGE_FORWARD:
		return sizeof(struct image_forward);
	default:
		return kind < SL_SAVED_KINDS ? sl_saved_size((enum sl_saved_kind)kind) : 0;
	}
}

/* rte_hash_crc() takes 32 bits of length. */
static uint32_t
checksum(const uint8_t *p, size_t len)
{
	uint32_t crc = UINT32_MAX;

	while (len > 0) {
		uint32_t n = (uint32_t)RTE_MIN(len, (size_t)1 << 30);

		crc = rte_hash_crc(p, n, crc);
		p += n;
		len -= n;
	}
	return crc;
}

static uint32_t
header_checksum(const struct header *h)
{
	return checksum((const uint8_t *)h, offsetof(struct header, header_crc));
}

/* ---- making ---- */

static bool
reserve(struct image *image, size_t len)
{
	size_t room = image->room;
	uint8_t *data;

	if (image->failed)
		return false;
	if (len <= room - image->len)
		return true;
	while (room - image->len < len)
		room = RTE_MAX(room * 2, (size_t)ROOM_MIN);
	data = realloc(image->data, room);
	if (data == NULL) {
		image->failed = true;
		return false;
	}
	image->data = data;
	image->room = room;
	return true;
}

static void
close_section(struct image *image)
{
	struct header *h;
	size_t pad = RTE_ALIGN_CEIL(image->len, 8) - image->len;

	if (image->section == 0 || !reserve(image, pad))
		return;
	h = (struct header *)image->data;
	memset(image->data + image->len, 0, pad);
	image->len += pad;
	h->n_sections++;
	image->section = 0;
}

void
image_begin(struct image *image)
{
	*image = (struct image){ 0 };
	if (!reserve(image, sizeof(struct header)))
		return;
	memset(image->data, 0, sizeof(struct header));
	image->len = sizeof(struct header);
}

void
image_section(struct image *image, unsigned int kind, size_t size)
{
	struct section s = { .kind = kind, .size = (uint32_t)size };

	close_section(image);
	if (!reserve(image, sizeof(s)))
		return;
	image->section = image->len;
	memcpy(image->data + image->len, &s, sizeof(s));
	image->len += sizeof(s);
}

void *
image_room(struct image *image, size_t len)
{
	return reserve(image, len) ? image->data + image->len : NULL;
}

void
image_add(struct image *image, unsigned int n, size_t size)
{
	struct section *s = (struct section *)(image->data + image->section);

	s->n += n;
	image->len += n * size;
}

int
image_finish(struct image *image, const struct image_about *about)
{
	struct header *h;

	close_section(image);
	if (image->failed)
		return -ENOMEM;
	h = (struct header *)image->data;
	memcpy(h->magic, magic, sizeof(magic));
	h->order = ORDER;
	h->version = VERSION;
	h->length = image->len;
	h->wall = about->wall;
	h->owners = about->owners;
	h->n_hosts = about->n_hosts;
	h->crc = checksum(image->data + sizeof(*h), image->len - sizeof(*h));
	h->header_crc = header_checksum(h);
	return 0;
}

void
image_free(struct image *image)
{
	free(image->data);
	*image = (struct image){ 0 };
}

/* ---- reading ---- */

static const char *
header_fault(const struct header *h, size_t len)
{
	if (h->order == __builtin_bswap32(ORDER))
		return "of a machine with another byte order";
	if (h->order != ORDER)
		return "damaged: its header is wrong";
	if (h->version != VERSION)
		return "of another version of sluice";
	if (h->length != len)
		return h->length > len ? "damaged: its end is missing" : "damaged: it is too long";
	if (h->header_crc != header_checksum(h))
		return "damaged: its header has the wrong checksum";
	if (h->crc != checksum((const uint8_t *)(h + 1), len - sizeof(*h)))
		return "damaged: it has the wrong checksum";
	return NULL;
}

/* The next section after *at; NULL at the end or when it is wrong. */
static const struct section *
next_section(const uint8_t *data, size_t len, size_t *at)
{
	const struct section *s = (const struct section *)(data + *at);
	size_t left = len - *at, bytes;

	if (left < sizeof(*s) || s->size == 0 || s->size != record_size(s->kind) ||
		s->n > (left - sizeof(*s)) / s->size || s->n > UINT32_MAX)
		return NULL;
	bytes = RTE_ALIGN_CEIL(s->n * s->size, (size_t)8);
	if (bytes > left - sizeof(*s))
		return NULL;
	*at += sizeof(*s) + bytes;
	return s;
}

int
image_check(const void *data, size_t len, struct image_about *about, char *why, size_t size)
{
	const struct header *h = data;
	const char *fault;
	size_t at = sizeof(*h);

	if (len < sizeof(magic) || memcmp(h->magic, magic, sizeof(magic)) != 0) {
		snprintf(why, size, "is no state file of sluice");
		return -ENOEXEC;
	}
	fault = len < sizeof(*h) ? "damaged: its end is missing" : header_fault(h, len);
	if (fault == NULL) {
		uint32_t n = 0;

		while (n < h->n_sections && n < SECTIONS_MAX &&
			next_section(data, len, &at) != NULL)
			n++;
		if (n != h->n_sections || at != len)
			fault = "damaged: its sections are wrong";
	}
	if (fault != NULL) {
		snprintf(why, size, "is %s", fault);
		return -EINVAL;
	}
	*about = (struct image_about){ h->wall, h->owners, h->n_hosts };
	return 0;
}

void
image_walk(const void *data, size_t len,
	void (*fn)(void *arg, unsigned int kind, const void *record, unsigned int n), void *arg)
{
	size_t at = sizeof(struct header);
	const struct section *s;

	while (at < len && (s = next_section(data, len, &at)) != NULL)
		fn(arg, s->kind, s + 1, (unsigned int)s->n);
}
