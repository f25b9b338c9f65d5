/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Configurations of the model's games, and the same in the words of tests/conf.c.
 */
#include "play.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define POOL 0xcb007140 /* 203.0.113.64 */

const char *const play_mode_name[PLAY_MODES] = { "ei", "ed", "fixed", "blocks", "nat64" };

static uint64_t
pick(uint64_t *r, const uint64_t *of, unsigned int n)
{
	return of[play_random(r) % n];
}

static void
times(struct m_conf *c, uint64_t *r)
{
	static const uint64_t udp[] = { 300000, 120000, 5000, 900 }, est[] = { 7440000, 20000 },
			      trans[] = { 240000, 4000 }, icmp[] = { 60000, 3000 },
			      rest[] = { 120000, 10000, 1000, 0 };

	c->timeout[M_T_UDP] = pick(r, udp, 4) / 1000 * 1000;
	if (c->timeout[M_T_UDP] == 0)
		c->timeout[M_T_UDP] = 1000;
	c->timeout[M_T_EST] = pick(r, est, 2);
	c->timeout[M_T_OPENING] = pick(r, trans, 2);
	c->timeout[M_T_CLOSING] = pick(r, trans, 2);
	c->timeout[M_T_ICMP] = pick(r, icmp, 2);
	c->timeout[M_T_REST] = pick(r, rest, 4);
}

static void
limits(struct m_conf *c, uint64_t *r)
{
	static const uint64_t ports[] = { 0, 0, 12, 40 }, sessions[] = { 0, 0, 20, 60 },
			      mapping[] = { 0, 6, 14, 0 };

	c->ports = (unsigned int)pick(r, ports, 4);
	c->sessions = (unsigned int)pick(r, sessions, 4);
	c->mapping = (unsigned int)pick(r, mapping, 4);
	c->refusal = play_random(r) % 3 == 0 ? 255 : 13;
}

void
play_first_conf(struct m_conf *c, enum play_mode mode, unsigned int workers, uint64_t seed)
{
	static const char *const prefix[] = { "\0\x64\xff\x9b\0\0\0\0\0\0\0",
		"\x3f\xff\0\x64\0\0\0\0\0\0\0" };
	static const unsigned int lens[] = { 32, 40, 48, 56, 64, 96 };
	uint64_t r = seed;

	*c = (struct m_conf){ .pool = POOL,
		.pool_n = 3,
		.port_min = 1024,
		.port_max = 65535,
		.parity = true,
		.workers = workers,
		.refusal = 13,
		.subscriber_len = 64,
		.max_sessions = play_random(&r) % 4 == 0 ? 160 : 3000 };
	times(c, &r);
	limits(c, &r);
	c->tcp = (enum sl_filter)(play_random(&r) % 3);
	c->udp = (enum sl_filter)(play_random(&r) % 3);
	c->refresh = play_random(&r) % 3 == 0;
	c->shared = mode == PLAY_ED;
	switch (mode) {
	case PLAY_EI:
		if (play_random(&r) % 3 == 0) {
			c->box_pool = true;
			c->pool = 0xc0000201;
			c->pool_n = 1;
		}
		break;
	case PLAY_FIXED:
		c->fixed = 0x0a000000;
		c->fixed_len = 28;
		c->port_min = 2000;
		c->port_max = 2000 + 6 * (play_random(&r) % 2 ? 24 : 600) - 1;
		break;
	case PLAY_BLOCKS:
		c->block = 64;
		c->blocks = 1 + play_random(&r) % 2;
		c->block_idle = play_random(&r) % 2 ? 300000 : 4000;
		break;
	case PLAY_NAT64:
		c->six = true;
		memcpy(c->prefix.net, prefix[1], 11);
		c->prefix.len = lens[play_random(&r) % 6];
		if (play_random(&r) % 2) {
			memcpy(c->prefix.net, prefix[0], 11);
			c->prefix.len = 96;
		}
		memset(c->prefix.net + c->prefix.len / 8, 0, 16 - c->prefix.len / 8);
		c->subscriber_len = play_random(&r) % 2 ? 64 : 128;
		break;
	default:
		break;
	}
}

static void
toggle_forward(struct m_conf *c, uint64_t *r)
{
	unsigned int i = play_random(r) % M_FORWARDS;
	struct m_forward *f = &c->forward[i];

	if (f->on) {
		f->on = false;
		return;
	}
	*f = (struct m_forward){ .on = true,
		.proto = i % 2 ? M_TCP : M_UDP,
		.out = c->pool + i % c->pool_n,
		.out_port = (uint16_t)(i < 2 ? 2040 + i : 80 + i),
		.in_port = (uint16_t)(1000 + play_random(r) % 6),
		.in = { .v4 = 0x0a000002 + (uint32_t)(play_random(r) % 8) } };
	if (play_random(r) % 2) {
		f->from = 0xc6336400;
		f->from_len = 24;
	}
	if (c->six) {
		f->in.six = true;
		f->from_len = 0;
		memcpy(f->in.v6, (uint8_t[16]){ 0x20, 1, 0xd, 0xb8, 0, 1 }, 16);
		f->in.v6[15] = 10; /* who opens nothing */
	}
	for (unsigned int k = 0; k < M_FORWARDS; k++)
		if (k != i && c->forward[k].on && c->forward[k].proto == f->proto &&
			c->forward[k].in_port == f->in_port && m_same(&c->forward[k].in, &f->in))
			f->on = false;
}

