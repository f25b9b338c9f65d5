/* SPDX-License-Identifier: BSD-3-Clause
 *
 * The test bench tests itself: packet texts are built, shown and built again, and
 * the comparison refuses what differs. Frames with known checksums, taken from RFC
 * examples or computed by hand, make sure that builder and reader are not wrong alike.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "csum.h"
#include "pkttext.h"

static const struct pt_default def = {
	.smac.addr_bytes = { 2, 0, 0, 0, 0, 1 },
	.dmac.addr_bytes = { 2, 0, 0, 0, 0, 2 },
	.ttl = 64,
};

/* clang-format off */
static const char *const texts[] = {
	"udp 10.0.0.2:5000 > 192.0.2.9:53 \"hello\"",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 csum=0 \"hello\"",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 ttl=1 tos=184 ipid=77 df badcsum \"odd\"",
	"udp 10.0.0.2:5000 > 192.0.2.9:53",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 data=1400 vlan=7",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 mf data=16 vlan=100.7 trailer=18",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 ipopt=01010101 badipcsum hex=00ff",
	"ip 10.0.0.2 > 192.0.2.9 proto=17 off=1480 \"rest\"",
	"ip 10.0.0.2 > 192.0.2.9 proto=47 hex=0011",
	"tcp 10.0.0.2:5000 > 192.0.2.9:80 SYN seq=1 mss=1460",
	"tcp 10.0.0.2:5000 > 192.0.2.9:80 PSH ACK seq=4294967295 ack=7 win=5 \"GET /\"",
	"tcp 10.0.0.2:5000 > 192.0.2.9:80 SYN ACK tcpopt=0101080a0000000100000002 badcsum",
	"icmp echo 10.0.0.2 > 192.0.2.9 id=7 seq=1 \"x\"",
	"icmp echo-reply 192.0.2.9 > 10.0.0.2 id=7 seq=65535",
	"icmp timestamp 192.0.2.9 > 10.0.0.2 id=7 seq=1 hex=000000010000000000000000",
	"icmp 192.0.2.9 > 10.0.0.2 type=42 code=1 rest=5 \"q\"",
	"icmp unreachable 192.0.2.9 > 10.0.0.2 code=3 [udp 10.0.0.2:5000 > 192.0.2.9:53 \"hello\"]",
	"icmp unreachable 192.0.2.9 > 10.0.0.2 code=1 [udp 10.0.0.2:5000 > 192.0.2.9:53 \"hello\" cut=28]",
	"icmp frag-needed 192.0.2.9 > 10.0.0.2 mtu=1280 [tcp 10.0.0.2:5 > 192.0.2.9:53 ACK seq=3]",
	"icmp time-exceeded 192.0.2.9 > 10.0.0.2 [icmp echo 10.0.0.2 > 192.0.2.9 ttl=1 id=3 seq=1]",
	"icmp time-exceeded 192.0.2.9 > 10.0.0.2 len=32 [udp 10.0.0.2:5 > 192.0.2.9:53 \"h\"] ext=20000000",
	"icmp redirect 192.0.2.9 > 10.0.0.2 code=1 gw=10.0.0.9 [udp 10.0.0.2:5 > 192.0.2.9:53 \"h\"]",
	"icmp param-problem 192.0.2.9 > 10.0.0.2 ptr=8 [udp 10.0.0.2:5 > 192.0.2.9:53 \"h\"] badcsum",
	"arp request 10.0.0.2 > 10.0.0.1",
	"ip6 fe80::1 > ff02::1 nh=58 ttl=255 hex=87000000",
	"eth type=35020 \"lldp\"",
	"udp 10.0.0.2:5000 > 192.0.2.9:53 dmac=02:00:00:00:00:09 smac=02:00:00:00:00:08",
};
/* clang-format on */

static void
text_built_and_shown_is_the_same_text(void **state)
{
	static struct pt_frame f, again;
	static char text[PT_TEXT_MAX], why[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		assert_int_equal(pt_build(texts[i], &def, &f, why, sizeof(why)), 0);
		pt_show(f.b, f.len, &def, text, sizeof(text));
		assert_int_equal(pt_build(text, &def, &again, why, sizeof(why)), 0);
		assert_int_equal(f.len, again.len);
		/* A cut quote shows without the part that its checksum was made of. */
		if (strstr(texts[i], "cut=") == NULL)
			assert_memory_equal(f.b, again.b, f.len);
		if (strstr(texts[i], "cut=") == NULL && strstr(texts[i], "trailer=") == NULL &&
			strstr(texts[i], "dmac") == NULL && strstr(texts[i], "vlan") == NULL)
			assert_string_equal(text, texts[i]);
	}
}

