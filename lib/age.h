/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_AGE_H
#define SL_AGE_H

struct sl_worker;

/** Do a bounded slice of ageing; returns how many flows were looked at. */
unsigned int sl_age(struct sl_worker *w);

#endif /* SL_AGE_H */
