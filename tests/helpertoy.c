/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A protocol that does everything a helper may do. A message is words divided by blanks; over
 * TCP it is a line. A word says what is to be done and is replaced by what came of it:
 *
 *     EPORT  expect a flow from the remote end to this port of ours; the outside port
 *     OPORT  the same once      SPORT  it stays      APORT  from anybody      DPORT  two ports
 *     HPORT  the same, and read it too, with the port as cookie
 *     WPORT  the inside host will open a flow to this port of the remote end: read it
 *     XADDR:PORT  expect it for another host
 *     UPORT  expect it no more     LPORT  expect it a minute from now      (not replaced)
 *     QPORT  the outside port of an expectation, or "-"
 *     BN     N times the letter b        #  number of messages before this one
 *     C      the cookie of this flow, or "-"
 *     P      look no further after this one (not replaced)      R  refuse it (not replaced)
 *
 * What is refused is replaced by "!" and the number of the error. Other words stay. Over TCP a
 * line that begins with "^" is another protocol.
 */
#include "helpertoy.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <rte_common.h>

unsigned int toy_ended, toy_local, toy_shown;

struct toy_state {
	unsigned int n; /* messages */
};

/** A word of the message. */
struct word {
	struct sl_helper *h;
	size_t at, n;
	char text[32];
};

static void
replace(const struct word *w, const char *text)
{
	sl_helper_replace(w->h, w->at, w->n, text, strlen(text));
}

static int
say_port(const struct word *w, int rc, rte_be16_t port)
{
	char text[16];

	if (rc == 0)
		snprintf(text, sizeof(text), "%u", ntohs(port));
	else
		snprintf(text, sizeof(text), "!%d", -rc);
	if (rc != -EAGAIN)
		replace(w, text);
	return rc;
}

static int
expect(const struct word *w)
{
	struct sl_helper *h = w->h;
	struct sl_expect e = {
		.proto = h->proto,
		.in_addr = h->in_addr,
		.in_port = htons((uint16_t)atoi(w->text + 1)),
		.rem_addr = w->text[0] == 'A' ? 0 : h->rem_addr,
		.once = w->text[0] == 'O',
		.stays = w->text[0] == 'S',
		.pair = w->text[0] == 'D',
		.lifetime = 10000,
	};
	const char *colon = strchr(w->text, ':');
	char addr[32];
	int rc;

	if (w->text[0] == 'H' || w->text[0] == 'W') {
		e.helper = SL_HELPER_SELF;
		e.cookie = ntohs(e.in_port);
		e.once = true;
	}
	if (w->text[0] == 'W') {
		e.outward = true;
		e.rem_port = e.in_port;
		e.in_port = 0;
	}
	if (w->text[0] == 'X' && colon != NULL) {
		snprintf(addr, sizeof(addr), "%.*s", (int)(colon - w->text - 1), w->text + 1);
		inet_pton(AF_INET, addr, &e.in_addr);
		e.in_port = htons((uint16_t)atoi(colon + 1));
	}
	rc = sl_helper_expect(h, &e);
	return say_port(w, rc, e.out_port);
}

static void
look_up(const struct word *w)
{
	rte_be16_t in_port = htons((uint16_t)atoi(w->text + 1)), out_port;
	rte_be32_t out_addr;

	if (sl_helper_expected(w->h, w->h->proto, w->h->in_addr, in_port, &out_addr, &out_port))
		say_port(w, 0, out_port);
	else
		replace(w, "-");
}

static void
say_number(const struct word *w, unsigned int n)
{
	char text[16];

	snprintf(text, sizeof(text), "%u", n);
	replace(w, text);
}

static void
fill(const struct word *w)
{
	static char b[SL_HELPER_MESSAGE_MAX];
	size_t n = (size_t)atoi(w->text + 1);

	memset(b, 'b', sizeof(b));
	sl_helper_replace(w->h, w->at, w->n, b, n);
}

/* 0, or -EAGAIN. */
static int
do_word(const struct word *w)
{
	struct sl_helper *h = w->h;
	rte_be16_t port = htons((uint16_t)atoi(w->text + 1));

	switch (w->text[0]) {
	case 'E':
	case 'O':
	case 'S':
	case 'A':
	case 'D':
	case 'H':
	case 'W':
	case 'X':
		return expect(w) == -EAGAIN ? -EAGAIN : 0;
	case 'U':
		sl_helper_unexpect(h, h->proto, h->in_addr, port);
		break;
	case 'L':
		sl_helper_prolong(h, h->proto, h->in_addr, port, 60000);
		break;
	case 'Q':
		look_up(w);
		break;
	case 'B':
		fill(w);
		break;
	case '#':
		say_number(w, ((struct toy_state *)h->state)->n - 1);
		break;
	case 'C':
		if (h->expected)
			say_number(w, h->cookie);
		else
			replace(w, "-");
		break;
	case 'P':
		sl_helper_pass(h);
		break;
	case 'R':
		sl_helper_refuse(h);
		break;
	default:
		break;
	}
	return 0;
}

static void
take(struct sl_helper *h, struct sl_slice m)
{
	struct toy_state *s = h->state;
	size_t at = 0;

	toy_shown++;
	s->n++;
	while (at < m.n) {
		struct word w = { .h = h, .at = at };

		while (at < m.n && m.p[at] != ' ' && m.p[at] != '\n')
			at++;
		w.n = at - w.at;
		snprintf(w.text, sizeof(w.text), "%.*s", (int)w.n, (const char *)m.p + w.at);
		if (w.n > 0 && do_word(&w) == -EAGAIN)
			return;
		at++;
	}
}

static int
frame(struct sl_helper *h, enum sl_side from, struct sl_slice data)
{
	const uint8_t *end = data.n > 0 ? memchr(data.p, '\n', data.n) : NULL;

	(void)h;
	(void)from;
	if (data.n > 0 && data.p[0] == '^')
		return -1;
	return end != NULL ? (int)(end - data.p) + 1 : 0;
}

static bool
local(struct sl_helper *h, struct sl_slice message)
{
	(void)h;
	toy_local++;
	return message.n > 0 && message.p[0] == 'T';
}

static void
flow_end(struct sl_helper *h)
{
	rte_be32_t addr;
	rte_be16_t port;

	toy_ended++;
	/* Nothing may be asked for any more, nor is anything left of what was. */
	if (sl_helper_expected(h, h->proto, h->in_addr, htons(7000), &addr, &port))
		toy_ended += 1000;
}

static const struct sl_helper_ops toy = {
	.name = "toy",
	.proto = { IPPROTO_UDP, IPPROTO_TCP },
	.port = { 4000 },
	.on = true,
	.state_size = sizeof(struct toy_state),
	.frame = frame,
	.outbound = take,
	.inbound = take,
	.local = local,
	.flow_end = flow_end,
};

static const struct sl_helper_ops toy_proxy = {
	.name = "toy-proxy",
	.proto = { IPPROTO_UDP },
	.port = { 4001 },
	.others = true,
	.state_size = sizeof(struct toy_state),
	.outbound = take,
	.inbound = take,
};

const struct sl_helper_ops *const toy_helpers[] = { &toy, &toy_proxy, NULL };
