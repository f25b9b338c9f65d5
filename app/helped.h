/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef HELPED_H
#define HELPED_H

#include "box.h"

/** Make what control needs for flows with helpers; 0 or -errno. After the gateway. */
int helped_create(struct box *box);

/** Free it; the workers have ended. Fine when there is none. */
void helped_destroy(struct box *box);

/** Something of a flow has happened. */
void helped_event(struct box *box, const struct sl_event *event);

/** A punted packet: true when it was a helper's, and is gone. */
bool helped_deliver(struct box *box, const struct sl_punt *punt);

/** Do what is due, at most once a millisecond; milliseconds until it wants to be called again. */
unsigned int helped_poll(struct box *box);

#endif /* HELPED_H */
