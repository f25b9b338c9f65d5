/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef TEST_SIPLINE_H
#define TEST_SIPLINE_H

#include "dgram.h"

#define PHONE "10.0.0.2:5060"
#define PROXY "198.51.100.9:5060"

/** A phone inside and its remote end, by UDP. */
struct line {
	struct pipe *p;
	struct talk_end phone, proxy, out; /* out: what stands for the phone */
	struct dgram d;
};

/* ---- messages, for sip_fill() ---- */

#define HEAD(start, tag)                                                                           \
	start "\n"                                                                                 \
	      "Via: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK1;rport\n"                             \
	      "From: \"A\" <sip:a@10.0.0.2>;tag=1\nTo: <sip:b@198.51.100.9>" tag "\n"              \
	      "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:a@10.0.0.2:5060>\n"
#define BACK(start)                                                                                \
	start "\n"                                                                                 \
	      "Via: SIP/2.0/UDP $o;branch=z9hG4bK1;rport=$p;received=192.0.2.1\n"                  \
	      "From: \"A\" <sip:a@192.0.2.1>;tag=1\nTo: <sip:b@198.51.100.9>;tag=2\n"              \
	      "Call-ID: c1\nCSeq: 1 INVITE\nContact: <sip:b@198.51.100.9>\n"
#define INVITE HEAD("INVITE sip:b@198.51.100.9 SIP/2.0", "")
#define BYE                                                                                        \
	"BYE sip:b@198.51.100.9 SIP/2.0\nVia: SIP/2.0/UDP 10.0.0.2:5060;branch=z9hG4bK3\n"         \
	"From: \"A\" <sip:a@10.0.0.2>;tag=1\nTo: <sip:b@198.51.100.9>;tag=2\n"                     \
	"Call-ID: c1\nCSeq: 2 BYE\nContent-Length: 0\n\n"
#define OFFER                                                                                      \
	"v=0\no=a 1 1 IN IP4 10.0.0.2\ns=-\nc=IN IP4 10.0.0.2\nt=0 0\n"                            \
	"m=audio 40000 RTP/AVP 0\na=rtpmap:0 PCMU/8000\n"
#define ANSWER                                                                                     \
	"v=0\no=b 1 1 IN IP4 203.0.113.7\ns=-\nc=IN IP4 203.0.113.7\nt=0 0\nm=audio 6000 RTP/AVP " \
	"0\n"

#define SDP(c, rest) "v=0\no=a 1 2 IN IP4 10.0.0.2\ns=-\n" c "t=0 0\n" rest

/** A gateway whose pool lets nobody in who was not asked, the helper on. */
struct pipe *sip_gateway(void **state, const char *conf);

/** All is accounted for; free it. */
void sip_finish(struct pipe *p);

/** Mappings that there are. */
uint64_t sip_mappings(const struct pipe *p);

/** A text with CRLF for each end of line, $o for the phone's outside endpoint, $p for its port. */
const char *sip_fill(const struct line *l, const char *text);

/** The same with SDP as its body. */
const char *sip_whole(const struct line *l, const char *head, const char *body);

/** The phone says something; what the remote end gets. */
const char *sip_up(struct line *l, const char *text);

/** And the other way round. */
const char *sip_down(struct line *l, const char *text);

/** A gateway, and a flow from the phone to its proxy. */
void sip_begin(struct line *l, void **state, const char *conf);

/** Number behind a word. */
unsigned int sip_number(const char *text, const char *before);

/** A port of the gateway's outside address. */
struct talk_end sip_outside(unsigned int port);

/** Time goes on; sweeps get their turns. */
void sip_later(struct pipe *p, uint64_t ms);

/** Content-Length is that of the body. */
void assert_length(const char *text);

/** The text has this part, or lacks it. */
void assert_has(const char *text, const char *part);
void assert_lacks(const char *text, const char *part);

/** A call from inside; the outside port of its media. */
unsigned int sip_call(struct line *l);

#endif
