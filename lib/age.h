/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_AGE_H
#define SL_AGE_H

struct sl_worker;

/** Do a bounded slice of ageing; returns how many flows were looked at. */
unsigned int sl_age(struct sl_worker *w);

/** The table is full: look for something dead right now, a bounded number once a millisecond. */
void sl_age_pressed(struct sl_worker *w);

/** The same at a shadow (dry_shadow.c): nothing ends, but there is room as if one session had. */
void sl_age_imagined(struct sl_worker *w);

#endif /* SL_AGE_H */
