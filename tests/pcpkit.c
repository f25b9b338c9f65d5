/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Requests by hand and replies by eye: nothing of the server's own code for fields is used.
 */
#include "pcpkit.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include <rte_byteorder.h>

static bool
inside(void *arg, unsigned int tenant, rte_be32_t addr)
{
	(void)arg;
	(void)tenant;
	return addr == kit_addr(ALIAS) ||
	       (rte_be_to_cpu_32(addr) >> 8 == 0x0a0000 && addr != kit_addr(GATEWAY));
}

int
kit_setup(void **state)
{
	struct kit *k = calloc(1, sizeof(*k));
	struct sl_pcp_params params = { .inside = inside };

	assert_non_null(k);
	pcpfake_init(&k->ls);
	k->now = 1000000;
	params.leases = &k->ls;
	k->pcp = sl_pcp_create(&params, k->now);
	assert_non_null(k->pcp);
	kit_from(k, HOST);
	*state = k;
	return 0;
}

int
kit_teardown(void **state)
{
	struct kit *k = *state;

	sl_pcp_destroy(k->pcp);
	free(k);
	return 0;
}

uint16_t
kit_get16(const uint8_t *p)
{
	return (uint16_t)(p[0] * 256 + p[1]);
}

uint32_t
kit_get32(const uint8_t *p)
{
	return kit_get16(p) * UINT32_C(65536) + kit_get16(p + 2);
}

void
kit_put16(uint8_t *p, uint16_t v)
{
	p[0] = (uint8_t)(v / 256);
	p[1] = (uint8_t)(v % 256);
}

void
kit_put32(uint8_t *p, uint32_t v)
{
	kit_put16(p, (uint16_t)(v / 65536));
	kit_put16(p + 2, (uint16_t)(v % 65536));
}

rte_be32_t
kit_addr(const char *dotted)
{
	struct in_addr a;

	assert_int_equal(inet_pton(AF_INET, dotted, &a), 1);
	return a.s_addr;
}

void
kit_put_addr(uint8_t p[16], const char *dotted)
{
	char text[64] = "";

	if (strchr(dotted, ':') == NULL)
		strcpy(text, "::ffff:");
	strncat(text, dotted, sizeof(text) - strlen(text) - 1);
	assert_int_equal(inet_pton(AF_INET6, text, p), 1);
}

void
kit_from(struct kit *k, const char *client)
{
	k->from = (struct sl_pcp_peer){
		.tenant = k->from.tenant,
		.client = kit_addr(client),
		.port = RTE_BE16(5555),
		.own = kit_addr(GATEWAY),
	};
}

void
kit_from6(struct kit *k, const char *client, const char *prefix, uint8_t plen)
{
	kit_from(k, ALIAS);
	k->from.own = 0;
	k->from.is_six = true;
	kit_put_addr(k->from.six.b, client);
	kit_put_addr(k->from.prefix.addr.b, prefix);
	k->from.prefix.plen = plen;
}

static void
begin(struct kit *k, uint8_t opcode, uint32_t seconds)
{
	memset(k->request, 0, sizeof(k->request));
	k->request[0] = 2;
	k->request[1] = opcode;
	kit_put32(k->request + 4, seconds);
	k->request[18] = k->request[19] = 0xff;
	memcpy(k->request + 20, &k->from.client, 4);
	if (k->from.is_six)
		memcpy(k->request + 8, &k->from.six, 16);
	k->n = 24;
}

void
kit_announce(struct kit *k)
{
	begin(k, ANNOUNCE, 0);
}

static void
mapping(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t in_port)
{
	memset(k->request + 24, nonce, 12);
	k->request[36] = proto;
	kit_put16(k->request + 40, in_port);
	kit_put_addr(k->request + 44, "0.0.0.0");
	k->n = 60;
}

void
kit_map(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t in_port, uint32_t seconds)
{
	begin(k, MAP, seconds);
	mapping(k, nonce, proto, in_port);
}

void
kit_suggest(struct kit *k, const char *addr, uint16_t port)
{
	kit_put16(k->request + 42, port);
	kit_put_addr(k->request + 44, addr != NULL ? addr : "0.0.0.0");
}

void
kit_peer(struct kit *k, uint8_t nonce, uint8_t proto, uint16_t in_port, uint32_t seconds,
	const char *remote, uint16_t rem_port)
{
	begin(k, PEER, seconds);
	mapping(k, nonce, proto, in_port);
	kit_put16(k->request + 60, rem_port);
	kit_put_addr(k->request + 64, remote);
	k->n = 80;
}

void
kit_option(struct kit *k, uint8_t code, const void *data, size_t n)
{
	uint8_t *p = k->request + k->n;

	assert_true(k->n + 4 + n + 3 <= sizeof(k->request));
	p[0] = code;
	kit_put16(p + 2, (uint16_t)n);
	if (n > 0)
		memcpy(p + 4, data, n);
	k->n += 4 + (n + 3) / 4 * 4;
}

void
kit_filter(struct kit *k, uint8_t plen, const char *remote, uint16_t port)
{
	uint8_t data[20] = { 0, plen };

	kit_put16(data + 2, port);
	kit_put_addr(data + 4, remote);
	kit_option(k, 3, data, sizeof(data));
}

void
kit_third_party(struct kit *k, const char *host)
{
	uint8_t data[16];

	kit_put_addr(data, host);
	kit_option(k, 1, data, sizeof(data));
}

size_t
kit_raw(struct kit *k, const void *data, size_t n)
{
	uint8_t *copy = malloc(n > 0 ? n : 1); /* to the byte */

	assert_non_null(copy);
	memcpy(copy, data, n);
	memset(k->reply, 0xee, sizeof(k->reply));
	k->len = sl_pcp_answer(k->pcp, &k->from, copy, n, k->now, k->reply);
	free(copy);
	assert_true(k->len <= (n > 24 ? n + 3 : 24));
	return k->len;
}

int
kit_send(struct kit *k)
{
	assert_true(kit_raw(k, k->request, k->n) >= 24);
	assert_int_equal(k->len % 4, 0);
	assert_int_equal(k->reply[0], 2);
	assert_int_equal(k->reply[1], k->request[1] | 0x80);
	assert_int_equal(k->reply[2], 0);
	return k->reply[3];
}

uint32_t
kit_seconds(const struct kit *k)
{
	return kit_get32(k->reply + 4);
}

uint32_t
kit_epoch(const struct kit *k)
{
	return kit_get32(k->reply + 8);
}

uint16_t
kit_out_port(const struct kit *k)
{
	uint8_t address[16];

	kit_put_addr(address, "192.0.2.1");
	assert_memory_equal(k->reply + 44, address, 16);
	return kit_get16(k->reply + 42);
}
