/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef REPLUG_H
#define REPLUG_H

#include "box.h"

/**
 * Look after a port that stands on an interface of the kernel (control lcore, about once a
 * second): when the interface is deleted its queues are left alone, and when there is one of its
 * name again the port is opened on it. Logs what happens.
 */
void replug_look(struct box *box, enum sl_side side);

#endif /* REPLUG_H */
