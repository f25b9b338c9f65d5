/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_PKTLAY_H
#define TEST_PKTLAY_H

#include "pktspec.h"

/* Laying out frames, for pktbuild.c and pktsix.c; what does not fit is left out. */
void pt_put(struct pt_frame *f, const void *b, size_t n);
void pt_put8(struct pt_frame *f, uint64_t v);
void pt_put16(struct pt_frame *f, uint64_t v);
void pt_put32(struct pt_frame *f, uint64_t v);
void pt_set16(uint8_t *b, uint64_t v);

/** A checksum, spoilt by a constant when asked. */
uint16_t pt_spoil(uint16_t c, bool bad);

/** A transport segment behind the IP header at ip, IPv4's or IPv6's. */
void pt_put_udp(struct pt_frame *f, const struct pt_spec *s, size_t ip);
void pt_put_tcp(struct pt_frame *f, const struct pt_spec *s, size_t ip);

/** An IPv6 packet; 0, or -1 with a sentence in why. */
int pt_put_ip6(struct pt_frame *f, const struct pt_spec *s, char *why, size_t size);

/** Text that grows. */
struct pt_text {
	char *s;
	size_t n, size;
};

void pt_say(struct pt_text *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
void pt_say_hex(struct pt_text *t, const char *key, const uint8_t *b, size_t n);
void pt_say_payload(struct pt_text *t, const uint8_t *b, size_t n);

/** Show the UDP or TCP segment l4 of n bytes; cut: there were more. */
void pt_say_udp(struct pt_text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut);
void pt_say_tcp(struct pt_text *t, const uint8_t *ip, const uint8_t *l4, size_t n, bool cut);

/** Show an IPv6 packet of which n bytes are there. */
void pt_show_ip6(struct pt_text *t, const uint8_t *ip, size_t n, uint8_t ttl, bool quoted);

#endif