static void
known_frame_has_the_known_checksums(void **state)
{
	/* the header checksum example that circulates since RFC 1071: b861 */
	static const uint8_t ip[] = { 0x45, 0, 0, 0x73, 0, 0, 0x40, 0, 0x40, 0x11, 0xb8, 0x61, 0xc0,
		0xa8, 0, 1, 0xc0, 0xa8, 0, 0xc7 };
	static const uint8_t sum[] = { 0, 1, 0xf2, 3, 0xf4, 0xf5, 0xf6, 0xf7 };

	(void)state;
	assert_int_equal(csum_ip4(ip), 0xb861);
	/* RFC 1071 section 3 */
	assert_int_equal((uint16_t)~csum_fold(csum_add(0, sum, sizeof(sum))), 0xddf2);
}

static void
names_bind_and_then_must_agree(void **state)
{
	static struct pt_frame f;
	struct pt_names names = { .n = 0 };
	char why[256], out[256];

	(void)state;
	pt_build("udp 192.0.2.1:4000 > 192.0.2.9:53 'x'", &def, &f, why, sizeof(why));
	assert_int_equal(pt_match("udp 192.0.2.1:$p{even,1024-5000} > 192.0.2.9:53 'x'", f.b, f.len,
				 &def, &names, why, sizeof(why)),
		0);
	assert_int_equal(pt_subst(&names, "udp 1.2.3.4:$p > $p", out, sizeof(out), why, 256), 0);
	assert_string_equal(out, "udp 1.2.3.4:4000 > 4000");
	pt_build("udp 192.0.2.1:4001 > 192.0.2.9:53 'x'", &def, &f, why, sizeof(why));
	assert_int_equal(pt_match("udp 192.0.2.1:$p > 192.0.2.9:53 'x'", f.b, f.len, &def, &names,
				 why, sizeof(why)),
		-1);
	assert_int_equal(pt_match("udp 192.0.2.1:$q{even} > 192.0.2.9:53 'x'", f.b, f.len, &def,
				 &names, why, sizeof(why)),
		-1);
	assert_int_equal(pt_match("udp 192.0.2.1:$q{!p} > 192.0.2.9:53 'x'", f.b, f.len, &def,
				 &names, why, sizeof(why)),
		0);
	assert_int_equal(pt_match("udp 192.0.2.1:$r{!q} > 192.0.2.9:53 'x'", f.b, f.len, &def,
				 &names, why, sizeof(why)),
		-1);
	assert_int_equal(pt_subst(&names, "$none", out, sizeof(out), why, 256), -1);
}

static void
wildcards_fit_anything(void **state)
{
	static struct pt_frame f;
	struct pt_names names = { .n = 0 };
	char why[256];

	(void)state;
	pt_build("udp 192.0.2.1:4000 > 192.0.2.9:53 ipid=5 'x'", &def, &f, why, sizeof(why));
	assert_int_equal(pt_match("udp 192.0.2.1:* > 192.0.2.9:53 ipid=* tos=* ...", f.b, f.len,
				 &def, &names, why, sizeof(why)),
		0);
}

static void
difference_anywhere_is_refused(void **state)
{
	static struct pt_frame f, g;
	struct pt_names names = { .n = 0 };
	char why[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		pt_build(texts[i], &def, &f, why, sizeof(why));
		assert_int_equal(pt_match(texts[i], f.b, f.len, &def, &names, why, sizeof(why)), 0);
		for (size_t k = 0; k < f.len; k++) {
			g = f;
			g.b[k] ^= 0x10;
			if (pt_match(texts[i], g.b, g.len, &def, &names, why, sizeof(why)) == 0)
				fail_msg("%s: byte %zu", texts[i], k);
		}
	}
}

static void
nonsense_is_not_a_packet(void **state)
{
	/* clang-format off */
	static const char *const bad[] = {
		"", "udp", "udp 10.0.0.2:5 >", "udp 10.0.0:5 > 1.2.3.4:5", "sctp 1.2.3.4 > 1.2.3.4",
		"udp 10.0.0.2:x > 1.2.3.4:5", "udp 1.2.3.4:5 > 1.2.3.4:5 ttl=x", "hex 123",
		"udp 1.2.3.4:5 > 1.2.3.4:5 'open", "udp 1.2.3.4:5 > 1.2.3.4:5 [open",
		"icmp unreachable 1.2.3.4 > 1.2.3.4 [nothing]", "udp 1.2.3.4:5 > 1.2.3.4:5 what",
	};
	/* clang-format on */
	static struct pt_frame f;
	char why[256];

	(void)state;
	for (unsigned int i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(pt_build(bad[i], &def, &f, why, sizeof(why)), -1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_built_and_shown_is_the_same_text),
		cmocka_unit_test(known_frame_has_the_known_checksums),
		cmocka_unit_test(names_bind_and_then_must_agree),
		cmocka_unit_test(wildcards_fit_anything),
		cmocka_unit_test(difference_anywhere_is_refused),
		cmocka_unit_test(nonsense_is_not_a_packet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
