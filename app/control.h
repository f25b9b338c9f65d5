/* SPDX-License-Identifier: BSD-3-Clause */
#ifndef CONTROL_H
#define CONTROL_H

#include "box.h"

/**
 * The control lcore's work until box_stop().
 * @param stats  seconds between lines of figures on stdout, 0: none
 * @return 0 or -errno, logged
 */
int control_run(struct box *box, unsigned int stats);

#endif /* CONTROL_H */
