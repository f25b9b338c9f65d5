/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Datagrams through a gateway on the bench, one by one.
 */
#include "dgram.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"

static unsigned int turn;

static void
end_text(struct talk_end e, char *text, size_t size)
{
	char addr[INET_ADDRSTRLEN];

	inet_ntop(AF_INET, &e.addr, addr, sizeof(addr));
	snprintf(text, size, "%s:%u", addr, e.port);
}

static void
read_dgram(const struct pipe_packet *got, struct dgram *d)
{
	static uint8_t flat[16384];
	const uint8_t *ip =
		(const uint8_t *)rte_pktmbuf_read(got->m, 0, got->m->pkt_len, flat) + 14;
	const uint8_t *udp = ip + 20;
	uint32_t len = (uint32_t)ip[2] << 8 | ip[3];

	assert_int_equal(ip[0], 0x45);
	assert_int_equal(ip[9], IPPROTO_UDP);
	assert_int_equal(len, got->m->pkt_len - 14);
	assert_int_equal(ip[10] << 8 | ip[11], csum_ip4(ip));
	assert_int_equal(udp[4] << 8 | udp[5], len - 20);
	assert_int_equal(udp[6] << 8 | udp[7], csum_l4(ip, udp, len - 20, IPPROTO_UDP, 6));
	memcpy(&d->src.addr, ip + 12, 4);
	memcpy(&d->dst.addr, ip + 16, 4);
	d->src.port = (uint16_t)(udp[0] << 8 | udp[1]);
	d->dst.port = (uint16_t)(udp[2] << 8 | udp[3]);
	d->side = got->side;
	d->n = len - 28;
	assert_true(d->n < sizeof(d->text));
	memcpy(d->text, udp + 8, d->n);
	d->text[d->n] = 0;
}

bool
dgram_pass(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const char *text, struct dgram *out)
{
	return dgram_send(p, side, from, to, text, strlen(text), out);
}

bool
dgram_send(struct pipe *p, enum sl_side side, struct talk_end from, struct talk_end to,
	const void *bytes, size_t n_bytes, struct dgram *out)
{
	static struct pt_frame f;
	static char line[3 * DGRAM_MAX];
	char src[32], dst[32], why[128];
	struct pt_default def;
	struct rte_mbuf *m;
	unsigned int n_got;
	size_t n;

	end_text(from, src, sizeof(src));
	end_text(to, dst, sizeof(dst));
	n = (size_t)snprintf(line, sizeof(line), "udp %s > %s hex=", src, dst);
	for (size_t i = 0; i < n_bytes; i++)
		n += (size_t)snprintf(
			line + n, sizeof(line) - n, "%02x", ((const uint8_t *)bytes)[i]);
	def = pipe_default_in(p, side, NULL, 0);
	if (pt_build(line, &def, &f, why, sizeof(why)) < 0)
		fail_msg("%s: %s", line, why);
	m = pipe_mbuf(f.b, f.len);
	pipe_receive(p, turn++ % p->n_workers, side, &m, 1);
	pipe_settle(p);
	n_got = p->n_got;
	assert_true(n_got <= 1);
	if (n_got == 1) {
		assert_false(p->got[0].punt);
		read_dgram(&p->got[0], out);
	}
	pipe_discard(p);
	return n_got == 1;
}

struct talk_end
dgram_knock(struct pipe *p, const char *remote, struct talk_end at)
{
	static struct dgram d;

	if (dgram_pass(p, SL_OUTSIDE, talk_end(remote), at, "knock", &d) && d.side == SL_INSIDE)
		return d.dst;
	return (struct talk_end){ .port = 0 };
}
