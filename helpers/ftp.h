/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPERS_FTP_H
#define SL_HELPERS_FTP_H

#include "all.h"
#include "slice.h"

/** What a command that waits for its final reply was. */
enum sl_ftp_kind {
	SL_FTP_OTHER,
	SL_FTP_PASV,
	SL_FTP_EPSV,
	SL_FTP_AUTH,
	SL_FTP_EPSV_AS_PASV, /**< RFC 6384 section 5: an IPv6 client's, its server has IPv4 */
	SL_FTP_PASV_AS_EPSV, /**< an IPv4 client's, its server inside has IPv6 */
	/* Nothing the server should hear of; it got a NOOP, whose reply becomes: */
	SL_FTP_REFUSED, /**< 504 */
	SL_FTP_ALGS_NOTHING, /**< 501 */
	SL_FTP_ALGS_ON, /**< 216, all is translated */
	SL_FTP_ALGS_OFF, /**< 216, nothing is */
};

#define SL_FTP_COMMANDS 64 /**< without a final reply; beyond it the oldest are forgotten */

/** What is known of a control connection. */
struct sl_ftp {
	bool greeted; /* the server has spoken first */
	bool logged_in;
	bool as_is; /* an IPv6 client wants nothing translated */
	uint16_t multi; /* code of the reply of several lines that we are in, or 0 */
	rte_be16_t data_port; /* inside port of the latest expectation, or 0 */
	uint8_t first, n; /* commands without a final reply */
	uint8_t command[SL_FTP_COMMANDS]; /* enum sl_ftp_kind */
};

_Static_assert(sizeof(struct sl_ftp) <= SL_HELPER_STATE_MAX, "fits a flow's state");

/* ---- ftp_data.c ---- */

/** One delimiter off the front. */
bool sl_ftp_take_byte(struct sl_slice *s, uint8_t c);

/** h1,h2,h3,h4,p1,p2 off the front. */
bool sl_ftp_take_six(struct sl_slice *s, rte_be32_t *addr, rte_be16_t *port);

/** Put six such numbers in the place of n bytes of the line. */
void sl_ftp_put_six(struct sl_helper *h, size_t at, size_t n, rte_be32_t addr, rte_be16_t port);

/** The first such six numbers of a 227, which end where rest begins; false: none. */
bool sl_ftp_find_six(struct sl_slice text, struct sl_slice *at, struct sl_slice *rest,
	rte_be32_t *addr, rte_be16_t *port);

/** The port of (<d><d><d><tcp-port><d>), the answer to EPSV, and where it stands. */
bool sl_ftp_find_port(
	struct sl_slice text, struct sl_slice *at, struct sl_slice *rest, uint32_t *port);

/**
 * Have the data connection to a port of the inside host let in; false: not now, or not at all.
 * The caller knows that the host named itself.
 */
bool sl_ftp_expect(struct sl_helper *h, rte_be16_t port, struct sl_expect *e);

/** Private addresses, which servers behind a NAT of their own tell by mistake. */
bool sl_ftp_is_private(rte_be32_t addr);

/* ---- ftp_six.c: between IPv6 and IPv4 ---- */

/** Replace EPSV, EPSV ALL and PASV where the other end could not understand; what it waits for. */
enum sl_ftp_kind sl_ftp_six_passive(struct sl_helper *h, enum sl_side from, enum sl_ftp_kind kind,
	struct sl_slice line, struct sl_slice args);

/** Replace ALGS of an IPv6 client; with *as_is nothing is to be translated from here on. */
enum sl_ftp_kind sl_ftp_six_algs(
	struct sl_helper *h, struct sl_slice line, struct sl_slice args, bool *as_is);

/** Make EPRT of an IPv6 client PORT. */
void sl_ftp_six_eprt(struct sl_helper *h, struct sl_slice line, struct sl_slice args);

/** The final reply to what sl_ftp_six_passive() has replaced. */
void sl_ftp_six_reply(struct sl_helper *h, enum sl_ftp_kind kind, unsigned int code,
	struct sl_slice line, struct sl_slice text);

#endif /* SL_HELPERS_FTP_H */
