/* SPDX-License-Identifier: BSD-3-Clause
 *
 * UUIDs (RFC 4122): a device has to keep its name over restarts, so that is made from what
 * does not change by version 5, which is SHA-1 (RFC 3174); nothing here is a secret. A
 * subscription's is random.
 */
#include "upnp_uuid.h"

#include <stdio.h>
#include <string.h>

#define BLOCK 64

struct sha1 {
	uint32_t h[5];
	uint8_t block[BLOCK];
	uint64_t n; /* bytes so far */
};

static uint32_t
rotate(uint32_t x, unsigned int by)
{
	return x << by | x >> (32 - by);
}

/* RFC 3174 section 6.1. */
static void
sha1_block(struct sha1 *s)
{
	uint32_t a = s->h[0], b = s->h[1], c = s->h[2], d = s->h[3], e = s->h[4], w[80];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)s->block[4 * i] << 24 | (uint32_t)s->block[4 * i + 1] << 16 |
		       (uint32_t)s->block[4 * i + 2] << 8 | s->block[4 * i + 3];
	for (int i = 16; i < 80; i++)
		w[i] = rotate(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
	for (int i = 0; i < 80; i++) {
		uint32_t f = i < 20   ? (b & c) | (~b & d)
			     : i < 40 ? b ^ c ^ d
			     : i < 60 ? (b & c) | (b & d) | (c & d)
				      : b ^ c ^ d;
		uint32_t k = i < 20   ? 0x5a827999
			     : i < 40 ? 0x6ed9eba1
			     : i < 60 ? 0x8f1bbcdc
				      : 0xca62c1d6;
		uint32_t t = rotate(a, 5) + f + e + w[i] + k;

		e = d;
		d = c;
		c = rotate(b, 30);
		b = a;
		a = t;
	}
	s->h[0] += a;
	s->h[1] += b;
	s->h[2] += c;
	s->h[3] += d;
	s->h[4] += e;
}

static void
sha1_add(struct sha1 *s, const void *data, size_t n)
{
	const uint8_t *p = data;

	for (size_t i = 0; i < n; i++) {
		s->block[s->n++ % BLOCK] = p[i];
		if (s->n % BLOCK == 0)
			sha1_block(s);
	}
}

static void
sha1_end(struct sha1 *s)
{
	uint64_t bits = s->n * 8;
	uint8_t length[8];

	for (int i = 0; i < 8; i++)
		length[i] = (uint8_t)(bits >> (56 - 8 * i));
	sha1_add(s, "\x80", 1);
	while (s->n % BLOCK != BLOCK - 8)
		sha1_add(s, "", 1);
	sha1_add(s, length, sizeof(length));
}

static void
print(uint8_t u[16], unsigned int version, char text[SL_UUID_TEXT])
{
	size_t at = 0;

	u[6] = (uint8_t)((u[6] & 0x0f) | version << 4);
	u[8] = (u[8] & 0x3f) | 0x80;
	for (int i = 0; i < 16; i++)
		at += (size_t)snprintf(text + at, SL_UUID_TEXT - at, "%s%02x",
			i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "", u[i]);
}

void
sl_uuid_name(const uint8_t space[16], const void *name, size_t n, char text[SL_UUID_TEXT])
{
	struct sha1 s = { { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 }, { 0 },
		0 };
	uint8_t u[16];

	sha1_add(&s, space, 16);
	sha1_add(&s, name, n);
	sha1_end(&s);
	for (int i = 0; i < 16; i++)
		u[i] = (uint8_t)(s.h[i / 4] >> (24 - 8 * (i % 4)));
	print(u, 5, text);
}

void
sl_uuid_random(const uint8_t random[16], char text[SL_UUID_TEXT])
{
	uint8_t u[16];

	memcpy(u, random, sizeof(u));
	print(u, 4, text);
}
