/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Messages of SIP and FTP that somebody spoilt, from both ends, by the thousand: whatever a
 * helper makes of them, when their time is over no port, mapping or session is left of it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ftpkit.h"
#include "sipline.h"

#define MESSAGES 20000
#define CONNECTIONS 300
#define COMMANDS 20
#define HOUR 3600000

static uint64_t
draw(void)
{
	static uint64_t state = 0x1ea4;
	uint64_t z = state += 0x9e3779b97f4a7c15;

	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return z ^ (z >> 31);
}

/* Some bytes are others, some are twice there or not at all; line ends stay when told so. */
static size_t
spoil(char *text, size_t n, bool keep_end)
{
	static const char odd[] = ":;,=<>@ \t\r\n0129/\"\\%\0\377-";
	size_t end = keep_end ? 2 : 0, at, len;

	for (uint64_t k = draw() % 5; k > 0 && n > end + 2; k--) {
		at = draw() % (n - end);
		len = 1 + draw() % RTE_MIN((size_t)12, n - end - at);
		switch (draw() % 4) {
		case 0:
			text[at] = odd[draw() % (sizeof(odd) - 1)];
			break;
		case 1:
			text[at] = (char)('0' + draw() % 10);
			break;
		case 2:
			memmove(text + at, text + at + len, n - at - len);
			n -= len;
			break;
		default:
			memmove(text + at + len, text + at, n - at);
			n += len;
		}
	}
	return n;
}

static void
nothing_is_left(struct pipe *p)
{
	/* Each hour all that may end does. */
	for (unsigned int i = 0; i < 30 && sip_mappings(p) > 0; i++)
		sip_later(p, HOUR);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_MAPPINGS_NOW), 0);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SESSIONS_NOW), 0);
	sip_later(p, HOUR);
	assert_int_equal(sl_counter_sum(p->nat, SL_COUNTER_SUBSCRIBERS_NOW), 0);
}

static void
spoilt_sip_leaves_no_port_behind(void **state)
{
	static char text[2 * DGRAM_MAX];
	struct line l;
	uint64_t most = 0;

	sip_begin(&l, state, "");
	for (unsigned int i = 0; i < MESSAGES; i++) {
		bool out = draw() % 3 != 0;
		const char *whole;
		size_t n;

		switch (draw() % 4) {
		case 0:
			whole = sip_fill(&l, BYE);
			break;
		case 1:
			whole = sip_whole(&l, HEAD("REGISTER sip:198.51.100.9 SIP/2.0", ""), "");
			break;
		default:
			whole = out ? sip_whole(&l, INVITE, OFFER)
				    : sip_whole(&l, BACK("SIP/2.0 200 OK"), ANSWER);
		}
		n = strlen(whole);
		memcpy(text, whole, n);
		n = spoil(text, n, false);
		dgram_send(l.p, out ? SL_INSIDE : SL_OUTSIDE, out ? l.phone : l.proxy,
			out ? l.proxy : l.out, text, n, &l.d);
		l.p->now += draw() % 40;
		most = RTE_MAX(most, sip_mappings(l.p));
	}
	assert_in_range(most, 2, 100); /* it did open ports, and has a cap */
	nothing_is_left(l.p);
	sip_finish(l.p);
}

static void
spoilt_ftp_leaves_no_port_behind(void **state)
{
	static const char *const said[2][4] = { { "PORT 10,0,0,2,200,13\r\n",
							"EPRT |1|10.0.0.2|51213|\r\n", "PASV\r\n",
							"EPSV\r\n" },
		{ "227 Entering Passive Mode (198,51,100,9,200,13)\r\n",
			"229 Entering Extended Passive Mode (|||51213|)\r\n", "200 fine\r\n",
			"150-one\r\n150 two\r\n" } };
	struct pipe *p = ftp_gateway(state, "timeout tcp-closing 5");
	static char text[256];

	for (unsigned int i = 0; i < CONNECTIONS; i++) {
		struct talk t;
		char client[32];

		snprintf(client, sizeof(client), "10.0.0.2:%u", 2000 + i);
		talk_open(&t, p, client, SERVER);
		ftp_log_in(&t, SL_OUTSIDE);
		for (unsigned int k = 0; k < COMMANDS; k++) {
			unsigned int who = k % 2;
			const char *whole = said[who][draw() % 4];
			size_t n = strlen(whole);

			memcpy(text, whole, n);
			n = spoil(text, n, true);
			talk_send(&t, who == 0 ? SL_INSIDE : SL_OUTSIDE, text, (uint32_t)n);
		}
		talk_close(&t, SL_INSIDE, draw() % 2 != 0);
		sip_later(p, 1000);
	}
	nothing_is_left(p);
	ftp_finish(p);
}

static int
one_worker(void **state)
{
	static unsigned int n = 1;

	*state = &n;
	return 0;
}

static int
three_workers(void **state)
{
	static unsigned int n = 3;

	*state = &n;
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(spoilt_sip_leaves_no_port_behind, one_worker),
		cmocka_unit_test_setup(spoilt_sip_leaves_no_port_behind, three_workers),
		cmocka_unit_test_setup(spoilt_ftp_leaves_no_port_behind, one_worker),
		cmocka_unit_test_setup(spoilt_ftp_leaves_no_port_behind, three_workers),
	};

	return cmocka_run_group_tests_name("leaks", tests, pipe_setup, NULL);
}
