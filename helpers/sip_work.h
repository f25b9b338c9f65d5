/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIP_WORK_H
#define SL_SIP_WORK_H

#include "sip_dialog.h"
#include "sip_message.h"

#define SIP_SIGNALS 4 /* inside ports for requests in one message */

/** A replacement that will be made. */
struct sip_edit {
	uint32_t at;
	uint16_t n, len;
	char text[48];
};

/** An inside port where requests come in, and what stands for it outside. */
struct sip_signal {
	uint8_t proto;
	rte_be16_t in_port;
	int status;
	rte_be32_t out_addr;
	rte_be16_t out_port;
};

/** A message in work. What it changes in its dialog is written at the end, when all that was
 * asked for is answered. */
struct sip_work {
	struct sl_helper *h;
	enum sl_side from;
	struct sl_slice text;
	struct sip_message m;
	struct sip_dialog *dialog; /* NULL: none yet, or none at all */
	bool again; /* something is not answered yet */
	bool full; /* more to replace than there is room for */
	bool described; /* SDP was read */
	bool clat; /* an IPv6 host that speaks of IPv4 */
	uint32_t lifetime; /* of what it opens, milliseconds */
	int granted; /* seconds for which a registrar knows the inside endpoint; -1: it does not */
	unsigned int n_vias; /* read so far */
	unsigned int n_edits, n_signals, n_holes;
	struct sip_edit edit[SL_HELPER_EDITS_MAX];
	struct sip_signal signal[SIP_SIGNALS];
	struct sip_hole hole[SIP_HOLES]; /* opened, or opened again */
	rte_be32_t media_addr[SIP_MEDIA]; /* of the remote end, said in this message */
	bool media_off[SIP_MEDIA]; /* not wanted by the remote end */
};

/** Replace a part of the message. */
void sip_edit_add(struct sip_work *w, struct sl_slice part, const char *text, size_t len);

/** How an address is written. */
enum sip_form {
	SIP_BARE,
	SIP_HOST, /**< in brackets, if it is of IPv6 */
	SIP_CONN, /**< of SDP: behind its address type */
};

/** Replace it by an address of the receiver's family. */
void sip_edit_addr(struct sip_work *w, struct sl_slice part, enum sip_form form, rte_be32_t addr);

/** Replace it by a number. */
void sip_edit_number(struct sip_work *w, struct sl_slice part, unsigned int number);

/** Make all replacements, and Content-Length right. */
void sip_edits_make(struct sip_work *w);

/** Ask for an expectation; what is answered is as of sl_helper_expect(), or w->again is set. */
int sip_expect(struct sip_work *w, struct sl_expect *e);

/** Say what has been opened. */
void sip_opened(struct sip_work *w, const struct sl_expect *e, uint8_t media);

/** Does the sender of this message write addresses of IPv6, or does its receiver read them? */
bool sip_six_said(const struct sip_work *w);
bool sip_six_heard(const struct sip_work *w);

/**
 * Take an address of the sender's family off the front. That of an IPv6 host is in_addr, one
 * behind its prefix is what that stands for, "::" is 0; false when it is none of these.
 */
bool sip_take_addr(const struct sip_work *w, struct sl_slice *s, rte_be32_t *addr);

/** Write an address for the receiver; the length. */
size_t sip_put_addr(const struct sip_work *w, enum sip_form form, rte_be32_t addr, char text[48]);

/** Header fields: inside addresses to outside ones, and back. */
void sip_address_all(struct sip_work *w);

/** The body, when there is a session description in it. */
void sip_body_read(struct sip_work *w);

/** A session description: open what it offers, replace what it says. */
void sip_media_read(struct sip_work *w, struct sl_slice text);

#endif /* SL_SIP_WORK_H */
