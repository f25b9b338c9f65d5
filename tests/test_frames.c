/* SPDX-License-Identifier: BSD-3-Clause
 *
 * Packets that people write and read: words to a frame, a frame to words, and frames that were
 * cut anywhere. The blocks of a capture are well formed, whatever is in them.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <arpa/inet.h>
#include <cmocka.h>

#include "frametext.h"
#include "framewords.h"
#include "pcapng.h"
#include "pkttext.h"

static const struct pt_default as_built = {
	.smac = { { 2, 0, 0, 0, 0, 0xee } }, .dmac = { { 2, 0, 0, 0, 0, 1 } }, .ttl = 64
};

/* In the program it is in types.c, with the whole grammar around it. */
const char *
proto_name(uint8_t proto, char *buf, size_t size)
{
	switch (proto) {
	case IPPROTO_TCP:
		return "tcp";
	case IPPROTO_UDP:
		return "udp";
	case IPPROTO_GRE:
		return "gre";
	default:
		snprintf(buf, size, "%u", proto);
		return buf;
	}
}

static struct arg
end4(const char *addr, uint16_t port)
{
	struct arg a = { .set = true, .port = htons(port) };

	assert_int_equal(inet_pton(AF_INET, addr, &a.net.addr), 1);
	return a;
}

static struct arg
end6(const char *addr, uint16_t port)
{
	struct arg a = { .set = true, .six = true, .port = htons(port) };

	assert_int_equal(inet_pton(AF_INET6, addr, &a.net6.addr), 1);
	return a;
}

static int
build(struct framewords *f, uint8_t *frame, size_t room, char *why, size_t size)
{
	f->to = as_built.dmac;
	if (f->ttl == 0)
		f->ttl = 64;
	return framewords_build(f, frame, room, why, size);
}

/* Built, and read again by the reader of the tests, which verifies every checksum. */
static void
builds(struct framewords *f, const char *expect, const char *line)
{
	static uint8_t frame[10240];
	static char text[PT_TEXT_MAX];
	char why[160] = "", read[FRAMETEXT_MAX];
	int n = build(f, frame, sizeof(frame), why, sizeof(why));

	assert_string_equal(why, "");
	assert_true(n > 0);
	pt_show(frame, (size_t)n, &as_built, text, sizeof(text));
	if (strncmp(text, expect, strlen(expect)) != 0 || strstr(text, "bad") != NULL)
		fail_msg("expected %s, got %s", expect, text);
	frametext(frame, (uint32_t)n, (uint32_t)n, read, sizeof(read));
	assert_string_equal(read, line);
	/* Cut anywhere it still is a line. */
	for (int cut = 0; cut <= n; cut++) {
		uint8_t *copy = malloc((size_t)cut + 1);

		memcpy(copy, frame, (size_t)cut);
		frametext(copy, (uint32_t)cut, (uint32_t)n, read, sizeof(read));
		assert_true(strlen(read) > 0);
		free(copy);
	}
}

static void
words_become_frames(void **state)
{
	struct arg in = end4("10.0.0.5", 4000), out = end4("192.0.2.1", 53);
	struct arg in6 = end6("2001:db8:1::5", 4000), out6 = end6("64:ff9b::c000:201", 53);
	struct arg ping = end4("10.0.0.5", 7), to = end4("192.0.2.1", 0);
	struct framewords f = { .proto = IPPROTO_UDP, .src = &in, .dst = &out };

	(void)state;
	builds(&f, "udp 10.0.0.5:4000 > 192.0.2.1:53",
		"udp 10.0.0.5:4000 > 192.0.2.1:53, 28 bytes, ttl 64");
	f = (struct framewords){ .proto = IPPROTO_TCP, .src = &in, .dst = &out };
	builds(&f, "tcp 10.0.0.5:4000 > 192.0.2.1:53 ipid=1 SYN",
		"tcp 10.0.0.5:4000 > 192.0.2.1:53, flags S, 40 bytes, ttl 64");
	f.tcp_flags = 0x11;
	builds(&f, "tcp 10.0.0.5:4000 > 192.0.2.1:53 ipid=1 ",
		"tcp 10.0.0.5:4000 > 192.0.2.1:53, flags FA, 40 bytes, ttl 64");
	f = (struct framewords){ .proto = IPPROTO_ICMP, .src = &ping, .dst = &to };
	builds(&f, "icmp echo 10.0.0.5 > 192.0.2.1",
		"icmp 10.0.0.5:7 > 192.0.2.1, type 8 code 0, 28 bytes, ttl 64");
	f = (struct framewords){ .proto = IPPROTO_UDP, .src = &in6, .dst = &out6, .len = 1400 };
	builds(&f, "udp6 ",
		"udp [2001:db8:1::5]:4000 > [64:ff9b::c000:201]:53, 1400 bytes, ttl 64");
	f = (struct framewords){ .proto = IPPROTO_ICMP, .src = &in6, .dst = &out6 };
	builds(&f, "icmp",
		"icmp [2001:db8:1::5]:4000 > 64:ff9b::c000:201, type 128 code 0, 48 bytes, ttl 64");
	f = (struct framewords){
		.proto = IPPROTO_UDP, .src = &in, .dst = &out, .df = true, .vlan = { 10, 0 }
	};
	builds(&f, "", "vlan 10 udp 10.0.0.5:4000 > 192.0.2.1:53, 28 bytes, ttl 64, df");
}

