/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SIP_DIALOG_H
#define SL_SIP_DIALOG_H

#include "helper.h"

#define SIP_DIALOGS 4096 /* of all inside hosts */
#define SIP_DIALOGS_EACH 256 /* of one */
#define SIP_HEADS 1024
#define SIP_HOLES 12 /* expectations of one dialog */
#define SIP_MEDIA 8 /* m= lines of one dialog that are looked at */
#define SIP_SIGNAL 255 /* in place of an m= line: for requests */

/** What a dialog has opened: an expectation of an inside port, or of two. */
struct sip_hole {
	rte_be32_t rem_addr;
	rte_be16_t in_port;
	uint8_t proto;
	uint8_t media; /* number of its m= line, or SIP_SIGNAL */
	bool pair;
	bool now; /* what both ends have agreed upon has it */
	bool next; /* what the inside has said last has it */
};

/** A call or a registration of an inside host, by its Call-ID. */
struct sip_dialog {
	uint64_t call; /* hash of Call-ID */
	uint64_t until; /* milliseconds */
	rte_be32_t in_addr;
	struct sl_ip6 in6; /* for whom in_addr stood then; else zero */
	uint32_t tags; /* of the dialog that was agreed upon, 0: none yet */
	uint16_t tenant;
	uint16_t next; /* in its chain: index + 1, 0 ends */
	bool used;
	bool confirmed; /* both ends have agreed */
	uint8_t n; /* holes */
	struct sip_hole hole[SIP_HOLES];
	rte_be32_t media_addr[SIP_MEDIA]; /* where the remote end has its media, 0: not known */
};

/** All of them: the shared block of the helper. Zero at first. */
struct sip_dialogs {
	uint16_t head[SIP_HEADS]; /* by inside host: index + 1 */
	uint16_t hand; /* where a place was looked for last */
	struct sip_dialog dialog[SIP_DIALOGS];
};

/** The dialog of this flow's host with this Call-ID; NULL when there is none, or it is over. */
struct sip_dialog *sip_dialog_find(struct sl_helper *h, uint64_t call);

/** A new one; NULL without room. */
struct sip_dialog *sip_dialog_make(struct sl_helper *h, uint64_t call);

/** End one with all that it has opened. */
void sip_dialog_end(struct sl_helper *h, struct sip_dialog *d);

/** Close hole number i, unless another dialog of the host needs it, too. */
void sip_hole_close(struct sl_helper *h, struct sip_dialog *d, unsigned int i);

/** Have it, as *hole says. */
void sip_hole_put(struct sip_dialog *d, const struct sip_hole *hole);

/** For how long others of the host's dialogs want this port for requests, milliseconds; 0: none.
 * False in *same when one wants it for another remote address. */
uint64_t sip_signal_left(
	struct sl_helper *h, uint64_t call, uint8_t proto, rte_be16_t in_port, bool *same);

#endif /* SL_SIP_DIALOG_H */
