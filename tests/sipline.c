/* SPDX-License-Identifier: BSD-3-Clause
 *
 * A phone inside a gateway on the bench and its remote end, both of whom are played: what tests
 * of the SIP helper say, and what they look for in what comes out.
 */
#include "sipline.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define BASE 1000000

struct pipe *
sip_gateway(void **state, const char *conf)
{
	char text[256];

	snprintf(text, sizeof(text), "helper sip on; pool 192.0.2.1-192.0.2.1 udp=apd tcp=apd; %s",
		conf);
	return pipe_create(*(unsigned int *)*state, text, 1, BASE);
}

void
sip_finish(struct pipe *p)
{
	char why[128] = "";

	if (!pipe_balanced(p, why, sizeof(why)))
		fail_msg("%s", why);
	pipe_destroy(p);
	assert_int_equal(pipe_mbufs_out(), 0);
}

uint64_t
sip_mappings(const struct pipe *p)
{
	return sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW);
}

const char *
sip_fill(const struct line *l, const char *text)
{
	static char out[4][DGRAM_MAX];
	static unsigned int next;
	char *to = out[next++ % 4];
	size_t n = 0;

	for (; *text != 0; text++) {
		if (text[0] == '\n') {
			n += (size_t)snprintf(to + n, DGRAM_MAX - n, "\r\n");
		} else if (text[0] == '$') {
			text++;
			n += (size_t)snprintf(to + n, DGRAM_MAX - n,
				*text == 'o' ? "192.0.2.1:%u" : "%u", l->out.port);
		} else {
			to[n++] = *text;
		}
	}
	to[n] = 0;
	return to;
}

/* With a body and its length. */
const char *
sip_whole(const struct line *l, const char *head, const char *body)
{
	static char out[2][DGRAM_MAX];
	static unsigned int next;
	char *to = out[next++ % 2];
	const char *b = sip_fill(l, body);

	snprintf(to, DGRAM_MAX, "%sContent-Type: application/sdp\r\nContent-Length: %zu\r\n\r\n%s",
		sip_fill(l, head), strlen(b), b);
	return to;
}

const char *
sip_up(struct line *l, const char *text)
{
	assert_true(dgram_pass(l->p, SL_INSIDE, l->phone, l->proxy, text, &l->d));
	assert_int_equal(l->d.side, SL_OUTSIDE);
	l->out = l->d.src;
	return l->d.text;
}

const char *
sip_down(struct line *l, const char *text)
{
	assert_true(dgram_pass(l->p, SL_OUTSIDE, l->proxy, l->out, text, &l->d));
	assert_int_equal(l->d.side, SL_INSIDE);
	return l->d.text;
}

void
sip_begin(struct line *l, void **state, const char *conf)
{
	*l = (struct line){
		.p = sip_gateway(state, conf),
		.phone = talk_end(PHONE),
		.proxy = talk_end(PROXY),
	};
	assert_string_equal(sip_up(l, "\r\n\r\n"), "\r\n\r\n");
}

/* Number behind a word. */
unsigned int
sip_number(const char *text, const char *before)
{
	const char *at = strstr(text, before);
	unsigned int n = 0;

	if (at == NULL || sscanf(at + strlen(before), "%u", &n) != 1)
		fail_msg("no number behind '%s' in:\n%s", before, text);
	return n;
}

struct talk_end
sip_outside(unsigned int port)
{
	struct talk_end e = talk_end("192.0.2.1:1");

	e.port = (uint16_t)port;
	return e;
}

/* Time goes on; sweeps get their turns. */
void
sip_later(struct pipe *p, uint64_t ms)
{
	p->now += ms - 64;
	for (unsigned int i = 0; i < 64; i++) {
		p->now++;
		pipe_poll(p, 4);
	}
	pipe_settle(p);
	pipe_discard(p);
}

/* Content-Length is that of the body. */
void
assert_length(const char *text)
{
	const char *body = strstr(text, "\r\n\r\n");

	assert_non_null(body);
	assert_int_equal(sip_number(text, "Content-Length: "), strlen(body + 4));
}

void
assert_has(const char *text, const char *part)
{
	if (strstr(text, part) == NULL)
		fail_msg("no '%s' in:\n%s", part, text);
}

void
assert_lacks(const char *text, const char *part)
{
	if (strstr(text, part) != NULL)
		fail_msg("'%s' in:\n%s", part, text);
}

/* A call from inside; the outside port of its media. */
unsigned int
sip_call(struct line *l)
{
	unsigned int port = sip_number(sip_up(l, sip_whole(l, INVITE, OFFER)), "m=audio ");

	sip_down(l, sip_whole(l, BACK("SIP/2.0 200 OK"), ANSWER));
	return port;
}
