/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PKTTEXT_H
#define TEST_PKTTEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <rte_ether.h>

#define PT_FRAME_MAX 10240 /**< longest frame, bytes */
#define PT_TEXT_MAX 32768 /**< longest text with its final zero */

/** A frame as bytes. */
struct pt_frame {
	uint8_t b[PT_FRAME_MAX];
	size_t len;
	size_t l3; /**< offset of the network header */
};

/** What a text leaves out. */
struct pt_default {
	struct rte_ether_addr smac, dmac;
	uint8_t ttl;
};

#define PT_QUOTE_TTL 63 /**< TTL of a quoted packet whose text names none */

/**
 * Text to frame. Returns 0, or -1 with a sentence in why.
 * The grammar is at the head of pktbuild.c.
 */
int pt_build(
	const char *text, const struct pt_default *def, struct pt_frame *f, char *why, size_t size);

/** Frame to text, with every checksum verified; never fails, what it cannot read is hex. */
void pt_show(const uint8_t *b, size_t len, const struct pt_default *def, char *text, size_t size);

/** IPv4 source and destination of a frame, or 0; for choosing the MAC that it must carry. */
bool pt_frame_ends6(const uint8_t *b, size_t len, uint8_t *src, uint8_t *dst); /**< of IPv6 */
uint32_t pt_frame_src4(const uint8_t *b, size_t len);
uint32_t pt_frame_dst4(const uint8_t *b, size_t len);

/* ---- names: ports and ids that are bound on first use ---- */

#define PT_NAMES_MAX 64

struct pt_names {
	unsigned int n;
	char name[PT_NAMES_MAX][16];
	char value[PT_NAMES_MAX][32];
};

/** Replace every bound $name in text; -1 with a sentence when one is not bound. */
int pt_subst(const struct pt_names *names, const char *text, char *out, size_t size, char *why,
	size_t why_size);

/**
 * Compare a frame with the text that is expected. Names bind on first use;
 * a value of * fits anything, and so does "..." for a payload. After the texts
 * agree the expected frame is built and compared byte by byte.
 * @return 0, or -1 with the reason in why
 */
int pt_match(const char *expect, const uint8_t *b, size_t len, const struct pt_default *def,
	struct pt_names *names, char *why, size_t size);

/** Print a hexdump to stderr. */
void pt_dump(const char *title, const uint8_t *b, size_t len);

#endif
