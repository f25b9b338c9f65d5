/* SPDX-License-Identifier: BSD-3-Clause
 *
 * What a message is changed to. Header fields come before the body, but Content-Length is known
 * when the body is, so replacements are collected in any order, sorted, and made at the end. And
 * what a message asks for.
 */
#include <errno.h>
#include <stdio.h>

#include <rte_byteorder.h>
#include <rte_common.h>

#include "sip_work.h"

void
sip_edit_add(struct sip_work *w, struct sl_slice part, const char *text, size_t len)
{
	struct sip_edit *e;
	uint32_t at = (uint32_t)(part.p - w->text.p);
	unsigned int i;

	/* One place is left for Content-Length. */
	if (w->n_edits == SL_HELPER_EDITS_MAX - 1 || len > sizeof(e->text)) {
		w->full = true;
		return;
	}
	for (i = w->n_edits; i > 0 && w->edit[i - 1].at > at; i--)
		w->edit[i] = w->edit[i - 1];
	e = &w->edit[i];
	e->at = at;
	e->n = (uint16_t)part.n;
	e->len = (uint16_t)len;
	memcpy(e->text, text, len);
	w->n_edits++;
}

void
sip_edit_addr(struct sip_work *w, struct sl_slice part, enum sip_form form, rte_be32_t addr)
{
	char text[48];

	sip_edit_add(w, part, text, sip_put_addr(w, form, addr, text));
}

void
sip_edit_number(struct sip_work *w, struct sl_slice part, unsigned int number)
{
	char text[12];
	int len = snprintf(text, sizeof(text), "%u", number);

	sip_edit_add(w, part, text, (size_t)len);
}

static void
fix_length(struct sip_work *w)
{
	size_t body = (size_t)(w->m.body.p - w->text.p);
	long n = (long)w->m.body.n;

	for (unsigned int i = 0; i < w->n_edits; i++)
		if (w->edit[i].at >= body)
			n += w->edit[i].len - (long)w->edit[i].n;
	if (w->m.length.n > 0 && n != (long)w->m.body.n)
		sip_edit_number(w, w->m.length, (unsigned int)n);
}

void
sip_edits_make(struct sip_work *w)
{
	if (w->full)
		return;
	w->n_edits = RTE_MIN(w->n_edits, SL_HELPER_EDITS_MAX - 1u);
	fix_length(w);
	for (unsigned int i = 0; i < w->n_edits; i++) {
		const struct sip_edit *e = &w->edit[i];

		sl_helper_replace(w->h, e->at, e->n, e->text, e->len);
	}
}

int
sip_expect(struct sip_work *w, struct sl_expect *e)
{
	int rc;

	if (w->again)
		return -EAGAIN;
	e->in_addr = w->h->in_addr;
	e->stays = true;
	rc = sl_helper_expect(w->h, e);
	w->again = rc == -EAGAIN;
	return rc;
}

void
sip_opened(struct sip_work *w, const struct sl_expect *e, uint8_t media)
{
	if (w->n_holes < SIP_HOLES)
		w->hole[w->n_holes++] = (struct sip_hole){
			.rem_addr = e->rem_addr,
			.in_port = e->in_port,
			.proto = e->proto,
			.media = media,
			.pair = e->pair,
		};
}
