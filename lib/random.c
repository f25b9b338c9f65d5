/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Random numbers that outsiders see as port numbers must not tell the next ones
 * (RFC 6056 section 3.1), which rules out rte_rand() and every shift register.
 * SipHash-2-4 in counter mode is a pseudo-random function with a secret key, takes about
 * 20 cycles and no system call. Each worker has a generator of its own.
 */
#include <errno.h>
#include <sys/random.h>

#include "random.h"

#define ROTL(x, n) ((x) << (n) | (x) >> (64 - (n)))

int
sl_random_init(struct sl_random *random)
{
	if (getrandom(random->key, sizeof(random->key), 0) != sizeof(random->key))
		return errno ? -errno : -EIO;
	random->counter = 0;
	return 0;
}

static inline void
sip_round(uint64_t v[4])
{
	v[0] += v[1];
	v[1] = ROTL(v[1], 13) ^ v[0];
	v[0] = ROTL(v[0], 32);
	v[2] += v[3];
	v[3] = ROTL(v[3], 16) ^ v[2];
	v[0] += v[3];
	v[3] = ROTL(v[3], 21) ^ v[0];
	v[2] += v[1];
	v[1] = ROTL(v[1], 17) ^ v[2];
	v[2] = ROTL(v[2], 32);
}

uint64_t
sl_random_next(void *arg)
{
	struct sl_random *r = arg;
	uint64_t m = r->counter++, last = (uint64_t)8 << 56;
	uint64_t v[4] = {
		r->key[0] ^ 0x736f6d6570736575,
		r->key[1] ^ 0x646f72616e646f6d,
		r->key[0] ^ 0x6c7967656e657261,
		r->key[1] ^ 0x7465646279746573,
	};

	v[3] ^= m;
	sip_round(v);
	sip_round(v);
	v[0] ^= m;
	v[3] ^= last;
	sip_round(v);
	sip_round(v);
	v[0] ^= last;
	v[2] ^= 0xff;
	for (int i = 0; i < 4; i++)
		sip_round(v);
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}
