/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef SL_HELPER_LIFE_H
#define SL_HELPER_LIFE_H

#include "helper_state.h"

/** The flow of a note, made when it is new; NULL when there is none left. */
struct sl_helper_flow *sl_helper_flow_get(struct sl_helpers *hs, const struct sl_helper_note *note);

/** It has ended: tell its helper, give everything back. */
void sl_helper_flow_end(struct sl_helper_flow *f);

/** Answers have come: show the message that waits once more. */
void sl_helper_flow_resume(struct sl_helper_flow *f);

#endif /* SL_HELPER_LIFE_H */