void
play_next_conf(struct m_conf *c, uint64_t random)
{
	uint64_t r = random;

	switch (play_random(&r) % 8) {
	case 0:
		times(c, &r);
		break;
	case 1:
		limits(c, &r);
		break;
	case 2:
		if (!c->shared) {
			c->tcp = (enum sl_filter)(play_random(&r) % 3);
			c->udp = (enum sl_filter)(play_random(&r) % 3);
		}
		break;
	case 3:
		c->refresh = !c->refresh;
		break;
	case 4:
		c->parity = !c->parity;
		break;
	case 5:
		c->mss = c->mss ? 0 : 1300;
		break;
	case 6:
		c->drain = !c->drain && play_random(&r) % 4 == 0;
		break;
	default:
		toggle_forward(c, &r);
		break;
	}
}

/* ---- in words ---- */

static void __attribute__((format(printf, 3, 4)))
say(char *text, size_t size, const char *format, ...)
{
	size_t n = strlen(text);
	va_list ap;

	va_start(ap, format);
	vsnprintf(text + n, size - n, format, ap);
	va_end(ap);
}

#define QUAD(a) (a) >> 24, (a) >> 16 & 255, (a) >> 8 & 255, (a)&255

static void
say_six(char *text, size_t size, const uint8_t *a)
{
	for (unsigned int i = 0; i < 16; i += 2)
		say(text, size, "%s%x", i ? ":" : "", m_get16(a + i));
}

static void
say_pool(const struct m_conf *c, char *text, size_t size)
{
	static const char *const filter[] = { "ei", "ad", "apd" };
	uint32_t last = c->pool + c->pool_n - 1;

	say(text, size, "pool %u.%u.%u.%u-%u.%u.%u.%u ports=%u-%u udp=%s tcp=%s", QUAD(c->pool),
		QUAD(last), c->port_min, c->port_max, filter[c->udp], filter[c->tcp]);
	if (c->shared)
		say(text, size, " shared=both");
	if (c->block)
		say(text, size, " block=%u blocks=%u", c->block, c->blocks);
	if (c->fixed_len)
		say(text, size, " fixed=%u.%u.%u.%u/%u", QUAD(c->fixed), c->fixed_len);
	say(text, size, "%s; ", c->drain ? " drain" : "");
}

void
play_conf_text(const struct m_conf *c, char *text, size_t size)
{
	static const char *const name[] = { "udp", "tcp-est", "tcp-opening", "tcp-closing", "icmp",
		"port-rest" };

	*text = 0;
	say(text, size,
		"max-sessions %u; ring 1024; unsolicited-syn off; other-protocols off; tcp-probe "
		"off; ",
		c->max_sessions);
	say(text, size,
		"icmp-rate 100000000; punt-rate local 4000000; punt-rate multicast 4000000; "
		"punt-rate arp 4000000; punt-rate nd 4000000; timeout fragment 2; ");
	say_pool(c, text, size);
	for (unsigned int i = 0; i < M_T_COUNT; i++)
		say(text, size, "timeout %s %u; ", name[i], (unsigned int)(c->timeout[i] / 1000));
	say(text, size, "limit ports=%u sessions=%u mapping=%u rate=0; icmp-refusal %u; ", c->ports,
		c->sessions, c->mapping, c->refusal);
	say(text, size, "inbound-refresh %s; port-parity %s; ", c->refresh ? "on" : "off",
		c->parity ? "on" : "off");
	if (c->mss)
		say(text, size, "mss %u; ", c->mss);
	if (c->block)
		say(text, size, "block-idle %u; ", c->block_idle / 1000);
	if (c->six) {
		say(text, size, "inside6 2001:db8:1::1/64; nat64-subscriber %u; nat64 ",
			c->subscriber_len);
		say_six(text, size, c->prefix.net);
		say(text, size, "/%u; ", c->prefix.len);
	}
	for (unsigned int i = 0; i < M_FORWARDS; i++) {
		const struct m_forward *f = &c->forward[i];

		if (!f->on)
			continue;
		say(text, size, "forward%s %s %u.%u.%u.%u:%u > ", f->in.six ? "6" : "",
			f->proto == M_TCP ? "tcp" : "udp", QUAD(f->out), f->out_port);
		if (f->in.six) {
			say_six(text, size, f->in.v6);
			say(text, size, "#%u; ", f->in_port);
			continue;
		}
		say(text, size, "%u.%u.%u.%u:%u", QUAD(f->in.v4), f->in_port);
		if (f->from_len)
			say(text, size, " from=%u.%u.%u.%u/%u", QUAD(f->from), f->from_len);
		say(text, size, "; ");
	}
}
