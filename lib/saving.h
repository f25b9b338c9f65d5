/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_SAVING_H
#define SL_SAVING_H

struct sl_worker;
struct sl_msg;

/** Copy the records of a few places of a table, as SL_MSG_SAVE asks. */
void sl_save_walk(struct sl_worker *w, struct sl_msg *msg);

#endif /* SL_SAVING_H */
