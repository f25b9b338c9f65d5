/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Captures as Wireshark reads them: the blocks of pcapng (draft-ietf-opsawg-pcapng) that a
 * capture needs, in the byte order of the machine.
 *
 * DPDK has rte_pcapng for this, but that of 22.11 cannot say what matters here: its packets have
 * no comment (rte_pcapng_copy() got that argument in 23.07), it knows ports, not sides, it writes
 * to a descriptor at once, where a slow disk would keep control, and it wants mbufs of a pool of
 * its own. The format is small; so it is written here, into memory, and capfile.c brings it to
 * the disk.
 *
 *	section header, interface "inside", interface "outside",
 *	a packet as it came (inbound), as it left (outbound), with one packet id, ...
 *	interface statistics
 */
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

#include "pcapng.h"

#define BLOCK_SECTION 0x0a0d0d0a
#define BLOCK_INTERFACE 1
#define BLOCK_STATISTICS 5
#define BLOCK_PACKET 6
#define BYTE_ORDER_MARK 0x1a2b3c4d
#define LINKTYPE_ETHERNET 1

#define OPT_END 0
#define OPT_COMMENT 1
#define SECTION_PROGRAM 4
#define INTERFACE_NAME 2
#define INTERFACE_DESCRIPTION 3
#define INTERFACE_MAC 6
#define INTERFACE_RESOLUTION 9
#define PACKET_FLAGS 2
#define PACKET_ID 5
#define STATISTICS_RECEIVED 4
#define STATISTICS_DROPPED 5

#define FLAG_INBOUND 1
#define FLAG_OUTBOUND 2
#define NANOSECONDS 9 /* 10^-9 */
#define FIRST_ROOM 65536

static void
add(struct pcapng *p, const void *data, size_t len)
{
	while (!p->lost && p->room - p->len < len) {
		size_t room = p->room > 0 ? p->room * 2 : FIRST_ROOM;
		uint8_t *more = realloc(p->data, room);

		p->lost = more == NULL;
		if (more == NULL)
			return;
		p->data = more;
		p->room = room;
	}
	if (p->lost)
		return;
	memcpy(p->data + p->len, data, len);
	p->len += len;
}

static void
add32(struct pcapng *p, uint32_t v)
{
	add(p, &v, sizeof(v));
}

/* Up to the next multiple of four. */
static void
pad(struct pcapng *p, size_t len)
{
	static const uint8_t zeros[4];

	add(p, zeros, (4 - len % 4) % 4);
}

static void
add_option(struct pcapng *p, uint16_t code, const void *data, size_t len)
{
	uint16_t n = (uint16_t)RTE_MIN(len, (size_t)UINT16_MAX);

	add(p, &code, sizeof(code));
	add(p, &n, sizeof(n));
	add(p, data, n);
	pad(p, n);
}

static void
add_text(struct pcapng *p, uint16_t code, const char *text)
{
	if (text != NULL)
		add_option(p, code, text, strlen(text));
}

/* Type and length; the length is filled in at the end. */
static size_t
begin_block(struct pcapng *p, uint32_t type)
{
	size_t at = p->len;

	add32(p, type);
	add32(p, 0);
	return at;
}

static void
end_block(struct pcapng *p, size_t at)
{
	uint32_t len;

	add32(p, OPT_END);
	len = (uint32_t)(p->len - at + sizeof(len));
	add32(p, len);
	if (!p->lost)
		memcpy(p->data + at + sizeof(uint32_t), &len, sizeof(len));
}

void
pcapng_begin(struct pcapng *p, const char *program, const char *comment)
{
	static const uint16_t version[2] = { 1, 0 };
	static const int64_t unknown = -1; /* length of the section */
	size_t at = begin_block(p, BLOCK_SECTION);

	add32(p, BYTE_ORDER_MARK);
	add(p, version, sizeof(version));
	add(p, &unknown, sizeof(unknown));
	add_text(p, OPT_COMMENT, comment);
	add_text(p, SECTION_PROGRAM, program);
	end_block(p, at);
}

void
pcapng_interface(struct pcapng *p, const struct pcapng_interface *i)
{
	static const uint16_t type[2] = { LINKTYPE_ETHERNET, 0 };
	static const uint8_t resolution = NANOSECONDS;
	size_t at = begin_block(p, BLOCK_INTERFACE);

	add(p, type, sizeof(type));
	add32(p, i->keep);
	add_text(p, INTERFACE_NAME, i->name);
	add_text(p, INTERFACE_DESCRIPTION, i->description);
	add_option(p, INTERFACE_MAC, &i->mac, sizeof(i->mac));
	add_option(p, INTERFACE_RESOLUTION, &resolution, sizeof(resolution));
	end_block(p, at);
}

static void
add_time(struct pcapng *p, uint64_t when)
{
	add32(p, (uint32_t)(when >> 32));
	add32(p, (uint32_t)when);
}

void
pcapng_frame(struct pcapng *p, const struct pcapng_frame *f)
{
	uint32_t flags = f->leaves ? FLAG_OUTBOUND : FLAG_INBOUND;
	size_t at = begin_block(p, BLOCK_PACKET);

	add32(p, f->interface);
	add_time(p, f->when);
	add32(p, f->kept);
	add32(p, f->len);
	add(p, f->bytes, f->kept);
	pad(p, f->kept);
	add_text(p, OPT_COMMENT, f->comment);
	add_option(p, PACKET_FLAGS, &flags, sizeof(flags));
	add_option(p, PACKET_ID, &f->packet, sizeof(f->packet));
	end_block(p, at);
}

void
pcapng_statistics(
	struct pcapng *p, uint32_t interface, uint64_t when, uint64_t received, uint64_t dropped)
{
	size_t at = begin_block(p, BLOCK_STATISTICS);

	add32(p, interface);
	add_time(p, when);
	add_option(p, STATISTICS_RECEIVED, &received, sizeof(received));
	add_option(p, STATISTICS_DROPPED, &dropped, sizeof(dropped));
	end_block(p, at);
}

void
pcapng_fini(struct pcapng *p)
{
	free(p->data);
	*p = (struct pcapng){ 0 };
}