static void
refused(struct framewords *f, const char *expect)
{
	static uint8_t frame[2048];
	char why[160] = "";

	assert_true(build(f, frame, sizeof(frame), why, sizeof(why)) < 0);
	if (strstr(why, expect) == NULL)
		fail_msg("expected '%s', got '%s'", expect, why);
}

static void
impossible_packets_are_refused(void **state)
{
	struct arg in = end4("10.0.0.5", 4000), none = end4("192.0.2.1", 0);
	struct arg six = end6("2001:db8:1::5", 4000), out = end4("192.0.2.1", 53);
	struct framewords f = { .proto = IPPROTO_UDP, .src = &in, .dst = &none };

	(void)state;
	refused(&f, "both ends of this protocol have ports");
	f.dst = &six;
	refused(&f, "both IPv6");
	f = (struct framewords){ .proto = IPPROTO_GRE, .src = &in, .dst = &out };
	refused(&f, "has no ports");
	f = (struct framewords){ .proto = IPPROTO_UDP, .src = &in, .dst = &out, .tcp_flags = 2 };
	refused(&f, "only TCP has flags");
	f = (struct framewords){ .proto = IPPROTO_UDP, .src = &in, .dst = &out, .has_type = true };
	refused(&f, "only ICMP has types");
	f = (struct framewords){
		.proto = IPPROTO_ICMP, .src = &in, .dst = &none, .has_type = true, .type = 3
	};
	refused(&f, "the packet that it quotes");
	f = (struct framewords){ .proto = IPPROTO_UDP, .src = &six, .dst = &six, .df = true };
	refused(&f, "no DF");
	f = (struct framewords){ .proto = IPPROTO_TCP, .src = &in, .dst = &out, .len = 39 };
	refused(&f, "40 bytes at least");
	f.len = 9600;
	refused(&f, "too long");
}

/* Strange frames give some line, and nothing is read behind their end. */
static void
any_bytes_become_a_line(void **state)
{
	static const uint16_t types[] = { 0x0800, 0x86dd, 0x0806, 0x8100, 0x88a8, 0x1234 };
	char line[FRAMETEXT_MAX];

	(void)state;
	srand(4711);
	for (int i = 0; i < 200000; i++) {
		uint32_t n = (uint32_t)rand() % 128;
		uint8_t *b = malloc(n + 1);

		for (uint32_t k = 0; k < n; k++)
			b[k] = (uint8_t)rand();
		if (n >= 14) {
			uint16_t type = htons(types[(unsigned int)rand() % RTE_DIM(types)]);

			memcpy(b + 12, &type, sizeof(type));
		}
		frametext(b, n, n + (uint32_t)rand() % 2000, line, sizeof(line));
		assert_true(strlen(line) > 0 && strlen(line) < sizeof(line));
		free(b);
	}
}

/* ---- captures ---- */

static uint32_t
get32(const uint8_t *b)
{
	uint32_t v;

	memcpy(&v, b, sizeof(v));
	return v;
}

/* Every block says its length at both ends, and they fill the file. */
static unsigned int
count_blocks(const struct pcapng *p, uint32_t type)
{
	unsigned int n = 0;
	size_t at = 0;

	while (at < p->len) {
		uint32_t len = get32(p->data + at + 4);

		assert_true(len >= 12 && len % 4 == 0 && at + len <= p->len);
		assert_int_equal(get32(p->data + at + len - 4), len);
		n += get32(p->data + at) == type;
		at += len;
	}
	assert_int_equal(at, p->len);
	return n;
}

static void
blocks_are_well_formed(void **state)
{
	static const uint8_t bytes[100];
	struct pcapng p = { 0 };
	struct pcapng_interface side = { "inside", "net_null0", { { 2, 0, 0, 0, 0, 1 } }, 2048 };

	(void)state;
	pcapng_begin(&p, "test", NULL);
	pcapng_interface(&p, &side);
	for (uint32_t n = 0; n <= 100; n++) {
		struct pcapng_frame f = { .when = 1,
			.packet = n,
			.bytes = bytes,
			.kept = n,
			.len = 2 * n,
			.comment = n % 2 ? "odd" : NULL };

		pcapng_frame(&p, &f);
	}
	pcapng_statistics(&p, 0, 2, 101, 3);
	assert_int_equal(count_blocks(&p, 6), 101);
	assert_int_equal(count_blocks(&p, 1), 1);
	assert_int_equal(count_blocks(&p, 5), 1);
	pcapng_fini(&p);
	assert_int_equal(p.len, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_become_frames),
		cmocka_unit_test(impossible_packets_are_refused),
		cmocka_unit_test(any_bytes_become_a_line),
		cmocka_unit_test(blocks_are_well_formed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
